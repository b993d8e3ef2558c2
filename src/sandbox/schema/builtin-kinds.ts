import type { ServedKind } from "../contract.ts";
import { definitionNameOf } from "./models/definition-names.ts";
import { schemaOf } from "./models/definition-schema.ts";

interface Row {
	readonly kind: string;
	readonly plural: string;
	readonly shortNames?: readonly string[];
	readonly categories?: readonly string[];
	/** Of a namespace, unless said. */
	readonly clusterWide?: true;
	readonly subresources?: readonly string[];
	/** The version that it is stored in, when it is not this one. */
	readonly storedAs?: string;
}

const all = ["all"];
const status = ["status"];
const apiExtensions = ["api-extensions"];

const autoscaler: Row = {
	...{ kind: "HorizontalPodAutoscaler", plural: "horizontalpodautoscalers", shortNames: ["hpa"] },
	...{ categories: all, subresources: status },
};

const table: Readonly<Record<string, readonly Row[]>> = {
	v1: [
		{ kind: "ConfigMap", plural: "configmaps", shortNames: ["cm"] },
		{ kind: "Endpoints", plural: "endpoints", shortNames: ["ep"] },
		{ kind: "Event", plural: "events", shortNames: ["ev"] },
		{ kind: "LimitRange", plural: "limitranges", shortNames: ["limits"] },
		{ kind: "Namespace", plural: "namespaces", shortNames: ["ns"], clusterWide: true, subresources: status },
		{ kind: "Node", plural: "nodes", shortNames: ["no"], clusterWide: true, subresources: status },
		{
			...{ kind: "PersistentVolumeClaim", plural: "persistentvolumeclaims", shortNames: ["pvc"] },
			subresources: status,
		},
		{
			...{ kind: "PersistentVolume", plural: "persistentvolumes", shortNames: ["pv"] },
			...{ clusterWide: true, subresources: status },
		},
		{
			...{ kind: "Pod", plural: "pods", shortNames: ["po"], categories: all },
			subresources: ["status", "binding", "eviction", "log"],
		},
		{
			...{ kind: "ReplicationController", plural: "replicationcontrollers", shortNames: ["rc"] },
			...{ categories: all, subresources: ["status", "scale"] },
		},
		{ kind: "ResourceQuota", plural: "resourcequotas", shortNames: ["quota"], subresources: status },
		{ kind: "Secret", plural: "secrets" },
		{ kind: "ServiceAccount", plural: "serviceaccounts", shortNames: ["sa"] },
		{ kind: "Service", plural: "services", shortNames: ["svc"], categories: all, subresources: status },
	],
	"apps/v1": [
		{ kind: "ControllerRevision", plural: "controllerrevisions" },
		{ kind: "DaemonSet", plural: "daemonsets", shortNames: ["ds"], categories: all, subresources: status },
		{ ...workload("Deployment", "deploy") },
		{ ...workload("ReplicaSet", "rs") },
		{ ...workload("StatefulSet", "sts") },
	],
	"autoscaling/v2": [autoscaler],
	"autoscaling/v1": [{ ...autoscaler, storedAs: "autoscaling/v2" }],
	"batch/v1": [
		{ kind: "CronJob", plural: "cronjobs", shortNames: ["cj"], categories: all, subresources: status },
		{ kind: "Job", plural: "jobs", categories: all, subresources: status },
	],
	"networking.k8s.io/v1": [
		{ kind: "IngressClass", plural: "ingressclasses", clusterWide: true },
		{ kind: "Ingress", plural: "ingresses", shortNames: ["ing"], subresources: status },
		{ kind: "NetworkPolicy", plural: "networkpolicies", shortNames: ["netpol"] },
	],
	"policy/v1": [
		{ kind: "PodDisruptionBudget", plural: "poddisruptionbudgets", shortNames: ["pdb"], subresources: status },
	],
	"rbac.authorization.k8s.io/v1": [
		{ kind: "ClusterRole", plural: "clusterroles", clusterWide: true },
		{ kind: "ClusterRoleBinding", plural: "clusterrolebindings", clusterWide: true },
		{ kind: "Role", plural: "roles" },
		{ kind: "RoleBinding", plural: "rolebindings" },
	],
	"coordination.k8s.io/v1": [{ kind: "Lease", plural: "leases" }],
	"discovery.k8s.io/v1": [{ kind: "EndpointSlice", plural: "endpointslices" }],
	"events.k8s.io/v1": [{ kind: "Event", plural: "events", shortNames: ["ev"], storedAs: "v1" }],
	"admissionregistration.k8s.io/v1": [
		{
			...{ kind: "ValidatingAdmissionPolicy", plural: "validatingadmissionpolicies" },
			...{ categories: apiExtensions, clusterWide: true, subresources: status },
		},
		{
			...{ kind: "ValidatingAdmissionPolicyBinding", plural: "validatingadmissionpolicybindings" },
			...{ categories: apiExtensions, clusterWide: true },
		},
	],
	"apiextensions.k8s.io/v1": [
		{
			...{ kind: "CustomResourceDefinition", plural: "customresourcedefinitions", shortNames: ["crd", "crds"] },
			...{ categories: apiExtensions, clusterWide: true, subresources: status },
		},
	],
};

/** Every kind that is there before any CustomResourceDefinition is; of kinds with two versions, both. */
export const builtinKinds: readonly ServedKind[] = Object.entries(table).flatMap(([apiVersion, rows]) =>
	rows.map((row) => servedKind(apiVersion, row)),
);

function servedKind(apiVersion: string, row: Row): ServedKind {
	const { kind } = row;
	return {
		apiVersion,
		kind,
		plural: row.plural,
		singular: kind.toLowerCase(),
		shortNames: row.shortNames ?? [],
		categories: row.categories ?? [],
		namespaced: row.clusterWide !== true,
		subresources: row.subresources ?? [],
		storedAs: row.storedAs ?? apiVersion,
		// Not before it is asked for: most who start the sandbox's program run something else of it.
		get schema() {
			return schemaOf(definitionNameOf({ apiVersion, kind }));
		},
	};
}

function workload(kind: string, shortName: string): Row {
	const plural = `${kind.toLowerCase()}s`;
	return { kind, plural, shortNames: [shortName], categories: all, subresources: ["status", "scale"] };
}
