import { join } from "node:path";
import { type ControlPlane, startControlPlane } from "../control-plane/control-plane.ts";
import { crdFolder, installCrds } from "../control-plane/crds.ts";
import { REPLACED_CONTROLLERS, startDeploymentController } from "../control-plane/deployment-controller.ts";
import { eventually, type Patience } from "../control-plane/eventually.ts";
import { startGateway } from "../control-plane/gateway.ts";
import type { KubeApi } from "../control-plane/kube-api.ts";
import type { KubeObject } from "../control-plane/kube-object.ts";
import { startKubelet } from "../control-plane/kubelet.ts";
import { findTools, type Tools } from "../control-plane/tools.ts";
import { startSandboxPlane } from "../sandbox/sandbox-plane.ts";
import { type FakePrometheus, startFakePrometheus } from "./fake-prometheus.ts";
import {
	type CanarySeen,
	type CanaryStatusSeen,
	canaryRef,
	deployment,
	deploymentRef,
	imagePatch,
} from "./manifests.ts";
import { grantOperator } from "./role.ts";

/** A control plane that an operator can be started on: pods run, routes are accepted, Prometheus answers. */
export interface Bed {
	readonly plane: ControlPlane;
	readonly admin: KubeApi;
	readonly prometheus: FakePrometheus;
	/** What every operator of this bed is started with. */
	readonly options: { readonly kubeconfig: string; readonly metricsServer: string };
	/** Applies the Canary and its Deployment and waits until the primary has taken over. */
	initialised(canary: KubeObject, replicas?: number): Promise<CanarySeen>;
	push(name: string, image: string, options?: { readonly ready?: boolean }): Promise<void>;
	/** Says `verb` to the Canary as the command line does. */
	command(name: string, verb: string): Promise<void>;
	/** Waits for the Canary's status. */
	until(
		name: string,
		what: string,
		holds: (status: CanaryStatusSeen) => boolean,
		patience?: Patience,
	): Promise<CanarySeen>;
	phase(name: string, wanted: string, patience?: Patience): Promise<CanarySeen>;
	/** Reasons of the Canary's Events, in the order of their notices. */
	events(name: string): Promise<readonly { readonly reason: string; readonly message: string }[]>;
	stop(): Promise<void>;
}

interface EventSeen extends KubeObject {
	readonly reason: string;
	readonly message: string;
	readonly eventTime: string;
}

/** What the operator is tested on: the real control plane, or the sandbox in its place. */
export const isSandbox = process.env.HALDANE_BED === "sandbox";

const crds = findTools("fetch-crds");
const tools: Tools = isSandbox ? { kind: "missing", why: "the sandbox needs none" } : findTools("build-control-plane");

/** Whether the bed can be put up here; in CI what is missing is an error instead. */
export const canStartBed = (isSandbox || tools.kind === "found") && crds.kind === "found";

/** How Deployments come to their pods. */
export interface BedOptions {
	/**
	 * `run`, unless said otherwise: by the cluster's own controllers, which make ReplicaSets and pods. `at once`: a stand-in
	 * reports every Deployment as rolled out and ready, and there are no pods.
	 */
	readonly pods?: "run" | "at once";
}

/**
 * For tests of what the sandbox leaves out: roles, and an API server that restarts. There they are not skipped but not
 * there.
 */
export const onRealServer = (define: () => void): void => {
	if (!isSandbox) define();
};

/** Ready to use once it resolves; no operator runs yet. */
export async function startBed({ pods = "run" }: BedOptions = {}): Promise<Bed> {
	const isAtOnce = pods === "at once";
	const plane = isSandbox
		? await startSandboxPlane()
		: await startControlPlane({ tools, withoutControllers: isAtOnce ? REPLACED_CONTROLLERS : [] });
	const admin = plane.clientFor("admin");
	const standIn = plane.clientFor("standIn");
	const [runner, prometheus] = await Promise.all([
		isAtOnce ? startDeploymentController(standIn) : startKubelet({ api: standIn }),
		startFakePrometheus(),
		grantOperator(admin),
		installCrds(admin, [
			crdFolder(crds, "gateway-api/standard"),
			crdFolder(crds, "smi"),
			join(import.meta.dirname, "../../../crds"),
		]),
	]);
	const gateway = await startGateway(standIn);
	let commands = 0;
	const until: Bed["until"] = async (name, what, holds, patience) => {
		let last: CanarySeen | undefined;
		try {
			return await eventually(
				`Canary ${name} ${what}`,
				async () => {
					last = await admin.get<CanarySeen>(canaryRef(name));
					return last?.status !== undefined && holds(last.status) && last;
				},
				patience,
			);
		} catch (thrown) {
			// What it was instead is the first thing that anyone wants to know.
			throw new Error(`${thrown instanceof Error ? thrown.message : thrown}: ${JSON.stringify(last?.status)}`, {
				cause: thrown,
			});
		}
	};
	const phase: Bed["phase"] = (name, wanted, patience) =>
		until(name, `is ${wanted}`, (status) => status.phase === wanted, patience);
	return {
		plane,
		admin,
		prometheus,
		options: { kubeconfig: plane.operatorKubeconfig, metricsServer: prometheus.url },
		async initialised(canary, replicas = 1) {
			const { name } = canary.metadata;
			await admin.apply(deployment(name, { replicas }));
			await admin.apply(canary);
			return phase(name, "Initialized", { withinMs: 180_000 });
		},
		async push(name, image, options) {
			await admin.patch(deploymentRef(name), imagePatch(image, options), { as: "strategic-merge" });
		},
		async command(name, verb) {
			commands += 1;
			const annotations = { "haldane.dev/command": `${verb}@${commands}` };
			await admin.patch(canaryRef(name), { metadata: { annotations } });
		},
		until,
		phase,
		async events(name) {
			const selection = { apiVersion: "v1", kind: "Event", namespace: "default" };
			const { items } = await admin.list<EventSeen>({ ...selection, fieldSelector: `involvedObject.name=${name}` });
			const number = ({ metadata }: EventSeen) => Number(metadata.name.split("-").at(-1));
			return [...items].filter(isOfCanary).sort((one, other) => number(one) - number(other));
		},
		async stop() {
			await gateway.stop();
			await runner.stop();
			await prometheus.stop();
			await plane.stop();
		},
	};
}

function isOfCanary(event: KubeObject): boolean {
	return (event as unknown as { involvedObject: { kind: string } }).involvedObject.kind === "Canary";
}
