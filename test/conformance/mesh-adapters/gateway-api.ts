import fc from "fast-check";
import type { KubeObject } from "../../../src/domain/kube-object.ts";
import type { BackendRef, Filter, HttpRouteSpec, Rule } from "../../../src/mesh-adapters/gateway-api/http-route.ts";
import { gatewayApi } from "../../../src/mesh-adapters/gateway-api.ts";
import { cart, type Subject } from "./subject.ts";
import { frozen, stored } from "./world.ts";

const OURS: readonly string[] = ["cart", "cart-primary", "cart-canary"];

const defaultBackend = <T extends object>(ref: T) => ({ group: "", kind: "Service", ...ref });

function defaultedFilter(filter: Filter): Filter {
	if (filter.requestMirror === undefined) return filter;
	const { backendRef } = filter.requestMirror;
	return { ...filter, requestMirror: { ...filter.requestMirror, backendRef: defaultBackend(backendRef) } };
}

/** As config/crd/standard of Gateway API 1.6.1 says. */
function defaultedRule({ matches = [{}], filters, backendRefs, ...rule }: Rule): Rule {
	const path = { type: "PathPrefix", value: "/" };
	return {
		...rule,
		matches: matches.map((match) => ({ path, ...match })),
		...(filters === undefined ? {} : { filters: filters.map(defaultedFilter) }),
		...(backendRefs === undefined
			? {}
			: { backendRefs: backendRefs.map((ref) => ({ ...defaultBackend(ref), weight: ref.weight ?? 1 })) }),
	};
}

const specOf = (object: KubeObject) => object.spec as HttpRouteSpec;

function withSpec(object: KubeObject, change: (spec: HttpRouteSpec) => object): KubeObject {
	const spec = specOf(object);
	return frozen({ ...object, spec: { ...spec, ...change(spec) } });
}

function defaulted(object: KubeObject): KubeObject {
	return stored(
		withSpec(object, ({ parentRefs = [], rules = [] }) => ({
			parentRefs: parentRefs.map((ref) => ({ group: "gateway.networking.k8s.io", kind: "Gateway", ...ref })),
			rules: rules.map(defaultedRule),
		})),
	);
}

const isOurRef = ({ name, kind, namespace = "shop", weight }: BackendRef) =>
	OURS.includes(name) && kind === "Service" && namespace === "shop" && !(name === "cart" && weight === 0);

const isOurs = ({ backendRefs = [] }: Rule) => backendRefs.some(isOurRef);

const isOurMirror = ({ requestMirror }: Filter) => requestMirror?.backendRef.name === "cart-canary";

/** What must survive of one of our rules: all but its backends and our mirror, and of a backend all but name and weight. */
function restOfRule(rule: Rule): unknown {
	if (!isOurs(rule)) return rule;
	const { backendRefs = [], filters = [], ...rest } = rule;
	const { name: _, weight: __, ...ref } = backendRefs.find(isOurRef) as BackendRef;
	const others = backendRefs.filter(({ name }) => !OURS.includes(name));
	return { ...rest, ref, others, filters: filters.filter((filter) => !isOurMirror(filter)) };
}

function rest({ metadata: { generation: _, ...metadata }, spec, ...object }: KubeObject): unknown {
	const { rules = [], ...others } = spec as HttpRouteSpec;
	return { ...object, metadata, spec: { ...others, rules: rules.map(restOfRule) } };
}

function reached(object: KubeObject): ReadonlySet<string> {
	const rules = (specOf(object).rules ?? []).filter(isOurs);
	return new Set(
		rules.flatMap(({ backendRefs = [], filters = [] }) => [
			...backendRefs.filter(({ weight }) => weight !== 0).map(({ name }) => name),
			...filters.filter(isOurMirror).map(({ requestMirror }) => requestMirror?.backendRef.name ?? ""),
		]),
	);
}

function reweighed(object: KubeObject): KubeObject {
	return withSpec(object, ({ rules = [] }) => ({
		rules: rules.map((rule) => {
			if (!isOurs(rule)) return rule;
			const weightOf = ({ name, weight }: BackendRef) =>
				name === "cart-canary" ? 3 : name === "cart-primary" ? 1 : weight;
			return { ...rule, backendRefs: rule.backendRefs?.map((ref) => ({ ...ref, weight: weightOf(ref) })) };
		}),
	}));
}

