import { type KubeObject, type ObjectRef, type OwnerReference, refOf } from "../../../domain/kube-object.ts";
import { Refusal, type SandboxApi, type WatchEvent } from "../../contract.ts";
import type { Controller, Surroundings } from "../controller.ts";

const NAME = "garbage";
const FOREGROUND = "foregroundDeletion";
const ORPHAN = "orphan";

export interface GarbageCollector extends Controller {
	/** To be told of every change of every object. */
	note(event: WatchEvent): void;
}

/**
 * Deletes objects whose owners are all gone, and works off what a deletion asks for: that the dependents go first
 * (foreground), or that they stay behind (orphan).
 */
export function createGarbageCollector({ api, wake }: Surroundings): GarbageCollector {
	/** By uid: every object, and whose dependent it is. */
	const seen = new Map<string, { readonly ref: ObjectRef; readonly owners: readonly string[] }>();
	/** By an owner's uid, those of its dependents. */
	const dependents = new Map<string, Set<string>>();

	function note({ type, object }: WatchEvent): void {
		const { uid, ownerReferences = [], deletionTimestamp } = object.metadata;
		if (uid === undefined) return;
		forget(uid);
		for (const owner of ownerReferences) if (type === "DELETED") wake(NAME, owner.uid);
		if (type === "DELETED") {
			for (const dependent of dependents.get(uid) ?? []) wake(NAME, dependent);
			return;
		}
		const owners = ownerReferences.map((owner) => owner.uid);
		seen.set(uid, { ref: refOf(object), owners });
		for (const owner of owners) {
			const known = dependents.get(owner) ?? new Set();
			dependents.set(owner, known.add(uid));
		}
		if (owners.length > 0 || deletionTimestamp !== undefined) wake(NAME, uid);
	}

	function forget(uid: string): void {
		for (const owner of seen.get(uid)?.owners ?? []) {
			const rest = dependents.get(owner);
			rest?.delete(uid);
			if (rest?.size === 0) dependents.delete(owner);
		}
		seen.delete(uid);
	}

	function work(uid: string): undefined {
		const object = find(uid);
		if (object === undefined) return;
		const { deletionTimestamp, finalizers = [], ownerReferences = [] } = object.metadata;
		if (deletionTimestamp !== undefined) {
			if (finalizers.includes(ORPHAN)) letGo(object);
			else if (finalizers.includes(FOREGROUND)) clearAhead(object);
			return;
		}
		if (ownerReferences.length === 0) return;
		const standing = ownerReferences.filter((owner) => stateOf(object, owner) === "there");
		if (standing.length === ownerReferences.length) return;
		if (standing.length > 0) {
			setOwners(api, object, standing);
			return;
		}
		const isAwaited = ownerReferences.some((owner) => stateOf(object, owner) === "waits");
		const hasDependents = (dependents.get(uid)?.size ?? 0) > 0;
		const propagation = isAwaited && hasDependents ? "Foreground" : "Background";
		api.delete(refOf(object), { uid, propagation });
	}

	/** Takes the owner out of its dependents' owners; then it may go. */
	function letGo(owner: KubeObject): void {
		const { uid = "" } = owner.metadata;
		for (const dependent of dependentsOf(uid)) {
			const rest = (dependent.metadata.ownerReferences ?? []).filter((one) => one.uid !== uid);
			setOwners(api, dependent, rest);
		}
		removeFinalizer(api, owner, ORPHAN);
	}

	/** Has the dependents deleted; when none is left that the owner has to wait for, it may go. */
	function clearAhead(owner: KubeObject): void {
		const { uid = "" } = owner.metadata;
		const left = dependentsOf(uid);
		const isBlocking = ({ metadata }: KubeObject) =>
			(metadata.ownerReferences ?? []).some((one) => one.uid === uid && one.blockOwnerDeletion === true);
		for (const dependent of left) {
			if (dependent.metadata.deletionTimestamp === undefined) wake(NAME, dependent.metadata.uid ?? "");
		}
		if (!left.some(isBlocking)) removeFinalizer(api, owner, FOREGROUND);
	}

	function dependentsOf(uid: string): readonly KubeObject[] {
		return [...(dependents.get(uid) ?? [])].flatMap((dependent) => find(dependent) ?? []);
	}

	function find(uid: string): KubeObject | undefined {
		const known = seen.get(uid);
		const found = known && api.get(known.ref);
		return found?.metadata.uid === uid ? found : undefined;
	}

	/** `waits`: it is on its way out, and its dependents go first. */
	function stateOf({ metadata }: KubeObject, owner: OwnerReference): "there" | "waits" | "gone" {
		const found = find(owner.uid) ?? lookUp(metadata.namespace, owner);
		if (found === "unknown kind") return "there";
		if (found === undefined) return "gone";
		const { deletionTimestamp, finalizers = [] } = found.metadata;
		return deletionTimestamp !== undefined && finalizers.includes(FOREGROUND) ? "waits" : "there";
	}

	/** An owner that hasn't been seen yet. */
	function lookUp(
		namespace: string | undefined,
		{ apiVersion, kind, name, uid }: OwnerReference,
	): KubeObject | "unknown kind" | undefined {
		try {
			const found =
				(namespace === undefined ? undefined : api.get({ apiVersion, kind, namespace, name })) ??
				api.get({ apiVersion, kind, name });
			return found?.metadata.uid === uid ? found : undefined;
		} catch (error) {
			// What cannot be asked for may well be there.
			if (error instanceof Refusal && error.code === 404) return "unknown kind";
			throw error;
		}
	}

	return { name: NAME, watches: [], work, note };
}

function setOwners(api: SandboxApi, object: KubeObject, ownerReferences: readonly OwnerReference[]): void {
	const { resourceVersion } = object.metadata;
	api.patch(refOf(object), { metadata: { resourceVersion, ownerReferences } });
}

function removeFinalizer(api: SandboxApi, object: KubeObject, finalizer: string): void {
	const { resourceVersion, finalizers = [] } = object.metadata;
	const rest = finalizers.filter((one) => one !== finalizer);
	api.patch(refOf(object), { metadata: { resourceVersion, finalizers: rest } });
}
