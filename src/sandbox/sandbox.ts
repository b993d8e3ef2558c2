import { customResourceDefinitions } from "../api/crd.ts";
import { type KubeObject, refOf } from "../domain/kube-object.ts";
import { rules } from "./api-rules.ts";
import { type ApiServer, startApiServer } from "./api-server/start-api-server.ts";
import { createImages } from "./cluster/pods/images.ts";
import { startCluster } from "./cluster/start-cluster.ts";
import type { Running, SandboxApi } from "./contract.ts";
import { followImageSettings, NO_IMAGE_SETTINGS } from "./image-settings.ts";
import { startGateway } from "./mesh/gateway.ts";
import { meshCrds } from "./mesh-crds.ts";
import { startPrometheus } from "./prometheus/start-prometheus.ts";
import { registryAt } from "./registry/address.ts";
import { type RunningRegistry, startRegistry } from "./registry/start-registry.ts";

/** Where a sandbox listens, on loopback, and what it keeps. Port 0 is any that is free. */
export interface SandboxOptions {
	readonly port: number;
	readonly gatewayPort: number;
	readonly prometheusPort: number;
	/** 0 unless said. */
	readonly registryPort?: number;
	/** Where the kubeconfig is written. */
	readonly folder: string;
	/** Where objects are kept across restarts; undefined: nowhere. */
	readonly dataDir?: string;
	/** Told of the sandbox's own mistakes, after which it goes on. */
	readonly report: (thrown: unknown, doing: string) => void;
}

/** A whole small Kubernetes with pods that answer, a gateway before them, a Prometheus that has seen it all, and a registry of images. */
export interface Sandbox extends Running {
	readonly api: SandboxApi;
	/** Of the API server; every client needs the token of the kubeconfig. */
	readonly url: string;
	/** Path of the kubeconfig. */
	readonly kubeconfig: string;
	readonly gatewayUrl: string;
	/** What the gateway has counted, as Prometheus reads it. */
	readonly gatewayMetrics: () => string;
	readonly prometheus: { readonly url: string; pause(isDown: boolean): void };
	readonly images: ReturnType<typeof createImages>;
	/** Pods run any image: what is pushed here is for those who look for new tags. */
	readonly registry: Pick<RunningRegistry, "url" | "host" | "push" | "requests">;
}

const SCRAPE_EVERY_MS = 1_000;

/** Started in an order in which each part finds what it needs, and stopped in the reverse one. */
export async function startSandbox(options: SandboxOptions): Promise<Sandbox> {
	const { folder, dataDir, report } = options;
	const running: Running[] = [];
	const stop = async () => {
		for (const part of running.reverse()) await part.stop();
	};
	const started = <T extends Running>(part: T): T => {
		running.push(part);
		return part;
	};
	try {
		const server: ApiServer = started(
			await startApiServer({
				port: options.port,
				folder,
				rules,
				...(dataDir === undefined ? {} : { dataDir }),
				onMistake: (thrown, { method, path }) => report(thrown, `${method} ${path}`),
			}),
		);
		const { api } = server;
		for (const definition of [...customResourceDefinitions(), ...meshCrds]) createOnce(api, definition);
		createOnce(api, NO_IMAGE_SETTINGS);
		const images = createImages();
		const unfollow = followImageSettings(api, images, report);
		running.push({ stop: async () => unfollow() });
		const cluster = started(startCluster({ api, images, report: (thrown, doing) => report(thrown, String(doing)) }));
		const gateway = started(await startGateway({ api, endpoints: cluster.endpoints, port: options.gatewayPort }));
		const prometheus = started(
			await startPrometheus({ scrape: gateway.metrics, everyMs: SCRAPE_EVERY_MS, port: options.prometheusPort }),
		);
		const registry = started(await startRegistry({ port: options.registryPort ?? 0, report }));
		createOrUpdate(api, registryAt(registry.host));
		return {
			api,
			url: server.url,
			kubeconfig: server.kubeconfig,
			gatewayUrl: gateway.url,
			gatewayMetrics: () => gateway.metrics(),
			prometheus,
			images,
			registry,
			stop,
		};
	} catch (thrown) {
		await stop();
		throw thrown;
	}
}

/** Objects that were kept from last time stay as they are. */
function createOnce(api: SandboxApi, object: KubeObject): boolean {
	const isThere = api.get(refOf(object)) !== undefined;
	if (!isThere) api.create(object);
	return !isThere;
}

/** What was kept from last time gives way. */
function createOrUpdate(api: SandboxApi, object: KubeObject): void {
	if (!createOnce(api, object)) api.update(object);
}
