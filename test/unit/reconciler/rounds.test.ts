import { describe, expect, test } from "vitest";
import type { KubeObject, ObjectMeta } from "../../../src/domain/kube-object.ts";
import { createRounds } from "../../../src/reconciler/rounds.ts";

const canary = (more: Partial<ObjectMeta> = {}, status?: object): KubeObject => ({
	apiVersion: "haldane.dev/v1beta1",
	kind: "Canary",
	metadata: { name: "cart", namespace: "shop", uid: "1", generation: 3, resourceVersion: "7", ...more },
	...(status && { status }),
});
const KEY = "shop/cart";

/** Somebody who only answers when they are told to, or given up. */
function slow() {
	const answer = Promise.withResolvers<string>();
	const ask = (signal: AbortSignal) => {
		signal.addEventListener("abort", () => answer.resolve("given up"));
		return answer.promise;
	};
	return { ask, answer: () => answer.resolve("yes") };
}

const running = new AbortController().signal;

describe("a round of questions", () => {
	test.each<[string, KubeObject | undefined]>([
		["a command", canary({ annotations: { "haldane.dev/command": "abort@1" } })],
		["another spec", canary({ generation: 4 })],
		["its deletion", canary({ deletionTimestamp: "2027-01-01T00:00:00Z" })],
		["another Canary of its name", canary({ uid: "2" })],
		["its end", undefined],
	])("ends at once on %s", async (_what, now) => {
		let current: KubeObject | undefined = canary();
		const rounds = createRounds(() => current);
		const round = rounds.whileWanted(canary(), KEY, slow().ask, running);
		rounds.changed("shop/other", now);
		current = now;
		rounds.changed(KEY, now);
		expect(await round).toBeUndefined();
	});

	test.each<[string, KubeObject]>([
		["a status", canary({ resourceVersion: "8" }, { phase: "Progressing" })],
		["other annotations", canary({ annotations: { team: "shop" } })],
	])("goes on after %s", async (_what, now) => {
		const rounds = createRounds(() => canary());
		const { ask, answer } = slow();
		const round = rounds.whileWanted(canary(), KEY, ask, running);
		rounds.changed(KEY, now);
		answer();
		expect(await round).toBe("yes");
	});

	test("does not begin about what has been changed since it was read", async () => {
		const rounds = createRounds(() => canary({ generation: 4 }));
		const ask = () => Promise.reject(new Error("nobody is to be asked"));
		expect(await rounds.whileWanted(canary(), KEY, ask, running)).toBeUndefined();
	});

	test("ends as the operator does, with what is known by then", async () => {
		const stopping = new AbortController();
		const rounds = createRounds(() => canary());
		const round = rounds.whileWanted(canary(), KEY, slow().ask, stopping.signal);
		stopping.abort();
		expect(await round).toBe("given up");
	});
});
