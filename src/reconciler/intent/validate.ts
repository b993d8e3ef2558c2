import type { Check } from "../../analysis/question.ts";
import { parseAlertProvider } from "../../api/alert-provider.ts";
import type { Canary } from "../../api/canary.ts";
import { unsupportedAlertProvider, unsupportedFeatures } from "../../api/unsupported.ts";
import { type KubeObject, keyOf } from "../../domain/kube-object.ts";
import type { Cluster } from "../cluster.ts";
import type { Obstacle } from "../decide/situation.ts";

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

/**
 * What of that which this Canary names is not there, beside its templates, without which there are no checks; undefined
 * when all is. One message for everything, so that it can be mended in one go.
 */
export function absenceIn(
	canary: Canary,
	checks: readonly Check[],
	cluster: Pick<Cluster, "alertProvider" | "hasSecret">,
): Obstacle | undefined {
	const all = [
		...checks.flatMap(({ source }, index) => secretAbsence(source.secret, templateOf(canary, index), cluster)),
		...hookSecrets(canary).flatMap(({ name, secret }) => secretAbsence(secret, `hook ${name}`, cluster)),
		...providersNamed(canary).flatMap((named) => providerAbsence(named, cluster)),
	];
	const [first] = all;
	return first && { reason: first.reason, message: [...new Set(all.map(({ message }) => message))].join("; ") };
}

interface Named {
	readonly namespace: string;
	readonly name: string;
}

/** Checks are in the order of the Canary's metrics, and only a template's source has a Secret of the user's. */
function templateOf({ metadata, spec }: Canary, index: number): string {
	const { namespace = metadata.namespace, name = "" } = spec.analysis?.metrics?.[index]?.templateRef ?? {};
	return `MetricTemplate ${keyOf({ namespace, name })}`;
}

function hookSecrets({ metadata: { namespace = "default" }, spec }: Canary) {
	return (spec.analysis?.webhooks ?? []).map(({ name, secretRef }) => ({
		name,
		secret: secretRef && { namespace, name: secretRef.name },
	}));
}

function providersNamed({ metadata: { namespace = "default" }, spec }: Canary) {
	return (spec.analysis?.alerts ?? []).map(({ name, providerRef }) => ({
		alert: name,
		ref: { namespace: providerRef.namespace ?? namespace, name: providerRef.name },
	}));
}

function secretAbsence(
	secret: Named | undefined,
	namedBy: string,
	cluster: Pick<Cluster, "hasSecret">,
): readonly Obstacle[] {
	if (secret === undefined || cluster.hasSecret(secret.namespace, secret.name)) return [];
	const message = `Secret ${keyOf(secret)}, which ${namedBy} names, does not exist; create it, or take secretRef out`;
	return [{ reason: "SecretMissing", message }];
}

function providerAbsence(
	{ alert, ref }: { readonly alert: string; readonly ref: Named },
	cluster: Pick<Cluster, "alertProvider" | "hasSecret">,
): readonly Obstacle[] {
	const described = `AlertProvider ${keyOf(ref)}`;
	const object = cluster.alertProvider(ref.namespace, ref.name);
	if (object === undefined) {
		const message = `${described}, which alert ${alert} names, does not exist; create it, or remove the alert`;
		return [{ reason: "AlertProviderMissing", message }];
	}
	const parsed = parseAlertProvider(object);
	const problems = parsed.ok ? unsupportedAlertProvider(parsed.provider) : parsed.problems;
	if (!parsed.ok || problems.length > 0) {
		return [{ reason: "AlertProviderInvalid", message: `${described}: ${problems.join("; ")}` }];
	}
	const { secretRef } = parsed.provider.spec;
	return secretAbsence(secretRef && { namespace: ref.namespace, name: secretRef.name }, described, cluster);
}
