import { describe, expect, test } from "vitest";
import { canaryOf, dashboardOver, ORIGIN } from "./bench.ts";

const path = "/api/canaries/shop/cart/actions/pause";
const canaries = [canaryOf("cart", { status: {} })];

describe("requests of other sites", () => {
	test("an action of our own page is done", async () => {
		const { request, acted } = dashboardOver(canaries);
		const answer = await request(path, { method: "POST", headers: { Origin: ORIGIN } });
		expect(answer.status).toBe(200);
		expect(await answer.json()).toEqual({ message: "asked to pause" });
		expect(acted).toEqual(["pause shop/cart"]);
	});

	test.each([
		["without an origin", {}, 403],
		["of another site", { Origin: "http://evil.example" }, 403],
		["of another port", { Origin: "http://127.0.0.1:4243" }, 403],
		["of a sandboxed frame", { Origin: "null" }, 403],
		["without the token", { Origin: ORIGIN, "X-Haldane-Token": "" }, 401],
		["with a token that is off by a letter", { Origin: ORIGIN, "X-Haldane-Token": "a-tokem" }, 401],
	])("an action %s is refused with a sentence", async (_what, headers, status) => {
		const { request, acted } = dashboardOver(canaries);
		const answer = await request(path, { method: "POST", headers });
		expect(answer.status).toBe(status);
		expect(await answer.json()).toEqual({ error: expect.stringMatching(/open|use/) });
		expect(acted).toEqual([]);
	});

	test.each(["/api/canaries", "/api/stream", "/api/canaries/shop/cart", "/api/metrics/shop/cart"])(
		"%s cannot be read without the token, nor by another site that has it",
		async (read) => {
			const { request, listeners } = dashboardOver(canaries);
			expect((await request(read, { headers: { "X-Haldane-Token": "" } })).status).toBe(401);
			expect((await request(read, { headers: { Origin: "http://evil.example" } })).status).toBe(403);
			expect(listeners.size).toBe(0);
		},
	);

	test("no answer lets another origin in", async () => {
		const { request } = dashboardOver(canaries);
		const answer = await request(path, { method: "OPTIONS", headers: { Origin: "http://evil.example" } });
		expect(answer.headers.get("access-control-allow-origin")).toBeNull();
		expect(answer.ok).toBe(false);
	});
});

describe("a name that was rebound to our address", () => {
	test.each(["evil.example", "evil.example:4242", "127.0.0.1", "127.0.0.1:4243", "localhost.evil.example:4242"])(
		"%s gets nothing, not even the page",
		async (host) => {
			const { request } = dashboardOver(canaries);
			for (const read of ["/", "/api/canaries"]) {
				const answer = await request(read, { headers: { Host: host } });
				expect(answer.status).toBe(421);
				expect(await answer.text()).not.toContain("cart");
			}
		},
	);

	test.each(["127.0.0.1:4242", "localhost:4242", "[::1]:4242"])("%s is us", async (host) => {
		const { request } = dashboardOver(canaries);
		expect((await request("/", { headers: { Host: host } })).status).toBe(200);
	});
});

test("every answer forbids frames, foreign scripts and guesses, refusals too", async () => {
	const { request } = dashboardOver(canaries);
	for (const read of ["/", "/api/canaries", "/nowhere"]) {
		const { headers } = await request(read);
		expect(headers.get("content-security-policy")).toBe(
			"default-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'; object-src 'none'",
		);
		expect(headers.get("x-frame-options")).toBe("DENY");
		expect(headers.get("x-content-type-options")).toBe("nosniff");
		expect(headers.get("referrer-policy")).toBe("no-referrer");
	}
	expect((await request("/", { headers: { Host: "evil.example" } })).headers.get("x-frame-options")).toBe("DENY");
});

test("markup in names and messages leaves as JSON and never as a page", async () => {
	const markup = "<script>alert(1)</script>";
	const { request } = dashboardOver(
		[canaryOf("cart", { status: { conditions: [{ type: "Ready", status: "True", reason: "x", message: markup }] } })],
		{
			act: async () => {
				throw new Error(markup);
			},
		},
	);
	const answers = [
		await request("/api/canaries"),
		await request(`/api/canaries/shop/${encodeURIComponent(markup)}`),
		await request(path, { method: "POST", headers: { Origin: ORIGIN } }),
		await request(`/api/canaries/shop/cart/actions/${encodeURIComponent(markup)}`, {
			method: "POST",
			headers: { Origin: ORIGIN },
		}),
	];
	for (const answer of answers) {
		expect(answer.headers.get("content-type")).toMatch(/^application\/json/);
		expect(JSON.stringify(await answer.json())).toContain("<script>");
	}
});
