import { describe, expect, test } from "vitest";
import { type KubeObject, keyOf } from "../../../../src/domain/kube-object.ts";
import type { World } from "../../../../src/sandbox/mesh/routes/attachment.ts";
import { hostOf } from "../../../../src/sandbox/mesh/routes/hosts.ts";
import { compileMatch, type RequestLine } from "../../../../src/sandbox/mesh/routes/matching.ts";
import type { RouteMatch } from "../../../../src/sandbox/mesh/routes/shapes.ts";
import { compileTable } from "../../../../src/sandbox/mesh/routes/table.ts";
import { byWeight, weightOf } from "../../../../src/sandbox/mesh/routes/weights.ts";
import { forMesh, gateway, httpListener, route, seeded, service, split, to } from "./objects.ts";

function line(method: string, url: string, headers: Readonly<Record<string, string>> = {}): RequestLine {
	const { pathname, searchParams } = new URL(url, "http://any");
	return { method, path: pathname, query: searchParams, header: (name) => headers[name] };
}

const prefix = (value: string) => ({ path: { type: "PathPrefix", value } });
const exact = (value: string) => ({ path: { type: "Exact", value } });

describe("a match", () => {
	test.each<[string, RouteMatch, RequestLine, boolean]>([
		["nothing", {}, line("GET", "/a"), true],
		["a prefix", prefix("/a"), line("GET", "/a/b"), true],
		["a prefix, the path itself", prefix("/a"), line("GET", "/a"), true],
		["a prefix with a slash, the path without", prefix("/a/"), line("GET", "/a"), true],
		["a prefix of a name only", prefix("/a"), line("GET", "/ab"), false],
		["an exact path", exact("/a"), line("GET", "/a?b=c"), true],
		["an exact path, with more", exact("/a"), line("GET", "/a/"), false],
		["a regular expression", { path: { type: "RegularExpression", value: "/a/[0-9]+" } }, line("GET", "/a/12"), true],
		["one that fits a part only", { path: { type: "RegularExpression", value: "/a|/b" } }, line("GET", "/a/c"), false],
		["a method", { method: "POST" }, line("GET", "/"), false],
		["a header", { headers: [{ name: "X-A", value: "1" }] }, line("GET", "/", { "x-a": "1" }), true],
		["a header's other case", { headers: [{ name: "x-a", value: "b" }] }, line("GET", "/", { "x-a": "B" }), false],
		["a header that isn't there", { headers: [{ name: "x-a", value: "1" }] }, line("GET", "/"), false],
		[
			"a header by regular expression",
			{ headers: [{ type: "RegularExpression", name: "cookie", value: ".*canary=always.*" }] },
			line("GET", "/", { cookie: "a=b; canary=always" }),
			true,
		],
		[
			"the first header of a name",
			{
				headers: [
					{ name: "x-a", value: "1" },
					{ name: "X-A", value: "2" },
				],
			},
			line("GET", "/", { "x-a": "1" }),
			true,
		],
		["a query parameter", { queryParams: [{ name: "q", value: "1" }] }, line("GET", "/?q=1&q=2"), true],
		["a query parameter's other value", { queryParams: [{ name: "q", value: "2" }] }, line("GET", "/?q=1"), false],
	])("of %s", (_what, match, request, expected) => {
		const compiled = compileMatch(match);
		expect(compiled.ok && compiled.matcher.matches(request)).toBe(expected);
	});

	test.each<[string, RouteMatch]>([
		["an unknown path type", { path: { type: "Glob", value: "/*" } }],
		["a broken expression", { path: { type: "RegularExpression", value: "(" } }],
		["an unknown header type", { headers: [{ type: "Present", name: "a", value: "" }] }],
	])("of %s is refused", (_what, match) => {
		expect(compileMatch(match).ok).toBe(false);
	});
});

function worldOf(...objects: readonly KubeObject[]): World {
	const ofKind = (kind: string) =>
		new Map(objects.filter((object) => object.kind === kind).map((object) => [keyOf(object.metadata), object]));
	return {
		routes: ofKind("HTTPRoute"),
		splits: ofKind("TrafficSplit"),
		routeGroups: ofKind("HTTPRouteGroup"),
		services: ofKind("Service"),
		gateways: ofKind("Gateway"),
		gatewayClasses: ofKind("GatewayClass"),
	};
}

