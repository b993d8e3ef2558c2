import { readFileSync } from "node:fs";
import { join } from "node:path";
import { installCrds } from "../support/control-plane/crds.ts";
import { eventually, type Patience } from "../support/control-plane/eventually.ts";
import type { KubeApi } from "../support/control-plane/kube-api.ts";
import type { Json } from "../support/control-plane/kube-object.ts";
import { type DataPlane, type DataPlaneTools, startDataPlane } from "../support/data-plane/data-plane.ts";
import type { Answer } from "../support/data-plane/load.ts";
import { sendLoad } from "../support/data-plane/load.ts";
import type { CanarySeen, DeploymentSeen } from "../support/operator/manifests.ts";
import { spawnOperator } from "../support/operator/operators.ts";
import { grantOperator } from "../support/operator/role.ts";
import { canaryRef, deploymentRef, hostOf, type ShopVersion, shop, shopCanary, versionPatch } from "./shop.ts";

/** The real data plane with the operator on it, as a process of its own. */
export interface Stage {
	readonly plane: DataPlane;
	readonly admin: KubeApi;
	/** Puts a shop up without a Canary, and waits until users are served. */
	open(name: string, first: ShopVersion): Promise<void>;
	/** Applies the Canary of a shop and waits until its primary has taken over and the target's own pods have ended. */
	takeOver(name: string, analysis: Json): Promise<void>;
	push(name: string, next: ShopVersion): Promise<void>;
	/** Waits until the Canary is in that phase and its target has no pod left. */
	settled(name: string, phase: string, patience?: Patience): Promise<CanarySeen>;
	/** Requests that pods of this shop and version answered, users' and copies apart. */
	served(name: string, version: string): { readonly direct: number; readonly mirrored: number };
	/** The first few lost answers, with what Envoy's access log says about each time a request had no answer of a pod. */
	explain(lost: readonly Answer[]): readonly string[];
	stop(): Promise<void>;
}

/** Ready to use once it resolves. */
export async function startStage(tools: DataPlaneTools): Promise<Stage> {
	const plane = await startDataPlane(tools);
	const admin = plane.controlPlane.clientFor("admin");
	try {
		await Promise.all([grantOperator(admin), installCrds(admin, [join(import.meta.dirname, "../../crds")])]);
	} catch (thrown) {
		await plane.stop();
		throw thrown;
	}
	// Pods stay as long after their last request as they do in the field: `drainMs` is the command line's default.
	const operator = spawnOperator(
		{ kubeconfig: plane.controlPlane.operatorKubeconfig, metricsServer: plane.prometheus.url, drainMs: 5_000 },
		join(plane.controlPlane.folder, "operator.log"),
	);
	const { parentRef } = plane.ingress;
	const settled: Stage["settled"] = async (name, phase, patience = { withinMs: 180_000, everyMs: 100 }) => {
		let last: CanarySeen | undefined;
		try {
			return await eventually(
				`Canary ${name} is ${phase}`,
				async () => {
					last = await admin.get<CanarySeen>(canaryRef(name));
					const target = await admin.get<DeploymentSeen>(deploymentRef(name));
					const hasPods = target?.spec?.replicas !== 0 || (target.status?.replicas ?? 0) > 0;
					return last?.status?.phase === phase && !hasPods && last;
				},
				patience,
			);
		} catch (thrown) {
			const logged = JSON.stringify(operator.logged().slice(-20), undefined, "\t");
			throw new Error(`Canary ${name} is not ${phase}: ${JSON.stringify(last?.status)}\n${logged}`, { cause: thrown });
		}
	};
	return {
		plane,
		admin,
		async open(name, first) {
			for (const object of shop(name, first, parentRef)) await admin.apply(object);
			const load = { url: plane.ingress.url, host: hostOf(name), perSecond: 200, count: 20 };
			await eventually(`${name} serves its users`, async () => {
				const found = await admin.get<DeploymentSeen>(deploymentRef(name));
				return found?.status?.availableReplicas === 2 && lostIn(await sendLoad(load)).length === 0;
			});
		},
		async takeOver(name, analysis) {
			await admin.apply(shopCanary(name, parentRef, analysis));
			await settled(name, "Initialized");
			const ended = () => plane.pods.records().every((pod) => !isOf(name, pod.name) || pod.ended);
			await eventually(`the target's own pods of ${name} have ended`, ended);
		},
		async push(name, next) {
			await admin.patch(deploymentRef(name), versionPatch(next), { as: "strategic-merge" });
		},
		settled,
		served(name, version) {
			const pods = plane.pods.records().filter((pod) => pod.name.startsWith(`${name}-`) && pod.version === version);
			const sum = (of: "direct" | "mirrored") => pods.reduce((total, pod) => total + pod[of], 0);
			return { direct: sum("direct"), mirrored: sum("mirrored") };
		},
		explain(lost) {
			if (lost.length === 0) return [];
			const log = readFileSync(join(plane.controlPlane.folder, "envoy.log"), "utf8").split("\n");
			const said = log.filter((line) => /^\[.*" (503|404|500) (?!-)/.test(line));
			return [...lost.map((answer) => JSON.stringify(answer)), ...said.slice(-lost.length)].slice(0, 40);
		},
		async stop() {
			await operator.terminate();
			await plane.stop();
		},
	};
}

/** Answers that no pod gave: nothing came back, or the proxy had to answer by itself. */
export function lostIn(answers: readonly Answer[]): readonly Answer[] {
	return answers.filter(({ version }) => version === undefined);
}

/** Whether a pod is the target's own and not the primary's. */
function isOf(target: string, pod: string): boolean {
	return pod.startsWith(`${target}-`) && !pod.startsWith(`${target}-primary-`);
}
