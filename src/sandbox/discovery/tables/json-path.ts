import { fields, items } from "./column.ts";

type Step =
	| { readonly kind: "field"; readonly name: string }
	| { readonly kind: "index"; readonly index: number }
	| { readonly kind: "every" }
	| { readonly kind: "filter"; readonly path: readonly Step[]; readonly operator: string; readonly value: unknown };

/**
 * What a JSONPath finds in an object, for the part of the language that printer columns use: fields, `['field']`, `[0]`,
 * `[-1]`, `[*]` and `[?(@.field=="value")]`. Finds nothing where a field is missing, and nothing for a path in other words.
 */
export function findAll(object: unknown, path: string): readonly unknown[] {
	const steps = stepsOf(path);
	return steps === undefined ? [] : follow([object], steps);
}

function follow(found: readonly unknown[], steps: readonly Step[]): readonly unknown[] {
	return steps.reduce((nodes, step) => nodes.flatMap((node) => take(node, step)), found);
}

function take(node: unknown, step: Step): readonly unknown[] {
	switch (step.kind) {
		case "field": {
			const value = Array.isArray(node) ? undefined : fields(node)[step.name];
			return value === undefined ? [] : [value];
		}
		case "index": {
			const value = items(node).at(step.index);
			return value === undefined ? [] : [value];
		}
		case "every":
			return Array.isArray(node) ? node : Object.values(fields(node));
		case "filter":
			return items(node).filter((item) => follow([item], step.path).some((value) => compares(value, step)));
	}
}

function compares(value: unknown, { operator, value: wanted }: { operator: string; value: unknown }): boolean {
	switch (operator) {
		case "":
			return true;
		case "==":
			return value === wanted;
		case "!=":
			return value !== wanted;
	}
	if (typeof value !== typeof wanted || (typeof value !== "number" && typeof value !== "string")) return false;
	const [left, right] = [value, wanted as typeof value];
	if (operator === "<") return left < right;
	if (operator === "<=") return left <= right;
	return operator === ">" ? left > right : left >= right;
}

const patterns: readonly [RegExp, (match: readonly (string | undefined)[]) => Step | undefined][] = [
	[/^\.?\[(-?\d+)\]/, ([, index]) => ({ kind: "index", index: Number(index) })],
	[/^(?:\.?\[\*\]|\.\*)/, () => ({ kind: "every" })],
	[
		/^\.?\[(?:'((?:[^'\\]|\\.)*)'|"((?:[^"\\]|\\.)*)")\]/,
		([, one, two]) => ({ kind: "field", name: plain(one ?? two ?? "") }),
	],
	[
		/^\.?\[\?\(\s*@((?:[^=!<>"'\s)\\]|\\.|\[['"][^\]]*\])*)\s*(?:(==|!=|<=|>=|<|>)\s*("[^"]*"|'[^']*'|[^\s)]+))?\s*\)\]/,
		filter,
	],
	[/^\.?((?:[^.[\]\\\s]|\\.)+)/, ([, name]) => ({ kind: "field", name: plain(name ?? "") })],
];

/** The longest path that is read; those of any CustomResourceDefinition in use are far shorter. */
const longestPath = 1000;

function stepsOf(path: string): readonly Step[] | undefined {
	const steps: Step[] = [];
	let rest = path
		.trim()
		.replace(/^\{(.*)\}$/, "$1")
		.replace(/^\$/, "");
	if (rest.length > longestPath) return undefined;
	while (rest !== "" && rest !== ".") {
		const known = patterns.flatMap(([pattern, read]) => {
			const match = pattern.exec(rest);
			return match === null ? [] : [{ length: match[0].length, step: read(match) }];
		})[0];
		if (known?.step === undefined) return undefined;
		steps.push(known.step);
		rest = rest.slice(known.length);
	}
	return steps;
}

function filter([, path = "", operator = "", value]: readonly (string | undefined)[]): Step | undefined {
	const steps = stepsOf(path);
	return steps && { kind: "filter", path: steps, operator, value: value === undefined ? undefined : literal(value) };
}

function literal(text: string): unknown {
	if (/^(["']).*\1$/.test(text)) return text.slice(1, -1);
	if (text === "true" || text === "false") return text === "true";
	const number = Number(text);
	return Number.isNaN(number) ? text : number;
}

/** Without the backslashes that keep dots from being taken for the ends of fields. */
function plain(text: string): string {
	return text.replace(/\\(.)/g, "$1");
}