/** Where a request goes: the first backend's name, or nowhere. */
function destination(world: World, host: string, request: RequestLine): string | undefined {
	const found = compileTable(world).find(hostOf(host), request);
	return found.kind === "rule" ? found.rule.backends[0]?.service : undefined;
}

const edge = gateway("edge", [httpListener]);
const rule = (name: string, ...matches: object[]) => ({ matches, backendRefs: [to(name)] });
const atEdge = (name: string, hostnames: readonly string[], rules: readonly object[], created?: string) =>
	route(name, { parentRefs: [{ name: "edge" }], hostnames, rules }, "shop", created);

describe("precedence", () => {
	const many = atEdge(
		"many",
		["a.com"],
		[
			rule("root", prefix("/")),
			rule("long", prefix("/api/v1")),
			rule("short", prefix("/api")),
			rule("exact", exact("/api/v1")),
			rule("method", { ...prefix("/m"), method: "GET" }),
			rule("headers", {
				...prefix("/m"),
				headers: [
					{ name: "a", value: "1" },
					{ name: "b", value: "1" },
				],
			}),
			rule("header", { ...prefix("/h"), headers: [{ name: "a", value: "1" }] }),
			rule("query", { ...prefix("/h"), queryParams: [{ name: "q", value: "1" }] }),
			rule("first", prefix("/same")),
			rule("second", prefix("/same")),
		],
	);
	test.each<[string, RequestLine, string]>([
		["an exact path", line("GET", "/api/v1"), "exact"],
		["the longer prefix", line("GET", "/api/v1/x"), "long"],
		["the shorter prefix for the rest", line("GET", "/api/v2"), "short"],
		["a method before headers", line("GET", "/m", { a: "1", b: "1" }), "method"],
		["headers without that method", line("POST", "/m", { a: "1", b: "1" }), "headers"],
		["headers before query parameters", line("GET", "/h?q=1", { a: "1" }), "header"],
		["query parameters before none", line("GET", "/h?q=1"), "query"],
		["the earlier rule among equals", line("GET", "/same"), "first"],
		["the root for all else", line("GET", "/h"), "root"],
	])("has %s", (_what, request, expected) => {
		expect(destination(worldOf(edge, many), "a.com", request)).toBe(expected);
	});

	test.each<[string, readonly KubeObject[], string, string | undefined]>([
		[
			"an exact hostname first",
			[atEdge("w", ["*.a.com"], [rule("w")]), atEdge("e", ["x.a.com"], [rule("e")])],
			"x.a.com",
			"e",
		],
		[
			"the longer wildcard",
			[atEdge("w", ["*.com"], [rule("w")]), atEdge("l", ["*.a.com"], [rule("l")])],
			"x.y.a.com",
			"l",
		],
		["no wildcard for its own domain", [atEdge("w", ["*.a.com"], [rule("w")])], "a.com", undefined],
		["any name without hostnames", [atEdge("any", [], [rule("any")])], "what.ever", "any"],
		["a Service before any name", [atEdge("any", [], [rule("any")]), service("cart")], "cart.shop", "cart"],
		[
			"the older route among equals",
			[
				atEdge("a", ["a.com"], [rule("young")], "2026-02-01T00:00:00Z"),
				atEdge("b", ["a.com"], [rule("old")], "2026-01-01T00:00:00Z"),
			],
			"a.com",
			"old",
		],
		[
			"no route of a Gateway that isn't there",
			[route("r", { parentRefs: [{ name: "none" }], rules: [rule("r")] })],
			"a.com",
			undefined,
		],
		[
			"no route that the listener's hostname leaves out",
			[
				gateway("tight", [{ ...httpListener, hostname: "*.b.com" }]),
				route("r", { parentRefs: [{ name: "tight" }], hostnames: ["a.com"], rules: [rule("r")] }),
			],
			"a.com",
			undefined,
		],
		[
			"no route from another namespace",
			[
				route(
					"r",
					{ parentRefs: [{ name: "edge", namespace: "shop" }], hostnames: ["a.com"], rules: [rule("r")] },
					"other",
				),
			],
			"a.com",
			undefined,
		],
		[
			"a Service's route",
			[service("cart"), route("r", { parentRefs: forMesh("cart"), rules: [rule("r")] })],
			"cart.shop",
			"r",
		],
		[
			"no Service's route for another of its ports",
			[
				service("cart", [80, 90]),
				route("r", { parentRefs: [{ ...forMesh("cart")[0], port: 90 }], rules: [rule("r")] }),
			],
			"cart.shop:80",
			"cart",
		],
		[
			"a Service's route for that port",
			[
				service("cart", [80, 90]),
				route("r", { parentRefs: [{ ...forMesh("cart")[0], port: 90 }], rules: [rule("r")] }),
			],
			"cart.shop:90",
			"r",
		],
		[
			"a split of a full name",
			[
				service("cart"),
				split("s", { service: "cart.shop.svc.cluster.local", backends: [{ service: "x", weight: "10m" }] }),
			],
			"cart.shop",
			"x",
		],
		[
			"a split of a host",
			[split("s", { service: "app.example.com", backends: [{ service: "x", weight: 1 }] })],
			"app.example.com",
			"x",
		],
		[
			"no Service whose name is in two namespaces",
			[service("cart", [80], "a"), service("cart", [80], "b")],
			"cart",
			undefined,
		],
		["the default namespace", [service("cart", [80], "default"), service("cart", [80], "b")], "cart", "cart"],
	])("has %s", (_what, objects, host, expected) => {
		expect(destination(worldOf(edge, ...objects), host, line("GET", "/"))).toBe(expected);
	});

	test("splits with matches take what meets a group, the root's own endpoints the rest", () => {
		const group = {
			apiVersion: "specs.smi-spec.io/v1alpha4",
			kind: "HTTPRouteGroup",
			metadata: { name: "testers", namespace: "shop" },
			spec: { matches: [{ name: "cookie", headers: { "x-user": "test.*" } }] },
		};
		const matches = [{ kind: "HTTPRouteGroup", name: "testers" }];
		const divided = split("cart", { service: "cart", matches, backends: [{ service: "cart-canary", weight: 1 }] });
		const world = worldOf(service("cart"), group, divided);
		expect(destination(world, "cart.shop", line("GET", "/", { "x-user": "tester" }))).toBe("cart-canary");
		expect(destination(world, "cart.shop", line("GET", "/"))).toBe("cart");
	});
});

