import { describe, expect, test } from "vitest";
import type { Canary } from "../../../src/api/canary.ts";
import type { Phase } from "../../../src/api/canary-status.ts";
import { type CommandPorts, command, refusalOf } from "../../../src/cli/command.ts";
import type { KubeObject } from "../../../src/domain/kube-object.ts";
import type { WatchLine } from "../../../src/kube/client.ts";
import { ApiError } from "../../../src/kube/errors.ts";
import { COMMAND_ANNOTATION, pendingCommand } from "../../../src/reconciler/commands.ts";
import { commandVerbs } from "../../../src/reconciler/decide/situation.ts";
import { NOW, recorded, running } from "../../support/situations.ts";

function cart(phase: Phase, spec: object = {}, run: Parameters<typeof running>[0] = {}): Canary {
	return {
		apiVersion: "haldane.dev/v1beta1",
		kind: "Canary",
		metadata: { namespace: "shop", name: "cart", resourceVersion: "7" },
		spec: { targetRef: { apiVersion: "apps/v1", kind: "Deployment", name: "cart" }, ...spec },
		status: recorded(phase, { run: running(run) }),
	} as unknown as Canary;
}

/** An API server with one Canary; `watched` is what each watch says, or throws, one after the other. */
function serverWith(canary: Canary, watched: readonly (WatchLine | Error)[] = []) {
	let stored = canary;
	const deadline = new AbortController();
	const script = [...watched];
	const ports: CommandPorts = {
		client: {
			get: async () => stored as unknown as KubeObject,
			async patch(_ref, patch) {
				const { metadata } = patch as { readonly metadata: object };
				stored = { ...stored, metadata: { ...stored.metadata, ...metadata } } as Canary;
				return stored as unknown as KubeObject;
			},
			async *watch(_resource, { signal }) {
				const said = script.shift();
				if (said instanceof Error) throw said;
				if (said !== undefined) yield said;
				else {
					// Nothing more is said: time passes until whoever watches has had enough.
					deadline.abort();
					signal?.throwIfAborted();
				}
			},
		},
		namespace: "shop",
		now: () => NOW,
		unique: () => "ab12",
		sleep: async () => {},
		deadline: () => deadline.signal,
	};
	return { ports, stored: () => stored };
}

const ID = "promote@2026-01-01T12:00:00.000Z/ab12";
const commanded = (handled: string | undefined, standing = ID) => {
	const canary = cart("Promoting");
	const metadata = { ...canary.metadata, annotations: { [COMMAND_ANNOTATION]: standing } };
	return { ...canary, metadata, status: { ...canary.status, lastHandledCommand: handled } } as unknown as KubeObject;
};
const promote = { verb: "promote", name: "cart", waitMs: undefined } as const;

describe("a command", () => {
	test.each(commandVerbs)("%s is written so that the operator reads it", async (verb) => {
		const { ports, stored } = serverWith(cart(verb === "retry" ? "Failed" : "Progressing"));
		expect(await command(ports, { verb, name: "cart", waitMs: undefined })).toBe(`Canary shop/cart: asked to ${verb}`);
		expect(pendingCommand(stored())).toEqual({ verb, id: `${verb}@2026-01-01T12:00:00.000Z/ab12` });
	});

	test("that makes no sense writes nothing", async () => {
		const { ports, stored } = serverWith(cart("Succeeded"));
		await expect(command(ports, promote)).rejects.toThrow(/is Succeeded, and promote works when/);
		expect(stored().metadata.annotations).toBeUndefined();
	});

	test.each<[string, Parameters<typeof refusalOf>, string]>([
		["names what would work", ["retry", cart("Progressing")], "; pause, resume, promote, abort would work now"],
		[
			"names nothing when nothing would",
			["pause", cart("Succeeded")],
			"works when it is Progressing or WaitingPromotion",
		],
		["asks for the operator when nobody looked", ["pause", cart("")], "is the operator running?"],
		["says that it is paused already", ["pause", cart("Progressing", {}, { paused: true })], "is paused already"],
		["says who paused it", ["resume", cart("Progressing", { paused: true })], "unset that"],
		["says that it is suspended", ["abort", cart("Progressing", { suspend: true })], "unset spec.suspend first"],
	])("that makes no sense %s", (_what, [verb, canary], expected) => {
		expect(refusalOf(verb, canary)).toContain(expected);
	});
});

describe("waiting for a command", () => {
	const waiting = { ...promote, waitMs: 3_000 };

	test("ends when the operator has dealt with it", async () => {
		const lines: WatchLine[] = [{ type: "MODIFIED", object: commanded(ID) }];
		const { ports } = serverWith(cart("Progressing"), lines);
		expect(await command(ports, waiting)).toBe("Canary shop/cart: asked to promote; done, it is Promoting now");
	});

	test("goes on when a watch breaks", async () => {
		const lines = [
			new ApiError("watch of canaries", { status: 0, reason: "NoAnswer" }),
			{ type: "MODIFIED" as const, object: commanded(ID) },
		];
		const { ports } = serverWith(cart("Progressing"), lines);
		expect(await command(ports, waiting)).toContain("done");
	});

	test("ends when another command takes its place", async () => {
		const lines: WatchLine[] = [{ type: "MODIFIED", object: commanded(undefined, "abort@x") }];
		const { ports } = serverWith(cart("Progressing"), lines);
		await expect(command(ports, waiting)).rejects.toThrow("another command came in between: abort@x");
	});

	test("ends when the Canary is deleted", async () => {
		const lines: WatchLine[] = [{ type: "DELETED", object: commanded(undefined) }];
		const { ports } = serverWith(cart("Progressing"), lines);
		await expect(command(ports, waiting)).rejects.toThrow("was deleted meanwhile");
	});

	test("ends after its time when nobody obeys, and says that the command stands", async () => {
		const { ports } = serverWith(cart("Progressing"));
		await expect(command(ports, waiting)).rejects.toThrow("nobody obeyed within 3s, and the command stands");
	});
});
