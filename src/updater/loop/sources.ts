import { type ImagePolicy, parseImagePolicy } from "../../api/image-policy.ts";
import type { KubeObject } from "../../domain/kube-object.ts";
import { askedByAnnotations } from "../annotations.ts";
import { type AskedFor, rulesOf } from "../rules.ts";

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
