import { describe, expect, test } from "vitest";
import type { KubeObject } from "../../../../src/domain/kube-object.ts";
import { ask, builtin, NOW, refusalOf } from "./support.ts";

const container = { name: "c", image: "nginx", ports: [{ containerPort: 80 }] };
const deployment = {
	apiVersion: "apps/v1",
	kind: "Deployment",
	metadata: { name: "d", namespace: "shop" },
	spec: {
		selector: { matchLabels: { app: "d" } },
		template: { metadata: { labels: { app: "d" } }, spec: { containers: [container] } },
	},
};
const service = {
	apiVersion: "v1",
	kind: "Service",
	metadata: { name: "s", namespace: "shop" },
	spec: { selector: { app: "d" }, ports: [{ port: 80 }] },
};

/** The object with values at paths such as `spec.ports.0.name`; undefined takes one away. */
function withValues(object: object, values: Readonly<Record<string, unknown>>): KubeObject {
	const copy = structuredClone(object) as Record<string, unknown>;
	for (const [path, value] of Object.entries(values)) {
		const steps = path.split(".");
		const last = steps.pop() as string;
		const home = steps.reduce<Record<string, unknown>>((node, step) => {
			node[step] ??= {};
			return node[step] as Record<string, unknown>;
		}, copy);
		if (value === undefined) delete home[last];
		else home[last] = value;
	}
	return copy as unknown as KubeObject;
}

function askFor(object: object, more: Parameters<typeof ask>[2] = {}): KubeObject {
	const { apiVersion, kind } = object as KubeObject;
	return ask(builtin(kind, apiVersion), object, { clusterIP: () => "10.96.0.7", ...more }).object;
}

describe("a Deployment as it is stored", () => {
	test("has what people see of it", () => {
		expect(askFor(deployment)).toEqual({
			...deployment,
			metadata: { ...deployment.metadata, creationTimestamp: NOW, generation: 1 },
			spec: {
				...{ replicas: 1, revisionHistoryLimit: 10, progressDeadlineSeconds: 600 },
				selector: { matchLabels: { app: "d" } },
				strategy: { type: "RollingUpdate", rollingUpdate: { maxSurge: "25%", maxUnavailable: "25%" } },
				template: {
					metadata: { labels: { app: "d" } },
					spec: {
						...{ restartPolicy: "Always", terminationGracePeriodSeconds: 30, dnsPolicy: "ClusterFirst" },
						...{ schedulerName: "default-scheduler", securityContext: {} },
						containers: [
							{
								...{ name: "c", image: "nginx", ports: [{ containerPort: 80, protocol: "TCP" }] },
								...{ imagePullPolicy: "Always", resources: {}, terminationMessagePolicy: "File" },
								terminationMessagePath: "/dev/termination-log",
							},
						],
					},
				},
			},
			status: {},
		});
	});

	test("says the same when it is admitted again", () => {
		const once = askFor(deployment);
		expect(askFor(once, { live: once })).toEqual(once);
	});

	test.each([
		["nginx", "Always"],
		["nginx:latest", "Always"],
		["registry:5000/nginx", "Always"],
		["nginx:1.2", "IfNotPresent"],
		[`nginx@sha256:${"0".repeat(64)}`, "IfNotPresent"],
	])("pulls %s %s", (image, policy) => {
		const stored = askFor(withValues(deployment, { "spec.template.spec.containers.0.image": image }));
		expect(stored).toHaveProperty("spec.template.spec.containers.0.imagePullPolicy", policy);
	});

	test.each<[string, unknown, unknown]>([
		[
			"livenessProbe",
			{ httpGet: { port: 80 } },
			{
				...{ httpGet: { path: "/", port: 80, scheme: "HTTP" }, timeoutSeconds: 1, periodSeconds: 10 },
				...{ successThreshold: 1, failureThreshold: 3 },
			},
		],
		[
			"resources",
			{ limits: { cpu: "1000m", memory: "1024Mi" }, requests: { cpu: 0.5 } },
			{ limits: { cpu: "1", memory: "1Gi" }, requests: { cpu: "500m" } },
		],
		[
			"env",
			[{ name: "X", valueFrom: { fieldRef: { fieldPath: "metadata.name" } } }],
			[{ name: "X", valueFrom: { fieldRef: { apiVersion: "v1", fieldPath: "metadata.name" } } }],
		],
	])("has a container's %s whole", (field, given, expected) => {
		const stored = askFor(withValues(deployment, { [`spec.template.spec.containers.0.${field}`]: given }));
		expect(stored).toHaveProperty(`spec.template.spec.containers.0.${field}`, expected);
	});

	test("has the status of no one who makes it", () => {
		expect(askFor({ ...deployment, status: { replicas: 3 } }).status).toEqual({});
	});
});

