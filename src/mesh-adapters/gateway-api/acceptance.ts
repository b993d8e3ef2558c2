import { describeRef, type KubeObject, refOf } from "../../domain/kube-object.ts";
import type { Acceptance } from "../mesh-adapter.ts";
import { type ParentRef, specOf } from "./http-route.ts";

interface ParentStatus {
	readonly parentRef: ParentRef;
	readonly controllerName?: string;
	readonly conditions?: readonly Condition[];
}

interface Condition {
	readonly type: string;
	readonly status: string;
	readonly reason?: string;
	readonly message?: string;
	readonly observedGeneration?: number;
}

/**
 * What the route's parents say of its current generation: refused when one refuses, pending until all have accepted it.
 * A controller that never says which generation it means is believed at once.
 */
export function acceptanceOf(existing: KubeObject): Acceptance {
	const { namespace, generation = 0 } = existing.metadata;
	const { parentRefs = [] } = specOf(existing);
	if (parentRefs.length === 0) return { kind: "pending", detail: `${describeRef(refOf(existing))} has no parent` };
	const { parents = [] } = (existing.status ?? {}) as { readonly parents?: readonly ParentStatus[] };
	const answers = parentRefs.map((wanted): Acceptance => {
		const name = `${wanted.kind ?? "Gateway"} ${wanted.namespace ?? namespace}/${wanted.name}`;
		const said = parents
			.filter(({ parentRef }) => identity(parentRef, namespace) === identity(wanted, namespace))
			.map(({ conditions = [] }) => answerOf(name, conditions, generation));
		// More than one controller may answer for a parent; one that obeys is enough.
		return (
			said.find(({ kind }) => kind === "accepted") ??
			said.find(({ kind }) => kind === "refused") ??
			said[0] ?? { kind: "pending", detail: `${name} has not answered yet` }
		);
	});
	return (
		answers.find(({ kind }) => kind === "refused") ??
		answers.find(({ kind }) => kind === "pending") ?? { kind: "accepted" }
	);
}

function answerOf(name: string, conditions: readonly Condition[], generation: number): Acceptance {
	const isFresh = ({ observedGeneration = generation }: Condition) => observedGeneration >= generation;
	const find = (type: string) => conditions.find((condition) => condition.type === type);
	const accepted = find("Accepted");
	if (accepted === undefined) return { kind: "pending", detail: `${name} has not accepted the route yet` };
	if (!isFresh(accepted)) return { kind: "pending", detail: `${name} has not seen the latest change of the route yet` };
	if (accepted.status === "False" && accepted.reason !== "Pending") {
		return { kind: "refused", detail: `${name} refuses the route: ${textOf(accepted)}` };
	}
	if (accepted.status !== "True") {
		return { kind: "pending", detail: `${name} has not accepted the route yet: ${textOf(accepted)}` };
	}
	const partial = find("PartiallyInvalid");
	if (partial?.status === "True") {
		const kind = isFresh(partial) ? "refused" : "pending";
		return { kind, detail: `${name} obeys the route only in part: ${textOf(partial)}` };
	}
	const resolved = find("ResolvedRefs");
	if (resolved?.status === "False") {
		// Services that were just made may take a moment to be found.
		return { kind: "pending", detail: `${name} does not find all backends of the route: ${textOf(resolved)}` };
	}
	return { kind: "accepted" };
}

function textOf({ reason, message }: Condition): string {
	return [reason, message].filter(Boolean).join(", ");
}

/** What tells one parent from another, defaults filled in; `core` is what some write for the group of a Service. */
function identity({ group, kind, namespace, name, sectionName, port }: ParentRef, own: string | undefined): string {
	const groupName = group === "core" ? "" : (group ?? "gateway.networking.k8s.io");
	return JSON.stringify([groupName, kind ?? "Gateway", namespace ?? own, name, sectionName, port]);
}
