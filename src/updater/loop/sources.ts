import { type ImagePolicy, parseImagePolicy } from "../../api/image-policy.ts";
import { type Instant, instantOf } from "../../domain/instant.ts";
import type { KubeObject, OwnerReference } from "../../domain/kube-object.ts";
import { askedByAnnotations } from "../annotations.ts";
import { type AskedFor, rulesOf } from "../rules.ts";
import type { WorkloadName } from "./cluster.ts";

/** Who asks for a workload's images to be kept up to date, and where the records of it are. */
export type Source =
	| { readonly kind: "none" }
	| { readonly kind: "policy"; readonly policy: ImagePolicy; readonly asked: AskedFor }
	/** An ImagePolicy that cannot be read. */
	| { readonly kind: "unreadable"; readonly policy: KubeObject; readonly problems: readonly string[] }
	| { readonly kind: "annotations"; readonly asked: AskedFor };

/** An ImagePolicy goes before annotations, and the oldest before all others. */
export function sourceOf(
	workload: KubeObject,
	policies: readonly KubeObject[],
	defaults: { readonly schedule: string },
): Source {
	const [policy] = policies;
	if (policy !== undefined) {
		const parsed = parseImagePolicy(policy);
		if (!parsed.ok) return { kind: "unreadable", policy, problems: parsed.problems };
		return { kind: "policy", policy: parsed.policy, asked: rulesOf(parsed.policy, workload) };
	}
	const asked = askedByAnnotations(workload, defaults);
	return asked.kind === "none" ? { kind: "none" } : { kind: "annotations", asked };
}

/** Why nobody's images are kept up to date there: nothing is there, or not for long, or only what a Canary keeps as its primary. */
export function whyNotLookedAfter({ kind, name }: WorkloadName, workload: KubeObject | undefined): string | undefined {
	if (workload === undefined) return `there is no ${kind} ${name}`;
	if (workload.metadata.deletionTimestamp !== undefined) return `${kind} ${name} is being deleted`;
	const canary = keptAsPrimaryBy(workload);
	return canary && `${kind} ${name} is what Canary ${canary.name} keeps as its primary; name the Canary's target`;
}

/** The Canary whose primary the workload is: what it keeps so is kept up to date by nobody else. */
export function keptAsPrimaryBy({ metadata: { ownerReferences = [] } }: KubeObject): OwnerReference | undefined {
	return ownerReferences.find(({ kind, controller }) => kind === "Canary" && controller === true);
}

/** Who applies a policy together with its workload may be heard of in either order; so long nobody is told that it is missing. */
export const TOGETHER_MS = 5_000;

/** How long the workload that these policies name may still come; 0 when it is missing by now. */
export function stillToComeMs(policies: readonly KubeObject[], now: Instant): number {
	const ages = policies.map(
		({ metadata }) => now - (instantOf(metadata.creationTimestamp) ?? Number.NEGATIVE_INFINITY),
	);
	const age = Math.min(...ages);
	// Clocks differ: what is of the future was made some time ago.
	return age >= 0 && age < TOGETHER_MS ? TOGETHER_MS - age : 0;
}
