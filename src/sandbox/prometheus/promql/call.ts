import { Labels, NAME } from "../labels.ts";
import type { Matcher } from "../matcher.ts";
import { histogramQuantile } from "./functions/histogram.ts";
import { labelJoin, labelReplace } from "./functions/label-functions.ts";
import { type RangeFunction, rangeFunctions } from "./functions/range-functions.ts";
import { dateFunctions, valueFunctions } from "./functions/vector-functions.ts";
import { bare, type Call, ExecutionError, type Expr } from "./syntax.ts";
import { type Evaluator, quantile, unique, type Vector } from "./values.ts";

/** The value of a call that `checkQuery` has let pass and that returns a vector. */
export function call(evaluator: Evaluator, { name, args }: Call, timeMs: number): Vector {
	const [first, ...others] = args;
	const rangeFunction = rangeFunctions[name];
	if (rangeFunction && first) return overRange(evaluator, first, timeMs, rangeFunction, name === "last_over_time");
	const dateFunction = dateFunctions[name];
	if (dateFunction) {
		if (first === undefined) return [{ labels: Labels.none, value: dateFunction(timeMs / 1000) }];
		return ofEach(evaluator.vector(first, timeMs), dateFunction);
	}
	const valueFunction = valueFunctions[name];
	if (valueFunction && first) {
		const params = others.map((other) => evaluator.scalar(other, timeMs));
		const [low = 1, high = 0] = params;
		if (name === "clamp" && high < low) return [];
		return ofEach(evaluator.vector(first, timeMs), (value) => valueFunction(value, low, high));
	}
	return special(evaluator, name, args, timeMs);
}

function special(evaluator: Evaluator, name: string, args: readonly Expr[], timeMs: number): Vector {
	const [first, second] = args as readonly [Expr, Expr];
	const texts = () => args.slice(1).map(textOf);
	switch (name) {
		case "vector":
			return [{ labels: Labels.none, value: evaluator.scalar(first, timeMs) }];
		case "absent":
			return evaluator.vector(first, timeMs).length > 0 ? [] : [{ labels: absentLabels(bare(first)), value: 1 }];
		case "absent_over_time":
			return evaluator.matrix(first, timeMs).series.length > 0 ? [] : [{ labels: absentLabels(bare(first)), value: 1 }];
		case "timestamp": {
			const selector = bare(first);
			if (selector.kind === "selector") return ofEach(evaluator.timestamps(selector, timeMs), (seconds) => seconds);
			return ofEach(evaluator.vector(first, timeMs), () => timeMs / 1000);
		}
		case "quantile_over_time": {
			const rank = evaluator.scalar(first, timeMs);
			return overRange(evaluator, second, timeMs, ({ values }) => quantile(rank, values), false);
		}
		case "histogram_quantile":
			return histogramQuantile(evaluator.scalar(first, timeMs), evaluator.vector(second, timeMs));
		case "label_replace":
			return unique(labelReplace(evaluator.vector(first, timeMs), texts()));
		case "label_join":
			return unique(labelJoin(evaluator.vector(first, timeMs), texts()));
		case "sort":
			return inOrder(evaluator.vector(first, timeMs), 1);
		case "sort_desc":
			return inOrder(evaluator.vector(first, timeMs), -1);
		default:
			throw new ExecutionError(`there is no function "${name}"`);
	}
}

function ofEach(vector: Vector, change: (value: number) => number): Vector {
	return unique(vector.map(({ labels, value }) => ({ labels: labels.nameless, value: change(value) })));
}

function overRange(evaluator: Evaluator, of: Expr, timeMs: number, compute: RangeFunction, isNamed: boolean): Vector {
	const { fromMs, toMs, series } = evaluator.matrix(of, timeMs);
	const results = series.flatMap(({ labels, points }) => {
		const value = compute(points, fromMs, toMs);
		return value === undefined ? [] : [{ labels: isNamed ? labels : labels.nameless, value }];
	});
	return unique(results);
}

function textOf(expr: Expr): string {
	const text = bare(expr);
	if (text.kind !== "string") throw new ExecutionError("a string was expected");
	return text.value;
}

/** What is no number comes last, in either direction. */
function inOrder(vector: Vector, sign: 1 | -1): Vector {
	return vector.toSorted((a, b) => {
		if (Number.isNaN(a.value) || Number.isNaN(b.value))
			return Number(Number.isNaN(a.value)) - Number(Number.isNaN(b.value));
		return a.value === b.value ? 0 : a.value < b.value ? -sign : sign;
	});
}

/** The labels that a selector demands to be equal to something, each once. */
function absentLabels(expr: Expr): Labels {
	const selector = expr.kind === "range" ? expr.selector : expr;
	if (selector.kind !== "selector") return Labels.none;
	const values = new Map<string, string>();
	const isDemand = ({ name, operator }: Matcher) => operator === "=" && !values.has(name);
	for (const matcher of selector.matchers) {
		if (matcher.name === NAME) continue;
		values.set(matcher.name, isDemand(matcher) ? matcher.value : "");
	}
	return Labels.of(values);
}
