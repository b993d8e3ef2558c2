import { compareLabels, Labels } from "../labels.ts";
import type { Points } from "../series.ts";
import type { SeriesStore } from "../series-store.ts";
import { checkQuery } from "./check.ts";
import { Evaluation } from "./evaluate.ts";
import { parseQuery } from "./parse.ts";
import { bare, QueryError, QueryTimeout } from "./syntax.ts";
import type { Vector } from "./values.ts";

export type MatrixResult = readonly { readonly labels: Labels; readonly points: Points }[];

export type QueryResult =
	| { readonly type: "scalar"; readonly value: number }
	| { readonly type: "string"; readonly value: string }
	| { readonly type: "vector"; readonly value: Vector }
	| { readonly type: "matrix"; readonly value: MatrixResult };

export interface QueryLimits {
	readonly timeoutMs: number;
	/** Milliseconds since some moment; never goes back. */
	readonly elapsed: () => number;
}

/** The value of a query at a moment. Throws QueryError, ExecutionError, QueryTimeout. */
export function instantQuery(store: SeriesStore, query: string, timeMs: number, limits: QueryLimits): QueryResult {
	const expr = parseQuery(query);
	const evaluation = evaluationOf(store, timeMs, timeMs, limits);
	switch (checkQuery(expr)) {
		case "scalar":
			return { type: "scalar", value: evaluation.scalar(expr, timeMs) };
		case "string":
			return { type: "string", value: stringOf(expr) };
		case "instant vector":
			return { type: "vector", value: evaluation.vector(expr, timeMs) };
		case "range vector":
			return { type: "matrix", value: inOrder(evaluation.matrix(expr, timeMs).series) };
	}
}

/** The values of a query from `startMs` to `endMs`, every `stepMs`. */
export function rangeQuery(
	store: SeriesStore,
	query: string,
	times: { readonly startMs: number; readonly endMs: number; readonly stepMs: number },
	limits: QueryLimits,
): MatrixResult {
	const expr = parseQuery(query);
	const type = checkQuery(expr);
	if (type !== "scalar" && type !== "instant vector")
		throw new QueryError(`invalid expression type "${type}" for range query, must be Scalar or instant Vector`);
	const { startMs, endMs, stepMs } = times;
	const evaluation = evaluationOf(store, startMs, endMs, limits);
	const series = new Map<string, { labels: Labels; points: { times: number[]; values: number[] } }>();
	for (let timeMs = startMs; timeMs <= endMs; timeMs += stepMs) {
		const vector: Vector =
			type === "scalar"
				? [{ labels: Labels.none, value: evaluation.scalar(expr, timeMs) }]
				: evaluation.vector(expr, timeMs);
		evaluation.keep(vector.length);
		for (const { labels, value } of vector) {
			const one = series.get(labels.key) ?? { labels, points: { times: [], values: [] } };
			series.set(labels.key, one);
			one.points.times.push(timeMs);
			one.points.values.push(value);
		}
	}
	return inOrder([...series.values()]);
}

function evaluationOf(store: SeriesStore, startMs: number, endMs: number, limits: QueryLimits): Evaluation {
	const until = limits.elapsed() + limits.timeoutMs;
	const checkTime = () => {
		if (limits.elapsed() > until) throw new QueryTimeout("query timed out in expression evaluation");
	};
	return new Evaluation({ store, startMs, endMs, checkTime });
}

function inOrder(matrix: MatrixResult): MatrixResult {
	return matrix.toSorted((a, b) => compareLabels(a.labels, b.labels));
}

function stringOf(expr: ReturnType<typeof parseQuery>): string {
	const text = bare(expr);
	return text.kind === "string" ? text.value : "";
}
