import type { KubeObject, ObjectRef } from "../domain/kube-object.ts";

/** A kind by its two names. */
export interface KindRef {
	/** `v1`, or `group/version`. */
	readonly apiVersion: string;
	readonly kind: string;
}

/** A kind as the sandbox serves it, in one version. */
export interface ServedKind extends KindRef {
	readonly plural: string;
	readonly singular: string;
	readonly shortNames: readonly string[];
	readonly categories: readonly string[];
	readonly namespaced: boolean;
	/** Of `status` and `scale`, and for pods `binding`, `log` and `eviction`. */
	readonly subresources: readonly string[];
	/** The group and version that it is stored in; the same as `apiVersion` for all but a few custom resources. */
	readonly storedAs: string;
	/** What its objects may say; undefined: anything. */
	readonly schema: Schema | undefined;
}

/**
 * A node of an OpenAPI schema with the extensions of Kubernetes. The nodes of built-in kinds form a graph with cycles and
 * are made when they are first asked for: walk them along an object, never all of them.
 */
export interface Schema {
	readonly type?: "object" | "array" | "string" | "integer" | "number" | "boolean";
	readonly format?: string;
	readonly description?: string;
	readonly properties?: Readonly<Record<string, Schema>>;
	/** `true`: values of any kind. */
	readonly additionalProperties?: Schema | boolean;
	readonly items?: Schema;
	readonly required?: readonly string[];
	readonly default?: unknown;
	readonly nullable?: boolean;
	readonly enum?: readonly unknown[];
	readonly "x-kubernetes-list-type"?: "atomic" | "set" | "map";
	readonly "x-kubernetes-list-map-keys"?: readonly string[];
	readonly "x-kubernetes-map-type"?: "atomic" | "granular";
	readonly "x-kubernetes-patch-strategy"?: string;
	readonly "x-kubernetes-patch-merge-key"?: string;
	readonly "x-kubernetes-int-or-string"?: boolean;
	readonly "x-kubernetes-preserve-unknown-fields"?: boolean;
	readonly "x-kubernetes-embedded-resource"?: boolean;
	readonly "x-kubernetes-validations"?: readonly { readonly rule: string; readonly message?: string }[];
	/** The name in the OpenAPI documents, such as `io.k8s.api.apps.v1.DeploymentSpec`; only of nodes that have one there. */
	readonly "x-haldane-definition"?: string;
	readonly [keyword: string]: unknown;
}

/** One column of `kubectl get`, as a CustomResourceDefinition says it. */
export interface PrinterColumn {
	readonly name: string;
	/** `string`, `integer`, `number`, `boolean` or `date`. */
	readonly type: string;
	readonly format?: string;
	/** Begins with a dot. */
	readonly jsonPath: string;
	/** Above 0: only in wide tables. */
	readonly priority?: number;
	readonly description?: string;
}

/** What became of an object. */
export interface WatchEvent {
	readonly type: "ADDED" | "MODIFIED" | "DELETED";
	readonly object: KubeObject;
}

/** Which objects of a kind; without a namespace, all of them. */
export interface Selection {
	readonly namespace?: string;
	/** Every one of these labels. */
	readonly labels?: Readonly<Record<string, string>>;
}

/**
 * The sandbox's API for its own parts, in the same process: what a client-go client is to a controller. Objects are shared
 * and never changed in place. Throws Refusal for whatever the API server would refuse.
 */
export interface SandboxApi {
	get(ref: ObjectRef): KubeObject | undefined;
	list(kind: KindRef, selection?: Selection): readonly KubeObject[];
	/** With `metadata.generateName` in place of a name, one is made up. */
	create(object: KubeObject): KubeObject;
	/** The whole object; with `metadata.resourceVersion`, only if it still has that. */
	update(object: KubeObject): KubeObject;
	/** Replaces the status alone by what `change` makes of the present one; undefined when the object is gone. Writes nothing when nothing differs. */
	changeStatus(ref: ObjectRef, change: (status: Json) => Json): KubeObject | undefined;
	/** A JSON merge patch of everything but the status. */
	patch(ref: ObjectRef, patch: Json): KubeObject;
	/** What is gone already is deleted. `graceSeconds` 0 takes a pod away for good. */
	delete(
		ref: ObjectRef,
		options?: { readonly uid?: string; readonly propagation?: Propagation; readonly graceSeconds?: number },
	): void;
	/** Tells of each object that is there, as ADDED, then of every change, in order and never while it is being called. Returns how to end it. */
	watch(kind: KindRef, listener: (event: WatchEvent) => void): () => void;
}

/** Who asks for something. */
export interface Asker {
	readonly username: string;
	readonly groups: readonly string[];
	readonly uid?: string;
	readonly extra?: Readonly<Record<string, readonly string[]>>;
}

/** What somebody is about to do, as admission policies are asked about it. */
export interface Deed {
	readonly operation: "CREATE" | "UPDATE" | "DELETE";
	/** What is written, in the version that was asked for. */
	readonly kind: ServedKind;
	/** The same objects as other groups and versions serve them. */
	readonly alsoServed: readonly ServedKind[];
	/** Empty: the object itself. */
	readonly subresource: string;
	/** What is sent to the subresource when it is no object of `kind`, such as a Scale. */
	readonly sent?: KindRef;
	/** Of a namespace, its own name; undefined for whatever lies in none. */
	readonly namespace: string | undefined;
	readonly name: string;
	/** As it will be; undefined: it will be deleted. */
	readonly object: KubeObject | undefined;
	/** As it is; undefined: it is to be made. */
	readonly oldObject: KubeObject | undefined;
	/** The namespace as it is; undefined where there is none yet. */
	readonly home: KubeObject | undefined;
	readonly asker: Asker;
	readonly dryRun: boolean;
}

export type Propagation = "Background" | "Foreground" | "Orphan";

export type Json = { readonly [field: string]: unknown };

/** Why the API refuses a request, in the form of its `Status`: code, reason and details are those of a real API server. */
export class Refusal extends Error {
	override readonly name = "Refusal";
	readonly code: number;
	/** Such as `NotFound`, `AlreadyExists`, `Conflict`, `Invalid`, `BadRequest`, `Expired`. */
	readonly reason: string;
	readonly details: Json | undefined;

	constructor(code: number, reason: string, message: string, details?: Json) {
		super(message);
		this.code = code;
		this.reason = reason;
		this.details = details;
	}
}

/** Something that goes on until it is stopped. */
export interface Running {
	stop(): Promise<void>;
}

/** How a program in a pod behaves: what its image's tag or its environment says, or a person has set. */
export interface Behaviour {
	/** What it answers with. */
	readonly text: string;
	/** 0 to 1: the share of requests that it answers with a 500. */
	readonly errorRate: number;
	/** Milliseconds, of the middle and of the slowest hundredth of its answers. */
	readonly p50Ms: number;
	readonly p99Ms: number;
	/** `start`: it becomes ready. Else as kubelet says it of an image that is not there, or of a program that ends. */
	readonly start: "ready" | "ImagePullBackOff" | "CrashLoopBackOff" | "never ready";
	/** Milliseconds from being started to being ready. */
	readonly readyAfterMs: number;
}

/** Where requests to a port of a Service can be sent now: a pod's own server on loopback. */
export interface Endpoint {
	readonly pod: string;
	readonly host: string;
	readonly port: number;
}

/** The addresses behind Services, as the cluster's EndpointSlices say; for the gateway. */
export interface Endpoints {
	/** Ready endpoints of that Service's port; undefined when there is no such Service or port. */
	of(namespace: string, service: string, port: number): readonly Endpoint[] | undefined;
}
