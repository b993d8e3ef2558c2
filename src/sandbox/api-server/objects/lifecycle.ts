import type { KubeObject } from "../../../domain/kube-object.ts";
import type { ServedKind } from "../../contract.ts";
import { collectionOf, groupOf } from "../kinds.ts";
import { deleteObject } from "./deletion.ts";
import { commit, type Place, timeOf, type World } from "./world.ts";

/** What namespaces and definitions do beside being stored: they hold others, which go with them. */

const NAMESPACES = "/namespaces";
const DEFINITIONS = "apiextensions.k8s.io/customresourcedefinitions";
const CLEANUP = "customresourcecleanup.apiextensions.k8s.io";

/** The object with what the server itself says of it. Refuses a definition that can't be served. */
export function completed(world: World, kind: ServedKind, object: KubeObject): KubeObject {
	switch (collectionOf(kind)) {
		case NAMESPACES:
			return completedNamespace(object);
		case DEFINITIONS:
			return completedDefinition(world, object);
		default:
			return object;
	}
}

function completedNamespace(object: KubeObject): KubeObject {
	const { metadata } = object;
	const labels = { ...metadata.labels, "kubernetes.io/metadata.name": metadata.name };
	const phase = metadata.deletionTimestamp === undefined ? "Active" : "Terminating";
	return {
		...object,
		metadata: { ...metadata, labels },
		spec: { finalizers: ["kubernetes"], ...(object.spec as object | undefined) },
		status: { ...(object.status as object | undefined), phase },
	};
}

interface Condition {
	readonly type: string;
	readonly status: string;
	readonly lastTransitionTime?: string;
	readonly reason?: string;
	readonly message?: string;
}

interface DefinitionSpec {
	readonly names: { readonly plural: string; readonly kind: string };
	readonly versions: readonly { readonly name: string; readonly storage?: boolean }[];
}

function completedDefinition(world: World, object: KubeObject): KubeObject {
	// Refuses what can't be served, before it is stored.
	world.rules.kindsOf(object);
	const spec = object.spec as DefinitionSpec;
	const status = (object.status ?? {}) as {
		readonly conditions?: readonly Condition[];
		readonly storedVersions?: readonly string[];
	};
	const storage = spec.versions.find((version) => version.storage === true)?.name;
	const ours: readonly Condition[] = [
		{ type: "NamesAccepted", status: "True", reason: "NoConflicts", message: "no conflicts found" },
		{
			type: "Established",
			status: "True",
			reason: "InitialNamesAccepted",
			message: "the initial names have been accepted",
		},
	];
	const present = status.conditions ?? [];
	const kept = present.filter(({ type }) => !ours.some((one) => one.type === type));
	const set = ours.map((one) => {
		const before = present.find(({ type, status: value }) => type === one.type && value === one.status);
		return before ?? { ...one, lastTransitionTime: timeOf(world) };
	});
	return {
		...object,
		status: {
			...status,
			acceptedNames: spec.names,
			conditions: [...set, ...kept],
			storedVersions: [...new Set([...(status.storedVersions ?? []), ...(storage === undefined ? [] : [storage])])],
		},
	};
}

/** Serves what a definition says now. */
export function afterWrite(world: World, kind: ServedKind, object: KubeObject): void {
	if (collectionOf(kind) === DEFINITIONS) world.kinds.serve(object);
}

/** The finalizers that keep the object for as long as others have to go before it. */
export function finalizersOnDelete(kind: ServedKind, live: KubeObject): readonly string[] {
	const own = live.metadata.finalizers ?? [];
	const collection = collectionOf(kind);
	// A namespace's own finalizer is in its spec; it is shown here for as long as it is being emptied.
	if (collection !== DEFINITIONS && collection !== NAMESPACES) return own;
	const cleanup = collection === DEFINITIONS ? CLEANUP : "kubernetes";
	return own.includes(cleanup) ? own : [...own, cleanup];
}

/** Begins to empty what was just marked as being deleted. */
export function whenDeleted(world: World, kind: ServedKind, object: KubeObject): void {
	const collection = collectionOf(kind);
	if (collection !== NAMESPACES && collection !== DEFINITIONS) return;
	if (collection === NAMESPACES) commit(world, kind, completedNamespace(object));
	for (const place of contentsOf(world, collection, object)) deleteObject(world, place, { propagation: "Background" });
	finish(world, kind, object.metadata.name);
}

/** Finishes what waited for that object to go, and stops to serve what a definition said. */
export function afterRemoval(world: World, kind: ServedKind, object: KubeObject): void {
	const collection = collectionOf(kind);
	if (collection === DEFINITIONS) {
		world.kinds.forget(object.metadata.name);
		return;
	}
	const definition = world.kinds.definitionOf(kind);
	if (definition) finishIn(world, DEFINITIONS, definition.metadata.name);
	if (object.metadata.namespace !== undefined) finishIn(world, NAMESPACES, object.metadata.namespace);
}

function finishIn(world: World, collection: string, name: string): void {
	const holder = world.store.get(collection, undefined, name);
	if (holder?.metadata.deletionTimestamp === undefined) return;
	const kind = world.kinds.of(holder);
	if (kind) finish(world, kind, name);
}

/** Takes the server's own finalizer off what is empty by now; when it was the last, the object goes. */
function finish(world: World, kind: ServedKind, name: string): void {
	const collection = collectionOf(kind);
	const holder = world.store.get(collection, undefined, name);
	if (!holder || contentsOf(world, collection, holder).length > 0) return;
	const cleanup = collection === DEFINITIONS ? CLEANUP : "kubernetes";
	const { finalizers = [], ...metadata } = holder.metadata;
	const left = finalizers.filter((one) => one !== cleanup);
	if (left.length === 0) {
		world.store.remove(collection, undefined, name);
		afterRemoval(world, kind, holder);
	} else if (left.length < finalizers.length) {
		commit(world, kind, { ...holder, metadata: { ...metadata, finalizers: left } });
	}
}

/** Everything in a namespace, or of a definition. */
function contentsOf(world: World, collection: string, holder: KubeObject): readonly Place[] {
	const { name } = holder.metadata;
	const served = world.kinds.all();
	const held = collection === NAMESPACES ? namespacedCollections(world) : collectionsOf(served, holder);
	return held.flatMap((one) => {
		const kind =
			served.find((candidate) => collectionOf(candidate) === one && candidate.apiVersion === candidate.storedAs) ??
			served.find((candidate) => collectionOf(candidate) === one);
		if (!kind) return [];
		const objects = collection === NAMESPACES ? world.store.list(one, name) : world.store.list(one);
		return objects.map(({ metadata }) => ({ kind, namespace: metadata.namespace, name: metadata.name }));
	});
}

function namespacedCollections(world: World): readonly string[] {
	return world.store.collections();
}

function collectionsOf(served: readonly ServedKind[], definition: KubeObject): readonly string[] {
	const spec = definition.spec as DefinitionSpec & { readonly group: string };
	const found = served.filter(
		({ apiVersion, plural }) => groupOf(apiVersion) === spec.group && plural === spec.names.plural,
	);
	return [...new Set(found.map(collectionOf))];
}
