import type { Json } from "../../contract.ts";
import { fieldsOf, isObject, itemsOf } from "../problems.ts";

const HANDLERS = ["postStart", "preStop"];
const PROBES = ["livenessProbe", "readinessProbe", "startupProbe"];
const MODE_OF_FILES = 0o644;

/** The template of a workload's pods, with what a real API server fills in. */
export function templateWithDefaults(template: unknown): Json {
	const { metadata, spec, ...rest } = fieldsOf(template);
	return { ...rest, metadata: metadata ?? {}, spec: podSpecWithDefaults(spec) };
}

/** What the pods of every kind have. */
export function podSpecWithDefaults(spec: unknown): Json {
	const given = fieldsOf(spec);
	const account = given.serviceAccountName ?? given.serviceAccount;
	const filled: Json = {
		restartPolicy: "Always",
		terminationGracePeriodSeconds: 30,
		dnsPolicy: "ClusterFirst",
		schedulerName: "default-scheduler",
		securityContext: {},
		...given,
		...(account === undefined ? {} : { serviceAccountName: account, serviceAccount: account }),
		...(given.volumes === undefined ? {} : { volumes: itemsOf(given.volumes).map(volume) }),
	};
	return withContainers(filled);
}

function withContainers(spec: Json): Json {
	const result: Record<string, unknown> = { ...spec };
	for (const field of ["initContainers", "containers", "ephemeralContainers"]) {
		if (result[field] !== undefined) result[field] = itemsOf(result[field]).map(container);
	}
	return result;
}

function container(value: unknown): Json {
	const given = fieldsOf(value);
	const result: Record<string, unknown> = {
		resources: {},
		terminationMessagePath: "/dev/termination-log",
		terminationMessagePolicy: "File",
		imagePullPolicy: pullPolicyOf(given.image),
		...given,
	};
	if (given.ports !== undefined) {
		result.ports = itemsOf(given.ports).map((port) => ({
			...fieldsOf(port),
			protocol: fieldsOf(port).protocol ?? "TCP",
		}));
	}
	if (given.env !== undefined) result.env = itemsOf(given.env).map(variable);
	for (const name of PROBES) if (isObject(given[name])) result[name] = probe(given[name]);
	if (isObject(given.lifecycle)) result.lifecycle = lifecycle(given.lifecycle);
	return result;
}

function pullPolicyOf(image: unknown): string {
	const name = typeof image === "string" ? image : "";
	if (name.includes("@")) return "IfNotPresent";
	const tag = /:([^/:]*)$/.exec(name)?.[1] ?? "latest";
	return tag === "latest" ? "Always" : "IfNotPresent";
}

function variable(value: unknown): Json {
	const given = fieldsOf(value);
	if (!isObject(given.valueFrom)) return given;
	const { fieldRef, ...from } = given.valueFrom;
	return { ...given, valueFrom: fieldRef === undefined ? from : { ...from, fieldRef: fieldReference(fieldRef) } };
}

function fieldReference(value: unknown): Json {
	return { apiVersion: "v1", ...fieldsOf(value) };
}

function probe(given: Json): Json {
	const times = { timeoutSeconds: 1, periodSeconds: 10, successThreshold: 1, failureThreshold: 3 };
	return handler({ ...times, ...given });
}

function handler(given: Json): Json {
	const result: Record<string, unknown> = { ...given };
	if (isObject(given.httpGet)) result.httpGet = { path: "/", scheme: "HTTP", ...given.httpGet };
	if (isObject(given.grpc)) result.grpc = { service: "", ...given.grpc };
	return result;
}

function lifecycle(given: Json): Json {
	const result: Record<string, unknown> = { ...given };
	for (const name of HANDLERS) if (isObject(given[name])) result[name] = handler(given[name]);
	return result;
}

function volume(value: unknown): Json {
	const { name, ...source } = fieldsOf(value);
	if (Object.keys(source).length === 0) return { name, emptyDir: {} };
	const result: Record<string, unknown> = { name, ...source };
	for (const kind of ["configMap", "secret", "projected", "downwardAPI"]) {
		if (isObject(source[kind])) result[kind] = { defaultMode: MODE_OF_FILES, ...source[kind] };
	}
	if (isObject(source.hostPath)) result.hostPath = { type: "", ...source.hostPath };
	if (isObject(source.downwardAPI)) {
		result.downwardAPI = { ...fieldsOf(result.downwardAPI), items: itemsOf(source.downwardAPI.items).map(file) };
	}
	if (isObject(source.projected)) {
		result.projected = { ...fieldsOf(result.projected), sources: itemsOf(source.projected.sources).map(projection) };
	}
	return result;
}

function file(value: unknown): Json {
	const given = fieldsOf(value);
	return given.fieldRef === undefined ? given : { ...given, fieldRef: fieldReference(given.fieldRef) };
}

function projection(value: unknown): Json {
	const given = fieldsOf(value);
	const result: Record<string, unknown> = { ...given };
	if (isObject(given.serviceAccountToken)) {
		result.serviceAccountToken = { expirationSeconds: 3600, ...given.serviceAccountToken };
	}
	if (isObject(given.downwardAPI)) result.downwardAPI = { items: itemsOf(given.downwardAPI.items).map(file) };
	return result;
}

/** What a pod has beside what its template would have. */
export function podWithDefaults(spec: unknown): Json {
	const given = withRequests(podSpecWithDefaults(spec));
	return {
		priority: 0,
		enableServiceLinks: true,
		preemptionPolicy: "PreemptLowerPriority",
		...given,
		tolerations: withTolerations(itemsOf(given.tolerations)),
	};
}

/** A pod stays for five minutes on a node that is not well. */
function withTolerations(given: readonly unknown[]): readonly unknown[] {
	const missing = ["node.kubernetes.io/not-ready", "node.kubernetes.io/unreachable"].filter(
		(key) =>
			!given.some((one) => {
				const { key: tolerated, effect } = fieldsOf(one);
				return (tolerated === key || tolerated === undefined) && (effect === "NoExecute" || effect === undefined);
			}),
	);
	return [
		...given,
		...missing.map((key) => ({ key, operator: "Exists", effect: "NoExecute", tolerationSeconds: 300 })),
	];
}

/** What is limited is also asked for, where nothing else is said: of pods, and not of templates. */
function withRequests(spec: Json): Json {
	const containers = itemsOf(spec.containers).map((one) => {
		const given = fieldsOf(one);
		const { limits, requests } = fieldsOf(given.resources);
		if (limits === undefined) return given;
		return { ...given, resources: { limits, requests: { ...fieldsOf(limits), ...fieldsOf(requests) } } };
	});
	return spec.containers === undefined ? spec : { ...spec, containers };
}
