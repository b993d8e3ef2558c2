import type { Canary } from "../api/canary.ts";

/** The names of everything that belongs to a Canary; all live in its namespace. As Flagger's users know them. */
export interface Names {
	readonly namespace: string;
	readonly target: string;
	readonly primary: string;
	readonly apexService: string;
	readonly primaryService: string;
	readonly candidateService: string;
}

export function namesOf(canary: Canary): Names {
	const target = canary.spec.targetRef.name;
	const apexService = canary.spec.service?.name ?? target;
	return {
		namespace: canary.metadata.namespace ?? "default",
		target,
		primary: `${target}-primary`,
		apexService,
		primaryService: `${apexService}-primary`,
		candidateService: `${apexService}-canary`,
	};
}
