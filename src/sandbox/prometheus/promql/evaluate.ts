import type { Series } from "../series.ts";
import type { SeriesStore } from "../series-store.ts";
import { aggregate } from "./aggregate.ts";
import { scalars, setOperation, vectorAndScalar, vectors } from "./binary.ts";
import { call } from "./call.ts";
import { signatures } from "./signatures.ts";
import {
	type Binary,
	bare,
	type Call,
	ExecutionError,
	type Expr,
	type Range,
	type Selector,
	type Shift,
	type Subquery,
	setOperators,
} from "./syntax.ts";
import { type Evaluator, type Matrix, type Sample, unique, type Vector } from "./values.ts";

/** How long a series is taken to keep its last value. */
const LOOK_BACK_MS = 300_000;
/** Step of a subquery that names none. */
const SUBQUERY_STEP_MS = 60_000;

export interface EvaluationOptions {
	readonly store: SeriesStore;
	/** What `@ start()` and `@ end()` mean. */
	readonly startMs: number;
	readonly endMs: number;
	/** Called now and then; throws when the query has taken too long. */
	readonly checkTime: () => void;
}

/** Most samples that one query may look at, and hold at a time. */
const MAX_READ = 50_000_000;
const MAX_KEPT = 1_000_000;

/** Computes expressions that `checkQuery` has let pass. One is made for each query; it remembers what subqueries have found. */
export class Evaluation implements Evaluator {
	readonly #options: EvaluationOptions;
	readonly #selected = new Map<Selector, readonly Series[]>();
	readonly #steps = new Map<Subquery, Map<number, Vector>>();
	#read = 0;
	#kept = 0;

	constructor(options: EvaluationOptions) {
		this.#options = options;
	}

	scalar(expr: Expr, timeMs: number): number {
		switch (expr.kind) {
			case "number":
				return expr.value;
			case "paren":
				return this.scalar(expr.expr, timeMs);
			case "unary":
				return expr.op === "-" ? -this.scalar(expr.expr, timeMs) : this.scalar(expr.expr, timeMs);
			case "binary":
				return scalars(expr.op, this.scalar(expr.left, timeMs), this.scalar(expr.right, timeMs));
			case "call":
				return this.#scalarCall(expr, timeMs);
			default:
				throw new ExecutionError(`a scalar was expected, not: ${expr.kind}`);
		}
	}

	vector(expr: Expr, timeMs: number): Vector {
		this.#options.checkTime();
		switch (expr.kind) {
			case "paren":
				return this.vector(expr.expr, timeMs);
			case "unary": {
				const vector = this.vector(expr.expr, timeMs);
				if (expr.op === "+") return vector;
				return unique(vector.map(({ labels, value }) => ({ labels: labels.nameless, value: -value })));
			}
			case "selector":
				return this.#latest(expr, timeMs, ({ value }) => value);
			case "call":
				return call(this, expr, timeMs);
			case "aggregate": {
				const { op, param, grouping } = expr;
				const said = param && bare(param);
				const given = said?.kind === "string" ? said.value : param && this.scalar(param, timeMs);
				return aggregate(op, grouping, this.vector(expr.expr, timeMs), given);
			}
			case "binary":
				return this.#binary(expr, timeMs);
			default:
				throw new ExecutionError(`an instant vector was expected, not: ${expr.kind}`);
		}
	}

	matrix(expr: Expr, timeMs: number): Matrix {
		const of = bare(expr);
		if (of.kind === "range") return this.#range(of, timeMs);
		if (of.kind === "subquery") return this.#subquery(of, timeMs);
		throw new ExecutionError(`a range vector was expected, not: ${of.kind}`);
	}

	timestamps(selector: Selector, timeMs: number): Vector {
		return this.#latest(selector, timeMs, (sample) => sample.timeMs / 1000);
	}

