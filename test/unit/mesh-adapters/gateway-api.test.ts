import { describe, expect, test } from "vitest";
import type { KubeObject } from "../../../src/domain/kube-object.ts";
import { mirrored, split } from "../../../src/domain/traffic.ts";
import { gatewayApi } from "../../../src/mesh-adapters/gateway-api.ts";
import { cart, httpRoute } from "./service.ts";

const apiVersion = "gateway.networking.k8s.io/v1";
const gatewayRefs = [{ name: "public", namespace: "infra", sectionName: "https" }];
const mesh = [{ group: "core", kind: "Service", name: "cart", port: 8080 }];
const service = cart(apiVersion, { gatewayRefs });

const backend = (name: string, weight: number, rest: object = {}) => ({
	group: "",
	kind: "Service",
	name,
	port: 8080,
	weight,
	...rest,
});
const rulesIn = (object: KubeObject) => (object.spec as { rules: readonly Record<string, unknown>[] }).rules;

describe("an HTTPRoute that we make", () => {
	test("says little for a plain Canary, with every default written out", () => {
		expect(gatewayApi.render(service, split(10), undefined)).toEqual({
			apiVersion,
			kind: "HTTPRoute",
			metadata: {
				name: "cart",
				namespace: "shop",
				annotations: {
					"haldane.dev/created": "true",
					"helm.toolkit.fluxcd.io/driftDetection": "disabled",
					"kustomize.toolkit.fluxcd.io/reconcile": "disabled",
				},
			},
			spec: {
				parentRefs: [
					{
						group: "gateway.networking.k8s.io",
						kind: "Gateway",
						name: "public",
						namespace: "infra",
						sectionName: "https",
					},
				],
				hostnames: [],
				rules: [
					{
						matches: [{ path: { type: "PathPrefix", value: "/" } }],
						backendRefs: [backend("cart-primary", 90), backend("cart-canary", 10), backend("cart", 0)],
					},
				],
			},
		});
	});

	test("says all that a Canary can ask for", () => {
		const full = cart(apiVersion, {
			gatewayRefs: mesh,
			hosts: ["cart.example.com"],
			timeout: "1m30s",
			backendTimeout: "1.5s",
			match: [
				{
					uri: { prefix: "/api" },
					headers: { "x-b": { regex: "b.*" }, "x-a": { exact: "a" } },
					method: { exact: "GET" },
				},
				{ uri: { exact: "/one" }, queryParams: { page: { exact: "1" } } },
				{ uri: { regex: "/r.*" } },
				{ name: "any" },
			],
			headers: {
				request: { add: { b: "2", a: "1" }, set: { host: "x" }, remove: ["y", "x"] },
				response: { remove: ["server"] },
			},
			rewrite: { uri: "/", authority: "internal", type: "ReplacePrefixMatch" },
			mirror: [{ backendRef: { name: "audit", port: 80 }, percent: 5 }],
			corsPolicy: { allowOrigin: ["https://a.example"], allowOrigins: [{ exact: "https://b.example" }], maxAge: "1h" },
		});
		expect(gatewayApi.obstacle(full, undefined)).toBeUndefined();
		expect(gatewayApi.render(full, mirrored(10), undefined).spec).toEqual({
			parentRefs: [{ group: "core", kind: "Service", name: "cart", port: 8080 }],
			hostnames: ["cart.example.com"],
			rules: [
				{
					matches: [
						{
							path: { type: "PathPrefix", value: "/api" },
							headers: [
								{ name: "x-a", type: "Exact", value: "a" },
								{ name: "x-b", type: "RegularExpression", value: "b.*" },
							],
							method: "GET",
						},
						{ path: { type: "Exact", value: "/one" }, queryParams: [{ name: "page", type: "Exact", value: "1" }] },
						{ path: { type: "RegularExpression", value: "/r.*" } },
						{ path: { type: "PathPrefix", value: "/" } },
					],
					filters: [
						{
							type: "RequestHeaderModifier",
							requestHeaderModifier: {
								add: [
									{ name: "a", value: "1" },
									{ name: "b", value: "2" },
								],
								set: [{ name: "host", value: "x" }],
								remove: ["x", "y"],
							},
						},
						{ type: "ResponseHeaderModifier", responseHeaderModifier: { remove: ["server"] } },
						{
							type: "URLRewrite",
							urlRewrite: { hostname: "internal", path: { type: "ReplacePrefixMatch", replacePrefixMatch: "/" } },
						},
						{
							type: "RequestMirror",
							requestMirror: { backendRef: { group: "", kind: "Service", name: "audit", port: 80 }, percent: 5 },
						},
						{
							type: "CORS",
							cors: { allowOrigins: ["https://a.example", "https://b.example"], maxAge: 3600 },
						},
						{
							type: "RequestMirror",
							requestMirror: {
								backendRef: { group: "", kind: "Service", name: "cart-canary", port: 8080 },
								percent: 10,
							},
						},
					],
					timeouts: { request: "1m30s", backendRequest: "1s500ms" },
					backendRefs: [backend("cart-primary", 100), backend("cart-canary", 0), backend("cart", 0)],
				},
			],
		});
	});

	test("leaves the percentage out when everything is mirrored", () => {
		const [rule] = rulesIn(gatewayApi.render(service, mirrored(100), undefined));
		expect(rule?.filters).toEqual([
			{
				type: "RequestMirror",
				requestMirror: { backendRef: { group: "", kind: "Service", name: "cart-canary", port: 8080 } },
			},
		]);
	});

	test("serves every host when one of them stands for all", () => {
		const hosts = ["cart.example.com", "*"];
		expect(gatewayApi.render(cart(apiVersion, { gatewayRefs, hosts }), split(0), undefined).spec).toMatchObject({
			hostnames: [],
		});
	});

	test("attaches to a Service in the core group also when the group was left out", () => {
		const refs = [{ kind: "Service", name: "cart" }];
		expect(gatewayApi.render(cart(apiVersion, { gatewayRefs: refs }), split(0), undefined).spec).toMatchObject({
			parentRefs: [{ group: "", kind: "Service", name: "cart" }],
		});
	});

	test.each([
		["hosts", { hosts: ["cart.example.com"] }],
		["a timeout", { timeout: "5s" }],
		["a header", { headers: { request: { set: { a: "1" } } } }],
		["another parent", { gatewayRefs: [{ name: "private" }] }],
		["a match", { match: [{ uri: { prefix: "/api" } }] }],
	])("no longer says what is wanted once the Canary gets %s, or loses it", (_name, change) => {
		const other = cart(apiVersion, { gatewayRefs, ...change });
		const more = cart(apiVersion, { gatewayRefs, backendTimeout: "1s", ...change });
		for (const [before, after] of [
			[service, other],
			[other, service],
			[other, more],
			[more, other],
		] as const) {
			const made = gatewayApi.render(before, split(10), undefined);
			expect(gatewayApi.observe(before, made)).toEqual(split(10));
			expect(gatewayApi.observe(after, made)).toBeUndefined();
			const mended = gatewayApi.render(after, split(10), made);
			expect(mended).toEqual(gatewayApi.render(after, split(10), undefined));
			expect(gatewayApi.observe(after, mended)).toEqual(split(10));
		}
	});

	test("keeps rules that people added, and fields of ours that we do not know", () => {
		const made = gatewayApi.render(service, split(10), undefined);
		const [rule] = rulesIn(made);
		const login = { matches: [{ path: { type: "Exact", value: "/login" } }], backendRefs: [backend("login", 1)] };
		const direct = { matches: [{ path: { type: "Exact", value: "/v2" } }], backendRefs: [backend("cart", 1)] };
		const edited = { ...made, spec: { ...(made.spec as object), rules: [login, { name: "web", ...rule }, direct] } };
		expect(gatewayApi.observe(service, edited)).toBeUndefined();
		const rules = rulesIn(gatewayApi.render(service, split(20), edited));
		const pair = [backend("cart-primary", 80), backend("cart-canary", 20), backend("cart", 0)];
		expect(rules).toEqual([login, { ...rule, name: "web", backendRefs: pair }, { ...direct, backendRefs: pair }]);
	});

	test("gets its rule back when somebody took it away", () => {
		const made = gatewayApi.render(service, split(10), undefined);
		const rule = { backendRefs: [backend("sorry", 1)] };
		const edited = { ...made, spec: { ...(made.spec as object), rules: [rule] } };
		expect(gatewayApi.obstacle(service, edited)).toBeUndefined();
		expect(rulesIn(gatewayApi.render(service, split(10), edited))).toEqual([...rulesIn(made), rule]);
	});

	test("goes with us in a mesh, and answers for the apex behind a Gateway", () => {
		const inMesh = cart(apiVersion, { gatewayRefs: mesh });
		const made = gatewayApi.render(inMesh, split(10), undefined);
		expect(gatewayApi.forget(inMesh, made)).toEqual({ kind: "delete" });
		const both = cart(apiVersion, { gatewayRefs: [...mesh, ...gatewayRefs] });
		expect(gatewayApi.forget(both, gatewayApi.render(both, split(10), undefined)).kind).toBe("write");
		const public_ = gatewayApi.render(service, mirrored(100), undefined);
		const release = gatewayApi.forget(service, public_);
		expect(release.kind === "write" && release.object).toEqual({
			...public_,
			spec: {
				...(public_.spec as object),
				rules: [{ matches: [{ path: { type: "PathPrefix", value: "/" } }], backendRefs: [backend("cart", 1)] }],
			},
		});
	});
});

