import type { Canary } from "../../api/canary.ts";
import type { Binding } from "../../api/canary-status.ts";
import { providerFor } from "../../mesh-adapters/registry.ts";
import { namesOf } from "../../workloads/names.ts";
import type { Obstacle } from "../decide/situation.ts";

/** What the Canary's spec asks its requests to flow by. */
export function bindingOf(canary: Canary, providerOtherwise: string): Binding {
	const { target, apexService } = namesOf(canary);
	return { provider: canary.spec.provider ?? providerOtherwise, service: apexService, target };
}

/**
 * The Canary with the binding that is recorded, whatever its spec says by now, and how the two differ. The objects that
 * carry its requests are those of the record: they are looked at, and released when the Canary goes.
 */
export function bound(
	canary: Canary,
	providerOtherwise: string,
): { readonly canary: Canary; readonly changed: Obstacle | undefined } {
	const recorded = canary.status?.binding;
	if (recorded === undefined) return { canary, changed: undefined };
	const asked = bindingOf(canary, providerOtherwise);
	const differences = [
		...(isSameMesh(asked.provider, recorded.provider) ? [] : [["spec.provider", "provider"] as const]),
		...(asked.service === recorded.service ? [] : [["spec.service.name", "service"] as const]),
		...(asked.target === recorded.target ? [] : [["spec.targetRef.name", "target"] as const]),
	];
	if (differences.length === 0) return { canary, changed: undefined };
	const { spec } = canary;
	const provider = differences.some(([, part]) => part === "provider") ? recorded.provider : asked.provider;
	const said = differences.map(([field, part]) => `${field} is ${asked[part]}, and was ${recorded[part]}`).join("; ");
	return {
		canary: {
			...canary,
			spec: {
				...spec,
				provider: provider as Canary["spec"]["provider"],
				targetRef: { ...spec.targetRef, name: recorded.target },
				...(spec.service === undefined ? {} : { service: { ...spec.service, name: recorded.service } }),
			},
		},
		changed: {
			reason: "BindingChanged",
			message: `${said} when this Canary took over; put it back, or delete the Canary and apply it anew`,
		},
	};
}

/** Versions and other names of one interface write the same object. */
function isSameMesh(one: string, other: string): boolean {
	return one === other || (providerFor(one) !== undefined && providerFor(one)?.adapter === providerFor(other)?.adapter);
}
