import { covers, equal } from "../domain/contains.ts";
import { describeRef, type KubeObject, refOf } from "../domain/kube-object.ts";
import { sameTraffic, type Traffic } from "../domain/traffic.ts";
import { createdMetadata, isCreated } from "./created.ts";
import { acceptanceOf } from "./gateway-api/acceptance.ts";
import { createdRule, createdRuleObstacle, RULE_FIELDS } from "./gateway-api/created-rule.ts";
import {
	directed,
	forgotten,
	introduced,
	isAtApex,
	isOurs,
	released,
	rivalsIn,
	trafficOf,
} from "./gateway-api/direct.ts";
import { type ParentRef, type Rule, rulesOf, specOf } from "./gateway-api/http-route.ts";
import type { Capabilities, MeshAdapter, Obstacle, RoutedService } from "./mesh-adapter.ts";
import { requireWithin } from "./require-within.ts";

/** A percentage of copies needs Gateway API 1.3 or later; an older one drops it, and copies all. */
const can: Capabilities = { weights: true, mirror: true, mirrorPercent: true, headerMatch: false };

/**
 * Gateway API HTTPRoute, attached to Gateways, or to Services for meshes. (Linkerd drops a route with a mirror.)
 *
 * A route that we make looks as `spec.service` says. In a route that was there before, only the backends of rules that
 * send requests to the apex are ours, and our mirror: the rest of it, parents and hostnames included, stays its
 * author's, whatever `spec.service` says. `rules` is an atomic list, so those of others are sent along unchanged.
 */
export const gatewayApi = {
	can,
	resource: {
		group: "gateway.networking.k8s.io",
		kind: "HTTPRoute",
		plural: "httproutes",
		versions: ["v1", "v1beta1"],
	},
	introduce(service, existing) {
		const ours = rulesOf(existing).filter((rule) => isOurs(service, rule));
		if (ours.length > 0 && !ours.some((rule) => isAtApex(service, rule))) return undefined;
		return routeObject(service, existing, (rule) => (isAtApex(service, rule) ? introduced(service, rule) : rule));
	},
	render(service, traffic, existing) {
		requireWithin(can, traffic);
		return routeObject(service, existing, (rule) => directed(service, rule, traffic));
	},
	observe(service, existing) {
		const [first, ...rest] = rulesOf(existing).filter((rule) => isOurs(service, rule));
		const traffic = first && trafficOf(service, first);
		if (traffic === undefined || !rest.every((rule) => saysSame(trafficOf(service, rule), traffic))) return undefined;
		return isInShape(service, traffic, existing) ? traffic : undefined;
	},
	accepted(service, existing) {
		if (existing !== undefined) return acceptanceOf(existing);
		return { kind: "pending", detail: `HTTPRoute ${service.namespace}/${service.apex} is not written yet` };
	},
	obstacle(service, existing) {
		return (
			foreignness(service, existing) ??
			orphanhood(service, existing) ??
			(existing === undefined || isCreated(existing) ? createdRuleObstacle(service) : undefined)
		);
	},
	release(service, existing) {
		return { kind: "write", object: routeObject(service, existing, (rule) => released(service, rule)) };
	},
	forget(service, existing) {
		// Without its route a mesh goes by the apex Service; behind a Gateway nobody would answer any more.
		const isForMesh = parentsOf(service, existing).every(({ kind }) => kind === "Service");
		if (isCreated(existing) && isForMesh) return { kind: "delete" };
		return { kind: "write", object: routeObject(service, existing, (rule) => forgotten(service, rule)) };
	},
} satisfies MeshAdapter;

function saysSame(one: Traffic | undefined, other: Traffic): boolean {
	return one !== undefined && sameTraffic(one, other);
}

/**
 * False when `spec.service`, or the route that we made of it, was edited since. A default that a newer Gateway API adds
 * to parents or backends does not count, lest its installation take every route out of force.
 */
