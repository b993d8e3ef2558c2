import { invariant } from "../domain/invariant.ts";
import type { Traffic } from "../domain/traffic.ts";
import type { Capabilities } from "./mesh-adapter.ts";

/** Throws InvariantError when the traffic is none, or is more than was declared: its Canary had to be refused before. */
export function requireWithin(can: Capabilities, { primary, candidate, mirror }: Traffic): void {
	for (const share of [primary, candidate, mirror]) {
		invariant(Number.isInteger(share) && share >= 0 && share <= 100, `${share} is no whole percentage`);
	}
	invariant(primary + candidate === 100, `shares of ${primary} and ${candidate} do not add to 100`);
	invariant(candidate === 0 || can.weights, `a share of ${candidate} was asked of an interface without weights`);
	invariant(mirror === 0 || can.mirror, `a mirror was asked of an interface without mirrors`);
	invariant(mirror % 100 === 0 || can.mirrorPercent, `a mirror of ${mirror} percent was asked of one that copies all`);
}
