import type { KubeObject } from "../../../domain/kube-object.ts";
import type { Asker, Propagation } from "../../contract.ts";
import { collectionOf } from "../kinds.ts";
import { notFound, preconditionFailed } from "../refusals.ts";
import { afterRemoval, completed, finalizersOnDelete, isHeld, whenDeleted } from "./lifecycle.ts";
import { heedPolicies } from "./policies.ts";
import { commit, find, inVersion, type Place, secondsOf, type World } from "./world.ts";

export interface DeleteOptions {
	/** Undefined: the server itself. */
	readonly asker?: Asker;
	readonly propagation?: Propagation;
	readonly graceSeconds?: number;
	/** Only if it is still that one. */
	readonly uid?: string;
	readonly resourceVersion?: string;
	readonly dryRun?: boolean;
}

export interface Deleted {
	/** Of admission policies. */
	readonly warnings: readonly string[];
	/** As it is, or was last. */
	readonly object: KubeObject;
	/** False while it waits for finalizers or for its grace period. */
	readonly isGone: boolean;
}

const GRACE_SECONDS = 30;

/** Deletes the object, or marks it as being deleted when something is still to be done before. */
export function deleteObject(world: World, place: Place, options: DeleteOptions = {}): Deleted {
	const live = find(world, place);
	if (!live) throw notFound(place.kind, place.name);
	requirePreconditions(place, live, options);
	const { asker, dryRun = false } = options;
	const intent = { operation: "DELETE", subresource: "", object: undefined, oldObject: live } as const;
	const warnings = heedPolicies(world, place, { ...intent, asker, dryRun });
	const grace = graceOf(place, live, options);
	const finalizers = finalizersOf(place, live, options.propagation);
	if (grace === 0 && finalizers.length === 0 && !isHeld(place.kind, live)) {
		return { object: dryRun ? live : remove(world, place, live), warnings, isGone: true };
	}
	const marked = withDeletion(world, live, grace, finalizers);
	if (marked === undefined || dryRun) return { object: marked ?? live, warnings, isGone: false };
	const stored = commit(world, place.kind, completed(world, place.kind, marked));
	whenDeleted(world, place.kind, stored);
	// What had to be done before may be done already: a definition without objects goes at once.
	const left = find(world, place);
	return { object: left ?? stored, warnings, isGone: left === undefined };
}

/** Takes the object away for good; `last` is what it said at the end. */
export function remove(world: World, place: Place, last: KubeObject): KubeObject {
	const { kind, namespace, name } = place;
	const removed = world.store.remove(collectionOf(kind), namespace, name);
	afterRemoval(world, kind, removed ?? last);
	return removed ? inVersion(world, removed, kind) : last;
}

function requirePreconditions({ kind, name }: Place, live: KubeObject, options: DeleteOptions): void {
	const { uid, resourceVersion } = live.metadata;
	if (options.uid !== undefined && options.uid !== uid) {
		const why = `the UID in the precondition (${options.uid}) does not match the UID in record (${uid}). The object might have been deleted and then recreated`;
		throw preconditionFailed(kind, name, why);
	}
	if (options.resourceVersion !== undefined && options.resourceVersion !== resourceVersion) {
		const why = `the ResourceVersion in the precondition (${options.resourceVersion}) does not match the ResourceVersion in record (${resourceVersion}). The object might have been modified`;
		throw preconditionFailed(kind, name, why);
	}
}

/** Seconds. Only pods take their time, and only those that a node has begun to run. */
function graceOf({ kind }: Place, live: KubeObject, { graceSeconds }: DeleteOptions): number {
	if (kind.kind !== "Pod" || kind.apiVersion !== "v1") return 0;
	const spec = live.spec as { readonly nodeName?: string; readonly terminationGracePeriodSeconds?: number } | undefined;
	const phase = (live.status as { readonly phase?: string } | undefined)?.phase;
	if (!spec?.nodeName || phase === "Succeeded" || phase === "Failed") return 0;
	const present = live.metadata.deletionGracePeriodSeconds as number | undefined;
	const asked = Math.max(0, graceSeconds ?? spec.terminationGracePeriodSeconds ?? GRACE_SECONDS);
	if (live.metadata.deletionTimestamp === undefined || present === undefined) return asked;
	// What is being deleted can be hurried, never held up; asking again without a number changes nothing.
	return graceSeconds === undefined ? present : Math.min(present, asked);
}

function finalizersOf(place: Place, live: KubeObject, propagation: Propagation | undefined): readonly string[] {
	const own = finalizersOnDelete(place.kind, live);
	if (propagation === undefined) return own;
	const others = own.filter((name) => name !== "orphan" && name !== "foregroundDeletion");
	if (propagation === "Orphan") return [...others, "orphan"];
	return propagation === "Foreground" ? [...others, "foregroundDeletion"] : others;
}

/** Undefined when it says all of that already. */
function withDeletion(
	world: World,
	live: KubeObject,
	grace: number,
	finalizers: readonly string[],
): KubeObject | undefined {
	const { deletionTimestamp, deletionGracePeriodSeconds, generation } = live.metadata;
	const present = (deletionGracePeriodSeconds as number | undefined) ?? 0;
	const isSame = finalizers.join(" ") === (live.metadata.finalizers ?? []).join(" ");
	if (deletionTimestamp !== undefined && present === grace && isSame) return undefined;
	const at =
		deletionTimestamp === undefined
			? world.now() + grace * 1000
			: Date.parse(deletionTimestamp) - (present - grace) * 1000;
	const { finalizers: _f, ...metadata } = live.metadata;
	return {
		...live,
		metadata: {
			...metadata,
			...(finalizers.length === 0 ? {} : { finalizers }),
			// A new wish like any other change of what is wanted.
			...(generation && deletionTimestamp === undefined ? { generation: generation + 1 } : {}),
			deletionTimestamp: secondsOf(at),
			// Namespaces take as long as what is in them.
			...(live.kind === "Namespace" ? {} : { deletionGracePeriodSeconds: grace }),
		},
	};
}
