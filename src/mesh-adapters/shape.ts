import type { Obstacle, RoutedService } from "./mesh-adapter.ts";

type ServiceSpec = RoutedService["spec"];

/** Fields of `spec.service` that change which requests a route serves, or what happens to them on their way. */
const SHAPING = [
	"backendTimeout",
	"corsPolicy",
	"delegation",
	"headers",
	"match",
	"mirror",
	"retries",
	"rewrite",
	"timeout",
	"trafficPolicy",
] as const satisfies readonly (keyof ServiceSpec)[];
export type ShapingField = (typeof SHAPING)[number];

/**
 * The obstacle of a Canary that asks for a shape beyond `obeyed`. Names of another mesh's objects (`gateways`,
 * `meshName`, `backends`) are none: they mean nothing here and promise nothing.
 */
export function shapeObstacle(spec: ServiceSpec, kind: string, obeyed: readonly ShapingField[]): Obstacle | undefined {
	const unmet = SHAPING.filter((field) => !obeyed.includes(field) && isAsked(spec[field]));
	return unmet.length === 0
		? undefined
		: unusable(
				unmet.map((field) => `spec.service.${field}`),
				kind,
			);
}

/** The obstacle of fields that this kind of route has no words for. */
export function unusable(fields: readonly string[], kind: string): Obstacle {
	return { reason: "RouteUnusable", message: `${fields.join(", ")} cannot be said by ${kind}; remove what cannot` };
}

/** False for what a template leaves empty: `{}`, `[]`, `false`. */
function isAsked(value: unknown): boolean {
	if (typeof value === "object" && value !== null) return Object.keys(value).length > 0;
	return value !== undefined && value !== false;
}