const POD = "spec.template.spec";
const C = "spec.template.spec.containers.0";

describe("a Deployment that is wrong", () => {
	test.each<[string, Readonly<Record<string, unknown>>, string]>([
		[
			"no selector",
			{ "spec.selector": undefined },
			'[spec.selector: Required value, spec.template.metadata.labels: Invalid value: {"app":"d"}: `selector` does not match template `labels`]',
		],
		[
			"other labels",
			{ "spec.template.metadata.labels": { a: "b" } },
			'spec.template.metadata.labels: Invalid value: {"a":"b"}: `selector` does not match template `labels`',
		],
		[
			"an empty selector",
			{ "spec.selector": {} },
			"spec.selector: Invalid value: {}: empty selector is invalid for deployment",
		],
		["no containers", { [`${POD}.containers`]: [] }, `${POD}.containers: Required value`],
		["no image", { [`${C}.image`]: undefined }, `${POD}.containers[0].image: Required value`],
		["no name", { [`${C}.name`]: undefined }, `${POD}.containers[0].name: Required value`],
		["one name twice", { [`${POD}.containers.1`]: container }, `${POD}.containers[1].name: Duplicate value: "c"`],
		[
			"fewer than no replicas",
			{ "spec.replicas": -1 },
			"spec.replicas: Invalid value: -1: must be greater than or equal to 0",
		],
		[
			"a strange word",
			{ [`${C}.imagePullPolicy`]: "X" },
			`${POD}.containers[0].imagePullPolicy: Unsupported value: "X": supported values: "Always", "IfNotPresent", "Never"`,
		],
		[
			"pods that end",
			{ [`${POD}.restartPolicy`]: "Never" },
			`${POD}.restartPolicy: Unsupported value: "Never": supported values: "Always"`,
		],
		["no port", { [`${C}.ports`]: [{ name: "a" }] }, `${POD}.containers[0].ports[0].containerPort: Required value`],
		[
			"a debt of cpu",
			{ [`${C}.resources`]: { limits: { cpu: "-1" } } },
			`${POD}.containers[0].resources.limits[cpu]: Invalid value: "-1": must be greater than or equal to 0`,
		],
		[
			"more than its limit",
			{ [`${C}.resources`]: { limits: { cpu: "1" }, requests: { cpu: "1500m" } } },
			`${POD}.containers[0].resources.requests: Invalid value: "1500m": must be less than or equal to cpu limit of 1`,
		],
		[
			"a mount of nothing",
			{ [`${C}.volumeMounts`]: [{ name: "q", mountPath: "/x" }] },
			`${POD}.containers[0].volumeMounts[0].name: Not found: "q"`,
		],
		[
			"a probe of nothing",
			{ [`${C}.livenessProbe`]: {} },
			`${POD}.containers[0].livenessProbe: Required value: must specify a handler type`,
		],
		[
			"two strategies",
			{ "spec.strategy": { type: "Recreate", rollingUpdate: { maxSurge: 1 } } },
			"spec.strategy.rollingUpdate: Forbidden: may not be specified when strategy `type` is 'Recreate'",
		],
		[
			"no way forward",
			{ "spec.strategy": { rollingUpdate: { maxSurge: 0, maxUnavailable: 0 } } },
			"spec.strategy.rollingUpdate.maxUnavailable: Invalid value: 0: may not be 0 when `maxSurge` is 0",
		],
	])("is refused: %s", (_what, values, why) => {
		const refusal = refusalOf(() => askFor(withValues(deployment, values)));
		expect([refusal.code, refusal.reason, refusal.message]).toEqual([
			...[422, "Invalid"],
			`Deployment.apps "d" is invalid: ${why}`,
		]);
		expect(refusal.details).toMatchObject({ name: "d", group: "apps", kind: "Deployment" });
	});

	test.each<[Readonly<Record<string, unknown>>, string]>([
		[
			{ "spec.replicas": "3" },
			"json: cannot unmarshal string into Go struct field DeploymentSpec.spec.replicas of type int32",
		],
		[
			{ "spec.replicas": 1.5 },
			"json: cannot unmarshal number 1.5 into Go struct field DeploymentSpec.spec.replicas of type int32",
		],
		[
			{ [`${POD}.containers`]: {} },
			"json: cannot unmarshal object into Go struct field PodSpec.spec.template.spec.containers of type []v1.Container",
		],
		[
			{ [`${C}.env`]: [{ name: "X", value: 1 }] },
			"json: cannot unmarshal number into Go struct field EnvVar.spec.template.spec.containers.env.value of type string",
		],
		[
			{ "metadata.labels": { x: true } },
			"json: cannot unmarshal bool into Go struct field ObjectMeta.metadata.labels of type string",
		],
		[
			{ [`${C}.resources`]: { limits: { cpu: "x" } } },
			"quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'",
		],
	])("cannot be read: %j", (values, why) => {
		const refusal = refusalOf(() => askFor(withValues(deployment, values)));
		expect([refusal.code, refusal.reason, refusal.message]).toEqual([
			...[400, "BadRequest"],
			`Deployment in version "v1" cannot be handled as a Deployment: ${why}`,
		]);
	});

	test("loses fields that it doesn't have, or is refused for them", () => {
		const odd = withValues(deployment, { "spec.replica": 3, [`${C}.imag`]: "x" });
		expect(askFor(odd)).toEqual(askFor(deployment));
		expect(ask(builtin("Deployment"), odd, { fieldValidation: "Warn" }).warnings).toEqual([
			`unknown field "${POD}.containers[0].imag"`,
			'unknown field "spec.replica"',
		]);
		expect(refusalOf(() => askFor(odd, { fieldValidation: "Strict" })).code).toBe(400);
	});
});

