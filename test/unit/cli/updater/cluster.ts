import { type KubeObject, keyOf, type ObjectRef } from "../../../../src/domain/kube-object.ts";
import type { KubeClient } from "../../../../src/kube/client.ts";
import { ApiError, ForbiddenError } from "../../../../src/kube/errors.ts";

export const NOW = Date.parse("2026-01-01T12:00:00.000Z");
export const digestOf = (letter: string) => `sha256:${letter.repeat(64)}`;

export interface ApiOptions {
	/** Verbs of kinds that are forbidden: `create ImageApproval`. */
	readonly forbidden?: readonly string[];
	/** Called after each patch, as the operator would act on it. */
	readonly onPatch?: (object: KubeObject) => KubeObject;
	readonly user?: string;
}

/** An API server of a few objects, for one user. */
export function apiOf(
	objects: readonly KubeObject[],
	{ forbidden = [], onPatch = (it) => it, user = "ada" }: ApiOptions = {},
) {
	const stored = new Map(objects.map((object) => [idOf(object), object]));
	const created: KubeObject[] = [];
	const allow = (verb: string, kind: string) => {
		if (forbidden.includes(`${verb} ${kind}`))
			throw new ForbiddenError(`${kind}: ${verb} is forbidden`, { status: 403, reason: "Forbidden" });
	};
	const found = (ref: ObjectRef) => {
		const object = stored.get(`${ref.kind} ${keyOf(ref)}`);
		if (object === undefined)
			throw new ApiError(`${ref.kind} "${ref.name}" not found`, { status: 404, reason: "NotFound" });
		return object;
	};
	const client = {
		async get(ref: ObjectRef) {
			allow("get", ref.kind);
			return found(ref);
		},
		async list({ kind }: { readonly kind: string }, { namespace }: { readonly namespace?: string | undefined } = {}) {
			allow("list", kind);
			const items = [...stored.values()].filter(
				(one) => one.kind === kind && (namespace === undefined || one.metadata.namespace === namespace),
			);
			return { items, resourceVersion: "1", continue: undefined };
		},
		async create(object: KubeObject) {
			allow("create", object.kind);
			if (object.kind === "SelfSubjectReview") return { ...object, status: { userInfo: { username: user } } };
			created.push(object);
			return object;
		},
		async patch(ref: ObjectRef, patch: object) {
			allow("patch", ref.kind);
			const before = found(ref);
			const { annotations = {} } = (patch as { metadata: { annotations?: object } }).metadata;
			const metadata = { ...before.metadata, annotations: { ...before.metadata.annotations, ...annotations } };
			const after = { ...before, metadata } as KubeObject;
			stored.set(idOf(after), onPatch(after));
			return after;
		},
		async delete(ref: ObjectRef) {
			allow("delete", ref.kind);
			stored.delete(`${ref.kind} ${keyOf(ref)}`);
		},
	} as unknown as KubeClient;
	return { client, created, stored: (id: string) => stored.get(id) };
}

function idOf({ kind, metadata }: KubeObject): string {
	return `${kind} ${keyOf(metadata)}`;
}

export function deployment(
	image: string,
	annotations: Readonly<Record<string, string>> = {},
	name = "cart",
): KubeObject {
	return {
		apiVersion: "apps/v1",
		kind: "Deployment",
		metadata: { namespace: "shop", name, annotations, generation: 1 },
		spec: { template: { spec: { containers: [{ name: "app", image }] } } },
	};
}

export function policy(spec: object, status?: object): KubeObject {
	return {
		apiVersion: "haldane.dev/v1beta1",
		kind: "ImagePolicy",
		metadata: { namespace: "shop", name: "cart", generation: 1 },
		spec: {
			targetRef: { apiVersion: "apps/v1", kind: "Deployment", name: "cart" },
			images: [{ containers: ["app"], policy: { type: "minor" } }],
			...spec,
		},
		...(status === undefined ? {} : { status }),
	};
}

/** A policy whose image 1.3.0 waits for approval. */
export function awaiting(required: number, record: object = {}, state = "AwaitingApproval"): KubeObject {
	const chosen = {
		tag: "1.3.0",
		digest: digestOf("a"),
		why: "minor chooses 1.3.0 after 1.2.0",
		at: "2026-01-01T11:00:00.000Z",
		state,
		deadline: "2026-01-01T13:00:00.000Z",
	};
	return policy({ approvals: { required } }, { images: [{ container: "app", role: "container", chosen, ...record }] });
}

/** The policy as the operator leaves it when it says what keeps its images from going on. */
export function hindered(object: KubeObject, reason: string, message: string): KubeObject {
	const at = { lastTransitionTime: "2026-01-01T11:30:00Z" };
	return {
		...object,
		status: { ...(object.status as object), conditions: [{ type: "Ready", status: "False", reason, message, ...at }] },
	};
}

export function approval(user: string, decision: "approve" | "reject", digest = digestOf("a")): KubeObject {
	return {
		apiVersion: "haldane.dev/v1beta1",
		kind: "ImageApproval",
		metadata: { namespace: "shop", name: `cart-${user}`, creationTimestamp: "2026-01-01T11:30:00Z" },
		spec: { image: "ghcr.io/acme/cart:1.3.0", digest, workload: { kind: "Deployment", name: "cart" }, decision, user },
	};
}