function isInShape(service: RoutedService, traffic: Traffic, existing: KubeObject | undefined): boolean {
	if (existing === undefined || !isCreated(existing)) return true;
	const wanted = routeObject(service, existing, (rule) => directed(service, rule, traffic));
	const shapeOf = ({ matches, filters, timeouts }: Rule) => ({ matches, filters, timeouts });
	const isSame = equal(rulesOf(existing).map(shapeOf), rulesOf(wanted).map(shapeOf));
	return isSame && covers(existing.spec, wanted.spec);
}

/** The fields that are ours, with `change` made to each rule that is. */
function routeObject(
	service: RoutedService,
	existing: KubeObject | undefined,
	change: (rule: Rule) => Rule,
): KubeObject {
	const { apex, apiVersion, namespace, spec } = service;
	const kind = gatewayApi.resource.kind;
	const changeOurs = (rule: Rule) => (isOurs(service, rule) ? change(rule) : rule);
	if (existing !== undefined && !isCreated(existing)) {
		const rules = rulesOf(existing).map(changeOurs);
		return { apiVersion, kind, metadata: { name: apex, namespace }, spec: { rules } };
	}
	// Said even when empty, so that hosts that were taken out of the Canary are missed in `existing`.
	const hostnames = spec.hosts?.includes("*") ? [] : (spec.hosts ?? []);
	const rules = withCreatedRule(service, rulesOf(existing)).map(changeOurs);
	const parentRefs = parentsOf(service, existing);
	return { apiVersion, kind, metadata: createdMetadata(service), spec: { parentRefs, hostnames, rules } };
}

/** The rules of a route that we made: the first of ours as `spec.service` says, and those that people added. */
function withCreatedRule(service: RoutedService, rules: readonly Rule[]): readonly Rule[] {
	const index = rules.findIndex((rule) => isOurs(service, rule));
	const rule = createdRule(service);
	if (index < 0) return [rule, ...rules];
	const added = Object.entries(rules[index] ?? {}).filter(([field]) => !RULE_FIELDS.has(field));
	return rules.with(index, { ...Object.fromEntries(added), ...rule });
}

/** As the Canary says, defaults written out; else as the route has them. */
function parentsOf({ spec }: RoutedService, existing: KubeObject | undefined): readonly ParentRef[] {
	if (!spec.gatewayRefs?.length) return specOf(existing).parentRefs ?? [];
	return spec.gatewayRefs.map(({ group, kind, name, namespace, sectionName, port }) => ({
		// No group but the core one has a Service: its users leave the group out and mean it.
		group: kind === "Service" && group === "gateway.networking.k8s.io" ? "" : group,
		kind,
		name,
		...(namespace === undefined ? {} : { namespace }),
		...(sectionName === undefined ? {} : { sectionName }),
		...(port === undefined ? {} : { port }),
	}));
}

/** What in a route that is there keeps us from using it. */
function foreignness(service: RoutedService, existing: KubeObject | undefined): Obstacle | undefined {
	if (existing === undefined) return undefined;
	const name = describeRef(refOf(existing));
	const ours = rulesOf(existing).filter((rule) => isOurs(service, rule));
	if (ours.length === 0 && !isCreated(existing)) {
		const message = `${name} sends no requests to Service ${service.apex}; make one of its rules do so, or delete or rename it`;
		return { reason: "ForeignRoute", message };
	}
	const rivals = new Set(ours.flatMap((rule) => rivalsIn(service, rule)));
	if (rivals.size === 0) return undefined;
	const message = `${name} also sends requests to ${[...rivals].join(", ")} in a rule for ${service.apex}; give these a rule of their own`;
	return { reason: "RouteUnusable", message };
}

function orphanhood(service: RoutedService, existing: KubeObject | undefined): Obstacle | undefined {
	const isCreatedByUs = existing === undefined || isCreated(existing);
	const parents = isCreatedByUs ? parentsOf(service, existing) : (specOf(existing).parentRefs ?? []);
	if (parents.length > 0) return undefined;
	const place = isCreatedByUs ? "spec.service.gatewayRefs" : `spec.parentRefs of ${describeRef(refOf(existing))}`;
	const message = `${place} is empty; name the Gateway, or the Service for a mesh, that the route is attached to`;
	return { reason: "RouteUnusable", message };
}
