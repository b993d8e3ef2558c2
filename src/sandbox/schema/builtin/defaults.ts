import type { KubeObject } from "../../../domain/kube-object.ts";
import type { Json, ServedKind } from "../../contract.ts";
import { policyBindingWithDefaults, policyWithDefaults } from "../policies/defaults.ts";
import { fieldsOf, isObject, itemsOf } from "../problems.ts";
import { podWithDefaults, templateWithDefaults } from "./pod-defaults.ts";
import { serviceWithDefaults } from "./service.ts";

interface Circumstances {
	readonly live: KubeObject | undefined;
	readonly clusterIP: (() => string) | undefined;
}

const RBAC = "rbac.authorization.k8s.io";
const templated = ["ReplicationController", "Deployment", "ReplicaSet", "StatefulSet", "DaemonSet"];

/** The object with what a real API server fills in for its kind, so that people see it with `-o yaml`. */
export function withBuiltinDefaults(
	{ kind }: ServedKind,
	object: KubeObject,
	live: KubeObject | undefined,
	clusterIP: (() => string) | undefined,
): KubeObject {
	const filled = fillers[kind]?.(object, { live, clusterIP }) ?? object;
	return templated.includes(kind)
		? { ...filled, spec: { ...fieldsOf(filled.spec), template: templateWithDefaults(fieldsOf(filled.spec).template) } }
		: filled;
}

const fillers: Readonly<Record<string, (object: KubeObject, circumstances: Circumstances) => KubeObject>> = {
	Deployment: (object) => {
		const spec = withSpec(object, { replicas: 1, revisionHistoryLimit: 10, progressDeadlineSeconds: 600 });
		return withStatus(
			changeSpec(spec, "strategy", (given) => strategy(given, { maxUnavailable: "25%", maxSurge: "25%" })),
			{},
		);
	},
	ReplicaSet: (object) => withStatus(withSpec(object, { replicas: 1 }), { replicas: 0 }),
	StatefulSet: (object) => {
		const whole = withSpec(object, {
			...{ replicas: 1, podManagementPolicy: "OrderedReady", revisionHistoryLimit: 10 },
			persistentVolumeClaimRetentionPolicy: { whenDeleted: "Retain", whenScaled: "Retain" },
		});
		const filled = changeSpec(whole, "updateStrategy", (given) => strategy(given, { partition: 0 }));
		return withStatus(filled, { replicas: 0, availableReplicas: 0 });
	},
	DaemonSet: (object) =>
		withStatus(
			changeSpec(withSpec(object, { revisionHistoryLimit: 10 }), "updateStrategy", (given) =>
				strategy(given, { maxUnavailable: 1, maxSurge: 0 }),
			),
			{ currentNumberScheduled: 0, numberMisscheduled: 0, desiredNumberScheduled: 0, numberReady: 0 },
		),
	Pod: (object) =>
		withEmptyFields(
			withStatus({ ...object, spec: podWithDefaults(object.spec) }, { phase: "Pending", qosClass: qosOf(object) }),
		),
	Job: (object, { live }) => withStatus(live === undefined ? ownedByItself(object) : withJobDefaults(object), {}),
	CronJob: (object) => {
		const whole = withSpec(object, {
			...{ concurrencyPolicy: "Allow", suspend: false, successfulJobsHistoryLimit: 3, failedJobsHistoryLimit: 1 },
		});
		return withStatus(
			changeSpec(whole, "jobTemplate", (given) => {
				const spec = fieldsOf(given.spec);
				return { metadata: {}, ...given, spec: { ...spec, template: templateWithDefaults(spec.template) } };
			}),
			{},
		);
	},
	Service: (object, { live, clusterIP }) => serviceWithDefaults(object, live, clusterIP),
	Secret: ({ stringData, ...object }) => ({
		...object,
		...(object.data === undefined && stringData === undefined
			? {}
			: { data: { ...fieldsOf(object.data), ...encoded(fieldsOf(stringData)) } }),
		type: object.type ?? "Opaque",
	}),
	Namespace: (object) => ({
		...withStatus(withSpec(object, { finalizers: ["kubernetes"] }), { phase: "Active" }),
		metadata: {
			...object.metadata,
			labels: { ...object.metadata.labels, "kubernetes.io/metadata.name": object.metadata.name },
		},
	}),
	PersistentVolume: (object) =>
		withStatus(withSpec(object, { persistentVolumeReclaimPolicy: "Retain", volumeMode: "Filesystem" }), {
			phase: "Available",
		}),
	PersistentVolumeClaim: (object) => withStatus(withSpec(object, { volumeMode: "Filesystem" }), { phase: "Pending" }),
	ReplicationController: (object) => {
		const { labels } = fieldsOf(fieldsOf(fieldsOf(object.spec).template).metadata);
		return withStatus(withSpec(object, { replicas: 1, ...(labels === undefined ? {} : { selector: labels }) }), {
			replicas: 0,
		});
	},
	ResourceQuota: (object) => withStatus(object, {}),
	Node: (object) => withStatus(withSpec(object, {}), {}),
	HorizontalPodAutoscaler: autoscaler,
	PodDisruptionBudget: (object) =>
		withStatus(object, { disruptionsAllowed: 0, currentHealthy: 0, desiredHealthy: 0, expectedPods: 0 }),
	Ingress: (object) => withStatus(object, { loadBalancer: {} }),
	NetworkPolicy: (object) => ({ ...object, spec: policySpec(fieldsOf(object.spec)) }),
	EndpointSlice: (object) => {
		const ported = changeItems(object, "ports", (port) => ({ name: "", protocol: "TCP", ...port }));
		return changeItems(ported, "endpoints", (endpoint) => ({ conditions: {}, ...endpoint }));
	},
	Endpoints: (object) =>
		changeItems(object, "subsets", (subset) => ({
			...subset,
			...(subset.ports === undefined
				? {}
				: { ports: itemsOf(subset.ports).map((port) => ({ protocol: "TCP", ...fieldsOf(port) })) }),
		})),
	Event: (object) => ({ eventTime: null, ...object }),
	ValidatingAdmissionPolicy: policyWithDefaults,
	ValidatingAdmissionPolicyBinding: policyBindingWithDefaults,
	RoleBinding: binding,
	ClusterRoleBinding: binding,
	CustomResourceDefinition: (object) => {
		const whole = withSpec(object, { conversion: { strategy: "None" } });
		return withStatus(
			changeSpec(whole, "names", (names) =>
				typeof names.kind !== "string" || names.kind === ""
					? names
					: { singular: names.kind.toLowerCase(), listKind: `${names.kind}List`, ...names },
			),
			{ storedVersions: storedVersionsOf(object) },
		);
	},
};