describe("a name", () => {
	test.each<[string, object, string]>([
		["Deployment.apps", deployment, "A_"],
		["Service", service, "1a"],
		["Namespace", { apiVersion: "v1", kind: "Namespace" }, "a.b"],
	])("of a %s", (what, object, name) => {
		const refusal = refusalOf(() => askFor({ ...object, metadata: { name } }));
		expect(refusal.message).toContain(`${what} "${name}" is invalid: metadata.name: Invalid value: "${name}": a `);
	});

	test("may hold a colon where it is only part of a path", () => {
		const role = { apiVersion: "rbac.authorization.k8s.io/v1", kind: "Role", metadata: { name: "a:b" } };
		expect(askFor(role).metadata.name).toBe("a:b");
	});
});

describe("a Service", () => {
	test("gets an address, and what people see of it", () => {
		expect(askFor(service)).toEqual({
			...service,
			metadata: { ...service.metadata, creationTimestamp: NOW },
			spec: {
				...{ type: "ClusterIP", clusterIP: "10.96.0.7", clusterIPs: ["10.96.0.7"], sessionAffinity: "None" },
				...{ ipFamilies: ["IPv4"], ipFamilyPolicy: "SingleStack", internalTrafficPolicy: "Cluster" },
				...{ selector: { app: "d" }, ports: [{ port: 80, protocol: "TCP", targetPort: 80 }] },
			},
			status: { loadBalancer: {} },
		});
	});

	test.each([
		["None", { "spec.clusterIP": "None" }, "None"],
		["no address", { "spec.type": "ExternalName", "spec.externalName": "a.b" }, undefined],
	])("has %s when it says so", (_what, values, address) => {
		expect(askFor(withValues(service, values)).spec).toMatchObject(
			address === undefined ? { type: "ExternalName" } : { clusterIP: address, clusterIPs: [address] },
		);
		expect("clusterIP" in (askFor(withValues(service, values)).spec as object)).toBe(address !== undefined);
	});

	test("keeps its address when it is written without", () => {
		const live = askFor(service);
		const written = askFor(service, { live, clusterIP: () => "10.96.0.99" });
		expect(written.spec).toMatchObject({ clusterIP: "10.96.0.7" });
	});

	test("may not have another", () => {
		const other = withValues(service, { "spec.clusterIP": "10.96.0.9" });
		expect(refusalOf(() => askFor(other, { live: askFor(service) })).message).toBe(
			'Service "s" is invalid: spec.clusterIPs[0]: Invalid value: ["10.96.0.9"]: may not change once set',
		);
	});

	test.each<[Readonly<Record<string, unknown>>, string]>([
		[{ "spec.ports": undefined }, "spec.ports: Required value"],
		[{ "spec.ports.1": { port: 81 } }, "[spec.ports[0].name: Required value, spec.ports[1].name: Required value]"],
		[{ "spec.ports.0.port": 0 }, "spec.ports[0].port: Invalid value: 0: must be between 1 and 65535, inclusive"],
		[{ "spec.type": "ExternalName" }, "spec.externalName: Required value"],
		[
			{ "spec.type": "X" },
			'spec.type: Unsupported value: "X": supported values: "ClusterIP", "ExternalName", "LoadBalancer", "NodePort"',
		],
	])("is refused for %j", (values, why) => {
		expect(refusalOf(() => askFor(withValues(service, values))).message).toBe(`Service "s" is invalid: ${why}`);
	});
});

