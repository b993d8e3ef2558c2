import type { Pod } from "../control-plane/pod.ts";

/** What a pod does with a request, as its first container's env says. */
export interface PodBehaviour {
	/** VERSION, or else the tag of the image. */
	readonly version: string;
	/** ERROR_RATE: percent of answers that are 500. */
	readonly errorPercent: number;
	/** LATENCY_MS: how long each answer takes. */
	readonly latencyMs: number;
	/** The first container port, or 9898. Envoy takes 8080 on every address. */
	readonly port: number;
}

/** Reads the behaviour; numbers that are none count as 0. */
export function behaviourOf({ spec }: Pod): PodBehaviour {
	const container = spec?.containers[0];
	const env = new Map(container?.env?.map(({ name, value }) => [name, value]));
	const tag = container?.image.match(/:([^/:]+)$/)?.[1] ?? "latest";
	return {
		version: env.get("VERSION") ?? tag,
		errorPercent: Number(env.get("ERROR_RATE")) || 0,
		latencyMs: Number(env.get("LATENCY_MS")) || 0,
		port: container?.ports?.[0]?.containerPort ?? 9898,
	};
}
