import type { z } from "zod";

const PROBLEMS_MAX = 20;
const VALUE_LENGTH_MAX = 60;

/** Sentences for people out of what zod found: each names the field and, where one is known, the mend. */
export function problemsOf(root: string, error: z.ZodError | undefined): string[] {
	const problems = (error?.issues ?? []).map((issue) => `${pathText(root, issue.path)}: ${sentence(issue)}`);
	if (problems.length <= PROBLEMS_MAX) return problems;
	return [...problems.slice(0, PROBLEMS_MAX), `${root}: ${problems.length - PROBLEMS_MAX} more problems`];
}

/** `spec.analysis.metrics[1].name`, and `spec.service.apex.labels['app.kubernetes.io/name']`. */
function pathText(root: string, path: readonly PropertyKey[]): string {
	return path.reduce<string>((text, part) => {
		if (typeof part === "number") return `${text}[${part}]`;
		const key = String(part);
		return /^[A-Za-z_][\w-]*$/.test(key) ? `${text}.${key}` : `${text}['${key}']`;
	}, root);
}

function sentence(issue: z.core.$ZodIssue): string {
	switch (issue.code) {
		case "invalid_type":
			return issue.input === undefined
				? "is missing"
				: `${valueText(issue.input)} is not ${withArticle(issue.expected)}`;
		case "invalid_value": {
			const known = issue.values.filter((value) => value !== "");
			if (known.length === 1) return `can only be ${String(known[0])}`;
			const given = issue.input === undefined ? "is missing" : `${valueText(issue.input)} is not known`;
			return `${given}; use one of ${known.join(", ")}`;
		}
		case "too_small":
			return outOfBounds(issue, "least", issue.minimum);
		case "too_big":
			return outOfBounds(issue, "most", issue.maximum);
		case "invalid_union":
			return `${valueText(issue.input)} is of none of the allowed shapes`;
		default:
			return issue.message;
	}
}

function outOfBounds(issue: z.core.$ZodIssue, end: "least" | "most", bound: number | bigint): string {
	const { input } = issue;
	if (Array.isArray(input))
		return input.length === 0 ? "is empty" : `has ${input.length} entries; the ${end} is ${bound}`;
	if (typeof input === "string")
		return input === "" ? "is empty" : `has ${input.length} characters; the ${end} is ${bound}`;
	return `${valueText(input)} is too ${end === "least" ? "small" : "large"}; the ${end} is ${bound}`;
}

function valueText(value: unknown): string {
	if (value === null) return "null";
	if (Array.isArray(value)) return "a list";
	if (typeof value === "object") return "an object";
	const text = String(value);
	const short = text.length > VALUE_LENGTH_MAX ? `${text.slice(0, VALUE_LENGTH_MAX)}…` : text;
	return typeof value === "string" ? `'${short}'` : short;
}

function withArticle(expected: string): string {
	switch (expected) {
		case "int":
			return "a whole number";
		case "array":
			return "a list";
		case "object":
		case "record":
			return "an object";
		case "string":
			return "a text";
		default:
			return `a ${expected}`;
	}
}
