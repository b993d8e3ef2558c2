import { describe, expect, test } from "vitest";
import { acceptanceOf } from "../../../../src/mesh-adapters/gateway-api/acceptance.ts";
import { gatewayWorld } from "./gateway-world.ts";
import { forMesh, GATEWAY_API, gateway, httpListener, route, to } from "./objects.ts";

async function served() {
	const world = await gatewayWorld();
	for (const kind of ["HTTPRoute", "Gateway", "GatewayClass"]) world.serve(GATEWAY_API, kind);
	return world;
}

const ref = (kind: string, name: string) => ({ apiVersion: GATEWAY_API, kind, namespace: "shop", name });

describe("a route's status", () => {
	test("is accepted once its backends are there, as the operator reads it", async () => {
		const world = await served();
		world.put(gateway("edge", [httpListener]));
		world.put(route("cart", { parentRefs: [{ name: "edge" }], rules: [{ backendRefs: [to("cart")] }] }));
		await world.settled();
		const read = () => {
			const found = world.api.get(ref("HTTPRoute", "cart"));
			if (found === undefined) throw new Error("the route is gone");
			return found;
		};
		expect(read().status).toMatchObject({
			parents: [
				{
					parentRef: { name: "edge" },
					controllerName: "haldane.dev/sandbox",
					conditions: [
						{ type: "Accepted", status: "True", observedGeneration: 1 },
						{ type: "ResolvedRefs", status: "False", reason: "BackendNotFound", observedGeneration: 1 },
					],
				},
			],
		});
		expect(acceptanceOf(read()).kind).toBe("pending");
		await world.serveBy("cart", () => {});
		await world.settled();
		expect(acceptanceOf(read())).toEqual({ kind: "accepted" });
		const writes = world.writes.length;
		await world.serveBy("other", () => {});
		await world.settled();
		expect(world.writes.length).toBe(writes);
	});

	test.each<[string, object, string, string]>([
		["no Gateway", { parentRefs: [{ name: "none" }] }, "Accepted", "NoMatchingParent"],
		["no Service", { parentRefs: forMesh("none") }, "Accepted", "NoMatchingParent"],
		["no listener", { parentRefs: [{ name: "edge", sectionName: "x" }] }, "Accepted", "NoMatchingParent"],
		[
			"an unknown filter",
			{ parentRefs: [{ name: "edge" }], rules: [{ filters: [{ type: "ExtensionRef" }] }] },
			"Accepted",
			"UnsupportedValue",
		],
		[
			"a mirror to nowhere",
			{
				parentRefs: [{ name: "edge" }],
				rules: [{ filters: [{ type: "RequestMirror", requestMirror: { backendRef: to("x") } }] }],
			},
			"ResolvedRefs",
			"BackendNotFound",
		],
	])("says that there is %s", async (_what, spec, type, reason) => {
		const world = await served();
		world.put(gateway("edge", [httpListener]));
		world.put(route("cart", spec));
		await world.settled();
		const condition = expect.objectContaining({ type, reason, status: "False" });
		const conditions = expect.arrayContaining([condition]);
		expect(world.api.get(ref("HTTPRoute", "cart"))?.status).toMatchObject({ parents: [{ conditions }] });
	});

	test("leaves other controllers' answers, and a condition's moment while it holds", async () => {
		const world = await served();
		const other = { parentRef: { name: "edge" }, controllerName: "example.com/other", conditions: [] };
		world.put(gateway("edge", [httpListener]));
		world.put({ ...route("cart", { parentRefs: [{ name: "edge" }], rules: [] }), status: { parents: [other] } });
		await world.settled();
		world.clock.now += 60_000;
		const before = world.api.get(ref("HTTPRoute", "cart"));
		if (before === undefined) throw new Error("the route is gone");
		world.put({ ...before, spec: { ...(before.spec as object), hostnames: ["a.com"] } });
		await world.settled();
		const status = JSON.stringify(world.api.get(ref("HTTPRoute", "cart"))?.status);
		expect(status).toContain("example.com/other");
		expect(status).toContain('"lastTransitionTime":"1970-01-01T00:16:40Z","observedGeneration":2');
	});
});

describe("a Gateway's status", () => {
	test("has its address and counts the routes of its listeners", async () => {
		const world = await served();
		world.put({ apiVersion: GATEWAY_API, kind: "GatewayClass", metadata: { name: "sandbox" }, spec: {} });
		world.put(gateway("edge", [httpListener, { ...httpListener, name: "second" }]));
		world.put(route("a", { parentRefs: [{ name: "edge", sectionName: "http" }] }));
		world.put(route("b", { parentRefs: [{ name: "edge" }] }));
		await world.settled();
		expect(world.api.get(ref("Gateway", "edge"))?.status).toMatchObject({
			addresses: [{ type: "IPAddress", value: "127.0.0.1" }],
			conditions: [
				{ type: "Accepted", status: "True" },
				{ type: "Programmed", status: "True" },
			],
			listeners: [
				{ name: "http", attachedRoutes: 2 },
				{ name: "second", attachedRoutes: 1 },
			],
		});
		const { namespace: _none, ...className } = ref("GatewayClass", "sandbox");
		expect(world.api.get(className)?.status).toMatchObject({ conditions: [{ type: "Accepted", status: "True" }] });
	});
});