function obeyed(object: KubeObject): KubeObject {
	const condition = (type: string) => ({ type, status: "True", reason: type, message: "" });
	const conditions = ["Accepted", "ResolvedRefs"].map((type) => ({
		...condition(type),
		observedGeneration: object.metadata.generation,
	}));
	const parents = (specOf(object).parentRefs ?? []).map((parentRef) => ({
		parentRef,
		controllerName: "example.com/gateway",
		conditions,
	}));
	return frozen({ ...object, status: { parents } });
}

const filters: readonly Filter[] = [
	{ type: "RequestHeaderModifier", requestHeaderModifier: { set: [{ name: "x-team", value: "shop" }] } },
	{ type: "RequestMirror", requestMirror: { backendRef: { name: "audit", port: 80 }, percent: 5 } },
	{ type: "ExtensionRef", extensionRef: { group: "example.com", kind: "Plugin", name: "limit" } },
];

/** Any rule around these backends, with fields that we do not know among those that we do. */
const ruleAround = (backendRefs: fc.Arbitrary<readonly BackendRef[]>): fc.Arbitrary<Rule> =>
	fc
		.record(
			{
				name: fc.constantFrom("web", "api"),
				matches: fc.constantFrom([{ path: { type: "Exact", value: "/api" } }], [{ method: "GET" }, {}]),
				filters: fc.subarray([...filters], { minLength: 1 }),
				timeouts: fc.constantFrom({ request: "5s" }, { request: "0s", backendRequest: "1s" }),
				retry: fc.constant({ attempts: 3, codes: [503] }),
				sessionPersistence: fc.constant({ sessionName: "seen", type: "Cookie" }),
			},
			{ requiredKeys: [] },
		)
		.chain((rule) => backendRefs.map((refs) => ({ ...rule, backendRefs: refs }) as Rule));

const ref = (name: string, weight: number) => ({ name, port: 80, weight });
const refFilters = [filters[0]] as readonly Filter[];
const ours = ruleAround(
	fc.oneof(
		fc.integer({ min: 1, max: 1_000_000 }).map((weight) => [ref("cart", weight)]),
		fc.constant([{ ...ref("cart", 1), namespace: "shop", filters: refFilters }]),
		fc.nat(100).map((weight) => [ref("cart-primary", 100 - weight), ref("cart-canary", weight)]),
		fc.nat(100).map((weight) => [ref("cart-canary", weight), ref("cart-primary", 100 - weight), ref("spare", 0)]),
		fc.constant([ref("cart-primary", 1)]),
	),
);
const theirs = ruleAround(
	fc.constantFrom(
		[],
		[ref("login", 1)],
		[ref("login", 30), ref("login-next", 70)],
		[{ ...ref("cart", 1), namespace: "other" }],
		[{ ...ref("cart", 1), group: "example.com", kind: "Bucket" }],
		[ref("cart", 0)],
	),
);

const labels = fc.dictionary(fc.constantFrom("team", "argocd.argoproj.io/instance"), fc.constantFrom("shop", "x"));

const found = fc
	.record({
		rules: fc.tuple(fc.array(theirs, { maxLength: 2 }), ours, fc.array(fc.oneof(ours, theirs), { maxLength: 2 })),
		labels,
		annotations: labels,
		hostnames: fc.subarray(["cart.example.com", "shop.example.com"]),
		parents: fc.constantFrom([{ name: "public", namespace: "infra" }], [{ group: "", kind: "Service", name: "cart" }]),
	})
	.map(({ rules: [before, rule, after], parents, hostnames, ...metadata }) => ({
		metadata: { name: "cart", namespace: "shop", ...metadata },
		spec: { parentRefs: parents, hostnames, rules: [...before, rule, ...after] },
	}));

export const gatewayApiSubjects: readonly Subject[] = gatewayApi.resource.versions.map((version) => {
	const head = { apiVersion: `gateway.networking.k8s.io/${version}`, kind: "HTTPRoute" };
	return {
		adapter: gatewayApi,
		service: cart(head.apiVersion, {
			gatewayRefs: [{ name: "public", namespace: "infra" }],
			hosts: ["cart.example.com"],
			timeout: "1.5s",
			headers: { request: { set: { "x-b": "2", "x-a": "1" } } },
		}),
		found: found.map((route) => obeyed(defaulted({ ...head, ...route }))),
		foreign: defaulted({
			...head,
			metadata: { name: "cart", namespace: "shop" },
			spec: { parentRefs: [{ name: "public" }], rules: [{ backendRefs: [ref("login", 1)] }] },
		}),
		defaulted,
		obeyed,
		reweighed,
		rest,
		reached,
	};
});
