import { InvariantError } from "../domain/invariant.ts";
import { allPrimary } from "../domain/traffic.ts";
import type { Capabilities, MeshAdapter } from "./mesh-adapter.ts";
import { requireWithin } from "./require-within.ts";
import { shapeObstacle } from "./shape.ts";

const can: Capabilities = { weights: false, mirror: false, mirrorPercent: false, headerMatch: false };

/** Services alone: the apex selects the primary's pods throughout, so only blue/green is possible. */
export const plainService = {
	can,
	resource: undefined,
	render(_service, traffic) {
		requireWithin(can, traffic);
		return undefined;
	},
	introduce: () => undefined,
	observe: () => allPrimary,
	accepted: () => ({ kind: "accepted" }),
	obstacle: ({ spec }) => shapeObstacle(spec, "a plain Service", []),
	release() {
		throw new InvariantError("a plain Service has no route to release");
	},
	forget() {
		throw new InvariantError("a plain Service has no route to forget");
	},
} satisfies MeshAdapter;
