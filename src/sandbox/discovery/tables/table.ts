import type { KubeObject } from "../../../domain/kube-object.ts";
import type { Json, KindRef, PrinterColumn, ServedKind } from "../../contract.ts";
import { groupVersionOf } from "../versions.ts";
import { autoscalerColumns } from "./autoscalers.ts";
import * as basics from "./basics.ts";
import type { Column } from "./column.ts";
import { customColumns } from "./custom.ts";
import { eventColumns } from "./events.ts";
import * as network from "./network.ts";
import { podColumns } from "./pods.ts";
import * as policies from "./policies.ts";
import * as storage from "./storage.ts";
import * as workloads from "./workloads.ts";

/**
 * A `meta.k8s.io/v1` Table of these objects, in their order: what `kubectl get` shows. `columns` are those of a custom
 * resource; kinds of Kubernetes have their own, and what has none has its name and age. `include` says what of each object
 * comes with its row. `now` in milliseconds. Without `withColumns` the columns are left out, as in all but the first table
 * of a watch.
 */
export function tableOf(r: {
	readonly kind: ServedKind;
	readonly columns: readonly PrinterColumn[] | undefined;
	readonly objects: readonly KubeObject[];
	readonly include: "None" | "Metadata" | "Object";
	readonly now: number;
	readonly withColumns: boolean;
}): Json {
	const columns = (r.columns === undefined ? builtinColumns(r.kind) : undefined) ?? customColumns(r.columns);
	return {
		kind: "Table",
		apiVersion: "meta.k8s.io/v1",
		metadata: {},
		columnDefinitions: r.withColumns ? columns.map(definitionOf) : null,
		rows: r.objects.map((object) => ({
			cells: columns.map(({ cell }) => cell(object, r.now)),
			object: included(object, r.include),
		})),
	};
}

function definitionOf({ name, type, format = "", description = "", priority = 0 }: Column): Json {
	return { name, type, format, description, priority };
}

function included(object: KubeObject, include: "None" | "Metadata" | "Object"): Json | null {
	switch (include) {
		case "None":
			return null;
		case "Metadata":
			return { kind: "PartialObjectMetadata", apiVersion: "meta.k8s.io/v1", metadata: object.metadata };
		case "Object":
			return object;
	}
}

/** By group and kind: the versions of a kind are shown alike. */
function builtinColumns({ apiVersion, kind }: KindRef): readonly Column[] | undefined {
	return builtin[`${groupVersionOf(apiVersion).group}/${kind}`];
}

const rbac = "rbac.authorization.k8s.io";

const builtin: Readonly<Record<string, readonly Column[]>> = {
	"/Pod": podColumns,
	"/Service": network.serviceColumns,
	"/Endpoints": network.endpointsColumns,
	"/Node": basics.nodeColumns,
	"/Namespace": basics.namespaceColumns,
	"/ConfigMap": basics.configMapColumns,
	"/Secret": basics.secretColumns,
	"/ServiceAccount": basics.serviceAccountColumns,
	"/Event": eventColumns,
	"/LimitRange": basics.createdAtColumns,
	"/PersistentVolume": storage.volumeColumns,
	"/PersistentVolumeClaim": storage.claimColumns,
	"/ReplicationController": workloads.replicationControllerColumns,
	"/ResourceQuota": storage.quotaColumns,
	"events.k8s.io/Event": eventColumns,
	"apps/Deployment": workloads.deploymentColumns,
	"apps/ReplicaSet": workloads.replicaSetColumns,
	"apps/DaemonSet": workloads.daemonSetColumns,
	"apps/StatefulSet": workloads.statefulSetColumns,
	"apps/ControllerRevision": workloads.controllerRevisionColumns,
	"batch/Job": workloads.jobColumns,
	"batch/CronJob": workloads.cronJobColumns,
	"policy/PodDisruptionBudget": workloads.budgetColumns,
	"autoscaling/HorizontalPodAutoscaler": autoscalerColumns,
	"autoscaling/Scale": workloads.scaleColumns,
	"discovery.k8s.io/EndpointSlice": network.endpointSliceColumns,
	"coordination.k8s.io/Lease": basics.leaseColumns,
	"networking.k8s.io/Ingress": network.ingressColumns,
	"networking.k8s.io/IngressClass": network.ingressClassColumns,
	"networking.k8s.io/NetworkPolicy": network.networkPolicyColumns,
	"admissionregistration.k8s.io/ValidatingAdmissionPolicy": policies.policyColumns,
	"admissionregistration.k8s.io/ValidatingAdmissionPolicyBinding": policies.bindingColumns,
	"apiextensions.k8s.io/CustomResourceDefinition": basics.createdAtColumns,
	[`${rbac}/Role`]: basics.createdAtColumns,
	[`${rbac}/ClusterRole`]: basics.createdAtColumns,
	[`${rbac}/RoleBinding`]: basics.roleBindingColumns,
	[`${rbac}/ClusterRoleBinding`]: basics.roleBindingColumns,
};
