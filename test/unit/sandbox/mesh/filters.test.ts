import { describe, expect, test } from "vitest";
import { createBalancer } from "../../../../src/sandbox/mesh/proxy/balancer.ts";
import {
	changeHeaders,
	changePath,
	corsHeaders,
	type Headers,
	redirectOf,
	withoutHopByHop,
} from "../../../../src/sandbox/mesh/proxy/filters.ts";
import type { HeaderChange, PathChange } from "../../../../src/sandbox/mesh/routes/shapes.ts";

const full = (path: string): PathChange => ({ type: "ReplaceFullPath", replaceFullPath: path });
const prefix = (path: string): PathChange => ({ type: "ReplacePrefixMatch", replacePrefixMatch: path });

describe("filters", () => {
	test.each<[string, PathChange, string, string]>([
		["/a/b?c=d", full("/x"), "/a", "/x?c=d"],
		["/a/b?c=d", prefix("/x"), "/a", "/x/b?c=d"],
		["/a/b", prefix("/x/"), "/a", "/x/b"],
		["/a", prefix("/x"), "/a", "/x"],
		["/a/b", prefix("/"), "/a", "/b"],
		["/a", prefix("/"), "/a", "/"],
		["/a?b", prefix(""), "/a", "/?b"],
		["/a/b", prefix("/x"), "", "/x/a/b"],
	])("change %s by %j where %j was matched to %s", (url, change, matched, expected) => {
		expect(changePath(url, change, matched)).toBe(expected);
	});

	test.each<[HeaderChange, Headers]>([
		[{ set: [{ name: "A", value: "2" }] }, { a: "2", b: "1" }],
		[{ add: [{ name: "A", value: "2" }] }, { a: "1,2", b: "1" }],
		[{ add: [{ name: "c", value: "2" }] }, { a: "1", b: "1", c: "2" }],
		[{ remove: ["B", "x"] }, { a: "1" }],
	])("change headers by %j", (change, expected) => {
		expect(changeHeaders({ a: "1", b: "1" }, change)).toEqual(expected);
	});

	test("drop what is for a connection only, and what it names", () => {
		const headers = {
			connection: "close, X-Own",
			"keep-alive": "1",
			"transfer-encoding": "chunked",
			"x-own": "1",
			a: "1",
		};
		expect(withoutHopByHop(headers)).toEqual({ a: "1" });
	});

	test.each([
		[{ hostname: "b.com" }, "http://b.com:8080/a?q", 302],
		[{ scheme: "https" }, "https://a.com/a?q", 302],
		[{ scheme: "https", port: 8443 }, "https://a.com:8443/a?q", 302],
		[{ port: 80, statusCode: 301 }, "http://a.com/a?q", 301],
		[{ path: full("/x") }, "http://a.com:8080/x?q", 302],
	])("redirect by %j to %s", (requestRedirect, location, code) => {
		const asked = { hostname: "a.com", port: 8_080, url: "/a?q" };
		expect(redirectOf([{ type: "RequestRedirect", requestRedirect }], asked, "")).toEqual({ code, location });
	});

	test.each([
		["https://a.com", ["https://a.com"], true],
		["https://b.com", ["https://a.com"], false],
		["https://x.a.com", ["https://*.a.com"], true],
		["https://a.com", ["https://*.a.com"], false],
		["https://b.com", ["*"], true],
		[undefined, ["*"], false],
	])("allow origin %s by %j: %s", (origin, allowOrigins, isAllowed) => {
		const headers = corsHeaders(
			[{ type: "CORS", cors: { allowOrigins, allowMethods: ["GET", "PUT"], maxAge: 5 } }],
			origin,
		);
		if (isAllowed) {
			expect(headers).toMatchObject({
				"access-control-allow-origin": origin,
				"access-control-allow-methods": "GET, PUT",
				"access-control-max-age": "5",
			});
		} else expect(headers).toBeUndefined();
	});
});

describe("the balancer", () => {
	const endpoints = ["a", "b", "c"].map((pod, index) => ({ pod, host: "127.0.0.1", port: index + 1 }));

	test("takes turns among equals", () => {
		const balancer = createBalancer();
		const pods = [1, 2, 3].map(() => {
			const chosen = balancer.choose(endpoints);
			chosen?.done();
			return chosen?.endpoint.pod;
		});
		expect(pods.toSorted()).toEqual(["a", "b", "c"]);
	});

	test("spares whoever is busy", () => {
		const balancer = createBalancer();
		const busy = balancer.choose(endpoints);
		const others = [1, 2, 3, 4].map(() => {
			const chosen = balancer.choose(endpoints);
			chosen?.done();
			return chosen?.endpoint.pod;
		});
		expect(others).not.toContain(busy?.endpoint.pod);
	});

	test("has none of none", () => {
		expect(createBalancer().choose([])).toBeUndefined();
	});
});
