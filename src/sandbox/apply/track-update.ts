import type { KubeObject } from "../../domain/kube-object.ts";
import type { Schema } from "../contract.ts";
import { compare } from "./compare.ts";
import { difference, type FieldSet, isEmpty, nothing, union } from "./field-set.ts";
import {
	cap,
	inWholeSeconds,
	isSameOwner,
	type Owner,
	ownersIn,
	withOwners,
	withoutNobodys,
	withoutOwners,
} from "./managed-fields.ts";
import { isBlank, isMap, schemaOfObject } from "./schema-walk.ts";

/** A write that is no apply. */
export interface Update {
	/** Undefined: it is created. */
	readonly live: KubeObject | undefined;
	/** As it will be stored, with the managedFields that the client sent. */
	readonly updated: KubeObject;
	readonly manager: string;
	readonly schema: Schema | undefined;
	/** Empty for the object itself. */
	readonly subresource: string;
	/** RFC 3339. */
	readonly now: string;
}

/**
 * The updated object with its managedFields brought up to date: what is new or other than in `live` is the manager's and
 * nobody else's, what is gone is nobody's. An object without managedFields stays without them until it is applied.
 * Sent managedFields stand, so that clients can move fields between owners; not through a subresource, nor when they
 * can't be read. `[]` and `[{}]` take them all away.
 */
export function trackUpdate(update: Update): KubeObject {
	const { live, updated, schema, subresource } = update;
	const owners = ownersBefore(live, updated, subresource);
	if (live !== undefined && owners.length === 0) return withoutOwners(updated);
	const root = schemaOfObject(schema);
	const before = live === undefined ? {} : withoutOwners(live);
	const { added, modified, removed } = compare(before, withoutOwners(updated), root);
	const set = union(added, modified);
	const taken = union(set, removed);
	const left = owners.map((owner) => ({ ...owner, fields: difference(owner.fields, taken) }));
	const own = withoutNobodys(live === undefined && isBuiltin(root) ? withoutBareFields(set) : set);
	return withOwners(updated, cap(withUpdater(left, { ...update, fields: own })));
}

/** Who owns what, for an object that has been written before anyone kept a record of it. */
export function ownersBeforeFirstApply(live: KubeObject, schema: Schema | undefined, now: string): readonly Owner[] {
	const update = { live: undefined, updated: live, manager: "before-first-apply", schema, subresource: "", now };
	return ownersIn(trackUpdate({ ...update, updated: withoutOwners(live) }).metadata.managedFields);
}

function ownersBefore(live: KubeObject | undefined, updated: KubeObject, subresource: string): readonly Owner[] {
	const sent = updated.metadata.managedFields;
	if (subresource === "") {
		if (Array.isArray(sent) && (sent.length === 0 || (sent.length === 1 && isMap(sent[0]) && isBlank(sent[0]))))
			return [];
		const owners = ownersIn(sent);
		if (owners.length > 0) return owners;
	}
	return ownersIn(live?.metadata.managedFields);
}

function withUpdater(
	owners: readonly Owner[],
	{ updated, manager, subresource, now, fields }: Update & { readonly fields: FieldSet },
): readonly Owner[] {
	const owning = owners.filter((owner) => !isEmpty(owner.fields));
	if (isEmpty(fields)) return owning;
	const updater = { manager, operation: "Update" as const, apiVersion: updated.apiVersion, subresource };
	const previous = owning.find((owner) => isSameOwner(owner, updater));
	const owned: Owner = { ...updater, time: inWholeSeconds(now), fields: union(previous?.fields ?? nothing, fields) };
	return [...owning.filter((owner) => owner !== previous), owned];
}

/** Whoever creates an object of a built-in kind owns what is in these, not themselves: it has them all, if only as `{}` or `null`. */
const bareFields: ReadonlySet<string> = new Set(
	[
		...["spec", "status", "template", "metadata", "jobTemplate", "strategy", "updateStrategy", "loadBalancer"],
		...["scaleTargetRef", "source", "containers", "versions"],
	].map((field) => `f:${field}`),
);

function isBuiltin(schema: Schema): boolean {
	return schema["x-haldane-definition"]?.startsWith("io.k8s.") ?? false;
}

/** Entries of lists are none of every object's, nor what is in them. */
function withoutBareFields(set: FieldSet): FieldSet {
	const children = new Map<string, FieldSet>();
	for (const [name, child] of set.children) {
		const kept = bareFields.has(name) ? withoutBareFields({ ...child, itself: false }) : child;
		if (!isEmpty(kept)) children.set(name, kept);
	}
	return { itself: set.itself, children };
}
