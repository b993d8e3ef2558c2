import { describe, expect, test } from "vitest";
import { decide } from "../../../../src/reconciler/decide/decide.ts";
import { midRun, recorded, seeing } from "../../../support/situations.ts";
import { canary, initialised, type Loop, refTo, setImage, weightsOf } from "../loop.ts";

/** The Canary as somebody applies it anew: its status stays the operator's. */
function apply(loop: Loop, changed: ReturnType<typeof canary>): void {
	const { status, metadata } = loop.object("Canary", "cart") ?? changed;
	const generation = (metadata.generation ?? 1) + 1;
	loop.cluster.put({ ...changed, metadata: { ...metadata, generation }, status });
}

const changes = [
	[
		"spec.provider",
		canary("cart", { provider: "linkerd", service: { gatewayRefs: undefined } }),
		"spec.provider is linkerd, and was gatewayapi:v1",
	],
	["spec.service.name", canary("cart", { service: { name: "front" } }), "spec.service.name is front, and was cart"],
	["the target", canary("other"), "spec.targetRef.name is other, and was cart"],
] as const;

describe("what requests flow by since a Canary took over", () => {
	test("is recorded before the first of them does", async () => {
		const loop = await initialised();
		expect(loop.status().binding).toEqual({ provider: "gatewayapi:v1", service: "cart", target: "cart" });
		const ready = midRun({
			status: recorded("Initializing"),
			seen: seeing({ apex: "target", traffic: undefined, pair: "unknown" }),
		});
		const { status, actions } = decide(ready);
		expect([status.binding, actions]).toEqual([ready.plan.binding, []]);
		expect(decide({ ...ready, status }).actions).toContainEqual({ do: "introduce" });
	});

	test.each(changes)(
		"is not left behind when %s changes at rest: the Canary says so and waits",
		async (_field, changed, said) => {
			const loop = await initialised();
			apply(loop, { ...changed, metadata: { ...changed.metadata, name: "cart" } });
			const before = loop.cluster.writes.length;
			await loop.run();
			expect(loop.condition("Stalled")).toMatchObject({
				reason: "BindingChanged",
				message: expect.stringContaining(said),
			});
			expect(new Set(loop.cluster.writes.slice(before).map(({ verb }) => verb))).toEqual(new Set(["status"]));

			apply(loop, canary());
			await loop.run();
			expect(loop.condition("Stalled")).toBeUndefined();
			setImage(loop, "cart:2");
			await loop.run();
			expect(loop.status().phase).toBe("Succeeded");
		},
	);

	test.each(changes)("is given back when the Canary goes after %s was changed in mid-run", async (_field, changed) => {
		const loop = await initialised();
		setImage(loop, "cart:2");
		await loop.runUntil(({ canaryWeight }) => canaryWeight === 20);
		apply(loop, { ...changed, metadata: { ...changed.metadata, name: "cart" } });
		await loop.run();
		expect(loop.status()).toMatchObject({ phase: "Progressing", canaryWeight: 20 });
		loop.cluster.drop(refTo("Canary", "cart"));
		await loop.run();
		expect(loop.gaps).toEqual([]);
		expect(loop.cluster.canary("shop/cart")).toBeUndefined();
		expect(loop.object("Service", "cart")?.spec.selector).toEqual({ app: "cart" });
		expect(Object.keys(weightsOf(loop))).toEqual(["cart"]);
	});
});
