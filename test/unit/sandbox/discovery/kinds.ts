import type { Schema, ServedKind } from "../../../../src/sandbox/contract.ts";

/** A served kind with nothing but names, and whatever a test says of it. */
export function served(apiVersion: string, kind: string, more: Partial<ServedKind> = {}): ServedKind {
	return {
		...{ apiVersion, kind, plural: `${kind.toLowerCase()}s`, singular: kind.toLowerCase(), shortNames: [] },
		...{ categories: [], namespaced: true, subresources: [], storedAs: apiVersion, schema: undefined },
		...more,
	};
}

const podSpec: Schema = {
	type: "object",
	"x-haldane-definition": "io.k8s.test.PodSpec",
	properties: {
		containers: {
			type: "array",
			"x-kubernetes-list-type": "map",
			"x-kubernetes-list-map-keys": ["name"],
			items: { type: "object", properties: { name: { type: "string" } } },
		},
	},
};

/** A definition that is made of itself, as that of a CustomResourceDefinition's schema is. */
const endless: Schema = {
	type: "object",
	"x-haldane-definition": "io.k8s.test.Endless",
	get properties() {
		return { inner: endless };
	},
};

export const pod = served("v1", "Pod", {
	shortNames: ["po"],
	categories: ["all"],
	subresources: ["status", "log", "eviction"],
	schema: {
		type: "object",
		description: "A pod.",
		"x-haldane-definition": "io.k8s.test.Pod",
		properties: { spec: { ...podSpec, description: "What runs.", default: {} }, endless },
	},
});
export const deployment = served("apps/v1", "Deployment", {
	shortNames: ["deploy"],
	subresources: ["status", "scale"],
});
export const kinds: readonly ServedKind[] = [
	...[pod, served("v1", "Node", { namespaced: false }), deployment],
	...["v1alpha1", "v2beta1", "v1", "v10", "v2", "odd"].map((version) => served(`ex.dev/${version}`, "Foo")),
];
