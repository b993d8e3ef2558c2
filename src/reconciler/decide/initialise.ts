import type { CanaryStatus } from "../../api/canary-status.ts";
import { isInForce } from "./in-force.ts";
import { enter, tell } from "./record.ts";
import type { Situation } from "./situation.ts";

/** A Canary that was never looked at. */
export function greet(situation: Situation): CanaryStatus {
	return enter(situation, "Initializing");
}

/** Over when the primary answers all requests: it is ready, the route is taken up and the apex Service selects it. */
export function initialise(situation: Situation): CanaryStatus {
	const { plan, status, seen, now } = situation;
	const { target, primary } = seen;
	if (target === undefined || primary?.revision === undefined || !primary.ready) return status;
	if (status.binding === undefined) return { ...status, binding: plan.binding };
	if (seen.apex !== "primary" || !isInForce(situation)) return status;
	const next = enter(situation, "Initialized", {
		lastAppliedSpec: primary.revision,
		lastPromotedSpec: primary.revision,
		targetGeneration: primary.revision === target.revision ? target.generation : 0,
	});
	return tell(next, "Initialized", `the primary answers all requests with revision ${primary.revision}`, now);
}