describe("the way from the apex to the pair and back", () => {
	const rule = (cart: number, primary: number, candidate: number) => ({
		backendRefs: [backend("cart-primary", primary), backend("cart-canary", candidate), backend("cart", cart)],
	});
	const theirs = { matches: [{ path: { type: "Exact", value: "/login" } }], backendRefs: [backend("login", 1)] };
	const alone = { backendRefs: [backend("cart", 3)] };
	const introduced = (...rules: object[]) => {
		const object = gatewayApi.introduce(service, httpRoute({ rules }));
		return object && rulesIn(object);
	};
	const written = (step: "release" | "forget", ...rules: object[]) => {
		const release = gatewayApi[step](service, httpRoute({ rules }));
		return release.kind === "write" ? rulesIn(release.object) : release.kind;
	};

	test.each([
		["the pair is named while the apex keeps the requests", introduced(alone, theirs), [rule(1, 0, 0), theirs]],
		["it is named once", introduced(rule(1, 0, 0)), [rule(1, 0, 0)]],
		["who has requests already needs no introduction", introduced(rule(0, 90, 10)), undefined],
		[
			"a rule that came later is introduced by itself",
			introduced(rule(0, 90, 10), alone),
			[rule(0, 90, 10), rule(1, 0, 0)],
		],
		[
			"the apex gets its requests back while the pair is still named",
			written("release", rule(0, 90, 10)),
			[rule(1, 0, 0)],
		],
		["what the apex has already is not written", written("release", alone, theirs), [alone, theirs]],
		[
			"in the end nothing of us is left",
			written("forget", rule(1, 0, 0), theirs),
			[{ backendRefs: [backend("cart", 1)] }, theirs],
		],
		["which is reached from any weight", written("forget", rule(0, 90, 10)), [{ backendRefs: [backend("cart", 1)] }]],
	])("%s", (_claim, rules, expected) => {
		expect(rules).toEqual(expected);
	});

	test("a route that is made sends everything to the apex at first", () => {
		const made = gatewayApi.introduce(service, undefined);
		expect(made && rulesIn(made)).toMatchObject([rule(1, 0, 0)]);
		expect(gatewayApi.observe(service, made)).toBeUndefined();
		expect(gatewayApi.introduce(service, made)).toEqual(made);
	});
});

