import type { KubeObject } from "../../../domain/kube-object.ts";
import type { ServedKind } from "../../contract.ts";
import { collectionOf } from "../kinds.ts";
import { deleteObject } from "./deletion.ts";
import { commit, timeOf, type World } from "./world.ts";

/** What namespaces and definitions are beside being stored: they hold others, which go before them. */

const NAMESPACES = "/namespaces";
const DEFINITIONS = "apiextensions.k8s.io/customresourcedefinitions";
const POLICIES = "admissionregistration.k8s.io/validatingadmissionpolicies";
const CLEANUP = "customresourcecleanup.apiextensions.k8s.io";

/** A namespace that is being deleted may lose the finalizers in its spec, which every other one gets; other kinds as admitted. */
export function released(kind: ServedKind, wanted: KubeObject, admitted: KubeObject): KubeObject {
	if (collectionOf(kind) !== NAMESPACES || admitted.metadata.deletionTimestamp === undefined) return admitted;
	const { finalizers = [] } = (wanted.spec ?? {}) as { readonly finalizers?: readonly string[] };
	return { ...admitted, spec: { ...(admitted.spec as object | undefined), finalizers } };
}

/** The object with what the server itself says of it. Refuses a definition that can't be served. */
export function completed(world: World, kind: ServedKind, object: KubeObject): KubeObject {
	switch (collectionOf(kind)) {
		case NAMESPACES:
			return completedNamespace(object);
		case DEFINITIONS:
			return completedDefinition(world, object);
		case POLICIES:
			// Expressions that can't be read have been refused: there is nothing to warn of.
			return { ...object, status: { observedGeneration: object.metadata.generation, typeChecking: {} } };
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
	readonly group: string;
	readonly scope: string;
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

/** The finalizers that it has, once it is being deleted: a definition stays for as long as any of its objects does. */
export function finalizersOnDelete(kind: ServedKind, live: KubeObject): readonly string[] {
	const own = live.metadata.finalizers ?? [];
	return collectionOf(kind) !== DEFINITIONS || own.includes(CLEANUP) ? own : [...own, CLEANUP];
}

/** True of a namespace that isn't emptied yet: whoever empties it takes `kubernetes` off the finalizers in its spec. */
export function isHeld(kind: ServedKind, object: KubeObject): boolean {
	if (collectionOf(kind) !== NAMESPACES) return false;
	const spec = object.spec as { readonly finalizers?: readonly string[] } | undefined;
	return (spec?.finalizers ?? []).length > 0;
}

/** Deletes the objects of a definition that was just marked as being deleted. */
export function whenDeleted(world: World, kind: ServedKind, object: KubeObject): void {
	if (collectionOf(kind) !== DEFINITIONS) return;
	const { kind: held, objects } = contentsOf(world, object);
	for (const { metadata } of objects) {
		deleteObject(world, { kind: held, namespace: metadata.namespace, name: metadata.name });
	}
	finish(world, kind, object.metadata.name);
}

/** Finishes the definition that waited for that object to go, and stops to serve what a definition said. */
export function afterRemoval(world: World, kind: ServedKind, object: KubeObject): void {
	if (collectionOf(kind) === DEFINITIONS) {
		world.kinds.forget(object.metadata.name);
		return;
	}
	const served = world.kinds.definitionOf(kind);
	const definition = served && world.store.get(DEFINITIONS, undefined, served.metadata.name);
	if (definition?.metadata.deletionTimestamp === undefined) return;
	const holder = world.kinds.of(definition);
	if (holder) finish(world, holder, definition.metadata.name);
}

/** Takes the server's own finalizer off a definition without objects; when it was the last, the definition goes. */
function finish(world: World, kind: ServedKind, name: string): void {
	const definition = world.store.get(DEFINITIONS, undefined, name);
	if (!definition || contentsOf(world, definition).objects.length > 0) return;
	const { finalizers = [], ...metadata } = definition.metadata;
	const left = finalizers.filter((one) => one !== CLEANUP);
	if (left.length === 0) {
		world.store.remove(DEFINITIONS, undefined, name);
		afterRemoval(world, kind, definition);
	} else if (left.length < finalizers.length) {
		commit(world, kind, { ...definition, metadata: { ...metadata, finalizers: left } });
	}
}

/** The objects of a definition, also of one that serves no version any more. */
function contentsOf(world: World, definition: KubeObject) {
	const { group, names, versions, scope } = definition.spec as DefinitionSpec;
	const storedAs = `${group}/${versions.find(({ storage }) => storage === true)?.name}`;
	const kind: ServedKind = {
		apiVersion: storedAs,
		kind: names.kind,
		plural: names.plural,
		singular: names.kind.toLowerCase(),
		shortNames: [],
		categories: [],
		namespaced: scope === "Namespaced",
		subresources: [],
		storedAs,
		schema: undefined,
	};
	return { kind, objects: world.store.list(collectionOf(kind)) };
}
