import type { ServedKind } from "../contract.ts";
import { schemaOfModel } from "./models/model-schema.ts";

interface Row {
	/** The client's class. */
	readonly model: string;
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

const table: Readonly<Record<string, readonly Row[]>> = {
	v1: [
		{ model: "V1ConfigMap", plural: "configmaps", shortNames: ["cm"] },
		{ model: "V1Endpoints", plural: "endpoints", shortNames: ["ep"] },
		{ model: "CoreV1Event", plural: "events", shortNames: ["ev"] },
		{ model: "V1Namespace", plural: "namespaces", shortNames: ["ns"], clusterWide: true, subresources: status },
		{ model: "V1Node", plural: "nodes", shortNames: ["no"], clusterWide: true, subresources: status },
		{
			...{ model: "V1Pod", plural: "pods", shortNames: ["po"], categories: all },
			subresources: ["status", "binding", "eviction", "log"],
		},
		{ model: "V1Secret", plural: "secrets" },
		{ model: "V1ServiceAccount", plural: "serviceaccounts", shortNames: ["sa"] },
		{ model: "V1Service", plural: "services", shortNames: ["svc"], categories: all, subresources: status },
	],
	"apps/v1": [
		{ model: "V1ControllerRevision", plural: "controllerrevisions" },
		{ model: "V1DaemonSet", plural: "daemonsets", shortNames: ["ds"], categories: all, subresources: status },
		{ ...workload("V1Deployment", "deploy") },
		{ ...workload("V1ReplicaSet", "rs") },
		{ ...workload("V1StatefulSet", "sts") },
	],
	"autoscaling/v2": [autoscaler("V2HorizontalPodAutoscaler")],
	"autoscaling/v1": [{ ...autoscaler("V1HorizontalPodAutoscaler"), storedAs: "autoscaling/v2" }],
	"batch/v1": [
		{ model: "V1CronJob", plural: "cronjobs", shortNames: ["cj"], categories: all, subresources: status },
		{ model: "V1Job", plural: "jobs", categories: all, subresources: status },
	],
	"networking.k8s.io/v1": [
		{ model: "V1Ingress", plural: "ingresses", shortNames: ["ing"], subresources: status },
		{ model: "V1NetworkPolicy", plural: "networkpolicies", shortNames: ["netpol"] },
	],
	"policy/v1": [
		{ model: "V1PodDisruptionBudget", plural: "poddisruptionbudgets", shortNames: ["pdb"], subresources: status },
	],
	"rbac.authorization.k8s.io/v1": [
		{ model: "V1ClusterRole", plural: "clusterroles", clusterWide: true },
		{ model: "V1ClusterRoleBinding", plural: "clusterrolebindings", clusterWide: true },
		{ model: "V1Role", plural: "roles" },
		{ model: "V1RoleBinding", plural: "rolebindings" },
	],
	"coordination.k8s.io/v1": [{ model: "V1Lease", plural: "leases" }],
	"discovery.k8s.io/v1": [{ model: "V1EndpointSlice", plural: "endpointslices" }],
	"events.k8s.io/v1": [{ model: "EventsV1Event", plural: "events", shortNames: ["ev"], storedAs: "v1" }],
	"apiextensions.k8s.io/v1": [
		{
			...{ model: "V1CustomResourceDefinition", plural: "customresourcedefinitions", shortNames: ["crd", "crds"] },
			...{ categories: apiExtensions, clusterWide: true, subresources: status },
		},
	],
};

/** Every kind that is there before any CustomResourceDefinition is; of kinds with two versions, both. */
export const builtinKinds: readonly ServedKind[] = Object.entries(table).flatMap(([apiVersion, rows]) =>
	rows.map((row) => servedKind(apiVersion, row)),
);

function servedKind(apiVersion: string, row: Row): ServedKind {
	const kind = row.model.replace(/^[A-Z][a-z]*?V\d|^V\d/, "");
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
		schema: schemaOfModel(row.model),
	};
}

function workload(model: string, shortName: string): Row {
	const plural = `${model.slice("V1".length).toLowerCase()}s`;
	return { model, plural, shortNames: [shortName], categories: all, subresources: ["status", "scale"] };
}

function autoscaler(model: string): Row {
	return { model, plural: "horizontalpodautoscalers", shortNames: ["hpa"], categories: all, subresources: status };
}