describe("an HTTPRoute that we found", () => {
	const filters = [{ type: "RequestHeaderModifier", requestHeaderModifier: { set: [{ name: "a", value: "1" }] } }];

	test("keeps port and filters of the apex's backend on it and on both of the pair", () => {
		const existing = httpRoute({ rules: [{ backendRefs: [backend("cart", 7, { port: 80, filters })] }] });
		expect(rulesIn(gatewayApi.render(service, split(10), existing))).toEqual([
			{
				backendRefs: [
					backend("cart-primary", 90, { port: 80, filters }),
					backend("cart-canary", 10, { port: 80, filters }),
					backend("cart", 0, { port: 80, filters }),
				],
			},
		]);
	});

	test("keeps on each of the pair what was written on it", () => {
		const own = [{ type: "ResponseHeaderModifier", responseHeaderModifier: { remove: ["b"] } }];
		const pair = (primary: number, candidate: number) => [
			backend("cart-primary", primary, { filters }),
			backend("cart-canary", candidate, { filters: own, port: 81 }),
		];
		const existing = httpRoute({ rules: [{ backendRefs: pair(90, 10) }] });
		expect(rulesIn(gatewayApi.render(service, split(40), existing))).toEqual([
			{ backendRefs: [...pair(60, 40), backend("cart", 0, { filters })] },
		]);
	});

	test("mirrors to the port that its requests go to, in each of its rules for the apex", () => {
		const rule = { filters, backendRefs: [backend("cart", 1, { port: 80 })] };
		const rules = rulesIn(gatewayApi.render(service, mirrored(30), httpRoute({ rules: [rule, rule] })));
		const backendRef = { group: "", kind: "Service", name: "cart-canary", port: 80 };
		const mirror = { type: "RequestMirror", requestMirror: { backendRef, percent: 30 } };
		expect(rules.map((rule) => rule.filters)).toEqual([
			[...filters, mirror],
			[...filters, mirror],
		]);
	});

	test.each([
		["equal weights", [backend("cart-primary", 1), backend("cart-canary", 1)], [], split(50)],
		["the pair the other way round", [backend("cart-canary", 1), backend("cart-primary", 3)], [], split(25)],
		["weights left out", [{ name: "cart-primary" }, { name: "cart-canary" }], [], split(50)],
		["the primary alone", [backend("cart-primary", 5)], [], split(0)],
		["thirds", [backend("cart-primary", 2), backend("cart-canary", 1)], [], undefined],
		["weights of 0", [backend("cart-primary", 0), backend("cart-canary", 0)], [], undefined],
		["the apex", [backend("cart", 1)], [], undefined],
		["another backend too", [backend("cart-primary", 1), backend("login", 1)], [], undefined],
		["a mirror of all", [backend("cart-primary", 1)], [{}], mirrored(100)],
		["a mirror in percent", [backend("cart-primary", 1)], [{ percent: 7 }], mirrored(7)],
		["a mirror of none", [backend("cart-primary", 1)], [{ percent: 0 }], split(0)],
		["a fraction", [backend("cart-primary", 1)], [{ fraction: { numerator: 1, denominator: 4 } }], mirrored(25)],
		["percent as a fraction", [backend("cart-primary", 1)], [{ fraction: { numerator: 9 } }], mirrored(9)],
		["part of a percent", [backend("cart-primary", 1)], [{ fraction: { numerator: 1, denominator: 3 } }], undefined],
		["two mirrors", [backend("cart-primary", 1)], [{}, {}], undefined],
	])("with %s says what it says", (_name, backendRefs, mirrors, traffic) => {
		const filters = mirrors.map((share) => ({
			type: "RequestMirror",
			requestMirror: { backendRef: { name: "cart-canary", port: 80 }, ...share },
		}));
		expect(gatewayApi.observe(service, httpRoute({ rules: [{ filters, backendRefs }] }))).toEqual(traffic);
	});

	test("says nothing when its rules disagree", () => {
		const rule = (weight: number) => ({
			backendRefs: [backend("cart-primary", 100 - weight), backend("cart-canary", weight)],
		});
		expect(gatewayApi.observe(service, httpRoute({ rules: [rule(10), rule(10)] }))).toEqual(split(10));
		expect(gatewayApi.observe(service, httpRoute({ rules: [rule(10), rule(20)] }))).toBeUndefined();
	});

	test("keeps its own parents, whatever the Canary says", () => {
		const existing = httpRoute({ parentRefs: [{ name: "theirs" }], rules: [{ backendRefs: [backend("cart", 1)] }] });
		expect(gatewayApi.obstacle(cart(apiVersion), existing)).toBeUndefined();
		expect(gatewayApi.render(service, split(10), existing).spec).not.toHaveProperty("parentRefs");
	});
});

