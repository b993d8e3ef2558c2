import type { SyntaxNode } from "@lezer/common";
import { NAME } from "../labels.ts";
import { type Matcher, type MatchOperator, matcherOf } from "../matcher.ts";
import { numberOf, unquote } from "./literals.ts";
import { QueryError, type Selector } from "./syntax.ts";

/** The text of a query while it is read. */
export interface Source {
	readonly text: string;
	depth: number;
}

export function fail(source: Source, offset: number, why: string): QueryError {
	const before = source.text.slice(0, offset).split("\n");
	return new QueryError(`${before.length}:${(before.at(-1)?.length ?? 0) + 1}: parse error: ${why}`);
}

export function childrenOf(node: SyntaxNode): SyntaxNode[] {
	const children: SyntaxNode[] = [];
	for (let child = node.firstChild; child !== null; child = child.nextSibling)
		if (child.name !== "LineComment") children.push(child);
	return children;
}

export function childOf(node: SyntaxNode, name: string): SyntaxNode | undefined {
	return childrenOf(node).find((child) => child.name === name);
}

export function literal(source: Source, node: SyntaxNode): string {
	return source.text.slice(node.from, node.to);
}

/** What a string literal says. */
export function textOf(source: Source, node: SyntaxNode): string {
	const text = unquote(literal(source, node));
	if (text === undefined) throw fail(source, node.from, `invalid quoted string ${literal(source, node)}`);
	return text;
}

/** The names in a list of labels, quoted or not. */
export function labelNames(source: Source, node: SyntaxNode | undefined): string[] {
	return node === undefined ? [] : childrenOf(node).map((name) => nameOf(source, name));
}

function nameOf(source: Source, node: SyntaxNode): string {
	const quoted = node.name === "QuotedLabelName" ? node.firstChild : null;
	return quoted === null ? literal(source, node) : textOf(source, quoted);
}

/** Milliseconds of a duration that is written as one number, with a sign or parentheses at most. */
export function durationOf(source: Source, node: SyntaxNode | undefined): number {
	const text = node === undefined ? "" : literal(source, node);
	const [, signs = "", written = ""] = /^([+\-\s()]*)(.*?)[\s)]*$/s.exec(text) ?? [];
	const seconds = numberOf(written);
	if (seconds === undefined) {
		const why = /[+\-*/%^(]/.test(written)
			? "the sandbox's Prometheus does not know arithmetic of durations"
			: `bad number or duration syntax: "${text}"`;
		throw fail(source, node?.from ?? 0, why);
	}
	if (!Number.isFinite(seconds)) throw fail(source, node?.from ?? 0, "duration out of range");
	const isNegative = signs.replaceAll(/[^-]/g, "").length % 2 === 1;
	return Math.round((isNegative ? -seconds : seconds) * 1000);
}

export function selectorOf(source: Source, node: SyntaxNode): Selector {
	const identifier = childOf(node, "Identifier");
	const matchers: Matcher[] = [];
	const add = (at: SyntaxNode, name: string, operator: MatchOperator, value: string) => {
		try {
			matchers.push(matcherOf(name, operator, value));
		} catch (thrown) {
			throw fail(source, at.from, (thrown as Error).message);
		}
	};
	if (identifier) add(identifier, NAME, "=", literal(source, identifier));
	const list = childOf(node, "LabelMatchers");
	for (const matcher of list ? childrenOf(list) : []) {
		const [label, operator, value] = childrenOf(matcher);
		if (matcher.name === "QuotedLabelName") add(matcher, NAME, "=", nameOf(source, matcher));
		else if (label && operator && value)
			add(matcher, nameOf(source, label), literal(source, operator) as MatchOperator, textOf(source, value));
	}
	const [first, second] = matchers.filter(({ name, operator }) => name === NAME && operator === "=");
	if (second && (identifier || list?.getChild("QuotedLabelName")))
		throw fail(source, node.from, `metric name must not be set twice: "${first?.value}" or "${second.value}"`);
	if (matchers.every((matcher) => matcher.matches("")))
		throw fail(source, node.from, "vector selector must contain at least one non-empty matcher");
	return { kind: "selector", matchers, offsetMs: 0, at: undefined };
}
