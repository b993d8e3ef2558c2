import type { Labels } from "../labels.ts";
import type { Points } from "../series.ts";
import { ExecutionError, type Expr } from "./syntax.ts";

export interface Sample {
	readonly labels: Labels;
	readonly value: number;
}

export type Vector = readonly Sample[];

/** Samples after `fromMs` and up to `toMs`, of each series that has some. */
export interface Matrix {
	readonly fromMs: number;
	readonly toMs: number;
	readonly series: readonly { readonly labels: Labels; readonly points: Points }[];
}

/** Values of expressions at a moment, in milliseconds. All throw ExecutionError. */
export interface Evaluator {
	scalar(expr: Expr, timeMs: number): number;
	vector(expr: Expr, timeMs: number): Vector;
	matrix(expr: Expr, timeMs: number): Matrix;
	/** When the samples that an instant selector finds were taken, as values in seconds. */
	timestamps(expr: Expr & { readonly kind: "selector" }, timeMs: number): Vector;
}

/** The vector, if no two of its samples have the same labels. */
export function unique(vector: Vector): Vector {
	const keys = new Set<string>();
	for (const { labels } of vector) {
		if (keys.has(labels.key)) throw new ExecutionError("vector cannot contain metrics with the same labelset");
		keys.add(labels.key);
	}
	return vector;
}

/** A sum that loses no small parts beside large ones (Kahan's, as Neumaier improved it). */
export function exactSum(values: Iterable<number>): number {
	let sum = 0;
	let lost = 0;
	for (const value of values) {
		const next = sum + value;
		if (Number.isFinite(next)) lost += Math.abs(sum) >= Math.abs(value) ? sum - next + value : value - next + sum;
		sum = next;
	}
	return Number.isFinite(sum) ? sum + lost : sum;
}

export function mean(values: readonly number[]): number {
	const sum = exactSum(values);
	if (Number.isFinite(sum) || values.some((value) => !Number.isFinite(value))) return sum / values.length;
	return exactSum(values.map((value) => value / values.length));
}

/** The mean of the squared distances from the mean. */
export function variance(values: readonly number[]): number {
	let count = 0;
	let center = 0;
	let squares = 0;
	for (const value of values) {
		count++;
		const distance = value - center;
		center += distance / count;
		squares += distance * (value - center);
	}
	return squares / count;
}

/** The quantile of any values, between neighbours by weight; NaN counts as the smallest. */
export function quantile(rank: number, values: readonly number[]): number {
	if (values.length === 0 || Number.isNaN(rank)) return Number.NaN;
	if (rank < 0) return Number.NEGATIVE_INFINITY;
	if (rank > 1) return Number.POSITIVE_INFINITY;
	const ordered = values.toSorted((a, b) => (Number.isNaN(a) ? -1 : Number.isNaN(b) ? 1 : a - b));
	const place = rank * (ordered.length - 1);
	const lower = Math.floor(place);
	const upper = Math.min(ordered.length - 1, lower + 1);
	const weight = place - lower;
	return (ordered[lower] as number) * (1 - weight) + (ordered[upper] as number) * weight;
}

/** The greatest that is a number; NaN when none is. */
export function greatest(values: readonly number[]): number {
	return values.reduce((best, value) => (value > best || Number.isNaN(best) ? value : best));
}

export function least(values: readonly number[]): number {
	return values.reduce((best, value) => (value < best || Number.isNaN(best) ? value : best));
}
