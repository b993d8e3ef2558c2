import type { KubeObject } from "../../domain/kube-object.ts";

/** The parts of an HTTPRoute that we read. What else a part holds is another's, and is kept. */
export interface HttpRouteSpec {
	readonly parentRefs?: readonly ParentRef[];
	readonly hostnames?: readonly string[];
	readonly rules?: readonly Rule[];
}

export interface ParentRef {
	/** Absent or `core` where writers mean a Service by it. */
	readonly group?: string;
	readonly kind?: string;
	readonly namespace?: string;
	readonly name: string;
	readonly sectionName?: string;
	readonly port?: number;
}

export interface Rule {
	readonly matches?: readonly object[];
	readonly filters?: readonly Filter[];
	readonly backendRefs?: readonly BackendRef[];
	readonly [field: string]: unknown;
}

export interface BackendRef {
	readonly group?: string;
	readonly kind?: string;
	readonly namespace?: string;
	readonly name: string;
	readonly port?: number;
	/** 1 when absent; relative to the others of the rule. */
	readonly weight?: number;
	readonly [field: string]: unknown;
}

export interface Filter {
	readonly type: string;
	readonly requestMirror?: {
		readonly backendRef: BackendRef;
		readonly percent?: number;
		readonly fraction?: { readonly numerator: number; readonly denominator?: number };
	};
	readonly [field: string]: unknown;
}

export function specOf(existing: KubeObject | undefined): HttpRouteSpec {
	return (existing?.spec ?? {}) as HttpRouteSpec;
}

export function rulesOf(existing: KubeObject | undefined): readonly Rule[] {
	return specOf(existing).rules ?? [];
}
