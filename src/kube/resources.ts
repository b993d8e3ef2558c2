/** A kind as its URL is built. */
export interface Resource {
	readonly apiVersion: string;
	readonly kind: string;
	readonly plural: string;
	readonly namespaced: boolean;
	/** Lists and watches ask the API server for no more than the metadata of its objects. */
	readonly metadataOnly?: boolean;
}

/** Kinds that are the same everywhere, so that nobody has to ask for them. */
export const resources = {
	canaries: { apiVersion: "haldane.dev/v1beta1", kind: "Canary", plural: "canaries", namespaced: true },
	metricTemplates: {
		apiVersion: "haldane.dev/v1beta1",
		kind: "MetricTemplate",
		plural: "metrictemplates",
		namespaced: true,
	},
	alertProviders: {
		apiVersion: "haldane.dev/v1beta1",
		kind: "AlertProvider",
		plural: "alertproviders",
		namespaced: true,
	},
	imagePolicies: { apiVersion: "haldane.dev/v1beta1", kind: "ImagePolicy", plural: "imagepolicies", namespaced: true },
	imageApprovals: {
		apiVersion: "haldane.dev/v1beta1",
		kind: "ImageApproval",
		plural: "imageapprovals",
		namespaced: true,
	},
	deployments: { apiVersion: "apps/v1", kind: "Deployment", plural: "deployments", namespaced: true },
	daemonSets: { apiVersion: "apps/v1", kind: "DaemonSet", plural: "daemonsets", namespaced: true },
	statefulSets: { apiVersion: "apps/v1", kind: "StatefulSet", plural: "statefulsets", namespaced: true },
	cronJobs: { apiVersion: "batch/v1", kind: "CronJob", plural: "cronjobs", namespaced: true },
	nodes: { apiVersion: "v1", kind: "Node", plural: "nodes", namespaced: false },
	namespaces: { apiVersion: "v1", kind: "Namespace", plural: "namespaces", namespaced: false },
	serviceAccounts: { apiVersion: "v1", kind: "ServiceAccount", plural: "serviceaccounts", namespaced: true },
	services: { apiVersion: "v1", kind: "Service", plural: "services", namespaced: true },
	secrets: { apiVersion: "v1", kind: "Secret", plural: "secrets", namespaced: true },
	events: { apiVersion: "v1", kind: "Event", plural: "events", namespaced: true },
	newEvents: { apiVersion: "events.k8s.io/v1", kind: "Event", plural: "events", namespaced: true },
	admissionPolicies: {
		apiVersion: "admissionregistration.k8s.io/v1",
		kind: "ValidatingAdmissionPolicy",
		plural: "validatingadmissionpolicies",
		namespaced: false,
	},
	admissionPolicyBindings: {
		apiVersion: "admissionregistration.k8s.io/v1",
		kind: "ValidatingAdmissionPolicyBinding",
		plural: "validatingadmissionpolicybindings",
		namespaced: false,
	},
	leases: { apiVersion: "coordination.k8s.io/v1", kind: "Lease", plural: "leases", namespaced: true },
} as const satisfies Record<string, Resource>;

const known = new Map<string, Resource>(
	Object.values(resources).map((resource) => [`${resource.apiVersion}/${resource.kind}`, resource]),
);

/** The resource of a kind we know; route kinds follow the naming rule that all of theirs do. */
export function resourceOf({ apiVersion, kind }: { readonly apiVersion: string; readonly kind: string }): Resource {
	return known.get(`${apiVersion}/${kind}`) ?? { apiVersion, kind, plural: `${kind.toLowerCase()}s`, namespaced: true };
}

/** The path of a resource's collection, or of one object. */
export function pathOf(resource: Resource, namespace?: string, name?: string): string {
	const root = resource.apiVersion.includes("/") ? `/apis/${resource.apiVersion}` : `/api/${resource.apiVersion}`;
	const within = resource.namespaced && namespace !== undefined ? `/namespaces/${encodeURIComponent(namespace)}` : "";
	return `${root}${within}/${resource.plural}${name === undefined ? "" : `/${encodeURIComponent(name)}`}`;
}
