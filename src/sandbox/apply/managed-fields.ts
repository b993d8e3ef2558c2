import { isDeepStrictEqual } from "node:util";
import type { KubeObject } from "../../domain/kube-object.ts";
import { decode, difference, encode, type FieldSet, isEmpty, isSame, setOf, union } from "./field-set.ts";
import { isMap } from "./schema-walk.ts";

/** One entry of `metadata.managedFields`: who set which fields, and how. */
export interface Owner {
	readonly manager: string;
	readonly operation: "Apply" | "Update";
	readonly apiVersion: string;
	readonly subresource: string;
	/** RFC 3339, in whole seconds. */
	readonly time: string | undefined;
	readonly fields: FieldSet;
}

/** Owners who update are at most this many; the oldest of more become one. */
const updatersMax = 10;
const oldUpdaters = "ancient-changes";

/** What the API server or its store sets, which nobody owns. */
const nobodys: FieldSet = setOf([
	["f:apiVersion"],
	["f:kind"],
	["f:metadata"],
	...[
		...["name", "namespace", "uid", "resourceVersion", "generation", "selfLink", "clusterName", "managedFields"],
		...["creationTimestamp", "deletionTimestamp", "deletionGracePeriodSeconds"],
	].map((field) => ["f:metadata", `f:${field}`]),
]);

export function withoutNobodys(fields: FieldSet): FieldSet {
	return difference(fields, nobodys);
}

/** An Apply owner stays the same one in another version of the API; an Update owner does not. */
export function isSameOwner(one: Omit<Owner, "fields" | "time">, other: Omit<Owner, "fields" | "time">): boolean {
	return (
		one.manager === other.manager &&
		one.operation === other.operation &&
		one.subresource === other.subresource &&
		(one.operation === "Apply" || one.apiVersion === other.apiVersion)
	);
}

/** The owners that `metadata.managedFields` names; none when a part of it can't be read. */
export function ownersIn(managedFields: unknown): readonly Owner[] {
	if (!Array.isArray(managedFields)) return [];
	const owners = managedFields.map(ownerOf);
	return owners.every((owner) => owner !== undefined) ? owners : [];
}

/** The object without its record of owners, which owns nothing itself. */
export function withoutOwners(object: KubeObject): KubeObject {
	const { managedFields: _, ...metadata } = object.metadata;
	return { ...object, metadata };
}

/** The object with a record of these owners; those who own nothing are left out. */
export function withOwners(object: KubeObject, owners: readonly Owner[]): KubeObject {
	const bare = withoutOwners(object);
	const owning = owners.filter(({ fields }) => !isEmpty(fields));
	if (owning.length === 0) return bare;
	return { ...bare, metadata: { ...bare.metadata, managedFields: [...owning].sort(inOrder).map(entryOf) } };
}

/** The same owners with the same fields, whenever they took them. */
export function areSameOwners(some: readonly Owner[], others: readonly Owner[]): boolean {
	if (some.length !== others.length) return false;
	return some.every((owner) =>
		others.some(
			(other) =>
				isSameOwner(owner, other) && owner.apiVersion === other.apiVersion && isSame(owner.fields, other.fields),
		),
	);
}

/** Makes one of the oldest Update owners of a version until there are at most ten. Ten versions or more are left as they are. */
export function cap(owners: readonly Owner[]): readonly Owner[] {
	const oldestFirst = owners.filter(({ operation }) => operation === "Update").sort(inOrder);
	let excess = oldestFirst.length - updatersMax;
	const left = new Set(owners);
	const first = new Map<string, Owner>();
	for (const owner of oldestFirst) {
		if (excess <= 0) break;
		const older = first.get(owner.apiVersion);
		if (older === undefined) {
			first.set(owner.apiVersion, owner);
			continue;
		}
		const fields = union(older.fields, owner.fields);
		const merged: Owner = { ...owner, manager: oldUpdaters, subresource: "", fields };
		left.delete(older);
		left.delete(owner);
		left.add(merged);
		first.set(owner.apiVersion, merged);
		excess -= 1;
	}
	return [...left];
}

/** `live` itself when the object differs from it in nothing but the times of its owners: such a write is none. */
export function unlessSame(live: KubeObject, object: KubeObject): KubeObject {
	const timeless = ({ metadata, ...others }: KubeObject) => {
		const { managedFields, ...rest } = metadata;
		const entries = Array.isArray(managedFields) ? managedFields : [];
		return { others, rest, entries: entries.map((entry) => (isMap(entry) ? { ...entry, time: "" } : entry)) };
	};
	return isDeepStrictEqual(timeless(live), timeless(object)) ? live : object;
}

/** As managedFields say a time. */
export function inWholeSeconds(now: string): string {
	return now.replace(/\.\d+/, "");
}

function ownerOf(entry: unknown): Owner | undefined {
	if (!isMap(entry)) return undefined;
	const { manager, operation, apiVersion, subresource, time, fieldsType, fieldsV1 } = entry;
	if (operation !== "Apply" && operation !== "Update") return undefined;
	if (typeof apiVersion !== "string" || apiVersion === "" || fieldsType !== "FieldsV1") return undefined;
	const fields = decode(fieldsV1 ?? {});
	if (fields === undefined) return undefined;
	return {
		manager: typeof manager === "string" ? manager : "",
		operation,
		apiVersion,
		subresource: typeof subresource === "string" ? subresource : "",
		time: typeof time === "string" ? time : undefined,
		fields,
	};
}

function entryOf({ manager, operation, apiVersion, subresource, time, fields }: Owner) {
	return {
		manager,
		operation,
		apiVersion,
		...(time === undefined ? {} : { time }),
		fieldsType: "FieldsV1",
		fieldsV1: encode(fields),
		...(subresource === "" ? {} : { subresource }),
	};
}

/** Appliers first, then by time, oldest first; names settle the rest. */
function inOrder(one: Owner, other: Owner): number {
	for (const part of ["operation", "time", "manager", "apiVersion", "subresource"] as const) {
		const [a, b] = [one[part] ?? "", other[part] ?? ""];
		if (a !== b) return a < b ? -1 : 1;
	}
	return 0;
}
