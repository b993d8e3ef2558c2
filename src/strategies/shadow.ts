import { mirrored, type Traffic } from "../domain/traffic.ts";
import type { Analysis } from "./strategy.ts";

/** The traffic of a shadow stage, when the analysis wants one: all stays with the primary, copies go to the candidate. */
export function shadowTraffic(analysis: Analysis): Traffic | undefined {
	return analysis.mirror ? mirrored(analysis.mirrorWeight ?? 100) : undefined;
}
