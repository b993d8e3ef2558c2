import { connect } from "node:net";
import { describe, expect, test } from "vitest";
import { realClock } from "../../../../src/sandbox/cluster/clock.ts";
import { createImages } from "../../../../src/sandbox/cluster/pods/images.ts";
import { startPodServer } from "../../../../src/sandbox/cluster/pods/pod-server.ts";
import { createStage, deploymentOf, podSpec, type Stage } from "./stage.ts";

const SERVICE = {
	apiVersion: "v1",
	kind: "Service",
	metadata: { name: "cart", namespace: "shop" },
	spec: { selector: { app: "cart" }, ports: [{ name: "web", port: 80, targetPort: "http", protocol: "TCP" }] },
};

interface Slice {
	readonly metadata: { readonly labels: object; readonly ownerReferences: readonly { readonly name: string }[] };
	readonly ports: unknown;
	readonly endpoints: readonly {
		readonly addresses: unknown;
		readonly conditions: object;
		readonly nodeName: string;
	}[];
}

function slicesOf(stage: Stage): readonly Slice[] {
	return stage.api.list({ apiVersion: "discovery.k8s.io/v1", kind: "EndpointSlice" }) as unknown as readonly Slice[];
}

describe("a Service", () => {
	test("has a slice with its pods", async () => {
		const stage = createStage();
		stage.api.create(SERVICE);
		stage.api.create(deploymentOf("cart", "podinfo:1.2.0", { replicas: 2 }));
		await stage.clock.until(() => stage.cluster.endpoints.of("shop", "cart", 80)?.length === 2);
		await stage.settle();
		const [slice, ...others] = slicesOf(stage);
		expect(others).toEqual([]);
		expect(slice?.metadata.labels).toMatchObject({ "kubernetes.io/service-name": "cart" });
		expect(slice?.metadata.ownerReferences.map(({ name }) => name)).toEqual(["cart"]);
		expect(slice?.ports).toEqual([{ name: "web", port: 9898, protocol: "TCP" }]);
		expect(slice?.endpoints).toMatchObject([
			{
				addresses: ["10.244.1.2"],
				conditions: { ready: true, serving: true, terminating: false },
				nodeName: "sandbox-1",
			},
			{
				addresses: ["10.244.2.2"],
				conditions: { ready: true, serving: true, terminating: false },
				nodeName: "sandbox-2",
			},
		]);
		await stage.cluster.stop();
	});

	test("leads only to pods that are ready", async () => {
		const stage = createStage();
		stage.api.create(SERVICE);
		stage.api.create(deploymentOf("cart", "podinfo:1.2.0", { replicas: 1 }));
		const reachable = () => stage.cluster.endpoints.of("shop", "cart", 80)?.length;
		await stage.clock.until(() => reachable() === 1);
		stage.images.set("podinfo:1.2.0", { start: "never ready" });
		await stage.settle();
		expect(reachable()).toBe(0);
		expect(slicesOf(stage)[0]?.endpoints).toMatchObject([{ conditions: { ready: false } }]);
		stage.images.set("podinfo:1.2.0", { start: "ready" });
		await stage.settle();
		expect(reachable()).toBe(1);
		stage.api.delete({ apiVersion: "v1", kind: "Pod", namespace: "shop", name: stage.pods()[0]?.metadata.name ?? "" });
		expect(stage.pods().map(({ metadata }) => metadata.deletionTimestamp === undefined)).toEqual([false]);
		await stage.settle();
		expect(slicesOf(stage)[0]?.endpoints).toMatchObject([
			{ conditions: { ready: false, terminating: true } },
			{ conditions: { ready: true, terminating: false } },
		]);
		await stage.cluster.stop();
	});

	test("with many pods has several slices", async () => {
		const stage = createStage();
		stage.api.create(SERVICE);
		stage.api.create(deploymentOf("cart", "podinfo:1.2.0", { replicas: 120 }));
		await stage.clock.until(() => stage.cluster.endpoints.of("shop", "cart", 80)?.length === 120);
		await stage.settle();
		expect(slicesOf(stage).map(({ endpoints }) => endpoints.length)).toEqual([100, 20]);
		stage.api.patch({ ...deploymentOf("cart", ""), name: "cart", namespace: "shop" }, { spec: { replicas: 1 } });
		await stage.clock.until(() => stage.pods().length === 1);
		await stage.settle();
		expect(slicesOf(stage).map(({ endpoints }) => endpoints.length)).toEqual([1]);
		await stage.cluster.stop();
	});

	test("leads to a port by the name that each pod gives it", async () => {
		const stage = createStage();
		stage.api.create(SERVICE);
		for (const [name, containerPort, port] of [
			["one", 8080, "http"],
			["two", 9090, "http"],
			["three", 9090, "other"],
		] as const) {
			const containers = [{ name: "main", image: "podinfo:1.2.0", ports: [{ name: port, containerPort }] }];
			const metadata = { name, namespace: "shop", labels: { app: "cart" } };
			stage.api.create({ apiVersion: "v1", kind: "Pod", metadata, spec: { containers } });
		}
		await stage.settle();
		expect(stage.cluster.endpoints.of("shop", "cart", 80)?.map(({ pod }) => pod)).toEqual(["one", "two"]);
		expect(slicesOf(stage).map(({ ports }) => ports)).toEqual([
			[{ name: "web", port: 8080, protocol: "TCP" }],
			[{ name: "web", port: 9090, protocol: "TCP" }],
			[],
		]);
		await stage.cluster.stop();
	});

	test("loses a pod whose labels it no longer selects", async () => {
		const stage = createStage();
		stage.api.create(SERVICE);
		stage.api.create(deploymentOf("cart", "podinfo:1.2.0", { replicas: 1 }));
		await stage.clock.until(() => stage.cluster.endpoints.of("shop", "cart", 80)?.length === 1);
		const name = stage.pods()[0]?.metadata.name ?? "";
		stage.api.patch(
			{ apiVersion: "v1", kind: "Pod", namespace: "shop", name },
			{ metadata: { labels: { app: "debug" } } },
		);
		await stage.settle();
		const released = stage.pods().find((pod) => pod.metadata.name === name);
		expect(released?.metadata.ownerReferences).toEqual([]);
		expect(stage.pods()).toHaveLength(2);
		const served = stage.cluster.endpoints.of("shop", "cart", 80)?.map(({ pod }) => pod);
		expect(served).toEqual([stage.pods().find((pod) => pod.metadata.name !== name)?.metadata.name]);
		expect(slicesOf(stage).flatMap(({ endpoints }) => endpoints)).toHaveLength(1);
		await stage.cluster.stop();
	});

	test("that isn't there, or has no such port, leads nowhere", async () => {
		const stage = createStage();
		stage.api.create(SERVICE);
		expect(stage.cluster.endpoints.of("shop", "till", 80)).toBeUndefined();
		expect(stage.cluster.endpoints.of("shop", "cart", 81)).toBeUndefined();
		expect(stage.cluster.endpoints.of("shop", "cart", 80)).toEqual([]);
		await stage.cluster.stop();
	});
});

