import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { runOperator } from "../../src/cli/run.ts";
import { type ControlPlane, startControlPlane } from "../support/control-plane/control-plane.ts";
import { crdFolder, installCrds } from "../support/control-plane/crds.ts";
import { eventually } from "../support/control-plane/eventually.ts";
import { startGateway } from "../support/control-plane/gateway.ts";
import { startKubelet } from "../support/control-plane/kubelet.ts";
import { findTools } from "../support/control-plane/tools.ts";
import { operatorOptions } from "../support/operator/options.ts";

const tools = findTools("build-control-plane");
const crds = findTools("fetch-crds");
let plane: ControlPlane;
const stop = new AbortController();
let ended: Promise<number>;
beforeAll(async () => {
	plane = await startControlPlane({ tools });
	await startKubelet({ api: plane.clientFor("standIn") });
	await installCrds(plane.clientFor("admin"), [crdFolder(crds, "gateway-api/standard"), crdFolder(crds, "smi"), join(import.meta.dirname, "../../crds")]);
	await startGateway(plane.clientFor("standIn"));
	ended = runOperator(operatorOptions({ kubeconfig: plane.adminKubeconfig, logLevel: "debug" }), stop.signal);
});
afterAll(async () => {
	stop.abort();
	await ended;
	await plane?.stop();
});
test("a rollout", async () => {
	const admin = plane.clientFor("admin");
	const deployment = (version: string) => ({
		apiVersion: "apps/v1", kind: "Deployment", metadata: { name: "shop", namespace: "default" },
		spec: { replicas: 2, selector: { matchLabels: { app: "shop" } }, template: { metadata: { labels: { app: "shop" } }, spec: { containers: [{ name: "web", image: `shop:${version}`, ports: [{ containerPort: 9898 }] }] } } },
	});
	await admin.apply(deployment("1.0.0") as never);
	await admin.apply({ apiVersion: "haldane.dev/v1beta1", kind: "Canary", metadata: { name: "shop", namespace: "default" },
		spec: { provider: "gatewayapi:v1", targetRef: { apiVersion: "apps/v1", kind: "Deployment", name: "shop" },
			service: { port: 80, targetPort: 9898, gatewayRefs: [{ name: "web" }], hosts: ["shop.example"] },
			analysis: { interval: "1s", threshold: 2, stepWeights: [20, 40, 60], metrics: [] } } } as never);
	const ref = { apiVersion: "haldane.dev/v1beta1", kind: "Canary", metadata: { namespace: "default", name: "shop" } };
	const phase = (wanted: string) => eventually(wanted, async () => {
		const canary = (await admin.get(ref as never)) as never as { status?: { phase: string } };
		return canary?.status?.phase === wanted && canary;
	});
	await phase("Initialized");
	await admin.patch({ ...ref, apiVersion: "apps/v1", kind: "Deployment" } as never, { spec: { template: { spec: { containers: [{ name: "web", image: "shop:2.0.0" }] } } } }, { as: "strategic-merge" } as never);
	await phase("Progressing");
	console.log(JSON.stringify(await phase("Succeeded"), null, 1));
}, 90_000);
