import { follow, type Running } from "../support/control-plane/follow.ts";
import type { KubeApi } from "../support/control-plane/kube-api.ts";
import type { CanarySeen } from "../support/operator/manifests.ts";
import { trafficSaid } from "./traffic-said.ts";

/** When what happened to each Canary was first seen by a watch, on the clock of `performance.now()`. */
export interface Sightings extends Running {
	/** Resolves when that many Canaries have been seen so since `forget`. */
	until(what: Sight, count: number): Promise<void>;
	at(what: Sight, name: string): number | undefined;
	/** Starts over: only what is seen from now on counts. */
	forget(): void;
	/** The phases that Canaries are in, counted. */
	phases(): Readonly<Record<string, number>>;
}

export type Sight = "Initialized" | "Progressing" | "Succeeded" | "Failed" | "firstWeight";

const WAIT_MAX_MS = 1_200_000;

/** Watches Canaries, and routes where the provider has any; `apiVersion` and `kind` say which. */
export async function followSightings(
	api: KubeApi,
	route: { readonly apiVersion: string; readonly kind: string } | undefined,
): Promise<Sightings> {
	const seen = new Map<Sight, Map<string, number>>();
	const phases = new Map<string, string>();
	const waiting = new Set<() => void>();
	const note = (what: Sight, name: string) => {
		const times = seen.get(what) ?? new Map<string, number>();
		seen.set(what, times);
		if (times.has(name)) return;
		times.set(name, performance.now());
		for (const check of waiting) check();
	};
	const followings = [
		await follow<CanarySeen>(
			api,
			{ apiVersion: "haldane.dev/v1beta1", kind: "Canary" },
			{
				seen({ metadata: { name }, status }) {
					const phase = status?.phase ?? "";
					phases.set(name, phase);
					if (isSight(phase)) note(phase, name);
				},
				gone: ({ metadata: { name } }) => phases.delete(name),
			},
		),
	];
	if (route !== undefined) {
		followings.push(
			await follow(api, route, {
				seen: (object) => {
					if (trafficSaid(object) > 0) note("firstWeight", object.metadata.name);
				},
				gone() {},
			}),
		);
	}
	return {
		at: (what, name) => seen.get(what)?.get(name),
		forget: () => seen.clear(),
		phases: () => {
			const counts: Record<string, number> = {};
			for (const phase of phases.values()) counts[phase] = (counts[phase] ?? 0) + 1;
			return counts;
		},
		until: (what, count) =>
			new Promise((resolve, reject) => {
				const check = () => {
					if ((seen.get(what)?.size ?? 0) < count) return;
					waiting.delete(check);
					clearTimeout(deadline);
					resolve();
				};
				const deadline = setTimeout(() => {
					waiting.delete(check);
					reject(new Error(`only ${seen.get(what)?.size ?? 0} of ${count} Canaries were seen ${what}`));
				}, WAIT_MAX_MS);
				waiting.add(check);
				check();
			}),
		async stop() {
			await Promise.all(followings.map((following) => following.stop()));
		},
	};
}

function isSight(phase: string): phase is Sight {
	return ["Initialized", "Progressing", "Succeeded", "Failed"].includes(phase);
}
