import { request as httpRequest } from "node:http";
import { describe, expect, test } from "vitest";
import { builtInQuery } from "../../../../src/analysis/built-in-queries.ts";
import { gatewayWorld } from "./gateway-world.ts";
import { pod, replicaSet } from "./objects.ts";
import { samplesOf, selected } from "./series.ts";

describe("connections and streams", () => {
	test("pass pieces on as they come, and keep connections to pods", async () => {
		const world = await gatewayWorld();
		const sockets = new Set<object>();
		let finish = () => {};
		await world.serveBy("cart", (request, response) => {
			sockets.add(request.socket);
			response.write("first ");
			finish = () => void response.end("second");
		});
		await world.settled();
		for (let time = 0; time < 3; time++) {
			const text = await new Promise((resolve, reject) => {
				const request = httpRequest(world.gateway.url, { headers: { host: "cart.shop" } }, (answer) => {
					let text = "";
					answer.setEncoding("utf8");
					answer.on("data", (piece: string) => {
						text += piece;
						// Only once the first piece is here is there a second.
						if (text === "first ") finish();
					});
					answer.once("end", () => resolve(text));
				});
				request.once("error", reject);
				request.end();
			});
			expect(text).toBe("first second");
		}
		expect(sockets.size).toBe(1);
	});

	test("end at the pod when the client goes away, which is no failure of the pod's", async () => {
		const world = await gatewayWorld();
		let cameTo = () => {};
		const came = new Promise<void>((resolve) => {
			cameTo = resolve;
		});
		let leftBy = () => {};
		const left = new Promise<void>((resolve) => {
			leftBy = resolve;
		});
		await world.serveBy("cart", (request) => {
			request.socket.once("close", leftBy);
			cameTo();
		});
		await world.settled();
		const request = httpRequest(world.gateway.url, { headers: { host: "cart.shop" } });
		const failed = new Promise((resolve) => request.once("error", resolve));
		request.end();
		await came;
		request.destroy();
		await Promise.all([failed, left]);
		expect(world.gateway.metrics()).toContain('pod="cart-1",code="499",mirror="false"} 1');
	});

	test.each([
		["GET", 200, 3],
		["POST", 502, 2],
	])("that a pod ends between two requests are opened anew for a %s", async (method, code, times) => {
		const world = await gatewayWorld();
		let seen = 0;
		await world.serveBy("cart", (request, response) => {
			if (++seen === 2) request.socket.resetAndDestroy();
			else response.end("here");
		});
		await world.settled();
		expect((await world.ask("cart.shop")).code).toBe(200);
		expect((await world.ask("cart.shop", "/", { method })).code).toBe(code);
		expect(seen).toBe(times);
	});

	test("that a pod breaks off count as a failure", async () => {
		const world = await gatewayWorld();
		await world.serveBy("cart", (request, response) => {
			response.writeHead(200, { "content-length": "100" });
			response.write("half", () => request.socket.destroy());
		});
		await world.settled();
		await expect(world.ask("cart.shop")).rejects.toThrow();
		expect(world.gateway.metrics()).toContain('pod="cart-1",code="502",mirror="false"} 1');
	});
});

describe("series", () => {
	test("tell a candidate's requests from its primary's, as a mesh does", async () => {
		const world = await gatewayWorld();
		world.put(replicaSet("cart-5d5f", "cart"));
		world.put(pod("cart-canary-1", "cart-5d5f"));
		await world.serveBy("cart-canary", (_request, response) => void response.writeHead(500).end());
		await world.settled();
		await world.ask("cart-canary.shop");
		const subject = { namespace: "shop", target: { kind: "Deployment", name: "cart" }, interval: "1m" };
		const built = builtInQuery("request-success-rate", "linkerd", subject);
		const [good = [], all = []] = selected(built.ok ? built.query : "", samplesOf(world.gateway.metrics()));
		expect(good.map(({ value }) => value)).toEqual([0]);
		expect(all.map(({ value }) => value)).toEqual([0, 1]);
	});
});
