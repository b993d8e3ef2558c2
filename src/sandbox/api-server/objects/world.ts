import type { KubeObject } from "../../../domain/kube-object.ts";
import type { ServedKind } from "../../contract.ts";
import { collectionOf, type Kinds } from "../kinds.ts";
import { notFound } from "../refusals.ts";
import type { ApiRules } from "../rules.ts";
import type { Store } from "../store/store.ts";

/** What every operation on objects works with. */
export interface World {
	readonly store: Store;
	readonly kinds: Kinds;
	readonly rules: ApiRules;
	/** Milliseconds since the epoch. */
	now(): number;
	uid(): string;
	/** At least 0, below 1. */
	random(): number;
}

/** Which object of a kind. */
export interface Place {
	readonly kind: ServedKind;
	/** Undefined for kinds that live in no namespace. */
	readonly namespace: string | undefined;
	readonly name: string;
}

/** RFC 3339 with whole seconds, as the API's own timestamps are. */
export function timeOf(world: World): string {
	return secondsOf(world.now());
}

export function secondsOf(instant: number): string {
	return new Date(instant).toISOString().replace(/\.\d+Z$/, "Z");
}

const converted = new WeakMap<KubeObject, Map<string, KubeObject>>();

/** The object as that version of its kind says it; the same object each time, so that its text is made once. */
export function inVersion(world: World, object: KubeObject, kind: ServedKind): KubeObject {
	if (object.apiVersion === kind.apiVersion) return object;
	const versions = converted.get(object) ?? new Map<string, KubeObject>();
	converted.set(object, versions);
	const known = versions.get(kind.apiVersion);
	if (known) return known;
	const made = world.rules.convert(object, kind);
	versions.set(kind.apiVersion, made);
	return made;
}

export function find(world: World, { kind, namespace, name }: Place): KubeObject | undefined {
	const stored = world.store.get(collectionOf(kind), namespace, name);
	return stored && inVersion(world, stored, kind);
}

/** Throws the refusal of what isn't there. */
export function fetchFrom(world: World, place: Place): KubeObject {
	const found = find(world, place);
	if (!found) throw notFound(place.kind, place.name);
	return found;
}

/** Stores the object, whatever it says, and returns it in the version of `kind`. */
export function commit(world: World, kind: ServedKind, object: KubeObject): KubeObject {
	const stored = world.store.put(collectionOf(kind), inVersion(world, object, world.kinds.stored(kind)));
	return inVersion(world, stored, kind);
}
