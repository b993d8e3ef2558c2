import { equal } from "../../../domain/contains.ts";
import type { KubeObject } from "../../../domain/kube-object.ts";
import { type Asker, type KindRef, Refusal, type ServedKind } from "../../contract.ts";
import { groupOf } from "../kinds.ts";
import { alreadyExists, conflict, invalid, namespaceNotFound, namespaceTerminating, notFound } from "../refusals.ts";
import type { FieldValidation } from "../rules.ts";
import { clusterAddresses } from "./cluster-addresses.ts";
import { remove } from "./deletion.ts";
import { afterWrite, completed, isHeld, released } from "./lifecycle.ts";
import { withCreator, withManagedFields, withManagers } from "./managers.ts";
import { heedPolicies } from "./policies.ts";
import { commit, find, type Place, timeOf, type World } from "./world.ts";

/** How something is written. */
export interface WriteOptions {
	/** Undefined: the server itself. */
	readonly asker?: Asker;
	readonly manager: string;
	readonly fieldValidation: FieldValidation;
	/** Everything but the writing itself. */
	readonly dryRun: boolean;
}

export interface Written {
	readonly object: KubeObject;
	readonly warnings: readonly string[];
	readonly isNew: boolean;
}

/** What is to be made, and where. Its apiVersion and kind are those of `kind`. */
export interface Creation extends Omit<Place, "name"> {
	readonly object: KubeObject;
	/** The object says itself who owns which field, as server-side apply does. */
	readonly keepsManagers?: boolean;
}

/** Stores a new object in that namespace. */
export function create(world: World, target: Creation, options: WriteOptions): Written {
	const { kind, namespace, object } = target;
	if (object.metadata.resourceVersion) {
		throw new Refusal(500, "", "resourceVersion should not be set on objects to be created");
	}
	const name = object.metadata.name || generatedName(world, target);
	requireOpenNamespace(world, { kind, namespace, name });
	const now = timeOf(world);
	const system = {
		name,
		...(namespace === undefined ? {} : { namespace }),
		uid: world.uid(),
		creationTimestamp: now,
	};
	const { namespace: _n, resourceVersion: _r, deletionTimestamp: _d, selfLink: _s, ...given } = object.metadata;
	const { deletionGracePeriodSeconds: _g, ...own } = given;
	const proposed: KubeObject = { ...object, metadata: { ...own, ...system } };
	const { object: admitted, warnings: told } = world.rules.admit({
		kind,
		live: undefined,
		object: proposed,
		subresource: "",
		fieldValidation: options.fieldValidation,
		now,
		clusterIP: clusterAddresses(world),
	});
	const sealed = { ...admitted, metadata: { ...admitted.metadata, ...system } };
	const tracked =
		target.keepsManagers === true
			? withManagedFields(sealed, object.metadata.managedFields)
			: withCreator(world, { kind, object: sealed, sent: proposed }, options.manager);
	const ready = completed(world, kind, tracked);
	const warned = heedPolicies(
		world,
		{ kind, namespace, name },
		{ ...byAsker(options), operation: "CREATE", subresource: "", object: ready, oldObject: undefined },
	);
	// Not before: of what is invalid, too, its faults are told.
	const present = find(world, { kind, namespace, name });
	if (present) {
		const isLeaving = present.metadata.deletionTimestamp !== undefined;
		throw alreadyExists(kind, name, isLeaving ? "object is being deleted: " : "");
	}
	const warnings = [...told, ...warned];
	if (options.dryRun) return { object: ready, warnings, isNew: true };
	const stored = commit(world, kind, ready);
	afterWrite(world, kind, stored);
	return { object: stored, warnings, isNew: true };
}

function byAsker({ asker, dryRun }: WriteOptions) {
	return { asker, dryRun };
}

/** What an update does to an object: the parts of the API that may be written, by their subresource. */
export type Subresource = "" | "status" | "scale";

export interface Update extends Place {
	readonly subresource: Subresource;
	/** The whole object as it shall be, from the one that is there; where it names a resource version, only over that one. */
	change(live: KubeObject): KubeObject;
	/** The change says itself who owns which field, as server-side apply does. */
	readonly keepsManagers?: boolean;
	/** What admission policies see of it, when that is another thing. */
	readonly seen?: {
		readonly subresource: string;
		readonly as?: { readonly kind: KindRef; view(object: KubeObject): KubeObject };
	};
	/** Another uid is a field that may not change then, and not the name of another object. */
	readonly isPatch?: boolean;
}

