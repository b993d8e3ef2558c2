/** What a request needs to know of a kind. */
export interface Kind {
	readonly apiVersion: string;
	readonly kind: string;
}

/** What a request needs to know of one object; any object is its own reference. */
export interface Reference extends Kind {
	readonly metadata: { readonly name: string; readonly namespace?: string };
}

/** An object as the API server answers it; a test names the type of the parts it reads. */
export interface KubeObject<Spec = unknown, Status = unknown> extends Reference {
	readonly metadata: {
		readonly name: string;
		readonly namespace?: string;
		readonly uid?: string;
		readonly generation?: number;
		readonly resourceVersion?: string;
		readonly deletionTimestamp?: string;
		readonly deletionGracePeriodSeconds?: number;
		readonly labels?: Readonly<Record<string, string>>;
		readonly annotations?: Readonly<Record<string, string>>;
		readonly ownerReferences?: readonly { readonly kind: string; readonly name: string; readonly uid: string }[];
	};
	readonly spec?: Spec;
	readonly status?: Status;
}

/** Undescribed parts of an object. */
export type Json = Readonly<Record<string, unknown>>;

/** One entry of `status.conditions`. */
export interface Condition {
	readonly type: string;
	readonly status: string;
	readonly reason?: string;
	readonly message?: string;
	readonly observedGeneration?: number;
}

/** The entry of that type, if there is one. */
export function conditionOf(conditions: readonly Condition[] | undefined, type: string): Condition | undefined {
	return conditions?.find((condition) => condition.type === type);
}
