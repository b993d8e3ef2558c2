import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { eventually } from "../control-plane/eventually.ts";
import type { KubeApi } from "../control-plane/kube-api.ts";
import { type Condition, conditionOf, type KubeObject } from "../control-plane/kube-object.ts";
import { startProgram } from "../control-plane/processes.ts";

/** A real Contour that programs a real Envoy. */
export interface ContourAndEnvoy {
	/** Where users' requests go in; the Host header picks the route. */
	readonly url: string;
	/** What an HTTPRoute names as its parent. */
	readonly parentRef: { readonly name: string; readonly namespace: string };
	/** Where Envoy shows its statistics, under `/stats/prometheus`. */
	readonly stats: string;
	stop(): Promise<void>;
}

const PARENT = { name: "bed", namespace: "projectcontour" };
const XDS = ["--xds-address=127.0.0.1", "--xds-port=8001"];
// Contour maps a Gateway's port 80 to this one of Envoy, and shows statistics on 8002.
const URL = "http://127.0.0.1:8080";
const STATS = "127.0.0.1:8002";

/**
 * Resolves when the Gateway is programmed. Its ports are fixed, so there is one a network namespace. The CRDs of Contour and
 * of the Gateway API's experimental channel must be installed.
 */
export async function startContour(options: {
	readonly binaries: string;
	readonly folder: string;
	readonly kubeconfig: string;
	readonly api: KubeApi;
}): Promise<ContourAndEnvoy> {
	const { binaries, folder, kubeconfig, api } = options;
	await api.apply({ apiVersion: "v1", kind: "Namespace", metadata: { name: PARENT.namespace } } as KubeObject);
	await api.apply(gatewayClass());
	await api.apply(gateway());

	const contourConfig = join(folder, "contour.json");
	const envoyConfig = join(folder, "envoy.json");
	writeFileSync(contourConfig, JSON.stringify({ gateway: { gatewayRef: PARENT } }));
	const contour = startProgram({
		name: "contour",
		command: join(binaries, "contour"),
		args: [
			"serve",
			`--kubeconfig=${kubeconfig}`,
			"--insecure",
			...XDS,
			`--config-path=${contourConfig}`,
			"--disable-leader-election",
		],
		logFile: join(folder, "contour.log"),
	});
	const admin = `--admin-address=${join(folder, "envoy-admin.sock")}`;
	execFileSync(join(binaries, "contour"), ["bootstrap", envoyConfig, ...XDS, "--xds-resource-version=v3", admin], {
		stdio: "pipe",
	});
	const envoy = startProgram({
		name: "envoy",
		command: join(binaries, "envoy"),
		args: [
			...["-c", envoyConfig, "--service-cluster", "bed", "--service-node", "bed"],
			...["--disable-hot-restart", "--concurrency", "1", "--log-level", "warn"],
		],
		logFile: join(folder, "envoy.log"),
	});
	const stop = async () => {
		await envoy.stop(500);
		await contour.stop(500);
	};
	try {
		await eventually("the gateway is programmed", async () => {
			contour.assertAlive();
			envoy.assertAlive();
			const found = await api.get<KubeObject<unknown, { conditions?: Condition[] }>>(gateway());
			return conditionOf(found?.status?.conditions, "Programmed")?.status === "True";
		});
		await eventually("envoy shows its statistics", async () => (await fetch(`http://${STATS}/ready`)).ok);
	} catch (thrown) {
		await stop();
		throw thrown;
	}
	return { url: URL, parentRef: PARENT, stats: STATS, stop };
}

function gatewayClass() {
	return {
		apiVersion: "gateway.networking.k8s.io/v1",
		kind: "GatewayClass",
		metadata: { name: "contour" },
		spec: { controllerName: "projectcontour.io/gateway-controller" },
	};
}

function gateway() {
	const listener = { name: "http", protocol: "HTTP", port: 80, allowedRoutes: { namespaces: { from: "All" } } };
	return {
		apiVersion: "gateway.networking.k8s.io/v1",
		kind: "Gateway",
		metadata: PARENT,
		spec: { gatewayClassName: "contour", listeners: [listener] },
	};
}
