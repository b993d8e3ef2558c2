import { equal } from "../../../domain/contains.ts";
import type { KubeObject } from "../../../domain/kube-object.ts";
import type { Json } from "../../contract.ts";
import { expressionProblems, selects } from "../label-selectors.ts";
import { labelProblemsAt } from "../names.ts";
import { fieldsOf, forbidden, invalid, isObject, itemsOf, notSupported, type Problem, required } from "../problems.ts";
import { notNegative, podSpecProblems } from "./pod-validation.ts";

const CHANGEABLE_OF_STATEFUL_SETS = [
	...["replicas", "ordinals", "template", "updateStrategy", "revisionHistoryLimit"],
	...["persistentVolumeClaimRetentionPolicy", "minReadySeconds"],
];

/** What is wrong with a Deployment, ReplicaSet, StatefulSet or DaemonSet. */
export function workloadProblems(object: KubeObject, live: KubeObject | undefined): readonly Problem[] {
	const spec = fieldsOf(object.spec);
	const template = fieldsOf(spec.template);
	const problems: Problem[] = [];
	for (const field of ["replicas", "minReadySeconds", "revisionHistoryLimit", "progressDeadlineSeconds"]) {
		const value = spec[field];
		if (typeof value === "number" && value < 0) problems.push(notNegative(`spec.${field}`, value));
	}
	problems.push(...selectorProblems(object.kind, spec.selector));
	if (object.kind === "Deployment") problems.push(...rolloutProblems(spec));
	const labels = fieldsOf(template.metadata).labels;
	problems.push(...labelProblemsAt(labels, "spec.template.labels"));
	if (!isObject(spec.selector) || !isChosen(spec.selector, fieldsOf(labels))) {
		problems.push(
			invalid("spec.template.metadata.labels", labels ?? null, "`selector` does not match template `labels`"),
		);
	}
	problems.push(...podSpecProblems(template.spec, "spec.template.spec"));
	const { restartPolicy } = fieldsOf(template.spec);
	if (restartPolicy !== "Always") {
		problems.push(notSupported("spec.template.spec.restartPolicy", restartPolicy, ["Always"]));
	}
	return live === undefined ? problems : [...problems, ...changeProblems(object.kind, spec, fieldsOf(live.spec))];
}

function selectorProblems(kind: string, selector: unknown): readonly Problem[] {
	const at = "spec.selector";
	if (!isObject(selector)) return kind === "DaemonSet" ? [] : [required(at)];
	const expressions = itemsOf(selector.matchExpressions).map(fieldsOf);
	if (Object.keys(fieldsOf(selector.matchLabels)).length === 0 && expressions.length === 0) {
		return [invalid(at, selector, `empty selector is invalid for ${kind.toLowerCase()}`)];
	}
	const problems: Problem[] = [...labelProblemsAt(selector.matchLabels, `${at}.matchLabels`)];
	problems.push(...expressionProblems(expressions, at));
	return problems.length === 0 ? [] : [...problems, invalid(at, selector, "invalid label selector")];
}

/** That a selector is empty or cannot be read has been said already. */
function isChosen(selector: Json, labels: Json): boolean {
	return (
		expressionProblems(itemsOf(selector.matchExpressions).map(fieldsOf), "").length > 0 || selects(selector, labels)
	);
}

function rolloutProblems(spec: Json): readonly Problem[] {
	const { type, rollingUpdate } = fieldsOf(spec.strategy);
	const at = "spec.strategy.rollingUpdate";
	const problems: Problem[] = [];
	if (type !== "Recreate" && type !== "RollingUpdate") {
		problems.push(notSupported("spec.strategy", { Type: type, RollingUpdate: null }, ["Recreate", "RollingUpdate"]));
	}
	if (type === "Recreate" && rollingUpdate !== undefined) {
		problems.push(forbidden(at, "may not be specified when strategy `type` is 'Recreate'"));
	}
	if (type === "RollingUpdate") {
		const { maxSurge, maxUnavailable } = fieldsOf(rollingUpdate);
		problems.push(...shareProblems(`${at}.maxUnavailable`, maxUnavailable, true));
		problems.push(...shareProblems(`${at}.maxSurge`, maxSurge, false));
		if (isNothing(maxSurge) && isNothing(maxUnavailable)) {
			problems.push(invalid(`${at}.maxUnavailable`, maxUnavailable, "may not be 0 when `maxSurge` is 0"));
		}
	}
	const { progressDeadlineSeconds: deadline, minReadySeconds: least } = spec;
	if (typeof deadline === "number" && deadline <= (typeof least === "number" ? least : 0)) {
		problems.push(invalid("spec.progressDeadlineSeconds", deadline, "must be greater than minReadySeconds"));
	}
	return problems;
}

function isNothing(share: unknown): boolean {
	return share === 0 || share === "0%";
}

/** Of a number of pods, or a share of them in percent. */
function shareProblems(at: string, share: unknown, isOfAll: boolean): readonly Problem[] {
	if (typeof share === "number") return share < 0 ? [notNegative(at, share)] : [];
	if (typeof share !== "string") return [];
	if (!/^[0-9]+%$/.test(share)) {
		return [
			invalid(
				at,
				share,
				"a valid percent string must be a numeric string followed by an ending '%' (e.g. '1%',  or '93%', regex used for validation is '[0-9]+%')",
			),
		];
	}
	return isOfAll && Number.parseInt(share, 10) > 100 ? [invalid(at, share, "must not be greater than 100%")] : [];
}

function changeProblems(kind: string, spec: Json, before: Json): readonly Problem[] {
	if (kind === "StatefulSet") {
		const fixed = (one: Json) =>
			Object.fromEntries(Object.entries(one).filter(([field]) => !CHANGEABLE_OF_STATEFUL_SETS.includes(field)));
		if (equal(fixed(spec), fixed(before))) return [];
		return [
			forbidden(
				"spec",
				"updates to statefulset spec for fields other than 'replicas', 'ordinals', 'template', 'updateStrategy', 'revisionHistoryLimit', 'persistentVolumeClaimRetentionPolicy' and 'minReadySeconds' are forbidden",
			),
		];
	}
	return equal(spec.selector, before.selector) ? [] : [invalid("spec.selector", spec.selector, "field is immutable")];
}
