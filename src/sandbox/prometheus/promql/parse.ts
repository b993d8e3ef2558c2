import type { SyntaxNode } from "@lezer/common";
import { parser } from "@prometheus-io/lezer-promql";
import { checkQuery } from "./check.ts";
import { numberOf } from "./literals.ts";
import {
	childOf,
	childrenOf,
	durationOf,
	fail,
	labelNames,
	literal,
	type Source,
	selectorOf,
	textOf,
} from "./parse-parts.ts";
import { type Expr, type Matching, QueryError, type Shift } from "./syntax.ts";

/** Longest query, in characters, and how deep it may nest. */
const MAX_LENGTH = 32_768;
const MAX_DEPTH = 400;

/** The meaning of a query. Throws QueryError with line, column and reason. */
export function parseQuery(text: string): Expr {
	if (text.length > MAX_LENGTH) throw new QueryError(`the query is longer than ${MAX_LENGTH} characters`);
	const tree = parser.parse(text);
	const source: Source = { text, depth: 0 };
	refuseErrors(source, tree.topNode);
	const top = childrenOf(tree.topNode)[0];
	if (top === undefined) throw fail(source, 0, "no expression found in input");
	const expr = exprOf(source, top);
	checkQuery(expr);
	return expr;
}

function refuseErrors(source: Source, top: SyntaxNode): void {
	let first: number | undefined;
	top.cursor().iterate((node) => {
		if (node.type.isError) first = Math.min(first ?? node.from, node.from);
	});
	if (first === undefined) return;
	if (/^(\s|#.*)*$/.test(source.text)) throw fail(source, 0, "no expression found in input");
	const rest = source.text.slice(first).trimStart();
	const called = /([a-zA-Z_:][\w:]*)\s*$/.exec(source.text.slice(0, first))?.[1];
	if (called !== undefined && rest.startsWith("("))
		throw fail(source, first - called.length, `unknown function with name "${called}"`);
	if (rest === "") throw fail(source, source.text.length, "unexpected end of input");
	throw fail(source, source.text.length - rest.length, `unexpected "${/^(\w+|\W)/.exec(rest)?.[0]}"`);
}

interface Operator {
	readonly kind: "operator";
	readonly op: string;
	readonly bool: boolean;
	readonly matching: Matching | undefined;
}

type Item =
	| { readonly kind: "operand"; readonly expr: Expr }
	| { readonly kind: "sign"; readonly op: "-" | "+" }
	| Operator;

const binding: Readonly<Record<string, number>> = {
	...{ or: 1, and: 2, unless: 2, "==": 3, "!=": 3, "<=": 3, "<": 3, ">=": 3, ">": 3 },
	...{ "+": 4, "-": 4, "*": 5, "/": 5, "%": 5, atan2: 5, "^": 6 },
};
const SIGN = 5;

function exprOf(source: Source, node: SyntaxNode): Expr {
	if (source.depth >= MAX_DEPTH) throw fail(source, node.from, `nested deeper than ${MAX_DEPTH} levels`);
	source.depth++;
	const items = itemsOf(source, node);
	source.depth--;
	return joined(items, 0);
}

/**
 * Operands, signs and operators in the order of the text. The grammar hangs `offset`, `@` and ranges on everything to
 * their left where Prometheus hangs them on the operand before them, so its tree of operators is taken apart and built anew.
 */
function itemsOf(source: Source, node: SyntaxNode): Item[] {
	if (source.depth >= MAX_DEPTH) throw fail(source, node.from, `nested deeper than ${MAX_DEPTH} levels`);
	source.depth++;
	try {
		return itemsBelow(source, node);
	} finally {
		source.depth--;
	}
}

function itemsBelow(source: Source, node: SyntaxNode): Item[] {
	const children = childrenOf(node);
	const [first, second] = children;
	const last = children.at(-1);
	if (node.name === "UnaryExpr" && first && last)
		return [{ kind: "sign", op: literal(source, first) as "-" | "+" }, ...itemsOf(source, last)];
	if (node.name === "BinaryExpr" && first && second && last) {
		const operator = operatorOf(source, node, second);
		return [...itemsOf(source, first), operator, ...itemsOf(source, last)];
	}
	if (node.name === "NumberDurationLiteral") return numberItems(source, node);
	const change = changeOf(source, node);
	if (change === undefined || first === undefined) return [{ kind: "operand", expr: operandOf(source, node) }];
	const items = itemsOf(source, first);
	const operand = items.pop();
	if (operand?.kind !== "operand") throw fail(source, node.from, "an operand was expected");
	return [...items, { kind: "operand", expr: change(operand.expr) }];
}

function numberItems(source: Source, node: SyntaxNode): Item[] {
	const text = literal(source, node);
	const sign = /^[+-]/.exec(text)?.[0] as "-" | "+" | undefined;
	const value = numberOf(text.slice(sign?.length ?? 0).trim());
	if (value === undefined) throw fail(source, node.from, `bad number or duration syntax: "${text}"`);
	const number: Item = { kind: "operand", expr: { kind: "number", value } };
	return sign === undefined ? [number] : [{ kind: "sign", op: sign }, number];
}

function operatorOf(source: Source, node: SyntaxNode, operator: SyntaxNode): Operator {
	const op = literal(source, operator).toLowerCase();
	if (!(op in binding)) throw fail(source, operator.from, `the sandbox's Prometheus does not know operator "${op}"`);
	if (childOf(node, "FillModifier")) throw fail(source, node.from, 'the sandbox\'s Prometheus does not know "fill"');
	const clause = childOf(node, "MatchingModifierClause");
	return {
		kind: "operator",
		op,
		bool: childOf(node, "BoolModifier") !== undefined,
		matching: clause && matchingOf(source, clause),
	};
}

function matchingOf(source: Source, clause: SyntaxNode): Matching {
	const [labels, include] = childrenOf(clause).filter(({ name }) => name === "GroupingLabels");
	return {
		on: childOf(clause, "On") !== undefined,
		labels: labelNames(source, labels),
		many: childOf(clause, "GroupLeft") ? "left" : childOf(clause, "GroupRight") ? "right" : undefined,
		include: labelNames(source, include),
	};
}

/** Builds the tree of the operators that bind tighter than `floor`, from the front of the items. */
function joined(items: Item[], floor: number): Expr {
	let left = operand(items);
	for (;;) {
		const next = items[0];
		if (next?.kind !== "operator") return left;
		const power = binding[next.op] as number;
		if (power <= floor) return left;
		items.shift();
		const right = joined(items, next.op === "^" ? power - 1 : power);
		left = { kind: "binary", op: next.op, left, right, bool: next.bool, matching: next.matching };
	}
}

function operand(items: Item[]): Expr {
	const item = items.shift();
	if (item?.kind === "operand") return item.expr;
	if (item?.kind !== "sign") throw new QueryError("an operand was expected");
	const expr = joined(items, SIGN);
	return expr.kind === "number" && item.op === "-"
		? { kind: "number", value: -expr.value }
		: { kind: "unary", op: item.op, expr };
}

/** What a node does to the operand that it stands behind; undefined when it is no such node. */
function changeOf(source: Source, node: SyntaxNode): ((expr: Expr) => Expr) | undefined {
	switch (node.name) {
		case "OffsetExpr": {
			const offsetMs = durationOf(source, childOf(node, "OffsetDurationExpr"));
			return (expr) => shifted(source, node, expr, { offsetMs }, "offset modifier");
		}
		case "StepInvariantExpr": {
			const at = momentOf(source, node);
			return (expr) => shifted(source, node, expr, { at }, "@ modifier");
		}
		case "MatrixSelector": {
			const rangeMs = positive(source, childOf(node, "DurationExpr"));
			return (expr) => {
				if (expr.kind !== "selector") throw fail(source, node.from, "ranges only allowed for vector selectors");
				if (expr.offsetMs !== 0) throw fail(source, node.from, "no offset modifiers allowed before range");
				if (expr.at !== undefined) throw fail(source, node.from, "no @ modifiers allowed before range");
				return { kind: "range", selector: expr, rangeMs };
			};
		}
		case "SubqueryExpr": {
			const [range, step] = childrenOf(node).filter(({ name }) => name === "DurationExpr");
			const rangeMs = positive(source, range);
			const stepMs = step && positive(source, step);
			return (expr) => ({ kind: "subquery", expr, rangeMs, stepMs, offsetMs: 0, at: undefined });
		}
		case "SmoothedExpr":
		case "AnchoredExpr":
			throw fail(source, node.from, `the sandbox's Prometheus does not know "${node.name.slice(0, -4).toLowerCase()}"`);
		default:
			return undefined;
	}
}

function momentOf(source: Source, node: SyntaxNode): number | "start" | "end" {
	const word = childOf(node, "AtModifierPreprocessors");
	if (word) return childOf(word, "AtStart") ? "start" : "end";
	const number = childOf(node, "NumberDurationLiteral");
	const text = number ? literal(source, number) : "";
	const value = numberOf(text.replace(/^[+-]\s*/, "")) ?? Number.NaN;
	if (!Number.isFinite(value)) throw fail(source, node.from, `timestamp out of bounds for @ modifier: ${text}`);
	return Math.round((text.startsWith("-") ? -value : value) * 1000);
}

function shifted(source: Source, node: SyntaxNode, expr: Expr, change: Partial<Shift>, what: string): Expr {
	const target = expr.kind === "range" ? expr.selector : expr;
	if (target.kind !== "selector" && target.kind !== "subquery") {
		const text = "must be preceded by an instant vector selector or range vector selector or a subquery";
		throw fail(source, node.from, `${what} ${text}`);
	}
	const isSet = change.at === undefined ? target.offsetMs !== 0 : target.at !== undefined;
	if (isSet)
		throw fail(
			source,
			node.from,
			`${what.replace("@ modifier", "@ <timestamp>").replace(" modifier", "")} may not be set multiple times`,
		);
	const moved = { ...target, ...change };
	return expr.kind === "range" && moved.kind === "selector" ? { ...expr, selector: moved } : moved;
}

function positive(source: Source, node: SyntaxNode | undefined): number {
	const ms = durationOf(source, node);
	if (ms <= 0) throw fail(source, node?.from ?? 0, "duration must be greater than 0");
	return ms;
}

function operandOf(source: Source, node: SyntaxNode): Expr {
	switch (node.name) {
		case "ParenExpr":
			return { kind: "paren", expr: argumentsOf(source, node)[0] as Expr };
		case "StringLiteral":
			return { kind: "string", value: textOf(source, node) };
		case "VectorSelector":
			return selectorOf(source, node);
		case "FunctionCall": {
			const name = childOf(node, "FunctionIdentifier");
			return {
				kind: "call",
				name: name ? literal(source, name) : "",
				args: argumentsOf(source, childOf(node, "FunctionCallBody")),
			};
		}
		case "AggregateExpr":
			return aggregateOf(source, node);
		default:
			throw fail(source, node.from, `the sandbox's Prometheus does not know "${literal(source, node)}"`);
	}
}

function argumentsOf(source: Source, body: SyntaxNode | undefined): Expr[] {
	return body === undefined ? [] : childrenOf(body).map((node) => exprOf(source, node));
}

function aggregateOf(source: Source, node: SyntaxNode): Expr {
	const name = childOf(node, "AggregateOp");
	const op = name ? literal(source, name).toLowerCase() : "";
	const modifier = childOf(node, "AggregateModifier");
	const args = argumentsOf(source, childOf(node, "FunctionCallBody"));
	const takesParam = ["topk", "bottomk", "quantile", "count_values", "limitk", "limit_ratio"].includes(op);
	const wanted = takesParam ? 2 : 1;
	if (args.length !== wanted)
		throw fail(
			source,
			node.from,
			`wrong number of arguments for aggregate expression provided, expected ${wanted}, got ${args.length}`,
		);
	const labels = labelNames(source, modifier && childOf(modifier, "GroupingLabels"));
	const grouping = { without: modifier !== undefined && childOf(modifier, "Without") !== undefined, labels };
	return { kind: "aggregate", op, param: takesParam ? args[0] : undefined, expr: args.at(-1) as Expr, grouping };
}
