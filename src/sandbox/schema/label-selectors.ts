import type { Json } from "../contract.ts";
import { fieldsOf, forbidden, invalid, itemsOf, type Problem, required } from "./problems.ts";

/** Whether these labels are such as a `LabelSelector` without faults asks for; an empty one asks for nothing. */
export function selects(selector: Json, labels: Json): boolean {
	return (
		Object.entries(fieldsOf(selector.matchLabels)).every(([key, value]) => labels[key] === value) &&
		itemsOf(selector.matchExpressions)
			.map(fieldsOf)
			.every(({ key, operator, values }) => {
				const value = labels[String(key)];
				if (operator === "Exists") return value !== undefined;
				if (operator === "DoesNotExist") return value === undefined;
				const isIn = value !== undefined && itemsOf(values).includes(value);
				return operator === "In" ? isIn : !isIn;
			})
	);
}

/** What is wrong with the `matchExpressions` of the selector at that path. */
export function expressionProblems(expressions: readonly Json[], at: string): readonly Problem[] {
	return expressions.flatMap(({ operator, values }, index) => {
		const here = `${at}.matchExpressions[${index}]`;
		switch (operator) {
			case "In":
			case "NotIn":
				if (itemsOf(values).length > 0) return [];
				return [required(`${here}.values`, "must be specified when `operator` is 'In' or 'NotIn'")];
			case "Exists":
			case "DoesNotExist":
				if (itemsOf(values).length === 0) return [];
				return [forbidden(`${here}.values`, "may not be specified when `operator` is 'Exists' or 'DoesNotExist'")];
			default:
				return [invalid(`${here}.operator`, operator, "not a valid selector operator")];
		}
	});
}
