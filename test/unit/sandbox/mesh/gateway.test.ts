import type { RequestListener } from "node:http";
import { describe, expect, test } from "vitest";
import { gatewayWorld } from "./gateway-world.ts";
import { forMesh, GATEWAY_API, gateway, httpListener, route, split, to } from "./objects.ts";

const says =
	(text: string): RequestListener =>
	(_request, response) =>
		void response.end(text);

const echo: RequestListener = (request, response) => {
	let body = "";
	request.on("data", (piece) => {
		body += piece;
	});
	request.once("end", () => {
		response.end(JSON.stringify({ method: request.method, url: request.url, headers: request.headers, body }));
	});
};

async function texts(ask: () => Promise<{ text: string }>, times: number): Promise<Record<string, number>> {
	const found: Record<string, number> = {};
	for (let time = 0; time < times; time++) {
		const { text } = await ask();
		found[text] = (found[text] ?? 0) + 1;
	}
	return found;
}

describe("plain Services", () => {
	test.each(["cart.shop", "cart", "cart.shop.svc", "cart.shop.svc.cluster.local", "CART.shop:80", "cart.shop:9999"])(
		"are reached as %s",
		async (host) => {
			const world = await gatewayWorld();
			await world.serveBy("cart", says("here"));
			await world.settled();
			expect(await world.ask(host)).toMatchObject({ code: 200, text: "here", headers: { "x-pod": "cart-1" } });
		},
	);

	test("without endpoints are a 503 that names them", async () => {
		const world = await gatewayWorld();
		await world.serveBy("cart", undefined);
		await world.settled();
		const answer = await world.ask("cart.shop");
		expect(answer.code).toBe(503);
		expect(answer.text).toContain("shop/cart has no ready endpoints");
	});

	test("that are unknown are a 404 that names those there are", async () => {
		const world = await gatewayWorld();
		await world.serveBy("cart", says("here"));
		await world.settled();
		const answer = await world.ask("nowhere.example.com");
		expect(answer.code).toBe(404);
		expect(answer.text).toContain("cart.shop");
	});

	test("get bodies, and no header that was for the connection only", async () => {
		const world = await gatewayWorld();
		await world.serveBy("cart", echo);
		await world.settled();
		const headers = { "x-request-id": "mine", connection: "x-private", "x-private": "1" };
		const answer = await world.ask("cart.shop", "/a?b=c", { method: "POST", body: "hello", headers });
		const seen = JSON.parse(answer.text);
		expect(seen).toMatchObject({ method: "POST", url: "/a?b=c", body: "hello", headers: { "x-request-id": "mine" } });
		expect(seen.headers).not.toHaveProperty("x-private");
		expect(answer.headers["x-request-id"]).toBe("mine");
	});

	test.each(["GET", "DELETE", "POST"])("get the body of a %s whose length nobody said", async (method) => {
		const world = await gatewayWorld();
		await world.serveBy("cart", echo);
		await world.settled();
		const headers = { "transfer-encoding": "chunked" };
		for (let time = 0; time < 2; time++) {
			const { code, text } = await world.ask("cart.shop", "/", { method, body: "hello", headers });
			expect([code, JSON.parse(text).body]).toEqual([200, "hello"]);
		}
	});

	test("whose pod is gone are a 502", async () => {
		const world = await gatewayWorld();
		await world.serveBy("cart", (request) => request.socket.destroy());
		await world.settled();
		expect((await world.ask("cart.shop")).code).toBe(502);
	});
});

describe("splits", () => {
	test("share by weight, and again after a change", async () => {
		const world = await gatewayWorld();
		for (const name of ["cart", "cart-primary", "cart-canary"]) await world.serveBy(name, says(name));
		world.serve("split.smi-spec.io/v1alpha2", "TrafficSplit");
		const weights = (primary: number, candidate: number) =>
			split("cart", {
				service: "cart",
				backends: [
					{ service: "cart-primary", weight: primary },
					{ service: "cart-canary", weight: candidate },
				],
			});
		world.put(weights(70, 30));
		await world.settled();
		const shared = await texts(() => world.ask("cart.shop"), 200);
		expect(shared["cart-canary"]).toBeGreaterThan(40);
		expect(shared["cart-canary"]).toBeLessThan(80);
		expect(shared.cart).toBeUndefined();
		world.put(weights(0, 100));
		await world.settled();
		expect(await texts(() => world.ask("cart.shop"), 20)).toEqual({ "cart-canary": 20 });
		world.remove(weights(0, 100));
		await world.settled();
		expect(await texts(() => world.ask("cart.shop"), 5)).toEqual({ cart: 5 });
	});
});

