import type { KubeObject, ObjectMeta } from "../../../src/domain/kube-object.ts";

type Strings = Readonly<Record<string, string>>;

/** What a workload of a test is made of; images by the name of their container or volume. */
export interface WorkloadParts {
	readonly kind?: "Deployment" | "DaemonSet" | "StatefulSet" | "CronJob";
	readonly annotations?: Strings;
	readonly labels?: Strings;
	readonly containers?: Strings;
	readonly initContainers?: Strings;
	readonly volumes?: Strings;
	/** Of the pod's spec, beside these. */
	readonly pod?: object;
	readonly managedFields?: readonly object[];
}

/** `shop/cart`, with one container `app` unless said otherwise. */
export function workloadOf({
	kind = "Deployment",
	annotations,
	labels,
	containers = { app: "ghcr.io/acme/app:1.2.0" },
	initContainers = {},
	volumes = {},
	pod = {},
	managedFields,
}: WorkloadParts = {}): KubeObject {
	const metadata: ObjectMeta = {
		name: "cart",
		namespace: "shop",
		...(annotations && { annotations }),
		...(labels && { labels }),
		...(managedFields && { managedFields }),
	};
	const listed = (images: Strings) => Object.entries(images).map(([name, image]) => ({ name, image }));
	const template = {
		spec: {
			containers: listed(containers),
			initContainers: listed(initContainers),
			volumes: Object.entries(volumes).map(([name, reference]) => ({ name, image: { reference } })),
			...pod,
		},
	};
	if (kind === "CronJob")
		return { apiVersion: "batch/v1", kind, metadata, spec: { jobTemplate: { spec: { template } } } };
	return { apiVersion: "apps/v1", kind, metadata, spec: { template } };
}
