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
		case "invalid_value":
			return issue.values.length === 1
				? `can only be ${String(issue.values[0])}`
				: `${valueText(issue.input)} is not known; use one of ${issue.values.filter((value) => value !== "").join(", ")}`;
		case "too_small":
			return `${measured(issue)} is too small; the least is ${issue.minimum}${unit(issue.origin)}`;
		case "too_big":
			return `${measured(issue)} is too large; the most is ${issue.maximum}${unit(issue.origin)}`;
		case "invalid_union":
			return `${valueText(issue.input)} is of none of the allowed shapes`;
		default:
			return issue.message;
	}
}

function measured(issue: { readonly origin: string; readonly input?: unknown }): string {
	if (Array.isArray(issue.input)) return `a list of ${issue.input.length}`;
	if (typeof issue.input === "string") return issue.input === "" ? "an empty text" : `a text of ${issue.input.length}`;
	return valueText(issue.input);
}

function unit(origin: string): string {
	switch (origin) {
		case "string":
			return " characters";
		case "array":
			return " entries";
		default:
			return "";
	}
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
