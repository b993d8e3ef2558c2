import type { Matcher } from "../matcher.ts";

/** A query that cannot be understood: position and reason, in the words of Prometheus where it has some. */
export class QueryError extends Error {
	override readonly name = "QueryError";
}

/** A query that was understood and cannot be answered. */
export class ExecutionError extends Error {
	override readonly name: string = "ExecutionError";
}

/** A query that takes longer than it may. */
export class QueryTimeout extends ExecutionError {
	override readonly name = "QueryTimeout";
}

/** When a selector or subquery looks: that much before the moment asked for, or before a fixed one in milliseconds. */
export interface Shift {
	readonly offsetMs: number;
	readonly at: number | "start" | "end" | undefined;
}

export interface Selector extends Shift {
	readonly kind: "selector";
	readonly matchers: readonly Matcher[];
}

export interface Range {
	readonly kind: "range";
	readonly selector: Selector;
	readonly rangeMs: number;
}

export interface Subquery extends Shift {
	readonly kind: "subquery";
	readonly expr: Expr;
	readonly rangeMs: number;
	readonly stepMs: number | undefined;
}

export interface Call {
	readonly kind: "call";
	readonly name: string;
	readonly args: readonly Expr[];
}

export interface Aggregate {
	readonly kind: "aggregate";
	readonly op: string;
	readonly param: Expr | undefined;
	readonly expr: Expr;
	readonly grouping: Grouping;
}

export interface Grouping {
	readonly without: boolean;
	readonly labels: readonly string[];
}

export interface Matching {
	/** `on` these labels, or `ignoring` them. */
	readonly on: boolean;
	readonly labels: readonly string[];
	/** The side that may have many series for one of the other. */
	readonly many: "left" | "right" | undefined;
	/** Labels that the side of the one lends to the result. */
	readonly include: readonly string[];
}

export interface Binary {
	readonly kind: "binary";
	readonly op: string;
	readonly left: Expr;
	readonly right: Expr;
	readonly bool: boolean;
	readonly matching: Matching | undefined;
}

export type Expr =
	| { readonly kind: "number"; readonly value: number }
	| { readonly kind: "string"; readonly value: string }
	| { readonly kind: "unary"; readonly op: "-" | "+"; readonly expr: Expr }
	| { readonly kind: "paren"; readonly expr: Expr }
	| Selector
	| Range
	| Subquery
	| Call
	| Aggregate
	| Binary;

export type ValueType = "scalar" | "string" | "instant vector" | "range vector";

export const comparisons: ReadonlySet<string> = new Set(["==", "!=", ">", "<", ">=", "<="]);
export const setOperators: ReadonlySet<string> = new Set(["and", "or", "unless"]);

/** Without the parentheses around it. */
export function bare(expr: Expr): Expr {
	return expr.kind === "paren" ? bare(expr.expr) : expr;
}
