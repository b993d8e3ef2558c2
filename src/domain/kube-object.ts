/** Any object of the Kubernetes API, as its JSON says. Never changed in place: caches share it. */
export interface KubeObject {
	readonly apiVersion: string;
	readonly kind: string;
	readonly metadata: ObjectMeta;
	readonly [field: string]: unknown;
}

export interface ObjectMeta {
	readonly name: string;
	readonly namespace?: string;
	readonly uid?: string;
	readonly resourceVersion?: string;
	readonly generation?: number;
	readonly creationTimestamp?: string;
	readonly deletionTimestamp?: string;
	readonly labels?: Readonly<Record<string, string>>;
	readonly annotations?: Readonly<Record<string, string>>;
	readonly ownerReferences?: readonly OwnerReference[];
	readonly finalizers?: readonly string[];
	readonly [field: string]: unknown;
}

export interface OwnerReference {
	readonly apiVersion: string;
	readonly kind: string;
	readonly name: string;
	readonly uid: string;
	readonly controller?: boolean;
	readonly blockOwnerDeletion?: boolean;
}

/** Which object: enough to build its URL once discovery has said the plural. */
export interface ObjectRef {
	readonly apiVersion: string;
	readonly kind: string;
	readonly namespace?: string;
	readonly name: string;
}

/** `namespace/name`, or `name` for what lives in no namespace: the key of caches and queues. */
export type ObjectKey = string;

export function keyOf(ref: { readonly namespace?: string | undefined; readonly name: string }): ObjectKey {
	return ref.namespace === undefined ? ref.name : `${ref.namespace}/${ref.name}`;
}

export function refOf({ apiVersion, kind, metadata: { namespace, name } }: KubeObject): ObjectRef {
	return { apiVersion, kind, ...(namespace === undefined ? {} : { namespace }), name };
}

/** Sorts the oldest first, and those of one second by name. */
export function byAge(one: KubeObject, other: KubeObject): number {
	const age = ({ metadata }: KubeObject) => `${metadata.creationTimestamp ?? ""} ${metadata.name}`;
	return age(one) < age(other) ? -1 : 1;
}

/** `Deployment shop/cart`, as every message names an object. */
export function describeRef(ref: ObjectRef): string {
	return `${ref.kind} ${keyOf(ref)}`;
}