describe("a pod with a port", () => {
	test("answers on loopback as its image behaves now", async () => {
		const stage = createStage({ startServer: startPodServer });
		stage.api.create(SERVICE);
		stage.api.create(deploymentOf("cart", "podinfo:1.2.0", { replicas: 1 }));
		const endpoint = () => stage.cluster.endpoints.of("shop", "cart", 80)?.[0];
		while (endpoint() === undefined) await stage.settle();
		const ask = async (path: string) => {
			let isAnswered = false;
			const answer = fetch(`http://${endpoint()?.host}:${endpoint()?.port}${path}`).finally(() => {
				isAnswered = true;
			});
			while (!isAnswered) await stage.clock.advance(1);
			return answer;
		};
		const good = await ask("/");
		expect([good.status, good.headers.get("x-image"), await good.json()]).toEqual([
			200,
			"podinfo:1.2.0",
			{ pod: endpoint()?.pod, image: "podinfo:1.2.0", text: "Hello from podinfo:1.2.0" },
		]);
		stage.images.set("podinfo:1.2.0", { errorRate: 1 });
		expect((await ask("/")).status).toBe(500);
		expect((await ask("/healthz")).status).toBe(200);
		stage.images.set("podinfo:1.2.0", { start: "never ready" });
		const { host, port } = endpoint() ?? {};
		expect((await fetch(`http://${host}:${port}/healthz`)).status).toBe(503);
		await stage.cluster.stop();
		await expect(fetch(`http://${host}:${port}/`)).rejects.toThrow();
	});

	test("lets requests end that are on their way when it is deleted", async () => {
		const stage = createStage({ startServer: startPodServer });
		stage.images.set("podinfo:1.2.0", { p50Ms: 3_000, p99Ms: 3_000 });
		const metadata = { name: "one", namespace: "shop", labels: { app: "cart" } };
		stage.api.create({ apiVersion: "v1", kind: "Pod", metadata, spec: podSpec("podinfo:1.2.0") });
		stage.api.create(SERVICE);
		const endpoint = () => stage.cluster.endpoints.of("shop", "cart", 80)?.[0];
		while (endpoint() === undefined) await stage.settle();
		const { host, port } = endpoint() ?? {};
		const before = stage.clock.pending;
		const answer = fetch(`http://${host}:${port}/`);
		while (stage.clock.pending === before) await stage.clock.rest();
		stage.api.delete({ apiVersion: "v1", kind: "Pod", namespace: "shop", name: "one" });
		await stage.clock.advance(2_000);
		expect(endpoint()).toBeUndefined();
		await expect(fetch(`http://${host}:${port}/`)).rejects.toThrow();
		expect(stage.pods()).toHaveLength(1);
		await stage.clock.advance(1_000);
		expect((await answer).status).toBe(200);
		await (await answer).text();
		while (stage.pods().length > 0) await stage.settle();
		await stage.cluster.stop();
	});

	test("answers whoever sends more than it reads, and hangs up", async () => {
		const server = await startPodServer({
			pod: "one",
			image: () => "podinfo:1.2.0",
			behaviour: () => ({ ...createImages().behaviourOf("podinfo:1.2.0", {}), p50Ms: 0, p99Ms: 0 }),
			isReady: () => true,
			clock: realClock,
			random: () => 0.5,
		});
		const socket = connect(server.port, server.host);
		let received = "";
		socket.on("data", (chunk) => {
			received += chunk;
		});
		const isClosed = new Promise((resolve) => socket.on("close", resolve));
		socket.on("error", () => {});
		socket.write("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 52428800\r\n\r\n");
		socket.write(Buffer.alloc(3 * 1024 * 1024));
		await isClosed;
		expect(received).toMatch(/^HTTP\/1.1 200 OK/);
		await server.close(0);
	});
});
