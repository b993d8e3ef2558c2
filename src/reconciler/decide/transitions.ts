import type { Phase } from "../../api/canary-status.ts";

/**
 * Every way from one phase to another. `Terminating` can be reached from each. What is not here is a bug, and each
 * edge is taken by some test.
 */
export const transitions = {
	"": ["Initializing"],
	Initializing: ["Initialized"],
	Initialized: ["Waiting", "Progressing"],
	Waiting: ["Waiting", "Progressing", "Initialized", "Finalising"],
	Progressing: ["Progressing", "WaitingPromotion", "Promoting", "Finalising"],
	WaitingPromotion: ["Progressing", "Promoting", "Finalising"],
	Promoting: ["Progressing", "Finalising", "Failed"],
	Finalising: ["Succeeded", "Failed", "Initialized"],
	Succeeded: ["Waiting", "Progressing"],
	Failed: ["Waiting", "Progressing", "Initialized", "Promoting"],
	Terminating: [],
} as const satisfies Record<Phase, readonly Phase[]>;

export function isEdge(from: Phase, to: Phase): boolean {
	return to === "Terminating" ? from !== "Terminating" : (transitions[from] as readonly Phase[]).includes(to);
}
