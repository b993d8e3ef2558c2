import { networkInterfaces } from "node:os";
import { join } from "node:path";
import { BedError } from "../control-plane/bed-error.ts";
import { type ControlPlane, startControlPlane } from "../control-plane/control-plane.ts";
import { crdFolder, installCrds } from "../control-plane/crds.ts";
import type { Running } from "../control-plane/follow.ts";
import { startKubelet } from "../control-plane/kubelet.ts";
import { findTools, folderOf, type Tools } from "../control-plane/tools.ts";
import { type ContourAndEnvoy, startContour } from "./contour.ts";
import { type ProcessRuntime, processRuntime } from "./process-kubelet.ts";
import { type Prometheus, startPrometheus } from "./prometheus.ts";

/** Everything between a user's request and its metrics, real: API server, Contour, Envoy, pods that answer, Prometheus. */
export interface DataPlane {
	readonly controlPlane: ControlPlane;
	readonly ingress: ContourAndEnvoy;
	readonly prometheus: Prometheus;
	readonly pods: ProcessRuntime;
	stop(): Promise<void>;
}

/** The tools of a data plane. */
export interface DataPlaneTools {
	readonly controlPlane: Tools;
	readonly crds: Tools;
	readonly dataPlane: Tools;
}

/**
 * The tools, or undefined where the tier has to be skipped, having said why in one line: a tool is missing, or the process
 * does not run inside the network namespace. In CI either is an error.
 */
export function findDataPlane(): DataPlaneTools | undefined {
	const tools = {
		controlPlane: findTools("build-control-plane"),
		crds: findTools("fetch-crds"),
		dataPlane: findTools("build-data-plane"),
	};
	if (Object.values(tools).some(({ kind }) => kind === "missing")) return undefined;
	if (networkInterfaces().lo?.some(({ address }) => address === "10.77.0.1")) return tools;
	const error = new BedError("not inside the network namespace", "run through .ci/tools/in-namespace.sh, as root");
	if (process.env.CI) throw error;
	console.warn(`skipped: ${error.message}`);
	return undefined;
}

/** Resolves when requests can flow, after some ten seconds; whatever was started is stopped when it throws. */
export async function startDataPlane(tools: DataPlaneTools, { drainMs = 1_500 } = {}): Promise<DataPlane> {
	const ends: (() => Promise<void>)[] = [];
	const stop = async () => {
		for (const end of ends.reverse()) await end();
	};
	const ending = <T extends Running>(part: T): T => {
		ends.push(() => part.stop());
		return part;
	};
	try {
		const controlPlane = ending(await startControlPlane({ tools: tools.controlPlane }));
		const { folder } = controlPlane;
		const admin = controlPlane.clientFor("standIn");
		await installCrds(admin, [crdFolder(tools.crds, "gateway-api/experimental"), crdFolder(tools.crds, "contour")]);
		const binaries = folderOf(tools.dataPlane);
		const ingress = ending(
			await startContour({ binaries, folder, kubeconfig: controlPlane.standInKubeconfig, api: admin }),
		);
		const prometheus = ending(
			await startPrometheus({ command: join(binaries, "prometheus"), folder, envoyStats: ingress.stats }),
		);
		const pods = processRuntime({ drainMs, onTargets: prometheus.setTargets });
		ends.push(() => pods.close());
		ending(await startKubelet({ api: controlPlane.clientFor("standIn"), runtime: pods }));
		return { controlPlane, ingress, prometheus, pods, stop };
	} catch (thrown) {
		await stop();
		throw thrown;
	}
}