describe("what is there", () => {
	const live: KubeObject = { ...askFor(deployment), status: { replicas: 1 } };

	test.each<[string, Readonly<Record<string, unknown>>, number]>([
		["replicas", { "spec.replicas": 3 }, 2],
		["a label", { "metadata.labels": { a: "b" } }, 1],
		["a status", { "status.replicas": 7 }, 1],
		["nothing", {}, 1],
	])("counts a change of %s: %j is generation %i", (_what, values, generation) => {
		const stored = askFor(withValues(live, values), { live });
		expect(stored.metadata.generation).toBe(generation);
		expect(stored.status).toEqual({ replicas: 1 });
	});

	test("has its status alone changed by a write of that", () => {
		const change = withValues(live, { "spec.replicas": 3, "status.replicas": 7, "metadata.labels": { a: "b" } });
		expect(askFor(change, { live, subresource: "status" })).toEqual({ ...live, status: { replicas: 7 } });
	});

	test("has its replicas alone changed by a Scale", () => {
		const scale = { apiVersion: "autoscaling/v1", kind: "Scale", metadata: { name: "d" }, spec: { replicas: 4 } };
		const stored = ask(builtin("Deployment"), scale, { live, subresource: "scale" }).object;
		expect(stored.metadata.generation).toBe(2);
		expect(stored.spec).toEqual({ ...(live.spec as object), replicas: 4 });
	});

	test("keeps its selector", () => {
		const other = { matchLabels: { x: "y" } };
		const change = withValues(live, { "spec.selector": other, "spec.template.metadata.labels": { x: "y" } });
		expect(refusalOf(() => askFor(change, { live })).message).toBe(
			'Deployment.apps "d" is invalid: spec.selector: Invalid value: {"matchLabels":{"x":"y"}}: field is immutable',
		);
	});

	test("keeps when it was made, and is not deleted by being written", () => {
		const early = "2000-01-01T00:00:00Z";
		expect(askFor(withValues(live, { "metadata.creationTimestamp": early }), { live }).metadata.creationTimestamp).toBe(
			NOW,
		);
		expect(
			refusalOf(() => askFor(withValues(live, { "metadata.deletionTimestamp": early }), { live })).message,
		).toContain('metadata.deletionTimestamp: Invalid value: "2000-01-01T00:00:00Z": field is immutable');
	});
});

