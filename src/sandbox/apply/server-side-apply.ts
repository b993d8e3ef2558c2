import { isDeepStrictEqual } from "node:util";
import type { KubeObject } from "../../domain/kube-object.ts";
import { Refusal, type Schema } from "../contract.ts";
import { compare } from "./compare.ts";
import { refuseConflicts } from "./conflicts.ts";
import { checkDeclared } from "./declared.ts";
import { difference, type FieldSet, intersection, isEmpty, nothing, union } from "./field-set.ts";
import { fieldSetOf, withNamedFields } from "./field-set-of.ts";
import { fieldsAppliedByClient, movingManager, withAppliedByClient } from "./last-applied.ts";
import {
	areSameOwners,
	inWholeSeconds,
	isSameOwner,
	type Owner,
	ownersIn,
	withOwners,
	withoutNobodys,
	withoutOwners,
} from "./managed-fields.ts";
import { mergeApplied } from "./merge-applied.ts";
import { removeFields } from "./remove-fields.ts";
import { schemaOfObject } from "./schema-walk.ts";
import { ownersBeforeFirstApply } from "./track-update.ts";

export interface Apply {
	/** Undefined: it is created. */
	readonly live: KubeObject | undefined;
	/** What the manager wants to be so, and nothing else. */
	readonly applied: KubeObject;
	readonly manager: string;
	/** Takes fields from whoever owns them. */
	readonly force: boolean;
	readonly schema: Schema | undefined;
	/** Empty for the object itself. */
	readonly subresource: string;
	/** RFC 3339. */
	readonly now: string;
}

/**
 * The live object with what is applied, and without what the manager applied before, applies no longer and nobody else
 * owns; its managedFields say so. Gives back `live` itself when nothing would differ. The manager `kubectl` may take over
 * what it has applied without the server, and has its annotation about that kept up to date.
 * Throws Refusal: 400 for an applied object with managedFields, 409 for fields that others own with other values,
 * 500 for what the schema doesn't know.
 */
export function applyServerSide({ live, applied, manager, force, schema, subresource, now }: Apply): KubeObject {
	const root = schemaOfObject(schema);
	const config = configurationIn(applied);
	checkDeclared(config, root);
	const own = { manager, operation: "Apply" as const, apiVersion: applied.apiVersion, subresource };
	const owners = live === undefined ? [] : ownersOf(live, schema, now);
	const previous = owners.find((owner) => isSameOwner(owner, own));
	const others = owners.filter((owner) => owner !== previous);

	const present = live === undefined ? undefined : withoutOwners(live);
	const applies = fieldSetOf(config, root);
	const merged = mergeApplied(present, config, root);
	const owned = others.reduce((all, { fields }) => union(all, fields), applies);
	const next = prune(merged, previous?.fields ?? nothing, owned, root) as KubeObject;

	const { added, modified, removed } = compare(present ?? {}, next, root);
	const set = union(added, modified);
	if (!force) {
		const moving = manager === movingManager ? fieldsAppliedByClient(present, root) : nothing;
		refuseConflicts(others, difference(set, moving));
	}
	const taken = union(set, removed);
	const left = others
		.map((owner) => ({ ...owner, fields: difference(owner.fields, taken) }))
		.filter(({ fields }) => !isEmpty(fields));
	const applier: Owner = { ...own, time: inWholeSeconds(now), fields: withoutNobodys(applies) };
	const after = isEmpty(applier.fields) ? left : [...left, applier];
	const isSame = live !== undefined && areSameOwners(owners, after) && isDeepStrictEqual(present, next);
	const result = isSame ? live : withOwners(next, after);
	return manager === movingManager ? withAppliedByClient(result, config) : result;
}

function configurationIn(applied: KubeObject): KubeObject {
	const { managedFields } = applied.metadata;
	if (Array.isArray(managedFields) && managedFields.length > 0) {
		throw new Refusal(400, "BadRequest", "metadata.managedFields must be nil");
	}
	// Templates say `creationTimestamp: null`; that means nothing, least of all that it shall go.
	const metadata = Object.entries(applied.metadata).filter(([key, value]) => key !== "managedFields" && value !== null);
	return { ...applied, metadata: Object.fromEntries(metadata) as KubeObject["metadata"] };
}

function ownersOf(live: KubeObject, schema: Schema | undefined, now: string): readonly Owner[] {
	const owners = ownersIn(live.metadata.managedFields);
	return owners.length > 0 ? owners : ownersBeforeFirstApply(live, schema, now);
}

/**
 * Takes out of the merged object what is in `previous` and not `owned`, with what is below that, unless somebody owns
 * some of it.
 */
function prune(merged: unknown, previous: FieldSet, owned: FieldSet, schema: Schema): unknown {
	if (isEmpty(previous)) return merged;
	const fieldsOf = (object: unknown) => withNamedFields(fieldSetOf(object, schema), schema);
	const last = withNamedFields(previous, schema);
	const all = fieldsOf(merged);
	// First without everything of before, then with what is owned back in; what went, and was this manager's, goes.
	const bare = fieldsOf(removeFields(merged, last, schema));
	const kept = union(bare, withNamedFields(owned, schema));
	const rest = fieldsOf(removeFields(merged, difference(all, kept), schema));
	return removeFields(merged, intersection(difference(all, rest), last), schema);
}
