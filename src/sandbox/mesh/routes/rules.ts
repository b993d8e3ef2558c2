import { durationMs } from "../../../domain/duration.ts";
import type { KubeObject } from "../../../domain/kube-object.ts";
import { backendProblem, routeSpec, type World } from "./attachment.ts";
import { compileMatch, type Matcher } from "./matching.ts";
import type { BackendRef, Filter, RouteRule } from "./shapes.ts";

/** Where a share of the requests goes. */
export interface Backend {
	readonly namespace: string;
	readonly service: string;
	/** Undefined: the port that was asked for, or else the Service's first. */
	readonly port: number | undefined;
	readonly weight: number;
	readonly filters: readonly Filter[];
	/** Why its requests are answered with a 500. */
	readonly problem: string | undefined;
}

export interface Mirror {
	readonly backend: Backend;
	/** Share of requests to copy, 0 to 1. */
	readonly share: number;
}

/** What is done with the requests of one rule. */
export interface Rule {
	/** Of the route, the split or the Service that says so. */
	readonly namespace: string;
	readonly name: string;
	readonly filters: readonly Filter[];
	readonly mirrors: readonly Mirror[];
	readonly backends: readonly Backend[];
	/** Undefined: the gateway's own; Infinity: none. */
	readonly timeoutMs: number | undefined;
}

export interface Entry {
	readonly matcher: Matcher;
	readonly rule: Rule;
}

const KNOWN_FILTERS = new Set([
	...["RequestHeaderModifier", "ResponseHeaderModifier", "RequestMirror"],
	...["URLRewrite", "RequestRedirect", "CORS"],
]);

/** The route's rules, and what in them cannot be obeyed: such a rule is left out, as the API wants. */
export function rulesOfRoute(
	route: KubeObject,
	world: World,
): { readonly entries: readonly Entry[]; readonly problems: readonly string[] } {
	const problems: string[] = [];
	const entries = (routeSpec(route).rules ?? []).flatMap((written, index): readonly Entry[] => {
		const unknown = [...(written.filters ?? []), ...(written.backendRefs ?? []).flatMap(({ filters = [] }) => filters)]
			.map(({ type = "" }) => type)
			.filter((type) => !KNOWN_FILTERS.has(type));
		const matches = (written.matches?.length ? written.matches : [{}]).map(compileMatch);
		const wrong = matches.flatMap((match) => (match.ok ? [] : [match.problem]));
		const found = [...unknown.map((type) => `a filter of type ${type} is not known`), ...wrong];
		problems.push(...found.map((problem) => `rules[${index}]: ${problem}`));
		if (found.length > 0) return [];
		const rule = compileRule(route, written, world);
		return matches.flatMap((match) => (match.ok ? [{ matcher: match.matcher, rule }] : []));
	});
	return { entries, problems };
}

function compileRule({ metadata }: KubeObject, written: RouteRule, world: World): Rule {
	const { namespace = "default", name } = metadata;
	const filters = written.filters ?? [];
	return {
		namespace,
		name,
		filters: filters.filter(({ type }) => type !== "RequestMirror"),
		mirrors: filters.flatMap(({ requestMirror }) =>
			requestMirror === undefined
				? []
				: [{ backend: compileBackend(requestMirror.backendRef, namespace, world), share: shareOf(requestMirror) }],
		),
		backends: (written.backendRefs ?? []).map((ref) => compileBackend(ref, namespace, world)),
		timeoutMs: shortest([written.timeouts?.request, written.timeouts?.backendRequest]),
	};
}

function compileBackend(ref: BackendRef, home: string, world: World): Backend {
	return {
		namespace: ref.namespace ?? home,
		service: ref.name,
		port: ref.port,
		weight: ref.weight ?? 1,
		filters: ref.filters ?? [],
		problem: backendProblem(ref, home, world)?.message,
	};
}

function shareOf({ percent, fraction }: NonNullable<Filter["requestMirror"]>): number {
	if (fraction !== undefined) return fraction.numerator / (fraction.denominator ?? 100);
	return (percent ?? 100) / 100;
}

/** Nothing is sent twice, so that the shorter of both ends a request. `0s` means without end. */
function shortest(durations: readonly (string | undefined)[]): number | undefined {
	const given = durations.flatMap((text) => (text === undefined ? [] : (durationMs(text) ?? [])));
	if (given.length === 0) return undefined;
	return Math.min(...given.map((ms) => (ms === 0 ? Number.POSITIVE_INFINITY : ms)));
}