/** Of a pod, with what Go writes of a status even where it says nothing. */
function withEmptyFields(pod: KubeObject): KubeObject {
	const filling = (field: string, empty: Json) => (status: Json) =>
		status[field] === undefined
			? status
			: { ...status, [field]: itemsOf(status[field]).map((item) => ({ ...empty, ...fieldsOf(item) })) };
	const fill = [
		filling("conditions", { lastProbeTime: null }),
		...["containerStatuses", "initContainerStatuses"].map((field) => filling(field, { lastState: {}, state: {} })),
	];
	return { ...pod, status: fill.reduce((status, one) => one(status), fieldsOf(pod.status)) };
}

/** The values that are there win. */
function withSpec(object: KubeObject, defaults: Json): KubeObject {
	return { ...object, spec: { ...defaults, ...fieldsOf(object.spec) } };
}

function withStatus(object: KubeObject, status: Json): KubeObject {
	return { ...object, status: object.status ?? status };
}

function changeSpec(object: KubeObject, field: string, change: (value: Json) => Json): KubeObject {
	const spec = fieldsOf(object.spec);
	return { ...object, spec: { ...spec, [field]: change(fieldsOf(spec[field])) } };
}

function changeItems(object: KubeObject, field: string, change: (item: Json) => Json): KubeObject {
	const items = object[field];
	return items === undefined ? object : { ...object, [field]: itemsOf(items).map((item) => change(fieldsOf(item))) };
}

function strategy(given: Json, rolling: Json): Json {
	const type = given.type ?? "RollingUpdate";
	if (type !== "RollingUpdate") return { ...given, type };
	return { ...given, type, rollingUpdate: { ...rolling, ...fieldsOf(given.rollingUpdate) } };
}

function withJobDefaults(object: KubeObject): KubeObject {
	return { ...object, spec: jobSpec(object.spec) };
}

