import { expect, test } from "vitest";
import { startCluster } from "../../../../src/sandbox/cluster/start-cluster.ts";
import { createStage, deploymentOf, imaginedServers } from "./stage.ts";

test("a cluster in which nothing happens comes to rest", async () => {
	const stage = createStage();
	const labels = { app: "agent" };
	stage.api.create(deploymentOf("cart", "podinfo:1.2.0"));
	stage.api.create(deploymentOf("till", "podinfo:1.2.0-missing", { progressDeadlineSeconds: 30 }));
	stage.api.create({
		apiVersion: "apps/v1",
		kind: "DaemonSet",
		metadata: { name: "agent", namespace: "shop" },
		spec: {
			selector: { matchLabels: labels },
			template: { metadata: { labels }, spec: { containers: [{ name: "main", image: "podinfo:1.2.0" }] } },
		},
	});
	stage.api.create({
		apiVersion: "v1",
		kind: "Service",
		metadata: { name: "cart", namespace: "shop" },
		spec: { selector: { app: "cart" }, ports: [{ port: 80, targetPort: 9898 }] },
	});
	await stage.clock.advance(60_000);
	const changed: string[] = [];
	for (const [apiVersion, kind] of [
		...[
			["v1", "Pod"],
			["v1", "Event"],
			["v1", "Namespace"],
			["apps/v1", "Deployment"],
			["apps/v1", "ReplicaSet"],
		],
		...[
			["apps/v1", "DaemonSet"],
			["apps/v1", "ControllerRevision"],
			["discovery.k8s.io/v1", "EndpointSlice"],
		],
	] as const) {
		const standing = stage.api.list({ apiVersion, kind }).length;
		let seen = 0;
		stage.api.watch({ apiVersion, kind }, ({ type, object }) => {
			seen += 1;
			if (seen > standing) changed.push(`${type} ${kind} ${object.metadata.name}`);
		});
	}
	await stage.clock.advance(1_000_000);
	expect(changed).toEqual([]);
	expect(stage.reports).toEqual([]);
	await stage.cluster.stop();
	expect(stage.clock.pending).toBe(0);
});

test("a cluster that is started over what another one left goes on with it", async () => {
	const stage = createStage();
	stage.api.create(deploymentOf("cart", "podinfo:1.2.0"));
	stage.api.create(deploymentOf("till", "podinfo:1.2.0-crash", { replicas: 1 }));
	stage.api.create({
		apiVersion: "v1",
		kind: "Service",
		metadata: { name: "cart", namespace: "shop" },
		spec: { selector: { app: "cart" }, ports: [{ port: 80, targetPort: 9898 }] },
	});
	await stage.clock.advance(40_000);
	const standing = () => stage.pods().map(({ metadata, status }) => [metadata.uid, status?.podIP]);
	const before = standing();
	const restarts = () => stage.pods().map(({ status }) => status?.containerStatuses?.[0]?.restartCount);
	const restartsBefore = restarts();
	expect(restartsBefore).toEqual([0, 0, 0, 3]);
	await stage.cluster.stop();
	expect(stage.cluster.endpoints.of("shop", "till", 80)).toBeUndefined();
	const { api, clock, images } = stage;
	const next = startCluster({
		api,
		clock,
		images,
		startServer: imaginedServers(),
		report: (error) => stage.reports.push(`${error}`),
	});
	expect(next.endpoints.of("shop", "cart", 80)).toEqual([]);
	await stage.clock.until(() => next.endpoints.of("shop", "cart", 80)?.length === 3);
	await stage.settle();
	expect(standing()).toEqual(before);
	expect(restarts()).toEqual([0, 0, 0, 4]);
	expect(stage.deployment("cart")?.status?.availableReplicas).toBe(3);
	expect(stage.sets()).toHaveLength(2);
	expect(stage.reports).toEqual([]);
	await next.stop();
	expect(stage.clock.pending).toBe(0);
});
