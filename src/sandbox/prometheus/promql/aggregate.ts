import { formatPlain } from "../go-float.ts";
import { Labels, NAME } from "../labels.ts";
import { ExecutionError, type Grouping } from "./syntax.ts";
import { exactSum, greatest, least, mean, quantile, type Sample, type Vector, variance } from "./values.ts";

const reductions: Readonly<Record<string, (values: readonly number[]) => number>> = {
	sum: exactSum,
	avg: mean,
	min: least,
	max: greatest,
	count: (values) => values.length,
	stddev: (values) => Math.sqrt(variance(values)),
	stdvar: variance,
	group: () => 1,
};

/** The groups of a vector and what becomes of each. `param` is the number of `topk` and its like, the label of `count_values`. */
export function aggregate(op: string, grouping: Grouping, vector: Vector, param: number | string | undefined): Vector {
	if (op === "count_values") return countValues(grouping, vector, String(param));
	if (op === "topk" || op === "bottomk") return ends(op, grouping, vector, wholeNumber(Number(param)));
	const reduce = op === "quantile" ? (values: readonly number[]) => quantile(Number(param), values) : reductions[op];
	if (reduce === undefined) throw new ExecutionError(`there is no aggregation "${op}"`);
	return groupsOf(grouping, vector).map(({ labels, samples }) => ({
		labels,
		value: reduce(samples.map(({ value }) => value)),
	}));
}

interface Group {
	readonly labels: Labels;
	readonly samples: Sample[];
}

function groupsOf(grouping: Grouping, vector: Vector): readonly Group[] {
	const groups = new Map<string, Group>();
	for (const sample of vector) {
		const labels = groupLabels(grouping, sample.labels);
		const group = groups.get(labels.key);
		if (group) group.samples.push(sample);
		else groups.set(labels.key, { labels, samples: [sample] });
	}
	return [...groups.values()];
}

function groupLabels({ without, labels }: Grouping, of: Labels): Labels {
	if (without) return of.without([...labels, NAME]);
	return labels.length === 0 ? Labels.none : of.only(labels);
}

/** The `count` highest, or lowest, of each group, best first; what is no number comes last. */
function ends(op: "topk" | "bottomk", grouping: Grouping, vector: Vector, count: number): Vector {
	if (count < 1) return [];
	const sign = op === "topk" ? -1 : 1;
	const order = (a: Sample, b: Sample) => {
		if (Number.isNaN(a.value) || Number.isNaN(b.value))
			return Number(Number.isNaN(a.value)) - Number(Number.isNaN(b.value));
		return a.value === b.value ? 0 : a.value < b.value ? -sign : sign;
	};
	return groupsOf(grouping, vector).flatMap(({ samples }) => samples.toSorted(order).slice(0, count));
}

function wholeNumber(value: number): number {
	if (Number.isNaN(value)) throw new ExecutionError("Parameter value is NaN");
	if (Math.abs(value) >= 2 ** 63) throw new ExecutionError(`Scalar value ${formatPlain(value)} overflows int64`);
	return Math.trunc(value);
}

function countValues(grouping: Grouping, vector: Vector, label: string): Vector {
	if (label === "") throw new ExecutionError(`invalid label name "${label}"`);
	const kept = grouping.without ? grouping : { without: false, labels: [...grouping.labels, label] };
	const marked = vector.map(({ labels, value }) => ({ labels: labels.with([[label, formatPlain(value)]]), value }));
	return groupsOf(kept, marked).map(({ labels, samples }) => ({ labels, value: samples.length }));
}