/** A new Job tells its pods from others by its own uid, where that is known already. */
function ownedByItself(object: KubeObject): KubeObject {
	const { uid, name } = object.metadata;
	const whole = withJobDefaults(object);
	const spec = fieldsOf(whole.spec);
	if (uid === undefined || spec.manualSelector === true) return whole;
	const own = { "batch.kubernetes.io/controller-uid": uid, "batch.kubernetes.io/job-name": name };
	const labels = { ...own, "controller-uid": uid, "job-name": name };
	const template = fieldsOf(spec.template);
	const metadata = fieldsOf(template.metadata);
	return {
		...whole,
		metadata: { ...object.metadata, labels: { ...object.metadata.labels, ...labels } },
		spec: {
			...spec,
			manualSelector: false,
			selector: { matchLabels: { "batch.kubernetes.io/controller-uid": uid } },
			template: { ...template, metadata: { ...metadata, labels: { ...fieldsOf(metadata.labels), ...labels } } },
		},
	};
}

function jobSpec(given: unknown): Json {
	const spec = fieldsOf(given);
	const one = spec.completions === undefined && spec.parallelism === undefined ? { completions: 1 } : {};
	return {
		...{ parallelism: 1, ...one, backoffLimit: 6, completionMode: "NonIndexed", suspend: false },
		...{ podReplacementPolicy: "TerminatingOrFailed", ...spec },
		template: templateWithDefaults(spec.template),
	};
}

function autoscaler(object: KubeObject): KubeObject {
	const spec = fieldsOf(object.spec);
	const isOld = object.apiVersion === "autoscaling/v1";
	const target = { type: "Utilization", averageUtilization: 80 };
	const metrics = isOld
		? { targetCPUUtilizationPercentage: 80 }
		: { metrics: [{ type: "Resource", resource: { name: "cpu", target } }] };
	const behavior = isObject(spec.behavior) ? { behavior: scaling(spec.behavior) } : {};
	const filled = { ...object, spec: { minReplicas: 1, ...metrics, ...spec, ...behavior } };
	return withStatus(filled, isOld ? { currentReplicas: 0, desiredReplicas: 0 } : { desiredReplicas: 0 });
}

function scaling(behavior: Json): Json {
	const percent = { type: "Percent", value: 100, periodSeconds: 15 };
	const up = {
		...{ stabilizationWindowSeconds: 0, selectPolicy: "Max" },
		policies: [{ type: "Pods", value: 4, periodSeconds: 15 }, percent],
	};
	const down = { selectPolicy: "Max", policies: [percent] };
	return {
		...behavior,
		scaleUp: { ...up, ...fieldsOf(behavior.scaleUp) },
		scaleDown: { ...down, ...fieldsOf(behavior.scaleDown) },
	};
}

function policySpec(spec: Json): Json {
	const rules = (given: unknown) =>
		itemsOf(given).map((rule) => {
			const { ports, ...rest } = fieldsOf(rule);
			if (ports === undefined) return rest;
			return { ...rest, ports: itemsOf(ports).map((port) => ({ protocol: "TCP", ...fieldsOf(port) })) };
		});
	return {
		policyTypes: ["Ingress", ...(spec.egress === undefined ? [] : ["Egress"])],
		...spec,
		...(spec.ingress === undefined ? {} : { ingress: rules(spec.ingress) }),
		...(spec.egress === undefined ? {} : { egress: rules(spec.egress) }),
	};
}

function binding(object: KubeObject): KubeObject {
	const subject = (given: Json): Json =>
		given.kind === "User" || given.kind === "Group" ? { apiGroup: RBAC, ...given } : given;
	return changeItems({ ...object, roleRef: { apiGroup: RBAC, ...fieldsOf(object.roleRef) } }, "subjects", subject);
}

function encoded(texts: Json): Json {
	return Object.fromEntries(
		Object.entries(texts).map(([key, text]) => [key, Buffer.from(String(text), "utf8").toString("base64")]),
	);
}

function storedVersionsOf(crd: KubeObject): readonly string[] {
	return itemsOf(fieldsOf(crd.spec).versions)
		.map(fieldsOf)
		.filter(({ storage }) => storage === true)
		.map(({ name }) => String(name));
}

/** How kubelet would treat the pod when memory is short. */
function qosOf(pod: KubeObject): string {
	const containers = itemsOf(fieldsOf(pod.spec).containers).map((one) => fieldsOf(fieldsOf(one).resources));
	const asked = containers.flatMap(({ limits, requests }) => [
		...Object.keys(fieldsOf(limits)),
		...Object.keys(fieldsOf(requests)),
	]);
	if (!asked.some((name) => name === "cpu" || name === "memory")) return "BestEffort";
	const isSure = containers.every(({ limits, requests }) =>
		["cpu", "memory"].every((name) => {
			const limit = fieldsOf(limits)[name];
			return limit !== undefined && (fieldsOf(requests)[name] ?? limit) === limit;
		}),
	);
	return isSure ? "Guaranteed" : "Burstable";
}
