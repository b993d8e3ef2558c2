import { describe, expect, test } from "vitest";
import {
	blueGreen,
	canary,
	deployment,
	imageOf,
	initialised,
	Loop,
	refTo,
	replicasOf,
	service,
	setImage,
	weightsOf,
} from "./loop.ts";

const drop = (loop: Loop) => loop.cluster.drop(refTo("Canary", "cart"));

describe("deleting a Canary", () => {
	test.each([
		["behind a Gateway", canary()],
		["on plain Services", blueGreen()],
		["with a Service of another name", canary("cart", { service: { name: "front" } })],
	])("%s hands the traffic back before the children go", async (_name, object) => {
		const loop = await initialised(object);
		setImage(loop, "cart:2");
		await loop.run();
		drop(loop);
		let lastReplicas = 0;
		const isThere = () => loop.object("Deployment", "cart-primary") !== undefined;
		for (let slices = 0; isThere() && slices < 1_000; slices += 1) {
			lastReplicas = replicasOf(loop, "cart-primary") ?? 0;
			await loop.run(100);
		}
		await loop.run();
		const apex = (object.spec as { service: { name?: string } }).service.name ?? "cart";
		expect(lastReplicas).toBe(2);
		expect(loop.gaps).toEqual([]);
		expect(loop.cluster.canary("shop/cart")).toBeUndefined();
		expect(loop.object("Service", apex)?.spec.selector).toEqual({ app: "cart" });
		expect(loop.object("Service", `${apex}-primary`)).toBeUndefined();
		expect(loop.object("Service", `${apex}-canary`)).toBeUndefined();
		expect([imageOf(loop, "cart"), replicasOf(loop, "cart")]).toEqual(["cart:2", 2]);
		expect(Object.keys(weightsOf(loop, apex))).toEqual(apex in weightsOf(loop, apex) ? [apex] : []);
	});

	test("keeps the children for as long as requests may be on their way to them", async () => {
		const loop = await initialised();
		drop(loop);
		await loop.runUntil(({ releasedAt }) => releasedAt !== undefined);
		await loop.run(4_000);
		expect(loop.object("Deployment", "cart-primary")).toBeDefined();
		await loop.run();
		expect(loop.object("Deployment", "cart-primary")).toBeUndefined();
	});

	test("in mid-run takes no requests from a version that serves", async () => {
		const loop = await initialised();
		setImage(loop, "cart:2");
		await loop.runUntil(({ canaryWeight }) => canaryWeight === 20);
		drop(loop);
		await loop.run();
		expect(loop.gaps).toEqual([]);
		expect(loop.cluster.canary("shop/cart")).toBeUndefined();
		expect(loop.object("Service", "cart")?.spec.selector).toEqual({ app: "cart" });
	});

	test("whose target cannot start leaves the primary to serve", async () => {
		const loop = await initialised(canary("cart", { progressDeadlineSeconds: 60 }));
		setImage(loop, "cart:broken");
		await loop.runUntil(({ phase }) => phase === "Progressing");
		drop(loop);
		await loop.run();
		expect(loop.cluster.canary("shop/cart")).toBeUndefined();
		expect(loop.gaps).toEqual([]);
		expect(loop.object("Deployment", "cart-primary")?.metadata.ownerReferences ?? []).toEqual([]);
		expect(loop.object("Service", "cart")?.spec.selector).toEqual({ app: "cart-primary" });
		expect(imageOf(loop, "cart-primary")).toBe("cart:1");
	});

	test("and making it again takes the children that are left over", async () => {
		const loop = await initialised(canary("cart", { progressDeadlineSeconds: 60 }));
		setImage(loop, "cart:broken");
		await loop.runUntil(({ phase }) => phase === "Progressing");
		drop(loop);
		await loop.run();
		setImage(loop, "cart:3");
		await loop.run();
		loop.cluster.put(canary());
		await loop.run();
		setImage(loop, "cart:4");
		await loop.run();
		expect(loop.status().phase).toBe("Succeeded");
		expect(imageOf(loop, "cart-primary")).toBe("cart:4");
		expect(loop.gaps).toEqual([]);
	});

	test("whose target is gone lets go at once", async () => {
		const loop = await initialised();
		loop.cluster.drop(refTo("Deployment", "cart"));
		drop(loop);
		await loop.run(1_000);
		expect(loop.cluster.canary("shop/cart")).toBeUndefined();
	});

	test.each([
		["can no longer be read", { analysis: { interval: "often" } }],
		["is suspended", { suspend: true }],
		["is paused", { paused: true }],
	])("that %s still hands the traffic back", async (_name, change) => {
		const loop = await initialised(canary("cart", { service: { name: "front" } }));
		loop.cluster.edit(refTo("Canary", "cart"), { spec: change });
		await loop.run();
		drop(loop);
		await loop.run();
		expect(loop.cluster.canary("shop/cart")).toBeUndefined();
		expect(loop.gaps).toEqual([]);
		expect(loop.object("Service", "front")?.spec.selector).toEqual({ app: "cart" });
		expect(Object.keys(weightsOf(loop, "front"))).toEqual(["front"]);
	});

	test("that can no longer be read is released from its own mesh, not the operator's", async () => {
		const object = canary("cart", { provider: "gatewayapi:v1" });
		const loop = await initialised(object, { settings: { provider: "kubernetes" } });
		loop.cluster.edit(refTo("Canary", "cart"), { spec: { analysis: { interval: "often" } } });
		await loop.run();
		drop(loop);
		await loop.run();
		expect(loop.gaps).toEqual([]);
		expect(Object.keys(weightsOf(loop))).toEqual(["cart"]);
	});

	test("while it is being initialised leaves the target as it was", async () => {
		for (let afterMs = 0; afterMs < 1_500; afterMs += 50) {
			const loop = new Loop();
			loop.cluster.put(deployment());
			loop.cluster.put(service());
			await loop.run();
			loop.cluster.put(canary());
			await loop.run(afterMs);
			drop(loop);
			await loop.run();
			expect(loop.cluster.canary("shop/cart"), `after ${afterMs} ms`).toBeUndefined();
			expect(loop.gaps, `after ${afterMs} ms`).toEqual([]);
			expect(loop.object("Service", "cart")?.spec.selector).toEqual({ app: "cart" });
			expect(replicasOf(loop, "cart")).toBe(2);
		}
	});
});
