import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { eventually } from "../support/control-plane/eventually.ts";
import type { KubeApi } from "../support/control-plane/kube-api.ts";
import type { KubeObject } from "../support/control-plane/kube-object.ts";
import { type DataPlane, findDataPlane, startDataPlane } from "../support/data-plane/data-plane.ts";
import {
	type Answer,
	failuresIn,
	type LoadOptions,
	percentOf,
	sendLoad,
	startLoad,
} from "../support/data-plane/load.ts";

const tools = findDataPlane();
const HOST = "shop.example.com";

describe.skipIf(tools === undefined)("the data plane", () => {
	let plane: DataPlane;
	let api: KubeApi;
	let load: LoadOptions;

	beforeAll(async () => {
		if (tools === undefined) return;
		const began = performance.now();
		plane = await startDataPlane(tools);
		console.info(`data plane up after ${Math.round(performance.now() - began)} ms`);
		api = plane.controlPlane.clientFor("admin");
		load = { url: plane.ingress.url, host: HOST, perSecond: 200 };
		await api.apply(deployment("shop-primary", "1.0.0"));
		await api.apply(deployment("shop-canary", "2.0.0"));
		await api.apply(service("shop-primary"));
		await api.apply(service("shop-canary"));
		await Promise.all(["shop-primary", "shop-canary"].map(available));
	});
	afterAll(() => plane?.stop());

	const available = (name: string) =>
		eventually(`${name} is rolled out`, async () => {
			const found = await api.get<KubeObject<unknown, Record<string, number>>>(deployment(name, ""));
			const { replicas, updatedReplicas, availableReplicas, observedGeneration } = found?.status ?? {};
			const rolled = replicas === 2 && updatedReplicas === 2 && availableReplicas === 2;
			return rolled && observedGeneration === found?.metadata.generation;
		});

	/** Applies the route, and waits until Envoy answers as it says: acceptance comes before the proxy is programmed. */
	const routed = async (
		primary: number,
		candidate: number,
		inForce: (seen: readonly Answer[]) => boolean,
		filters: object[] = [],
	) => {
		await api.apply(route(plane.ingress.parentRef, primary, candidate, filters));
		await eventually("the route is in force", async () => inForce(await sendLoad({ ...load, count: 40 })));
	};
	const mirroredBy = (version: string) => sum(plane, version, "mirrored");

	test("weights 80/20 are what users get, within three points", async () => {
		await routed(80, 20, (seen) => failuresIn(seen).length === 0 && percentOf(seen, "2.0.0") > 0);
		const answers = await sendLoad({ ...load, count: 2000 });
		expect(failuresIn(answers)).toEqual([]);
		console.info(`80/20 measured: ${percentOf(answers, "1.0.0")} / ${percentOf(answers, "2.0.0")}`);
		expect(Math.abs(percentOf(answers, "2.0.0") - 20)).toBeLessThanOrEqual(3);
	});

	test("a mirror copies requests to the candidate, and no user sees an answer of it", async () => {
		const mirror = { type: "RequestMirror", requestMirror: { backendRef: { name: "shop-canary", port: 80 } } };
		await routed(100, 0, (seen) => percentOf(seen, "1.0.0") === 100 && mirroredBy("2.0.0") > 0, [mirror]);
		const before = mirroredBy("2.0.0");
		const answers = await sendLoad({ ...load, count: 500 });
		expect(percentOf(answers, "1.0.0")).toBe(100);
		expect(failuresIn(answers)).toEqual([]);
		const copies = await eventually(
			"the copies arrive",
			() => mirroredBy("2.0.0") - before >= 495 && mirroredBy("2.0.0") - before,
		);
		expect(copies).toBeLessThanOrEqual(500);
		expect(mirroredBy("1.0.0")).toBe(0);
	});

	test("errors and latency of a version are what its users and Prometheus see", async () => {
		await api.apply(deployment("shop-canary", "2.0.1", { ERROR_RATE: "25", LATENCY_MS: "60" }));
		await available("shop-canary");
		await routed(0, 100, (seen) => percentOf(seen, "2.0.1") === 100);
		const answers = await sendLoad({ ...load, count: 600 });
		expect(Math.abs((100 * failuresIn(answers).length) / answers.length - 25)).toBeLessThanOrEqual(1);
		expect(Math.min(...answers.map(({ tookMs }) => tookMs))).toBeGreaterThanOrEqual(55);
		await eventually("prometheus sees 75 % success", async () => {
			const success = await plane.prometheus.query(successRate("shop-canary"));
			return success !== undefined && Math.abs(success - 75) < 3;
		});
		const failed =
			'sum(envoy_cluster_upstream_rq{envoy_cluster_name="default_shop-canary_80",envoy_response_code="500"})';
		await eventually(
			"envoy's own statistics say so too",
			async () => ((await plane.prometheus.query(failed)) ?? 0) >= 150,
		);
	});

	test("a rollout under load loses no request", async () => {
		await routed(100, 0, (seen) => percentOf(seen, "1.0.0") === 100);
		const running = startLoad(load);
		await api.apply(deployment("shop-primary", "1.1.0"));
		await available("shop-primary");
		const gone = () => !plane.pods.records().some(({ version, ended }) => version === "1.0.0" && !ended);
		await eventually("the old pods have ended", gone);
		const sentBy = running.answers().length;
		await eventually("a hundred more are answered", () => running.answers().length >= sentBy + 100);
		const answers = await running.stop();
		expect(failuresIn(answers)).toEqual([]);
		expect(percentOf(answers.slice(-50), "1.1.0")).toBe(100);
		console.info(`rollout under load: ${answers.length} requests, none lost`);
	});
});

function sum(plane: DataPlane, version: string, of: "direct" | "mirrored"): number {
	return plane.pods
		.records()
		.filter((pod) => pod.version === version)
		.reduce((total, pod) => total + pod[of], 0);
}

function successRate(workload: string): string {
	const series = (more: string) =>
		`sum(rate(http_request_duration_seconds_count{kubernetes_namespace="default",kubernetes_pod_name=~"${workload}-[0-9a-z]+-[0-9a-z]+"${more}}[5s]))`;
	return `100 * ${series(',status!~"5.*"')} / ${series("")}`;
}

function deployment(name: string, version: string, env: Record<string, string> = {}) {
	const labels = { app: name };
	const variables = Object.entries({ VERSION: version, ...env }).map(([key, value]) => ({ name: key, value }));
	const containers = [
		{ name: "main", image: `example.com/shop:${version}`, ports: [{ containerPort: 9898 }], env: variables },
	];
	return {
		apiVersion: "apps/v1",
		kind: "Deployment",
		metadata: { name, namespace: "default" },
		spec: { replicas: 2, selector: { matchLabels: labels }, template: { metadata: { labels }, spec: { containers } } },
	};
}

function service(name: string) {
	const spec = { selector: { app: name }, ports: [{ name: "http", port: 80, targetPort: 9898 }] };
	return { apiVersion: "v1", kind: "Service", metadata: { name, namespace: "default" }, spec };
}

function route(parentRef: object, primary: number, candidate: number, filters: object[]) {
	const backendRefs = [
		{ name: "shop-primary", port: 80, weight: primary },
		{ name: "shop-canary", port: 80, weight: candidate },
	];
	return {
		apiVersion: "gateway.networking.k8s.io/v1",
		kind: "HTTPRoute",
		metadata: { name: "shop", namespace: "default" },
		spec: { hostnames: [HOST], parentRefs: [parentRef], rules: [{ backendRefs, filters }] },
	};
}
