import { messageOf } from "../../../domain/failure.ts";
import { type Instant, instantOf } from "../../../domain/instant.ts";
import type { KubeObject } from "../../../domain/kube-object.ts";

/** Name of the ValidatingAdmissionPolicy by which the API server vouches for approvals, and of its binding. */
export const APPROVALS_POLICY = "haldane-image-approvals";

/** What that policy has to hold: it is compared as it is written in `deploy/updater/approvals.yaml`. */
export const VOUCHING_RULES: readonly string[] = [
	"request.operation != 'CREATE' || object.spec.user == request.userInfo.username",
	"request.operation != 'UPDATE' || object.spec == oldObject.spec",
];

/** Since when the API server vouches for who said what, or why it does not: then nothing that was said counts. */
export type Vouched = { readonly ok: true; readonly since: Instant } | { readonly ok: false; readonly problem: string };

/** An answer is believed so long. */
export const VOUCHED_MS_MAX = 60_000;

/** What API servers need at most to obey a policy that was just made; their timestamps have whole seconds. */
export const SETTLING_MS = 5_000;

const MEND = "kubectl apply -k a kustomization with the component deploy/updater";

export interface VouchingPorts {
	/** Undefined when there is none. Throws when it cannot be read. */
	admissionPolicy(name: string, signal: AbortSignal): Promise<KubeObject | undefined>;
	admissionPolicyBinding(name: string, signal: AbortSignal): Promise<KubeObject | undefined>;
	now(): Instant;
}

/** Asks the cluster, at most once in `VOUCHED_MS_MAX`. Never rejects but by an aborted signal: what cannot be known does not hold. */
export function vouching({ admissionPolicy, admissionPolicyBinding, now }: VouchingPorts) {
	let known: { readonly at: Instant; readonly vouched: Vouched } | undefined;

	return async (signal: AbortSignal): Promise<Vouched> => {
		const at = now();
		if (known !== undefined && at - known.at < VOUCHED_MS_MAX) return known.vouched;
		const vouched = await asked(signal);
		signal.throwIfAborted();
		known = { at, vouched };
		return vouched;
	};

	async function asked(signal: AbortSignal): Promise<Vouched> {
		try {
			const [policy, binding] = await Promise.all([
				admissionPolicy(APPROVALS_POLICY, signal),
				admissionPolicyBinding(APPROVALS_POLICY, signal),
			]);
			return vouchedBy(policy, binding);
		} catch (thrown) {
			return not(`whether ${named("ValidatingAdmissionPolicy")} is in force cannot be seen (${messageOf(thrown)})`);
		}
	}
}

interface PolicySpec {
	readonly failurePolicy?: unknown;
	readonly paramKind?: unknown;
	readonly matchConditions?: readonly unknown[];
	readonly matchConstraints?: {
		readonly resourceRules?: readonly { readonly resources?: unknown; readonly operations?: unknown }[];
		readonly excludeResourceRules?: readonly unknown[];
		readonly namespaceSelector?: object;
		readonly objectSelector?: object;
	};
	readonly validations?: readonly { readonly expression?: unknown }[];
}

interface BindingSpec {
	readonly policyName?: unknown;
	readonly validationActions?: readonly unknown[];
	readonly matchResources?: unknown;
}

/** Both as `deploy/updater` has them and nothing that lets somebody past; what was said before they were there was said by anyone. */
function vouchedBy(policy: KubeObject | undefined, binding: KubeObject | undefined): Vouched {
	for (const [object, kind] of [
		[policy, "ValidatingAdmissionPolicy"],
		[binding, "ValidatingAdmissionPolicyBinding"],
	] as const) {
		if (object === undefined) return not(`${named(kind)} is missing`);
		if (object.metadata.deletionTimestamp !== undefined) return not(`${named(kind)} is being deleted`);
	}
	if (!isWhole((policy?.spec ?? {}) as PolicySpec))
		return not(`${named("ValidatingAdmissionPolicy")} says something else than it should`);
	const { policyName, validationActions, matchResources } = (binding?.spec ?? {}) as BindingSpec;
	if (policyName !== APPROVALS_POLICY || validationActions?.includes("Deny") !== true || matchResources !== undefined)
		return not(`${named("ValidatingAdmissionPolicyBinding")} does not deny what it should`);
	const made = [policy, binding].map(
		(object) => instantOf(object?.metadata.creationTimestamp) ?? Number.POSITIVE_INFINITY,
	);
	return { ok: true, since: Math.max(...made) + SETTLING_MS };
}

function isWhole({
	failurePolicy = "Fail",
	paramKind,
	matchConditions = [],
	matchConstraints,
	validations,
}: PolicySpec) {
	const { resourceRules = [], excludeResourceRules = [], namespaceSelector, objectSelector } = matchConstraints ?? {};
	const [rule] = resourceRules;
	const selects = [namespaceSelector, objectSelector].some((one) => one !== undefined && Object.keys(one).length > 0);
	return (
		failurePolicy === "Fail" &&
		paramKind === undefined &&
		matchConditions.length + excludeResourceRules.length === 0 &&
		!selects &&
		resourceRules.length === 1 &&
		JSON.stringify(rule?.resources) === '["imageapprovals"]' &&
		JSON.stringify(rule?.operations) === '["CREATE","UPDATE"]' &&
		VOUCHING_RULES.every((text) => validations?.some(({ expression }) => expression === text))
	);
}

function not(why: string): Vouched {
	return { ok: false, problem: `approvals do not count: ${why}; ${MEND}` };
}

function named(kind: string): string {
	return `${kind} ${APPROVALS_POLICY}`;
}
