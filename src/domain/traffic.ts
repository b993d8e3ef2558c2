import { invariant } from "./invariant.ts";

/**
 * Where requests go. `primary` and `candidate` are percentages that always add to 100;
 * `mirror` is the percentage of requests whose copy also goes to the candidate, its answer unseen by users.
 */
export interface Traffic {
	readonly primary: number;
	readonly candidate: number;
	readonly mirror: number;
}

/** All requests but `candidate` percent stay with the primary; nothing is mirrored. */
export function split(candidate: number): Traffic {
	invariant(Number.isInteger(candidate) && candidate >= 0 && candidate <= 100, `no weight of ${candidate}`);
	return { primary: 100 - candidate, candidate, mirror: 0 };
}

/** Every request is answered by the primary, and `percent` of them are copied to the candidate. */
export function mirrored(percent: number): Traffic {
	invariant(Number.isInteger(percent) && percent >= 1 && percent <= 100, `no mirror percentage of ${percent}`);
	return { primary: 100, candidate: 0, mirror: percent };
}

export const allPrimary: Traffic = Object.freeze(split(0));
export const allCandidate: Traffic = Object.freeze(split(100));

/** True when both send the same share of requests to the same places. */
export function sameTraffic(one: Traffic, other: Traffic): boolean {
	return one.primary === other.primary && one.candidate === other.candidate && one.mirror === other.mirror;
}

/** True when any request, mirrored ones included, reaches the candidate. */
export function reachesCandidate(traffic: Traffic): boolean {
	return traffic.candidate > 0 || traffic.mirror > 0;
}
