import type { KubeObject } from "../domain/kube-object.ts";

/** A kind of a mesh, as much of it as the API server has to know: the gateway reads the rest. */
interface MeshKind {
	readonly group: string;
	readonly kind: string;
	readonly plural: string;
	readonly shortNames?: readonly string[];
	readonly isClusterScoped?: boolean;
	/** Served versions; the first is stored. */
	readonly versions: readonly string[];
	readonly hasStatus: boolean;
	readonly columns: readonly { readonly name: string; readonly type: string; readonly jsonPath: string }[];
}

const ROUTE_COLUMNS = [
	{ name: "Hostnames", type: "string", jsonPath: ".spec.hostnames" },
	{ name: "Age", type: "date", jsonPath: ".metadata.creationTimestamp" },
];

const kinds: readonly MeshKind[] = [
	{
		group: "gateway.networking.k8s.io",
		kind: "GatewayClass",
		plural: "gatewayclasses",
		shortNames: ["gc"],
		isClusterScoped: true,
		versions: ["v1", "v1beta1"],
		hasStatus: true,
		columns: [
			{ name: "Controller", type: "string", jsonPath: ".spec.controllerName" },
			{ name: "Accepted", type: "string", jsonPath: '.status.conditions[?(@.type=="Accepted")].status' },
			{ name: "Age", type: "date", jsonPath: ".metadata.creationTimestamp" },
		],
	},
	{
		group: "gateway.networking.k8s.io",
		kind: "Gateway",
		plural: "gateways",
		shortNames: ["gtw"],
		versions: ["v1", "v1beta1"],
		hasStatus: true,
		columns: [
			{ name: "Class", type: "string", jsonPath: ".spec.gatewayClassName" },
			{ name: "Address", type: "string", jsonPath: ".status.addresses[*].value" },
			{ name: "Programmed", type: "string", jsonPath: '.status.conditions[?(@.type=="Programmed")].status' },
			{ name: "Age", type: "date", jsonPath: ".metadata.creationTimestamp" },
		],
	},
	{
		group: "gateway.networking.k8s.io",
		kind: "HTTPRoute",
		plural: "httproutes",
		versions: ["v1", "v1beta1"],
		hasStatus: true,
		columns: ROUTE_COLUMNS,
	},
	{
		group: "split.smi-spec.io",
		kind: "TrafficSplit",
		plural: "trafficsplits",
		shortNames: ["ts"],
		versions: ["v1alpha2", "v1alpha1", "v1alpha3", "v1alpha4"],
		hasStatus: false,
		columns: [{ name: "Service", type: "string", jsonPath: ".spec.service" }],
	},
];

/**
 * The kinds of the Gateway API and of SMI that the operator writes and the sandbox's gateway obeys, as custom resources
 * that take whatever is written. As in the projects' own definitions, a list is owned as a whole.
 */
export const meshCrds: readonly KubeObject[] = kinds.map(definitionOf);

function definitionOf(mesh: MeshKind): KubeObject {
	const anything = { type: "object", "x-kubernetes-preserve-unknown-fields": true };
	const schema = {
		type: "object",
		required: ["spec"],
		properties: { spec: anything, ...(mesh.hasStatus ? { status: anything } : {}) },
	};
	return {
		apiVersion: "apiextensions.k8s.io/v1",
		kind: "CustomResourceDefinition",
		metadata: { name: `${mesh.plural}.${mesh.group}` },
		spec: {
			group: mesh.group,
			scope: mesh.isClusterScoped ? "Cluster" : "Namespaced",
			names: {
				kind: mesh.kind,
				listKind: `${mesh.kind}List`,
				plural: mesh.plural,
				singular: mesh.kind.toLowerCase(),
				...(mesh.shortNames === undefined ? {} : { shortNames: mesh.shortNames }),
				categories: mesh.group.startsWith("gateway") ? ["gateway-api"] : [],
			},
			versions: mesh.versions.map((name, index) => ({
				name,
				served: true,
				storage: index === 0,
				schema: { openAPIV3Schema: schema },
				...(mesh.hasStatus ? { subresources: { status: {} } } : {}),
				additionalPrinterColumns: mesh.columns,
			})),
		},
	};
}