describe("HTTPRoutes", () => {
	async function routed(spec: object) {
		const world = await gatewayWorld();
		for (const kind of ["HTTPRoute", "Gateway", "GatewayClass"]) world.serve(GATEWAY_API, kind);
		await world.serveBy("cart-primary", says("primary"));
		await world.serveBy("cart-canary", echo);
		world.put(gateway("edge", [httpListener]));
		world.put(route("cart", { parentRefs: [{ name: "edge" }], hostnames: ["cart.example.com"], ...spec }));
		await world.settled();
		return world;
	}

	test("never choose a weight of 0, and with nothing but zeros answer 500", async () => {
		const some = await routed({ rules: [{ backendRefs: [to("cart-primary", 100), to("cart-canary", 0)] }] });
		expect(await texts(() => some.ask("cart.example.com"), 20)).toEqual({ primary: 20 });
		const none = await routed({ rules: [{ backendRefs: [to("cart-primary", 0), to("cart-canary", 0)] }] });
		expect((await none.ask("cart.example.com")).code).toBe(500);
	});

	test("answer 500 for a backend that isn't there", async () => {
		const world = await routed({ rules: [{ backendRefs: [to("missing")] }] });
		const answer = await world.ask("cart.example.com");
		expect(answer).toMatchObject({ code: 500, text: "there is no Service shop/missing\n" });
	});

	test("change headers and paths", async () => {
		const filters = [
			{ type: "RequestHeaderModifier", requestHeaderModifier: { set: [{ name: "X-A", value: "1" }], remove: ["x-b"] } },
			{ type: "ResponseHeaderModifier", responseHeaderModifier: { add: [{ name: "x-c", value: "3" }] } },
			{
				type: "URLRewrite",
				urlRewrite: { hostname: "inner", path: { type: "ReplacePrefixMatch", replacePrefixMatch: "/v2" } },
			},
		];
		const matches = [{ path: { type: "PathPrefix", value: "/api/" } }];
		const world = await routed({ rules: [{ matches, filters, backendRefs: [to("cart-canary")] }] });
		const answer = await world.ask("cart.example.com", "/api/x?y=1", { headers: { "x-b": "2" } });
		const seen = JSON.parse(answer.text);
		expect(seen.url).toBe("/v2/x?y=1");
		expect(seen.headers).toMatchObject({ "x-a": "1", host: "inner" });
		expect(seen.headers).not.toHaveProperty("x-b");
		expect(answer.headers["x-c"]).toBe("3");
	});

	test("redirect", async () => {
		const filters = [{ type: "RequestRedirect", requestRedirect: { scheme: "https", statusCode: 301 } }];
		const world = await routed({ rules: [{ filters }] });
		const answer = await world.ask("cart.example.com", "/a?b");
		expect(answer).toMatchObject({ code: 301, headers: { location: "https://cart.example.com/a?b" } });
	});

	test("end a request that takes too long", async () => {
		const world = await routed({ rules: [{ backendRefs: [to("slow")], timeouts: { request: "20ms" } }] });
		await world.serveBy("slow", () => {});
		await world.settled();
		const answer = await world.ask("cart.example.com");
		expect(answer.code).toBe(504);
		expect(world.gateway.metrics()).toContain('backend="slow",pod="slow-1",code="504",mirror="false"} 1');
	});

	test("copy a request whose answer nobody gets", async () => {
		const backendRef = { name: "shadow", port: 80 };
		const filters = [{ type: "RequestMirror", requestMirror: { backendRef } }];
		const world = await routed({ rules: [{ filters, backendRefs: [to("cart-primary")] }] });
		let copied = (_request: { url: string | undefined; body: string }) => {};
		const copy = new Promise((resolve) => {
			copied = resolve;
		});
		await world.serveBy("shadow", (request, response) => {
			let body = "";
			request.on("data", (piece) => {
				body += piece;
			});
			request.once("end", () => {
				copied({ url: request.url, body });
				response.writeHead(500).end("lost");
			});
		});
		await world.settled();
		const answer = await world.ask("cart.example.com", "/buy", { method: "POST", body: "one" });
		expect(answer).toMatchObject({ code: 200, text: "primary" });
		expect(await copy).toEqual({ url: "/buy", body: "one" });
	});

	test("copy the share of requests that they ask for", async () => {
		const backendRef = { name: "shadow", port: 80 };
		const filters = [{ type: "RequestMirror", requestMirror: { backendRef, percent: 25 } }];
		const world = await routed({ rules: [{ filters, backendRefs: [to("cart-primary")] }] });
		let copies = 0;
		await world.serveBy("shadow", (_request, response) => {
			copies++;
			response.end();
		});
		await world.settled();
		expect(await texts(() => world.ask("cart.example.com"), 200)).toEqual({ primary: 200 });
		expect(copies).toBeGreaterThan(25);
		expect(copies).toBeLessThan(75);
	});

	test("answer though a copy has nowhere to go, or its pod breaks off", async () => {
		const filters = ["nowhere", "broken"].map((name) => ({
			type: "RequestMirror",
			requestMirror: { backendRef: { name, port: 80 } },
		}));
		const world = await routed({ rules: [{ filters, backendRefs: [to("cart-primary")] }] });
		await world.serveBy("nowhere", undefined);
		await world.serveBy("broken", (request) => request.socket.destroy());
		await world.settled();
		for (let time = 0; time < 5; time++) expect((await world.ask("cart.example.com")).code).toBe(200);
	});

	test("answer a preflight by themselves", async () => {
		const cors = { allowOrigins: ["https://a.com"], allowMethods: ["PUT"] };
		const world = await routed({ rules: [{ filters: [{ type: "CORS", cors }], backendRefs: [to("cart-primary")] }] });
		const headers = { origin: "https://a.com", "access-control-request-method": "PUT" };
		const answer = await world.ask("cart.example.com", "/", { method: "OPTIONS", headers });
		expect(answer).toMatchObject({ code: 204, headers: { "access-control-allow-methods": "PUT" } });
		const asked = await world.ask("cart.example.com", "/", { headers: { origin: "https://a.com" } });
		expect(asked).toMatchObject({ text: "primary", headers: { "access-control-allow-origin": "https://a.com" } });
	});

	test("whose header HTTP has no room for fail, and nothing else does", async () => {
		const set = [{ name: "x-a", value: "line\nbreak" }];
		for (const filter of [
			{ type: "RequestHeaderModifier", requestHeaderModifier: { set } },
			{ type: "ResponseHeaderModifier", responseHeaderModifier: { set } },
			{ type: "RequestRedirect", requestRedirect: { hostname: "a\nb" } },
		]) {
			const world = await routed({ rules: [{ filters: [filter], backendRefs: [to("cart-primary")] }] });
			expect((await world.ask("cart.example.com")).code).toBeGreaterThanOrEqual(500);
			expect((await world.ask("cart-primary.shop")).code).toBe(200);
		}
	});

	test("go with their definition, and come again with it", async () => {
		const world = await routed({ rules: [{ backendRefs: [to("cart-primary")] }] });
		expect((await world.ask("cart.example.com")).code).toBe(200);
		world.unserve(GATEWAY_API, "HTTPRoute");
		await world.settled();
		expect((await world.ask("cart.example.com")).code).toBe(404);
		world.serve(GATEWAY_API, "HTTPRoute");
		await world.settled();
		expect((await world.ask("cart.example.com")).code).toBe(200);
	});

	test("of a Service take its requests", async () => {
		const world = await gatewayWorld();
		world.serve(GATEWAY_API, "HTTPRoute");
		for (const name of ["cart", "cart-canary"]) await world.serveBy(name, says(name));
		world.put(route("cart", { parentRefs: forMesh("cart"), rules: [{ backendRefs: [to("cart-canary")] }] }));
		await world.settled();
		expect((await world.ask("cart.shop")).text).toBe("cart-canary");
	});
});
