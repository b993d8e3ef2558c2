import type { KubeObject } from "../../../src/domain/kube-object.ts";
import { isMap, type Json } from "./json.ts";

/** The object with what the API server adds to it when it is written. */
export function withDefaults(object: KubeObject, number: number): KubeObject {
	const spec = object.spec as Json | undefined;
	if (spec === undefined) return object;
	switch (object.kind) {
		case "Deployment":
			return { ...object, spec: deploymentSpec(spec) };
		case "Service":
			return { ...object, spec: serviceSpec(spec, number) };
		case "HTTPRoute":
			return { ...object, spec: routeSpec(spec) };
		default:
			return object;
	}
}

function deploymentSpec(spec: Json): Json {
	const template = (spec.template ?? {}) as { metadata?: Json; spec?: Json };
	const containers = (template.spec?.containers ?? []) as readonly Json[];
	return {
		replicas: 1,
		revisionHistoryLimit: 10,
		progressDeadlineSeconds: 600,
		strategy: { type: "RollingUpdate", rollingUpdate: { maxUnavailable: "25%", maxSurge: "25%" } },
		...spec,
		template: {
			// Written out by the API server of every Kubernetes before 1.34.
			metadata: { creationTimestamp: null, ...template.metadata },
			spec: {
				restartPolicy: "Always",
				terminationGracePeriodSeconds: 30,
				dnsPolicy: "ClusterFirst",
				securityContext: {},
				schedulerName: "default-scheduler",
				...template.spec,
				containers: containers.map((container) => ({
					resources: {},
					terminationMessagePath: "/dev/termination-log",
					terminationMessagePolicy: "File",
					imagePullPolicy: "IfNotPresent",
					...container,
					...(container.ports === undefined ? {} : { ports: withProtocols(container.ports) }),
				})),
			},
		},
	};
}

function withProtocols(ports: unknown): readonly unknown[] {
	return (ports as readonly Json[]).map((port) => ({ protocol: "TCP", ...port }));
}

function serviceSpec(spec: Json, number: number): Json {
	const clusterIP = spec.clusterIP ?? `10.96.0.${number}`;
	return {
		type: "ClusterIP",
		sessionAffinity: "None",
		internalTrafficPolicy: "Cluster",
		ipFamilies: ["IPv4"],
		ipFamilyPolicy: "SingleStack",
		clusterIPs: [clusterIP],
		...spec,
		clusterIP,
		...(spec.ports === undefined
			? {}
			: {
					ports: (spec.ports as readonly Json[]).map((port) => ({ protocol: "TCP", targetPort: port.port, ...port })),
				}),
	};
}

function routeSpec(spec: Json): Json {
	const rules = (spec.rules ?? []) as readonly Json[];
	return {
		...spec,
		parentRefs: ((spec.parentRefs ?? []) as readonly Json[]).map((parent) => ({
			group: "gateway.networking.k8s.io",
			kind: "Gateway",
			...parent,
		})),
		rules: rules.map((rule) => ({
			matches: [{ path: { type: "PathPrefix", value: "/" } }],
			...rule,
			backendRefs: ((rule.backendRefs ?? []) as readonly Json[]).map((ref) => ({
				group: "",
				kind: "Service",
				weight: 1,
				...ref,
			})),
		})),
	};
}

/** Why the API server would not take the object; undefined when it would. */
export function refusalOf(object: KubeObject): string | undefined {
	const spec = (object.spec ?? {}) as Json;
	if (object.kind === "Service") {
		const ports = (spec.ports ?? []) as readonly Json[];
		if (ports.length === 0) return "spec.ports: Required value";
		const names = ports.map(({ name }) => name);
		const nameless = names.indexOf(undefined);
		if (ports.length > 1 && nameless >= 0) return `spec.ports[${nameless}].name: Required value`;
		const twice = names.findIndex((name, at) => names.indexOf(name) !== at);
		if (twice >= 0) return `spec.ports[${twice}].name: Duplicate value: "${String(names[twice])}"`;
	}
	if (object.kind === "Deployment") {
		const { selector, template } = spec as { selector?: { matchLabels?: Json }; template?: { metadata?: Json } };
		const labels = isMap(template?.metadata?.labels) ? template.metadata.labels : {};
		const isMatched = Object.entries(selector?.matchLabels ?? {}).every(([key, value]) => labels[key] === value);
		if (!isMatched) return "spec.template.metadata.labels: `selector` does not match template `labels`";
	}
	return undefined;
}
