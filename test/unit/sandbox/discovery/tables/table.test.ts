import { expect, test } from "vitest";
import type { Json } from "../../../../../src/sandbox/contract.ts";
import { tableOf } from "../../../../../src/sandbox/discovery/tables/table.ts";
import { served } from "../kinds.ts";
import { cellsOf, now } from "./cells.ts";

const selector = { matchLabels: { app: "a" }, matchExpressions: [{ key: "t", operator: "In", values: ["y", "x"] }] };
const template = {
	spec: {
		containers: [
			{ name: "c", image: "i:1" },
			{ name: "d", image: "j:2" },
		],
	},
};
const wide = { Containers: "c,d", Images: "i:1,j:2", Selector: "app=a,t in (x,y)", Age: "60m", Name: "a" };
const addresses = ["10.0.0.5", "10.0.0.6", "10.0.0.7", "10.0.0.8"];
const ago = (minutes: number) => new Date(now - minutes * 60_000).toISOString();
const cpu = { type: "Resource", resource: { name: "cpu", target: { averageUtilization: 50 } } };

test.each<[string, string, Json, Json]>([
	[
		...([
			"apps/v1",
			"Deployment",
			{ spec: { replicas: 3, selector, template }, status: { updatedReplicas: 2, readyReplicas: 1 } },
		] as const),
		{ ...wide, Ready: "1/3", "Up-to-date": 2, Available: 0 },
	],
	[
		...(["apps/v1", "ReplicaSet", { spec: { replicas: 3, selector, template }, status: { replicas: 2 } }] as const),
		{ ...wide, Desired: 3, Current: 2, Ready: 0 },
	],
	[
		"apps/v1",
		"DaemonSet",
		{ spec: {}, status: { numberReady: 1 } },
		{ Ready: 1, Desired: 0, "Node Selector": "<none>" },
	],
	["apps/v1", "StatefulSet", { spec: { replicas: 2 }, status: { readyReplicas: 1 } }, { Ready: "1/2" }],
	[
		...([
			"v1",
			"Service",
			{
				spec: {
					type: "LoadBalancer",
					clusterIP: "10.0.0.9",
					ports: [
						{ port: 80, nodePort: 30001 },
						{ port: 53, protocol: "UDP" },
					],
				},
			},
		] as const),
		{ Type: "LoadBalancer", "Cluster-IP": "10.0.0.9", "External-IP": "<pending>", "Port(s)": "80:30001/TCP,53/UDP" },
	],
	[
		"v1",
		"Service",
		{ spec: { type: "ClusterIP", selector: { b: "2", a: "1" } } },
		{ "External-IP": "<none>", Selector: "a=1,b=2" },
	],
	[
		...([
			"v1",
			"Node",
			{
				metadata: { labels: { "node-role.kubernetes.io/worker": "" } },
				spec: { unschedulable: true },
				status: { conditions: [{ type: "Ready", status: "True" }] },
			},
		] as const),
		{ Status: "Ready,SchedulingDisabled", Roles: "worker", "Internal-IP": "<none>" },
	],
	["v1", "ConfigMap", { data: { a: "1" }, binaryData: { b: "aGk=" } }, { Name: "a", Data: 2, Age: "60m" }],
	["v1", "Secret", { type: "Opaque", data: { a: "aGk=" } }, { Type: "Opaque", Data: 1 }],
	[
		...([
			"v1",
			"Event",
			{ involvedObject: { kind: "Pod", name: "p" }, message: " so \n", lastTimestamp: ago(5), count: 2 },
		] as const),
		{ "Last Seen": "5m", Object: "pod/p", Message: "so", Count: 2, "First Seen": "<unknown>" },
	],
	[
		...([
			"events.k8s.io/v1",
			"Event",
			{
				regarding: { kind: "Pod", name: "p" },
				note: "so",
				eventTime: ago(30),
				series: { count: 4, lastObservedTime: ago(20) },
				reportingController: "haldane",
			},
		] as const),
		{ "Last Seen": "20m", "First Seen": "30m", Object: "pod/p", Message: "so", Count: 4, Source: "haldane" },
	],
	[
		...([
			"discovery.k8s.io/v1",
			"EndpointSlice",
			{ addressType: "IPv4", ports: [{ port: 80 }], endpoints: addresses.map((ip) => ({ addresses: [ip] })) },
		] as const),
		{ Ports: "80", Endpoints: "10.0.0.5,10.0.0.6,10.0.0.7 + 1 more..." },
	],
	[
		...([
			"v1",
			"Endpoints",
			{ subsets: [{ addresses: [{ ip: "10.0.0.5" }], ports: [{ port: 80 }, { port: 81 }] }] },
		] as const),
		{ Endpoints: "10.0.0.5:80,10.0.0.5:81" },
	],
	[
		...([
			"autoscaling/v2",
			"HorizontalPodAutoscaler",
			{ spec: { scaleTargetRef: { kind: "Deployment", name: "d" }, maxReplicas: 5, metrics: [cpu, cpu, cpu] } },
		] as const),
		{
			Reference: "Deployment/d",
			Targets: "cpu: <unknown>/50%, cpu: <unknown>/50% + 1 more...",
			MinPods: "<unset>",
			MaxPods: 5,
		},
	],
	[
		...([
			"autoscaling/v1",
			"HorizontalPodAutoscaler",
			{ spec: { targetCPUUtilizationPercentage: 80 }, status: { currentCPUUtilizationPercentage: 12 } },
		] as const),
		{ Targets: "cpu: 12%/80%" },
	],
	[
		"batch/v1",
		"Job",
		{ spec: { completions: 3 }, status: { succeeded: 1, startTime: ago(7) } },
		{ Status: "Running", Completions: "1/3", Duration: "7m" },
	],
	[
		"batch/v1",
		"CronJob",
		{ spec: { schedule: "* * * * *" } },
		{ Suspend: "False", Active: 0, "Last Schedule": "<none>" },
	],
	[
		"policy/v1",
		"PodDisruptionBudget",
		{ spec: { maxUnavailable: "50%" } },
		{ "Min Available": "N/A", "Max Unavailable": "50%" },
	],
	["networking.k8s.io/v1", "Ingress", { spec: { tls: [{}] } }, { Class: "<none>", Hosts: "*", Ports: "80, 443" }],
	["coordination.k8s.io/v1", "Lease", { spec: { holderIdentity: "me" } }, { Holder: "me" }],
	["rbac.authorization.k8s.io/v1", "Role", {}, { Name: "a", "Created At": "2026-01-01T00:00:00Z" }],
	[
		...([
			"rbac.authorization.k8s.io/v1",
			"RoleBinding",
			{ roleRef: { kind: "Role", name: "r" }, subjects: [{ kind: "ServiceAccount", name: "s", namespace: "n" }] },
		] as const),
		{ Role: "Role/r", Users: "", ServiceAccounts: "n/s" },
	],
])("%s %s", (apiVersion, kind, object, cells) => {
	expect(cellsOf(apiVersion, kind, object)).toMatchObject(cells);
});