describe("weights", () => {
	test.each([
		[
			[1, 1],
			[0.5, 0.5],
		],
		[
			[90, 10],
			[0.9, 0.1],
		],
		[
			[0, 5],
			[0, 1],
		],
		[
			[1, 2, 1],
			[0.25, 0.5, 0.25],
		],
	])("%j are obeyed", (weights, shares) => {
		const random = seeded(42);
		const choices = weights.map((weight, index) => ({ weight, index }));
		const counts = weights.map(() => 0);
		for (let time = 0; time < 10_000; time++) {
			const { index = -1 } = byWeight(choices, random) ?? {};
			counts[index] = (counts[index] ?? 0) + 1;
		}
		for (const [index, share] of shares.entries()) {
			if (share === 0) expect(counts[index]).toBe(0);
			else expect(Math.abs((counts[index] ?? 0) / 10_000 - share)).toBeLessThan(0.02);
		}
	});

	test("of 0 are never chosen, be the number as small or as great as it may", () => {
		const choices = [{ weight: 0 }, { weight: 3 }, { weight: 0 }];
		for (const number of [0, 0.5, 1 - Number.EPSILON]) expect(byWeight(choices, () => number)).toBe(choices[1]);
		expect(byWeight([{ weight: 0 }], () => 0)).toBeUndefined();
	});

	test.each([
		[50, 50],
		["500m", 0.5],
		["10", 10],
		["1k", 1_000],
		["1e2", 100],
		["many", 0],
		[undefined, 0],
	])("written as %j are %d", (written, expected) => {
		expect(weightOf(written)).toBe(expected);
	});
});