describe("other kinds", () => {
	test("a Secret's texts are data", () => {
		const secret = {
			apiVersion: "v1",
			kind: "Secret",
			metadata: { name: "x" },
			stringData: { a: "b" },
			data: { c: "ZA==" },
		};
		const stored = askFor(secret);
		expect([stored.data, stored.type, "stringData" in stored]).toEqual([{ a: "Yg==", c: "ZA==" }, "Opaque", false]);
	});

	test.each(["ConfigMap", "Secret"])("a %s that is immutable stays as it is, but for its labels", (kind) => {
		const object = { apiVersion: "v1", kind, metadata: { name: "x" }, data: { a: "ZA==" }, immutable: true };
		const live = askFor(object);
		expect(live.metadata.generation).toBeUndefined();
		expect(askFor(withValues(live, { "metadata.labels": { a: "b" } }), { live }).metadata.labels).toEqual({ a: "b" });
		expect(refusalOf(() => askFor(withValues(live, { "data.a": "ZQ==" }), { live })).message).toBe(
			`${kind} "x" is invalid: data: Forbidden: field is immutable when \`immutable\` is set`,
		);
	});

	test("a pod gets its node and other images, and no other variables", () => {
		const live = askFor({ apiVersion: "v1", kind: "Pod", metadata: { name: "p" }, spec: { containers: [container] } });
		expect(live.status).toEqual({ phase: "Pending", qosClass: "BestEffort" });
		const change = withValues(live, { "spec.nodeName": "n", "spec.containers.0.image": "nginx:2" });
		expect(askFor(change, { live }).spec).toMatchObject({ nodeName: "n", containers: [{ image: "nginx:2" }] });
		const refused = withValues(live, { "spec.containers.0.env": [{ name: "a" }] });
		expect(refusalOf(() => askFor(refused, { live })).message).toContain("spec: Forbidden: pod updates may not change");
	});

	test("an autoscaler watches the cpu, and may not want fewer than its least", () => {
		const scaleTargetRef = { apiVersion: "apps/v1", kind: "Deployment", name: "d" };
		const of = (spec: object) => ({
			...{ apiVersion: "autoscaling/v2", kind: "HorizontalPodAutoscaler", metadata: { name: "x" } },
			spec: { scaleTargetRef, ...spec },
		});
		expect(askFor(of({ maxReplicas: 3 })).spec).toMatchObject({
			minReplicas: 1,
			metrics: [{ resource: { name: "cpu", target: { type: "Utilization", averageUtilization: 80 } } }],
		});
		expect(refusalOf(() => askFor(of({ maxReplicas: 1, minReplicas: 2 }))).message).toContain(
			"spec.maxReplicas: Invalid value: 1: must be greater than or equal to `minReplicas`",
		);
	});

	test("a Job knows its pods by its uid, and keeps its template", () => {
		const template = { spec: { containers: [{ name: "c", image: "x:1" }], restartPolicy: "Never" } };
		const job = { apiVersion: "batch/v1", kind: "Job", metadata: { name: "j", uid: "u" }, spec: { template } };
		const live = askFor(job);
		expect(live.spec).toMatchObject({
			...{ completions: 1, parallelism: 1, backoffLimit: 6 },
			selector: { matchLabels: { "batch.kubernetes.io/controller-uid": "u" } },
			template: { metadata: { labels: { "job-name": "j", "controller-uid": "u" } } },
		});
		expect(askFor(live, { live })).toEqual(live);
		const change = withValues(live, { "spec.completions": 3 });
		expect(refusalOf(() => askFor(change, { live })).message).toBe(
			'Job.batch "j" is invalid: spec.completions: Invalid value: 3: field is immutable',
		);
	});

	test("a Lease must last", () => {
		const lease = {
			apiVersion: "coordination.k8s.io/v1",
			kind: "Lease",
			metadata: { name: "x" },
			spec: { leaseDurationSeconds: 0 },
		};
		expect(refusalOf(() => askFor(lease)).message).toContain(
			"spec.leaseDurationSeconds: Invalid value: 0: must be greater than 0",
		);
	});
});
