import type { KubeObject } from "../../../../src/domain/kube-object.ts";
import type { Schema } from "../../../../src/sandbox/contract.ts";

const text: Schema = { type: "string" };
const whole: Schema = { type: "integer", format: "int32" };

function struct(properties: Readonly<Record<string, Schema>>): Schema {
	return { type: "object", properties };
}

function listOf(items: Schema, keys?: readonly string[]): Schema {
	const list: Schema = { type: "array", items };
	if (keys === undefined) return list;
	return {
		...list,
		"x-kubernetes-list-type": "map",
		"x-kubernetes-list-map-keys": keys,
		"x-kubernetes-patch-strategy": "merge",
		...(keys[0] === undefined ? {} : { "x-kubernetes-patch-merge-key": keys[0] }),
	};
}

const port = struct({
	containerPort: whole,
	name: text,
	protocol: { type: "string", default: "TCP" },
});

const container = struct({
	name: text,
	image: text,
	args: { ...listOf(text), "x-kubernetes-list-type": "atomic" },
	env: listOf(struct({ name: text, value: text }), ["name"]),
	ports: listOf(port, ["containerPort", "protocol"]),
	resources: struct({ limits: { type: "object", additionalProperties: text } }),
});

const selector: Schema = {
	...struct({ matchLabels: { type: "object", additionalProperties: text } }),
	"x-kubernetes-map-type": "atomic",
};

/** What matters of a Deployment's schema: lists by key, atomic ones, an atomic map, and one that replaces. */
export const deploymentSchema: Schema = {
	"x-haldane-definition": "io.k8s.api.apps.v1.Deployment",
	...struct({
		apiVersion: text,
		kind: text,
		metadata: { type: "object" },
		spec: struct({
			replicas: whole,
			paused: { type: "boolean" },
			selector,
			strategy: {
				...struct({ type: text, rollingUpdate: struct({ maxSurge: whole, maxUnavailable: whole }) }),
				"x-kubernetes-patch-strategy": "retainKeys",
			},
			template: struct({
				metadata: struct({
					labels: { type: "object", additionalProperties: text },
					annotations: { type: "object", additionalProperties: text },
				}),
				spec: struct({
					containers: listOf(container, ["name"]),
					tolerations: { ...listOf(struct({ key: text, effect: text })), "x-kubernetes-list-type": "atomic" },
					nodeSelector: { type: "object", additionalProperties: text, "x-kubernetes-map-type": "atomic" },
				}),
			}),
		}),
		status: struct({ readyReplicas: whole }),
	}),
};

export const serviceSchema = struct({
	metadata: { type: "object" },
	spec: struct({
		selector: { type: "object", additionalProperties: text, "x-kubernetes-map-type": "atomic" },
		ports: listOf(
			struct({ name: text, port: whole, protocol: { type: "string", default: "TCP" }, targetPort: whole }),
			["port", "protocol"],
		),
	}),
});

/** Without a spec when there is nothing in it. */
export function deployment(
	spec: Readonly<Record<string, unknown>>,
	metadata: Readonly<Record<string, unknown>> = {},
): KubeObject {
	const meta = { name: "cart", namespace: "shop", ...metadata };
	const object = { apiVersion: "apps/v1", kind: "Deployment", metadata: meta };
	return Object.keys(spec).length === 0 ? object : { ...object, spec };
}

export function service(spec: Readonly<Record<string, unknown>>): KubeObject {
	return { apiVersion: "v1", kind: "Service", metadata: { name: "cart", namespace: "shop" }, spec };
}

/** A Deployment whose pods have these containers. */
export function podsOf(containers: readonly Readonly<Record<string, unknown>>[]): Readonly<Record<string, unknown>> {
	return { template: { spec: { containers } } };
}

export interface Entry {
	readonly manager: string;
	readonly operation: string;
	readonly apiVersion: string;
	readonly time?: string;
	readonly fieldsV1: unknown;
	readonly subresource?: string;
}

export function entriesOf(object: KubeObject): readonly Entry[] {
	return (object.metadata.managedFields ?? []) as readonly Entry[];
}

/** Each owner's fields as `manager Operation`. */
export function ownedIn(object: KubeObject): Record<string, unknown> {
	return Object.fromEntries(
		entriesOf(object).map(({ manager, operation, subresource, fieldsV1 }) => [
			`${manager} ${operation}${subresource === undefined ? "" : ` ${subresource}`}`,
			fieldsV1,
		]),
	);
}
