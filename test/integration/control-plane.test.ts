import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type ControlPlane, OPERATOR, startControlPlane } from "../support/control-plane/control-plane.ts";
import { crdFolder, installCrds } from "../support/control-plane/crds.ts";
import { eventually } from "../support/control-plane/eventually.ts";
import type { Running } from "../support/control-plane/follow.ts";
import { type HttpRoute, REFUSED_ANNOTATION, startGateway } from "../support/control-plane/gateway.ts";
import { ApiError, type KubeApi } from "../support/control-plane/kube-api.ts";
import { type Condition, conditionOf, type KubeObject } from "../support/control-plane/kube-object.ts";
import { startKubelet } from "../support/control-plane/kubelet.ts";
import { READY_ANNOTATION } from "../support/control-plane/pod.ts";
import { findTools } from "../support/control-plane/tools.ts";

type Deployment = KubeObject<unknown, { availableReplicas?: number; updatedReplicas?: number; replicas?: number }>;

const tools = findTools("build-control-plane");
const crds = findTools("fetch-crds");

describe.skipIf(tools.kind === "missing" || crds.kind === "missing")("the control plane", () => {
	let plane: ControlPlane;
	let admin: KubeApi;
	let kubelet: Running;
	let gateway: Running;

	beforeAll(async () => {
		plane = await startControlPlane({ tools });
		admin = plane.clientFor("admin");
		kubelet = await startKubelet({ api: plane.clientFor("standIn") });
		await installCrds(admin, [crdFolder(crds, "gateway-api/standard"), crdFolder(crds, "smi")]);
		gateway = await startGateway(plane.clientFor("standIn"));
	});
	afterAll(async () => {
		await gateway?.stop();
		await kubelet?.stop();
		await plane?.stop();
	});

	const available = (name: string, replicas: number) =>
		eventually(`Deployment ${name} has ${replicas} available`, async () => {
			const { status, metadata } = (await admin.get<Deployment>(deployment(name, replicas))) ?? { metadata: {} };
			return (status?.availableReplicas ?? 0) === replicas && (status?.replicas ?? 0) === replicas && metadata;
		});

	test("a deployment becomes available, and its service gets its endpoints", async () => {
		await admin.apply(deployment("web", 2));
		await admin.apply(service("web"));
		await available("web", 2);
		const slice = {
			apiVersion: "discovery.k8s.io/v1",
			kind: "EndpointSlice",
			labelSelector: "kubernetes.io/service-name=web",
		};
		await eventually("two ready endpoints", async () => {
			const { items } = await admin.list<
				KubeObject & { endpoints?: { addresses: string[]; conditions: { ready: boolean } }[] }
			>(slice);
			return items.flatMap(({ endpoints = [] }) => endpoints).filter(({ conditions }) => conditions.ready).length === 2;
		});
	});

	test("a pod that must not be ready holds its deployment until it may be", async () => {
		await admin.apply(deployment("slow", 1, { [READY_ANNOTATION]: "false" }));
		const pod = await eventually("the pod runs", async () => {
			const { items } = await admin.list<KubeObject<unknown, { phase?: string }>>({
				apiVersion: "v1",
				kind: "Pod",
				labelSelector: "app=slow",
			});
			return items.find(({ status }) => status?.phase === "Running");
		});
		expect((await admin.get<Deployment>(deployment("slow", 1)))?.status?.availableReplicas ?? 0).toBe(0);
		await admin.patch(pod, { metadata: { annotations: { [READY_ANNOTATION]: null } } });
		await available("slow", 1);
	});

	test("a rollout replaces every pod, and a daemon set runs on the one node", async () => {
		await admin.apply(deployment("rolling", 3));
		await available("rolling", 3);
		await admin.apply(deployment("rolling", 3, { version: "2" }));
		await eventually("only new pods are left", async () => {
			const { items } = await admin.list({ apiVersion: "v1", kind: "Pod", labelSelector: "app=rolling" });
			return items.length === 3 && items.every(({ metadata }) => metadata.annotations?.version === "2");
		});
		const { replicas: _, ...spec } = deployment("agent", 1).spec;
		const agent = { apiVersion: "apps/v1", kind: "DaemonSet", metadata: { name: "agent", namespace: "default" }, spec };
		await admin.apply(agent);
		await eventually("the daemon set is ready", async () => {
			const found = await admin.get<KubeObject<unknown, { numberReady?: number }>>(agent);
			return found?.status?.numberReady === 1;
		});
	});

	test("an HTTPRoute is accepted at its present generation, or refused when the test says so", async () => {
		const accepted = (generation: number) =>
			eventually(`Accepted is written for generation ${generation}`, async () => {
				const found = await admin.get<HttpRoute>(route(80));
				const condition: Condition | undefined = conditionOf(found?.status?.parents?.[0]?.conditions, "Accepted");
				return condition?.observedGeneration === generation && condition;
			});
		await admin.apply(route(80));
		expect(await accepted(1)).toMatchObject({ status: "True" });
		await admin.apply(route(50));
		expect(await accepted(2)).toMatchObject({ status: "True" });
		await admin.apply(route(50, { [REFUSED_ANNOTATION]: "NotAllowedByListeners" }));
		await eventually("the route is refused", async () => (await accepted(2)).reason === "NotAllowedByListeners");
	});

	test("the real schemas refuse what they do not allow", async () => {
		const split = (weight: unknown) => ({
			apiVersion: "split.smi-spec.io/v1alpha2",
			kind: "TrafficSplit",
			metadata: { name: "web", namespace: "default" },
			spec: { service: "web", backends: [{ service: "web-primary", weight }] },
		});
		await admin.apply(split(100));
		await expect(admin.apply(split("heavy"))).rejects.toBeInstanceOf(ApiError);
		await expect(admin.apply(route(-1))).rejects.toMatchObject({ status: 422 });
	});

	test("the operator may do nothing until a role is bound, and each of its requests is counted once", async () => {
		const operator = plane.clientFor("operator");
		const pods = { apiVersion: "v1", kind: "Pod", namespace: "default" };
		const before = plane.auditRequests(OPERATOR).length;
		await expect(operator.list(pods)).rejects.toMatchObject({ status: 403 });
		await admin.apply(role());
		await admin.apply(roleBinding());
		const { resourceVersion } = await eventually("the role is in force", () => operator.list(pods));
		const watching = new AbortController();
		const watch = operator.watch(pods, resourceVersion, () => {}, watching.signal).catch(() => {});
		const okay = () =>
			plane
				.auditRequests(OPERATOR)
				.slice(before)
				.filter(({ code }) => code === 200);
		await eventually("the watch is counted while it runs", () => okay().some(({ verb }) => verb === "watch"));
		watching.abort();
		await watch;
		const log = () => readFileSync(join(plane.folder, "audit.log"), "utf8").split("\n");
		const isEndOfWatch = (line: string) =>
			line.includes(`"${OPERATOR}"`) && /"ResponseComplete".*"verb":"watch"/.test(line);
		await eventually("its end is logged too", () => log().some(isEndOfWatch));
		expect(okay().map(({ verb, resource, uri }) => `${verb} ${resource ?? uri}`)).toEqual([
			"get /api/v1",
			"list pods",
			"watch pods",
		]);
		const total = plane.auditRequests(OPERATOR).length;
		await operator.list(pods);
		expect(plane.auditRequests(OPERATOR)).toHaveLength(total + 1);
	});

	test("the stand-ins outlive a restart of the API server", async () => {
		await plane.restartApiServer(200);
		await admin.apply(deployment("after", 1));
		await available("after", 1);
	});

	test("four hundred deployments are ready within a minute", async () => {
		const namespace = { apiVersion: "v1", kind: "Namespace", metadata: { name: "many" } };
		await admin.apply(namespace);
		const began = performance.now();
		const names = Array.from({ length: 400 }, (_, number) => `app-${number}`);
		await Promise.all(
			names.map((name) => {
				const made = deployment(name, 1);
				return admin.create({ ...made, metadata: { ...made.metadata, namespace: "many" } });
			}),
		);
		await eventually(
			"all are available",
			async () => {
				const { items } = await admin.list<Deployment>({
					apiVersion: "apps/v1",
					kind: "Deployment",
					namespace: "many",
				});
				return items.filter(({ status }) => status?.availableReplicas === 1).length === names.length;
			},
			{ withinMs: 60_000, everyMs: 250 },
		);
		console.info(`400 deployments available after ${Math.round(performance.now() - began)} ms`);
	});
});

