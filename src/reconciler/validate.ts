import type { Canary } from "../api/canary.ts";
import { unsupportedFeatures } from "../api/unsupported.ts";
import { type KubeObject, keyOf } from "../domain/kube-object.ts";
import type { Obstacle } from "./decide/situation.ts";

/** Why this Canary cannot be obeyed as it is written, the mesh aside; undefined when it can. */
export function flawOf(
	canary: Canary,
	others: readonly KubeObject[],
	options: { readonly crossNamespaceRefs: boolean },
): Obstacle | undefined {
	const unsupported = unsupportedFeatures(canary);
	if (unsupported.length > 0) return { reason: "Unsupported", message: unsupported.join("; ") };
	const addresses = noAddresses(canary);
	if (addresses.length > 0) return { reason: "InvalidSpec", message: addresses.join("; ") };
	const first = [canary, ...others.filter((other) => other.metadata.uid !== canary.metadata.uid)].reduce(elder);
	if (first.metadata.uid !== canary.metadata.uid) {
		const message = `${canary.spec.targetRef.kind} ${canary.spec.targetRef.name} is the target of Canary ${keyOf(first.metadata)} already; delete one of the two`;
		return { reason: "TargetTaken", message };
	}
	return options.crossNamespaceRefs ? undefined : crossing(canary);
}

/** Addresses that the schema lets pass but nobody could call. */
function noAddresses({ spec }: Canary): readonly string[] {
	const given = [
		...(spec.metricsServer === undefined ? [] : [["spec.metricsServer", spec.metricsServer] as const]),
		...(spec.analysis?.webhooks ?? []).map(({ url }, index) => [`spec.analysis.webhooks[${index}].url`, url] as const),
	];
	return given
		.filter(([, url]) => !/^https?:\/\//.test(url) || !URL.canParse(url))
		.map(([field]) => `${field}: is not an http or https address; write it like http://host:port/path`);
}

/** Of two Canaries on one target the older keeps it, and by name when they are of the same age. */
function elder(one: KubeObject, other: KubeObject): KubeObject {
	const age = (object: KubeObject) => `${object.metadata.creationTimestamp ?? ""} ${object.metadata.name}`;
	return age(other) < age(one) ? other : one;
}

function crossing({ metadata, spec }: Canary): Obstacle | undefined {
	const refs = [
		...(spec.analysis?.metrics ?? []).map(({ templateRef }) => templateRef),
		...(spec.analysis?.alerts ?? []).map(({ providerRef }) => providerRef),
	];
	const foreign = refs.find((ref) => ref?.namespace !== undefined && ref.namespace !== metadata.namespace);
	if (foreign === undefined) return undefined;
	const message = `${foreign.namespace}/${foreign.name} is in another namespace, which --no-cross-namespace-refs forbids; move it to ${metadata.namespace}`;
	return { reason: "CrossNamespaceRef", message };
}
