import { sameTraffic, type Traffic } from "../../domain/traffic.ts";
import type { RoutedService } from "../mesh-adapter.ts";
import { sharesOf } from "../shares.ts";
import type { BackendRef, Filter, Rule } from "./http-route.ts";

/** True when the rule sends requests to the apex or knows one of the pair: its backends are then ours to set. */
export function isOurs(service: RoutedService, rule: Rule): boolean {
	const { apex, primary, candidate, others } = partsOf(service, rule);
	if (primary !== undefined || candidate !== undefined) return true;
	// A rule that is switched off by weight 0 stays off.
	return apex !== undefined && (weightOf(apex) !== 0 || others.some((other) => isNamed(service, other, service.apex)));
}

/** What one of our rules asks for; undefined while it knows the apex only, or sends requests elsewhere too. */
export function trafficOf(service: RoutedService, rule: Rule): Traffic | undefined {
	const { apex, primary, candidate, others } = partsOf(service, rule);
	if ([apex, ...others].some((ref) => ref !== undefined && weightOf(ref) !== 0)) return undefined;
	const shares = sharesOf(primary ? weightOf(primary) : 0, candidate ? weightOf(candidate) : 0);
	const mirror = mirrorOf(service, rule);
	return shares === undefined || mirror === undefined ? undefined : { ...shares, mirror };
}

/** True while the rule sends requests to the apex. */
export function isAtApex(service: RoutedService, rule: Rule): boolean {
	const { apex } = partsOf(service, rule);
	return apex !== undefined && weightOf(apex) !== 0;
}

/** The rule with the pair named beside the apex, which keeps the requests. One that says so is returned as it is. */
export function introduced(service: RoutedService, rule: Rule): Rule {
	const { primary, candidate } = partsOf(service, rule);
	const isSaid = [primary, candidate].every((ref) => ref !== undefined && weightOf(ref) === 0);
	return isSaid ? rule : withBackends(service, rule, { apex: 1, primary: 0, candidate: 0 });
}

/** The rule with its requests sent so; all else of it as it was. A rule that says so already is returned as it is. */
export function directed(service: RoutedService, rule: Rule, traffic: Traffic): Rule {
	const said = trafficOf(service, rule);
	if (said !== undefined && sameTraffic(said, traffic)) return rule;
	const { primary, candidate } = traffic;
	const sent = withBackends(service, rule, { apex: 0, primary, candidate });
	const candidateRef = sent.backendRefs?.find((ref) => isNamed(service, ref, service.candidate));
	if (traffic.mirror === 0 || candidateRef === undefined) return sent;
	return { ...sent, filters: [...(sent.filters ?? []), mirrorTo(candidateRef, traffic.mirror)] };
}

/** The rule with its requests sent to the apex again, the pair still named. */
export function released(service: RoutedService, rule: Rule): Rule {
	const { primary, candidate } = partsOf(service, rule);
	const isFree = [primary, candidate].every((ref) => ref === undefined || weightOf(ref) === 0);
	if (isFree && isAtApex(service, rule)) return rule;
	return withBackends(service, rule, { apex: 1, primary: 0, candidate: 0 });
}

/** The rule as it was before there was a Canary: its requests go to the apex, and the pair is named no more. */
export function forgotten(service: RoutedService, rule: Rule): Rule {
	const { backendRefs = [], ...rest } = released(service, rule);
	const isOfPair = (ref: BackendRef) =>
		[service.primary, service.candidate].some((name) => isNamed(service, ref, name));
	return { ...rest, backendRefs: backendRefs.filter((ref) => !isOfPair(ref)) };
}

/** The rule with these weights and without our mirror. The apex stays named, so that proxies still know it in the end. */
function withBackends(
	service: RoutedService,
	rule: Rule,
	weights: { readonly apex: number; readonly primary: number; readonly candidate: number },
): Rule {
	const { apex, primary, candidate, others } = partsOf(service, rule);
	const base = primary ?? apex ?? candidate;
	const to = (name: string, weight: number, like: BackendRef | undefined): BackendRef => ({
		group: "",
		kind: "Service",
		port: service.port,
		...like,
		name,
		weight,
	});
	return {
		...withFilters(
			rule,
			(rule.filters ?? []).filter((filter) => !isOurMirror(service, filter)),
		),
		backendRefs: [
			to(service.primary, weights.primary, base),
			to(service.candidate, weights.candidate, candidate ?? base),
			to(service.apex, weights.apex, apex ?? base),
			...others,
		],
	};
}

/** Backends that get requests beside the pair, so that the candidate's share of the rule would not be the Canary's. */
export function rivalsIn(service: RoutedService, rule: Rule): readonly string[] {
	return partsOf(service, rule)
		.others.filter((other) => weightOf(other) !== 0)
		.map(({ name }) => name);
}

/** True when the reference is to the Service of that name in the Canary's namespace. */
export function isNamed({ namespace }: RoutedService, ref: BackendRef, name: string): boolean {
	const isService = (ref.kind ?? "Service") === "Service" && ["", "core"].includes(ref.group ?? "");
	return isService && ref.name === name && (ref.namespace ?? namespace) === namespace;
}

interface Parts {
	readonly apex: BackendRef | undefined;
	readonly primary: BackendRef | undefined;
	readonly candidate: BackendRef | undefined;
	/** Other Services, and second references to the same, as on another port. */
	readonly others: readonly BackendRef[];
}

function partsOf(service: RoutedService, { backendRefs = [] }: Rule): Parts {
	const first = (name: string) => backendRefs.find((ref) => isNamed(service, ref, name));
	const [apex, primary, candidate] = [first(service.apex), first(service.primary), first(service.candidate)];
	return {
		apex,
		primary,
		candidate,
		others: backendRefs.filter((ref) => ref !== apex && ref !== primary && ref !== candidate),
	};
}

function weightOf({ weight = 1 }: BackendRef): number {
	return weight;
}

function withFilters({ filters: _, ...rule }: Rule, filters: readonly Filter[]): Rule {
	return filters.length === 0 ? rule : { ...rule, filters };
}

function isOurMirror(service: RoutedService, { type, requestMirror }: Filter): boolean {
	return (
		type === "RequestMirror" &&
		requestMirror !== undefined &&
		isNamed(service, requestMirror.backendRef, service.candidate)
	);
}

/** The percentage of requests that are copied to the candidate; undefined when it is no whole one, or said twice. */
function mirrorOf(service: RoutedService, { filters = [] }: Rule): number | undefined {
	const [ours, second] = filters.filter((filter) => isOurMirror(service, filter));
	if (second !== undefined) return undefined;
	if (ours === undefined) return 0;
	const { percent, fraction } = ours.requestMirror ?? {};
	const share = fraction ? (fraction.numerator * 100) / (fraction.denominator ?? 100) : (percent ?? 100);
	return Number.isInteger(share) && share >= 0 && share <= 100 ? share : undefined;
}

function mirrorTo({ group, kind, namespace, name, port }: BackendRef, percent: number): Filter {
	const backendRef = {
		...(group === undefined ? {} : { group }),
		...(kind === undefined ? {} : { kind }),
		...(namespace === undefined ? {} : { namespace }),
		name,
		...(port === undefined ? {} : { port }),
	};
	// All requests are copied when no percentage is said, which releases before Gateway API 1.3 know too.
	return { type: "RequestMirror", requestMirror: { backendRef, ...(percent === 100 ? {} : { percent }) } };
}