const foo = { apiVersion: "ex.dev/v1", kind: "Foo", metadata: { name: "a", labels: { b: "c" } }, spec: { d: 1 } };

test.each([
	["None", null],
	["Metadata", { kind: "PartialObjectMetadata", apiVersion: "meta.k8s.io/v1", metadata: foo.metadata }],
	["Object", foo],
] as const)("comes with %s of each object", (include, object) => {
	const table = tableOf({
		kind: served("ex.dev/v1", "Foo"),
		columns: undefined,
		objects: [foo],
		include,
		now,
		withColumns: false,
	});
	expect(table).toEqual({
		...{ kind: "Table", apiVersion: "meta.k8s.io/v1", metadata: {}, columnDefinitions: null },
		rows: [{ cells: ["a", null], object }],
	});
});

test("says everything about its columns", () => {
	const columns = [
		{ name: "D", type: "integer", format: "int32", jsonPath: ".spec.d", priority: 1, description: "Why." },
	];
	const table = tableOf({
		kind: served("ex.dev/v1", "Foo"),
		columns,
		objects: [],
		include: "Metadata",
		now,
		withColumns: true,
	});
	expect(table.rows).toEqual([]);
	expect(table.columnDefinitions).toEqual([
		{ name: "Name", type: "string", format: "name", description: expect.any(String), priority: 0 },
		{ name: "D", type: "integer", format: "int32", description: "Why.", priority: 1 },
	]);
});