function deployment(name: string, replicas: number, annotations: Record<string, string> = {}) {
	const labels = { app: name };
	const containers = [{ name: "main", image: "example.com/web:1" }];
	return {
		apiVersion: "apps/v1",
		kind: "Deployment",
		metadata: { name, namespace: "default" },
		spec: {
			replicas,
			selector: { matchLabels: labels },
			template: { metadata: { labels, annotations }, spec: { containers } },
		},
	};
}

function service(name: string) {
	const spec = { selector: { app: name }, ports: [{ port: 80, targetPort: 8080 }] };
	return { apiVersion: "v1", kind: "Service", metadata: { name, namespace: "default" }, spec };
}

function route(primary: number, annotations: Record<string, string> = {}) {
	const backendRefs = [
		{ name: "web-primary", port: 80, weight: primary },
		{ name: "web-canary", port: 80, weight: 100 - primary },
	];
	return {
		apiVersion: "gateway.networking.k8s.io/v1",
		kind: "HTTPRoute",
		metadata: { name: "web", namespace: "default", annotations },
		spec: { parentRefs: [{ name: "public" }], rules: [{ backendRefs }] },
	};
}

function role() {
	const rules = [{ apiGroups: [""], resources: ["pods"], verbs: ["list", "watch"] }];
	return { apiVersion: "rbac.authorization.k8s.io/v1", kind: "ClusterRole", metadata: { name: "pods" }, rules };
}

function roleBinding() {
	return {
		apiVersion: "rbac.authorization.k8s.io/v1",
		kind: "ClusterRoleBinding",
		metadata: { name: "pods" },
		roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "ClusterRole", name: "pods" },
		subjects: [{ apiGroup: "rbac.authorization.k8s.io", kind: "User", name: OPERATOR }],
	};
}
