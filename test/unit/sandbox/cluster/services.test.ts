import { describe, expect, test } from "vitest";
import { startPodServer } from "../../../../src/sandbox/cluster/pods/pod-server.ts";
import { createStage, deploymentOf, type Stage } from "./stage.ts";

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
});
