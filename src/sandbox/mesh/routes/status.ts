import { equal } from "../../../domain/contains.ts";
import { type KubeObject, keyOf } from "../../../domain/kube-object.ts";
import type { Json } from "../../contract.ts";
import { attach, backendProblem, gatewaySpec, routeSpec, type World } from "./attachment.ts";
import type { ParentRef } from "./shapes.ts";

export const CONTROLLER = "haldane.dev/sandbox";

/** A condition without the moment of its last change, which `withMoments` adds. */
interface Finding {
	readonly type: string;
	readonly status: "True" | "False";
	readonly reason: string;
	readonly message: string;
}

interface Condition extends Finding {
	readonly lastTransitionTime?: string;
	readonly observedGeneration?: number;
}

interface ParentStatus {
	readonly parentRef: ParentRef;
	readonly controllerName?: string;
	readonly conditions?: readonly Condition[];
}

/** The route's status with our answers for all its parents; those of other controllers stay. */
export function routeStatus(
	status: Json,
	route: KubeObject,
	world: World,
	problems: readonly string[],
	now: string,
): Json {
	const { parents = [] } = status as { readonly parents?: readonly ParentStatus[] };
	const own = (routeSpec(route).parentRefs ?? []).map((parentRef): ParentStatus => {
		const before = parents.find((one) => one.controllerName === CONTROLLER && equal(one.parentRef, parentRef));
		const findings = [accepted(route, parentRef, world, problems), resolved(route, world), ...partial(route, problems)];
		const conditions = withMoments(findings, before?.conditions, route.metadata.generation, now);
		return { parentRef, controllerName: CONTROLLER, conditions };
	});
	return { ...status, parents: [...parents.filter(({ controllerName }) => controllerName !== CONTROLLER), ...own] };
}

function accepted(route: KubeObject, parent: ParentRef, world: World, problems: readonly string[]): Finding {
	const attachment = attach(route, parent, world);
	if (attachment.kind === "none") return finding("Accepted", false, attachment.reason, attachment.message);
	if (problems.length > 0 && !isPartial(route, problems)) {
		return finding("Accepted", false, "UnsupportedValue", problems.join("; "));
	}
	return finding("Accepted", true, "Accepted", "the sandbox's gateway obeys this route");
}

function resolved(route: KubeObject, world: World): Finding {
	const { namespace = "default" } = route.metadata;
	for (const { backendRefs = [], filters = [] } of routeSpec(route).rules ?? []) {
		const mirrors = filters.flatMap(({ requestMirror }) => requestMirror?.backendRef ?? []);
		for (const ref of [...backendRefs, ...mirrors]) {
			const problem = backendProblem(ref, namespace, world);
			if (problem !== undefined) return finding("ResolvedRefs", false, problem.reason, problem.message);
		}
	}
	return finding("ResolvedRefs", true, "ResolvedRefs", "every backend is there");
}

function partial(route: KubeObject, problems: readonly string[]): readonly Finding[] {
	if (!isPartial(route, problems)) return [];
	return [finding("PartiallyInvalid", true, "UnsupportedValue", `dropped: ${problems.join("; ")}`)];
}

/** Whether some rules cannot be obeyed, and others can. Problems begin with their rule's place. */
function isPartial(route: KubeObject, problems: readonly string[]): boolean {
	const dropped = new Set(problems.map((problem) => problem.split(":", 1)[0]));
	return dropped.size > 0 && dropped.size < (routeSpec(route).rules ?? []).length;
}

/** `address` is where the gateway listens: `127.0.0.1`. */
export function gatewayStatus(status: Json, gateway: KubeObject, world: World, address: string, now: string): Json {
	const { listeners: listed = [], conditions } = status as {
		readonly listeners?: readonly { readonly name: string; readonly conditions?: readonly Condition[] }[];
		readonly conditions?: readonly Condition[];
	};
	const { generation } = gateway.metadata;
	const attached = attachedRoutes(gateway, world);
	const said = (findings: readonly Finding[], before: readonly Condition[] | undefined) =>
		withMoments(findings, before, generation, now);
	return {
		...status,
		addresses: [{ type: "IPAddress", value: address }],
		conditions: said(
			[
				finding("Accepted", true, "Accepted", "the sandbox's gateway serves this Gateway"),
				finding("Programmed", true, "Programmed", "requests are answered by their Host, at the gateway's own port"),
			],
			conditions,
		),
		listeners: (gatewaySpec(gateway).listeners ?? []).map(({ name }) => ({
			name,
			supportedKinds: [{ group: "gateway.networking.k8s.io", kind: "HTTPRoute" }],
			attachedRoutes: attached.get(name) ?? 0,
			conditions: said(
				[
					finding("Accepted", true, "Accepted", "the listener is served"),
					finding("Programmed", true, "Programmed", "the listener is served"),
					finding("ResolvedRefs", true, "ResolvedRefs", "the listener refers to nothing that is missing"),
				],
				listed.find((listener) => listener.name === name)?.conditions,
			),
		})),
	};
}

function attachedRoutes(gateway: KubeObject, world: World): ReadonlyMap<string, number> {
	const counts = new Map<string, number>();
	for (const route of world.routes.values()) {
		const names = (routeSpec(route).parentRefs ?? []).flatMap((parent) => {
			const attachment = attach(route, parent, world);
			const isHere = attachment.kind === "gateway" && attachment.gateway === keyOf(gateway.metadata);
			return isHere ? attachment.listeners : [];
		});
		for (const name of new Set(names)) counts.set(name, (counts.get(name) ?? 0) + 1);
	}
	return counts;
}

export function gatewayClassStatus(status: Json, gatewayClass: KubeObject, now: string): Json {
	const { conditions } = status as { readonly conditions?: readonly Condition[] };
	const findings = [finding("Accepted", true, "Accepted", "the sandbox's gateway serves every class")];
	return { ...status, conditions: withMoments(findings, conditions, gatewayClass.metadata.generation, now) };
}

function finding(type: string, isTrue: boolean, reason: string, message: string): Finding {
	return { type, status: isTrue ? "True" : "False", reason, message };
}

/** A condition keeps its moment for as long as its status does; conditions of types that aren't ours stay as they are. */
function withMoments(
	findings: readonly Finding[],
	before: readonly Condition[] = [],
	generation: number | undefined,
	now: string,
): readonly Condition[] {
	const own = findings.map((found): Condition => {
		const known = before.find(({ type }) => type === found.type);
		const since = known?.status === found.status ? (known.lastTransitionTime ?? now) : now;
		return { ...found, lastTransitionTime: since, observedGeneration: generation ?? 0 };
	});
	const types = new Set([...findings.map(({ type }) => type), "PartiallyInvalid"]);
	return [...own, ...before.filter(({ type }) => !types.has(type))];
}
