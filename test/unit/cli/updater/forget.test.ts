import { describe, expect, test } from "vitest";
import { RECORD_ANNOTATION } from "../../../../src/api/image-record.ts";
import { forget } from "../../../../src/cli/updater/commands/forget.ts";
import type { KubeObject } from "../../../../src/domain/kube-object.ts";
import { IMAGE_COMMAND_ANNOTATION, pendingImageCommand } from "../../../../src/updater/loop/commands.ts";
import { type ApiOptions, apiOf, approval, deployment, digestOf, NOW, policy } from "./cluster.ts";

const at = "2026-01-01T11:00:00.000Z";
const failed = [{ tag: "1.3.0", at, why: "too many failed checks" }];
const rejected = [{ tag: "1.4.0", digest: digestOf("a"), at, by: "bob" }];
const remembering = policy({}, { images: [{ container: "app", role: "container", failed, rejected }] });
const cart = deployment("ghcr.io/acme/cart:1.2.0");
const annotated = deployment("ghcr.io/acme/cart:1.2.0", {
	"haldane.dev/policy": "minor",
	[RECORD_ANNOTATION]: JSON.stringify([{ container: "app", role: "container", failed }]),
});
const all = { workload: { kind: "Deployment", name: "cart" }, tag: undefined, container: undefined } as const;

/** As the operator obeys. */
const obeying = (object: KubeObject): KubeObject => {
	const id = object.metadata.annotations?.[IMAGE_COMMAND_ANNOTATION];
	if (object.kind === "ImagePolicy")
		return { ...object, status: { ...(object.status as object), lastHandledCommand: id } };
	const { [IMAGE_COMMAND_ANNOTATION]: _done, ...annotations } = object.metadata.annotations ?? {};
	return { ...object, metadata: { ...object.metadata, annotations } };
};

function world(objects: readonly KubeObject[], options: ApiOptions = { onPatch: obeying }) {
	const api = apiOf(objects, options);
	const slept: number[] = [];
	const ports = {
		client: api.client,
		namespace: "shop",
		now: () => NOW,
		unique: () => "ab12",
		sleep: async (ms: number) => slept.push(ms),
	};
	return { ...api, ports, slept };
}

describe("forgetting", () => {
	test("is asked of the ImagePolicy, in words that the operator reads", async () => {
		const { ports, stored } = world([cart, remembering]);
		expect(await forget(ports, { ...all, tag: "1.3.0", container: "app" })).toBe(
			"Deployment shop/cart: forgotten: 1.3.0; what the rule prefers is chosen anew",
		);
		const policyNow = stored("ImagePolicy shop/cart");
		expect(policyNow && pendingImageCommand(policyNow, undefined)).toEqual({
			verb: "forget",
			container: "app",
			tag: "1.3.0",
			id: "forget:app/1.3.0@2026-01-01T12:00:00.000Z/ab12",
		});
	});

	test("of all there is says what stays remembered, for it is written", async () => {
		const records = [{ container: "app", role: "container", failed: [{ tag: "1.2.0", at, why: "slow" }, ...failed] }];
		const { ports } = world([cart, policy({}, { images: records })]);
		expect(await forget(ports, all)).toBe(
			"Deployment shop/cart: forgotten: 1.3.0; what the rule prefers is chosen anew; 1.2.0 is written, and remembered until haldane retry has the Canary try it again",
		);
	});

	test("of all there is is refused when all that is written", async () => {
		const records = [{ container: "app", role: "container", failed: [{ tag: "1.2.0", at, why: "slow" }] }];
		const { ports } = world([cart, policy({}, { images: records })]);
		await expect(forget(ports, all)).rejects.toThrow(/has 1.2.0 written already/);
	});

	test("is asked of a workload that asks by annotations", async () => {
		const { ports, slept } = world([annotated]);
		expect(await forget(ports, all)).toContain("forgotten: 1.3.0");
		expect(slept).toEqual([]);
	});

	test("takes the rejections away that would reject the same again, and no others", async () => {
		const { ports, stored } = world([cart, remembering, approval("bob", "reject"), approval("eve", "approve")]);
		expect(await forget(ports, all)).toContain("forgotten: 1.3.0, 1.4.0");
		expect(stored("ImageApproval shop/cart-bob")).toBeUndefined();
		expect(stored("ImageApproval shop/cart-eve")).toBeDefined();
	});

	test("is left alone by who may not take a rejection away", async () => {
		const { ports, stored } = world([cart, remembering, approval("bob", "reject")], {
			forbidden: ["delete ImageApproval"],
			onPatch: obeying,
		});
		await expect(forget(ports, all)).rejects.toThrow("the rejection of bob stands, and you may not delete it");
		expect(stored("ImagePolicy shop/cart")?.metadata.annotations).toBeUndefined();
	});

	test.each([
		[
			"a tag of which nothing is remembered",
			[cart, remembering],
			{ ...all, tag: "9.9.9" },
			"nothing is remembered of 9.9.9",
		],
		["a text that is no tag", [cart, remembering], { ...all, tag: "a/b" }, "is not a tag"],
		["a workload that nobody keeps up to date", [cart], all, "none of its images is kept up to date"],
		[
			"a tag that is written already",
			[deployment("ghcr.io/acme/cart:1.3.0"), remembering],
			{ ...all, tag: "1.3.0" },
			"haldane retry",
		],
	] as const)("refuses %s", async (_what, objects, asked, words) => {
		const { ports, stored } = world(objects);
		await expect(forget(ports, asked)).rejects.toThrow(words);
		expect(stored("ImagePolicy shop/cart")?.metadata.annotations).toBeUndefined();
	});

	test("gives up when nobody obeys", async () => {
		const { ports, slept } = world([cart, remembering], {});
		await expect(forget(ports, all)).rejects.toThrow(
			/nobody obeyed within 10s.*is the operator running with --updater/,
		);
		expect(slept).toHaveLength(20);
	});

	test("says when another command came in between", async () => {
		const onPatch = (object: KubeObject): KubeObject => ({
			...object,
			metadata: { ...object.metadata, annotations: { [IMAGE_COMMAND_ANNOTATION]: "forget:*@other" } },
		});
		const { ports } = world([cart, remembering], { onPatch });
		await expect(forget(ports, all)).rejects.toThrow("another command came in between: forget:*@other");
	});
});
