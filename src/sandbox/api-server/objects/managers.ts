import type { KubeObject } from "../../../domain/kube-object.ts";
import type { Json, ServedKind } from "../../contract.ts";
import { timeOf, type World } from "./world.ts";

interface Change {
	readonly kind: ServedKind;
	/** Undefined: it is new. */
	readonly live: KubeObject | undefined;
	/** As it will be stored, with the managedFields that the client sent. */
	readonly object: KubeObject;
	/** Empty for the object itself. */
	readonly subresource: string;
}

/** What is filled in after it has been noted who owns which field: it is nobody's, unless it was sent. */
const filledInLast: Readonly<Record<string, readonly (readonly string[])[]>> = {
	Service: ["clusterIP", "clusterIPs", "ipFamilies", "ipFamilyPolicy"].map((field) => ["spec", field]),
	Pod: ["tolerations", "priority", "preemptionPolicy"].map((field) => ["spec", field]),
	Namespace: [["spec"]],
	Job: [
		["metadata", "labels"],
		["spec", "selector"],
		["spec", "template", "metadata"],
	],
};

/** As `withManagers`, of a new object, which came in as `sent`. */
export function withCreator(
	world: World,
	{ kind, object, sent }: { readonly kind: ServedKind; readonly object: KubeObject; readonly sent: KubeObject },
	manager: string,
): KubeObject {
	const paths = world.kinds.definitionOf(kind) === undefined ? (filledInLast[kind.kind] ?? []) : [];
	const { status, ...rest } = object;
	const written = kind.subresources.includes("status") ? rest : object;
	const asSent = paths.reduce<Json>((one, path) => withAt(one, path, valueAt(sent, path)), written) as KubeObject;
	const { metadata } = withManagers(world, { kind, live: undefined, object: asSent, subresource: "" }, manager);
	return withManagedFields(object, metadata.managedFields);
}

function valueAt(object: unknown, path: readonly string[]): unknown {
	return path.reduce<unknown>((value, field) => (value as Json | undefined)?.[field], object);
}

/** With that value at the path; undefined takes it away. What is not there on the way stays so. */
function withAt(object: Json, [field = "", ...rest]: readonly string[], value: unknown): Json {
	const { [field]: before, ...others } = object;
	if (rest.length > 0)
		return before === undefined ? object : { ...object, [field]: withAt(before as Json, rest, value) };
	return value === undefined ? others : { ...object, [field]: value };
}

/** The object with what it says of who owns which field brought up to date by a write that is no apply. */
export function withManagers(world: World, change: Change, manager: string): KubeObject {
	const { kind, live, object, subresource } = change;
	const { schema } = kind;
	return world.rules.trackUpdate({ live, updated: object, manager, schema, subresource, now: timeOf(world) });
}

export function withManagedFields(object: KubeObject, managedFields: unknown): KubeObject {
	const { managedFields: _dropped, ...metadata } = object.metadata;
	return { ...object, metadata: managedFields === undefined ? metadata : { ...metadata, managedFields } };
}
