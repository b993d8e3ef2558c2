import { follow } from "../support/control-plane/follow.ts";
import type { KubeApi } from "../support/control-plane/kube-api.ts";
import type { Answer } from "../support/data-plane/load.ts";
import type { CanarySeen } from "../support/operator/manifests.ts";
import { canaryRef } from "./shop.ts";

/** A time in which one split was in force from beginning to end, on the clock of `performance.now()`. */
export interface Window {
	readonly candidate: number;
	readonly mirror: number;
	readonly fromMs: number;
	readonly toMs: number;
}

/** What a rollout did to traffic, by the Canary's own word. */
export interface Steps {
	/** Each split that was in force, in order. */
	windows(): readonly Window[];
	/** From when the candidate was first to get requests until it was to get none; undefined when it never was. */
	exposed(): { readonly fromMs: number; readonly toMs: number; readonly weightMax: number } | undefined;
	stop(): Promise<void>;
}

/** A route is accepted a moment before Envoy goes by it, and requests that are under way still end where they were sent. */
export const PROPAGATION_MS = 1_000;

/** Watches one Canary. The operator records a step before it writes its route, so a window never ends too late. */
export async function followSteps(api: KubeApi, name: string): Promise<Steps> {
	const windows: Window[] = [];
	let open:
		| { readonly key: string; readonly candidate: number; readonly mirror: number; readonly fromMs: number }
		| undefined;
	let exposed: { fromMs: number; toMs: number; weightMax: number } | undefined;
	const seen = ({ metadata, status }: CanarySeen) => {
		if (metadata.name !== name || status === undefined) return;
		const now = performance.now();
		const traffic = status.run?.traffic ?? { primary: 100, candidate: 0, mirror: 0 };
		if (traffic.candidate > 0) {
			exposed = {
				fromMs: exposed?.fromMs ?? now,
				toMs: Number.POSITIVE_INFINITY,
				weightMax: Math.max(exposed?.weightMax ?? 0, traffic.candidate),
			};
		} else if (exposed?.toMs === Number.POSITIVE_INFINITY) {
			exposed.toMs = now;
		}
		const isInForce = status.run?.inForceSince !== undefined;
		const key = isInForce ? `${status.run?.revision} ${status.run?.step} ${JSON.stringify(traffic)}` : undefined;
		if (key === open?.key) return;
		if (open !== undefined && open.fromMs < now) {
			windows.push({ candidate: open.candidate, mirror: open.mirror, fromMs: open.fromMs, toMs: now });
		}
		open = key === undefined ? undefined : { key, ...traffic, fromMs: now + PROPAGATION_MS };
	};
	const { apiVersion, kind } = canaryRef(name);
	const following = await follow<CanarySeen>(api, { apiVersion, kind, namespace: "default" }, { seen, gone() {} });
	return { windows: () => [...windows], exposed: () => exposed, stop: () => following.stop() };
}

/** Answers to requests that were due in that time; `beganMs` is when the load began. */
export function answersIn(
	answers: readonly Answer[],
	beganMs: number,
	{ fromMs, toMs }: { readonly fromMs: number; readonly toMs: number },
): readonly Answer[] {
	return answers.filter(({ dueMs }) => beganMs + dueMs >= fromMs && beganMs + dueMs < toMs);
}
