import { type Labels, NAME } from "../labels.ts";
import { comparisons, ExecutionError, type Matching } from "./syntax.ts";
import { type Sample, unique, type Vector } from "./values.ts";

const plain: Matching = { on: false, labels: [], many: undefined, include: [] };

/** The value of an arithmetic operator, or whether a comparison holds. */
function compute(op: string, a: number, b: number): number | boolean {
	switch (op) {
		case "+":
			return a + b;
		case "-":
			return a - b;
		case "*":
			return a * b;
		case "/":
			return a / b;
		case "%":
			return a % b;
		case "^":
			// Unlike JavaScript, Go takes these powers for one.
			return a === 1 || (a === -1 && Math.abs(b) === Number.POSITIVE_INFINITY) ? 1 : a ** b;
		case "atan2":
			return Math.atan2(a, b);
		case "==":
			return a === b;
		case "!=":
			return a !== b;
		case "<":
			return a < b;
		case ">":
			return a > b;
		case "<=":
			return a <= b;
		case ">=":
			return a >= b;
		default:
			throw new ExecutionError(`there is no operator "${op}"`);
	}
}

export function scalars(op: string, a: number, b: number): number {
	return Number(compute(op, a, b));
}

/** A vector and a scalar; `swapped`: the scalar is on the left. A comparison keeps samples, or says 0 or 1 with `bool`. */
export function vectorAndScalar(op: string, vector: Vector, scalar: number, swapped: boolean, bool: boolean): Vector {
	const results: Sample[] = [];
	for (const sample of vector) {
		const result = swapped ? compute(op, scalar, sample.value) : compute(op, sample.value, scalar);
		if (typeof result === "number" || bool) results.push({ labels: sample.labels.nameless, value: Number(result) });
		else if (result) results.push(sample);
	}
	return unique(results);
}

function signatureOf({ on, labels }: Matching): (of: Labels) => string {
	return (of) => (on ? of.only(labels) : of.without([...labels, NAME])).key;
}

export function setOperation(op: string, left: Vector, right: Vector, matching: Matching = plain): Vector {
	const signature = signatureOf(matching);
	const keys = (vector: Vector) => new Set(vector.map(({ labels }) => signature(labels)));
	if (op === "or") {
		const taken = keys(left);
		return unique([...left, ...right.filter(({ labels }) => !taken.has(signature(labels)))]);
	}
	const others = keys(right);
	return left.filter(({ labels }) => others.has(signature(labels)) === (op === "and"));
}

/** Arithmetic and comparisons between the samples of two vectors that match. */
export function vectors(op: string, left: Vector, right: Vector, bool: boolean, matching: Matching = plain): Vector {
	if (left.length === 0 || right.length === 0) return [];
	const signature = signatureOf(matching);
	const isSwapped = matching.many === "right";
	const [many, one] = isSwapped ? [right, left] : [left, right];
	const partners = partnersOf(one, signature, matching);
	const matched = new Map<string, Set<string>>();
	const results: Sample[] = [];
	for (const sample of many) {
		const key = signature(sample.labels);
		const partner = partners.get(key);
		if (partner === undefined) continue;
		const [a, b] = isSwapped ? [partner.value, sample.value] : [sample.value, partner.value];
		const result = compute(op, a, b);
		if (result === false && !bool) continue;
		const labels = resultLabels(op, sample.labels, partner.labels, bool, matching);
		refuseSecond(matched, key, labels, matching);
		results.push({ labels, value: typeof result === "boolean" && !bool ? a : Number(result) });
	}
	return unique(results);
}

function partnersOf(one: Vector, signature: (of: Labels) => string, matching: Matching): Map<string, Sample> {
	const partners = new Map<string, Sample>();
	for (const sample of one) {
		const key = signature(sample.labels);
		const other = partners.get(key);
		if (other) {
			const { on, labels, many } = matching;
			const group = on ? sample.labels.only(labels) : sample.labels.without([...labels, NAME]);
			const side = many === "right" ? "left" : "right";
			throw new ExecutionError(
				`found duplicate series for the match group ${group} on the ${side} hand-side of the operation: ` +
					`[${sample.labels}, ${other.labels}];many-to-many matching not allowed: matching labels must be unique on one side`,
			);
		}
		partners.set(key, sample);
	}
	return partners;
}

function refuseSecond(matched: Map<string, Set<string>>, key: string, labels: Labels, { many }: Matching): void {
	const before = matched.get(key);
	if (before === undefined) matched.set(key, new Set([labels.key]));
	else if (many === undefined)
		throw new ExecutionError(
			"multiple matches for labels: many-to-one matching must be explicit (group_left/group_right)",
		);
	else if (before.has(labels.key))
		throw new ExecutionError("multiple matches for labels: grouping labels must ensure unique matches");
	else before.add(labels.key);
}

function resultLabels(op: string, of: Labels, partner: Labels, bool: boolean, matching: Matching): Labels {
	const { on, labels, many, include } = matching;
	let result = comparisons.has(op) && !bool ? of : of.nameless;
	if (many === undefined) result = on ? result.only(labels) : result.without(labels);
	return include.length === 0 ? result : result.with(include.map((name) => [name, partner.get(name)]));
}