	#scalarCall({ name, args }: Call, timeMs: number): number {
		if (name === "time") return timeMs / 1000;
		if (name === "pi") return Math.PI;
		const vector = this.vector(args[0] as Expr, timeMs);
		return vector.length === 1 ? (vector[0] as Sample).value : Number.NaN;
	}

	#binary({ op, left, right, bool, matching }: Binary, timeMs: number): Vector {
		if (isScalar(left)) return vectorAndScalar(op, this.vector(right, timeMs), this.scalar(left, timeMs), true, bool);
		if (isScalar(right)) return vectorAndScalar(op, this.vector(left, timeMs), this.scalar(right, timeMs), false, bool);
		const [a, b] = [this.vector(left, timeMs), this.vector(right, timeMs)];
		return setOperators.has(op) ? setOperation(op, a, b, matching) : vectors(op, a, b, bool, matching);
	}

	#latest(selector: Selector, timeMs: number, read: (sample: { timeMs: number; value: number }) => number): Vector {
		const at = this.#momentOf(selector, timeMs);
		const found: Sample[] = [];
		for (const series of this.#select(selector)) {
			const sample = series.last(at - LOOK_BACK_MS, at);
			if (sample) found.push({ labels: series.labels, value: read(sample) });
		}
		this.#count(found.length);
		return found;
	}

	#range({ selector, rangeMs }: Range, timeMs: number): Matrix {
		const toMs = this.#momentOf(selector, timeMs);
		const fromMs = toMs - rangeMs;
		const series: Matrix["series"][number][] = [];
		for (const { labels, points } of this.#select(selector).map((one) => ({
			labels: one.labels,
			points: one.between(fromMs, toMs),
		}))) {
			this.#count(points.times.length);
			if (points.times.length > 0) series.push({ labels, points });
		}
		return { fromMs, toMs, series };
	}

	/** Steps are multiples of the subquery's step, wherever the query itself stands. */
	#subquery(subquery: Subquery, timeMs: number): Matrix {
		const toMs = this.#momentOf(subquery, timeMs);
		const fromMs = toMs - subquery.rangeMs;
		const stepMs = subquery.stepMs ?? SUBQUERY_STEP_MS;
		const series = new Map<string, { labels: Sample["labels"]; points: { times: number[]; values: number[] } }>();
		for (let step = (Math.floor(fromMs / stepMs) + 1) * stepMs; step <= toMs; step += stepMs) {
			for (const { labels, value } of this.#stepOf(subquery, step)) {
				const one = series.get(labels.key) ?? { labels, points: { times: [], values: [] } };
				series.set(labels.key, one);
				one.points.times.push(step);
				one.points.values.push(value);
			}
		}
		return { fromMs, toMs, series: [...series.values()] };
	}

	#stepOf(subquery: Subquery, step: number): Vector {
		const steps = this.#steps.get(subquery) ?? new Map<number, Vector>();
		this.#steps.set(subquery, steps);
		let vector = steps.get(step);
		if (vector === undefined) {
			vector = this.vector(subquery.expr, step);
			steps.set(step, vector);
			this.keep(vector.length + 1);
		}
		this.#count(vector.length + 1);
		return vector;
	}

	#select(selector: Selector): readonly Series[] {
		let series = this.#selected.get(selector);
		if (series === undefined) {
			series = this.#options.store.select(selector.matchers);
			this.#selected.set(selector, series);
		}
		return series;
	}

	#momentOf({ offsetMs, at }: Shift, timeMs: number): number {
		const moment = at === "start" ? this.#options.startMs : at === "end" ? this.#options.endMs : (at ?? timeMs);
		return moment - offsetMs;
	}

	/** Counts samples that are held until the query is answered. */
	keep(samples: number): void {
		this.#kept += samples;
		if (this.#kept > MAX_KEPT) throw tooMany();
	}

	#count(samples: number): void {
		this.#options.checkTime();
		this.#read += samples;
		if (this.#read > MAX_READ) throw tooMany();
	}
}

function tooMany(): ExecutionError {
	return new ExecutionError("query processing would load too many samples into memory in query execution");
}

function isScalar(expr: Expr): boolean {
	switch (expr.kind) {
		case "number":
			return true;
		case "paren":
		case "unary":
			return isScalar(expr.expr);
		case "binary":
			return isScalar(expr.left) && isScalar(expr.right);
		case "call":
			return signatures.get(expr.name)?.returns === "scalar";
		default:
			return false;
	}
}