/** Writes over an object that is there. What changes nothing writes nothing. */
export function update(world: World, target: Update, options: WriteOptions): Written {
	const { kind, namespace, name, subresource } = target;
	const live = find(world, target);
	if (!live) throw notFound(kind, name);
	const wanted = target.change(live);
	requireSame(world, target, live, wanted);
	const { object: admitted, warnings: told } = world.rules.admit({
		kind,
		live,
		object: wanted,
		subresource,
		fieldValidation: options.fieldValidation,
		now: timeOf(world),
		clusterIP: clusterAddresses(world),
	});
	const sealed = released(kind, wanted, withSystemFields(live, admitted));
	const tracked =
		target.keepsManagers === true
			? withManagedFields(sealed, wanted.metadata.managedFields)
			: withManagers(world, { kind, live, object: sealed, subresource }, options.manager);
	const ready = completed(world, kind, tracked);
	const { seen } = target;
	const warned = heedPolicies(world, target, {
		...{ ...byAsker(options), operation: "UPDATE", subresource: seen?.subresource ?? subresource },
		...(seen?.as === undefined ? {} : { sent: seen.as.kind }),
		object: seen?.as?.view(ready) ?? ready,
		oldObject: seen?.as?.view(live) ?? live,
	});
	const warnings = [...told, ...warned];
	const changed = !equal(timeless(ready), timeless(live));
	if (options.dryRun || !changed) return { object: changed ? ready : live, warnings, isNew: false };
	if (isDone(kind, ready)) return { object: remove(world, { kind, namespace, name }, ready), warnings, isNew: false };
	const stored = commit(world, kind, ready);
	afterWrite(world, kind, stored);
	return { object: stored, warnings, isNew: false };
}

/** True of what only waited for its last finalizer. */
function isDone(kind: ServedKind, object: KubeObject): boolean {
	const { metadata } = object;
	if (metadata.deletionTimestamp === undefined || (metadata.finalizers ?? []).length > 0) return false;
	if (isHeld(kind, object)) return false;
	return ((metadata.deletionGracePeriodSeconds as number | undefined) ?? 0) === 0;
}

function requireSame(world: World, { kind, namespace, isPatch }: Update, live: KubeObject, wanted: KubeObject): void {
	const { uid, resourceVersion } = wanted.metadata;
	const { name } = live.metadata;
	if (uid && uid !== live.metadata.uid && isPatch !== true) {
		const key = [storageOf(world, kind), ...(namespace === undefined ? [] : [namespace]), name].join("/");
		const met = `Precondition failed: UID in precondition: ${uid}, UID in object meta: ${live.metadata.uid}`;
		const why = `StorageError: invalid object, Code: 4, Key: ${key}, ResourceVersion: 0, AdditionalErrorMsg: ${met}`;
		throw conflict(kind, name, why);
	}
	if (resourceVersion && resourceVersion !== live.metadata.resourceVersion) throw conflict(kind, name);
}

/** Where a real API server keeps objects of the kind, which it tells in messages. */
function storageOf(world: World, kind: ServedKind): string {
	const home = world.kinds.definitionOf(kind) === undefined ? "" : `${groupOf(kind.storedAs)}/`;
	return `/registry/${keptAs[kind.plural] ?? `${home}${kind.plural}`}`;
}

const keptAs: Readonly<Record<string, string>> = {
	services: "services/specs",
	endpoints: "services/endpoints",
	nodes: "minions",
	ingresses: "ingress",
	customresourcedefinitions: "apiextensions.k8s.io/customresourcedefinitions",
};

/** What only the server says of an object, as the live one has it. */
function withSystemFields(live: KubeObject, object: KubeObject): KubeObject {
	const { selfLink: _s, deletionTimestamp: _d, deletionGracePeriodSeconds: _g, ...metadata } = object.metadata;
	const { name, namespace, uid, creationTimestamp, deletionTimestamp, deletionGracePeriodSeconds } = live.metadata;
	return {
		...object,
		metadata: {
			...metadata,
			name,
			...(namespace === undefined ? {} : { namespace }),
			...(uid === undefined ? {} : { uid }),
			...(live.metadata.resourceVersion === undefined ? {} : { resourceVersion: live.metadata.resourceVersion }),
			...(creationTimestamp === undefined ? {} : { creationTimestamp }),
			...(deletionTimestamp === undefined ? {} : { deletionTimestamp }),
			...(deletionGracePeriodSeconds === undefined ? {} : { deletionGracePeriodSeconds }),
		},
	};
}

/** Without the times of who wrote which field: writing the same again is no change. */
function timeless(object: KubeObject): KubeObject {
	const managed = object.metadata.managedFields;
	if (!Array.isArray(managed)) return object;
	return withManagedFields(
		object,
		managed.map((entry: object) => ({ ...entry, time: undefined })),
	);
}

const NAME_MAX = 58;
const LETTERS = "bcdfghjklmnpqrstvwxz2456789";
const TRIES_MAX = 8;

/** A name that is free, made of `metadata.generateName`. */
function generatedName(world: World, target: Creation): string {
	const { kind, namespace, object } = target;
	const base = object.metadata.generateName;
	if (typeof base !== "string" || base === "") {
		const required = {
			field: "metadata.name",
			reason: "FieldValueRequired",
			message: "Required value: name or generateName is required",
		};
		throw invalid({ group: groupOf(kind.apiVersion), kind: kind.kind }, "", required);
	}
	for (let tried = 0; tried < TRIES_MAX; tried += 1) {
		const letters = Array.from({ length: 5 }, () => LETTERS[Math.floor(world.random() * LETTERS.length)]);
		const name = base.slice(0, NAME_MAX) + letters.join("");
		if (!find(world, { kind, namespace, name })) return name;
	}
	throw alreadyExists(kind, base);
}

function requireOpenNamespace(world: World, { kind, namespace, name }: Place): void {
	if (namespace === undefined) return;
	const found = world.store.get("/namespaces", undefined, namespace);
	if (!found) throw namespaceNotFound(namespace);
	if (found.metadata.deletionTimestamp === undefined) return;
	throw namespaceTerminating(kind, name, namespace);
}