describe("what is in our way", () => {
	const parentRefs = [{ name: "public" }];
	const pair = [backend("cart-primary", 1), backend("cart-canary", 1)];
	test.each([
		[
			"a route for others",
			{},
			{ parentRefs, rules: [{ backendRefs: [backend("login", 1)] }] },
			"ForeignRoute",
			"HTTPRoute shop/cart sends no requests to Service cart",
		],
		[
			"a route for a namesake",
			{},
			{ parentRefs, rules: [{ backendRefs: [backend("cart", 1, { namespace: "b" })] }] },
			"ForeignRoute",
			"Service cart",
		],
		["a route without rules", {}, { parentRefs }, "ForeignRoute", "Service cart"],
		[
			"a third backend",
			{},
			{ parentRefs, rules: [{ backendRefs: [...pair, backend("login", 1)] }] },
			"RouteUnusable",
			"login",
		],
		[
			"the apex on a second port",
			{},
			{ parentRefs, rules: [{ backendRefs: [backend("cart", 1), backend("cart", 1, { port: 81 })] }] },
			"RouteUnusable",
			"a rule for cart",
		],
		[
			"a route without parents",
			{ gatewayRefs },
			{ rules: [{ backendRefs: pair }] },
			"RouteUnusable",
			"spec.parentRefs of HTTPRoute shop/cart is empty",
		],
		["no parents", {}, undefined, "RouteUnusable", "spec.service.gatewayRefs is empty"],
		["an empty list of parents", { gatewayRefs: [] }, undefined, "RouteUnusable", "spec.service.gatewayRefs is empty"],
		["retries", { gatewayRefs, retries: { attempts: 1 } }, undefined, "RouteUnusable", "spec.service.retries"],
		["delegation", { gatewayRefs, delegation: true }, undefined, "RouteUnusable", "spec.service.delegation"],
		[
			"a match by suffix",
			{ gatewayRefs, match: [{}, { uri: { suffix: "x" } }] },
			undefined,
			"RouteUnusable",
			"spec.service.match[1].uri.suffix",
		],
		[
			"a match by source",
			{ gatewayRefs, match: [{ sourceLabels: { a: "b" } }] },
			undefined,
			"RouteUnusable",
			"spec.service.match[0].sourceLabels",
		],
		[
			"a header by prefix",
			{ gatewayRefs, match: [{ headers: { a: { prefix: "b" } } }] },
			undefined,
			"RouteUnusable",
			"spec.service.match[0].headers['a']",
		],
		[
			"a method by regex",
			{ gatewayRefs, match: [{ method: { regex: "G.*" } }] },
			undefined,
			"RouteUnusable",
			"spec.service.match[0].method",
		],
		[
			"origins by regex",
			{ gatewayRefs, corsPolicy: { allowOrigins: [{ regex: ".*" }] } },
			undefined,
			"RouteUnusable",
			"spec.service.corsPolicy.allowOrigins[0]",
		],
		[
			"a lasting mirror to the candidate",
			{ gatewayRefs, mirror: [{ backendRef: { name: "cart-canary", port: 80 } }] },
			undefined,
			"RouteUnusable",
			"spec.service.mirror",
		],
	])("%s", (_name, spec, route, reason, message) => {
		const obstacle = gatewayApi.obstacle(cart(apiVersion, spec), route && httpRoute(route));
		expect(obstacle?.reason).toBe(reason);
		expect(obstacle?.message).toContain(message);
	});
});
