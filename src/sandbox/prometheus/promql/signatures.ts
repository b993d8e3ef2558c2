import type { ValueType } from "./syntax.ts";

export interface Signature {
	readonly takes: readonly ValueType[];
	/** How many of the last arguments may be left out. */
	readonly optional: number;
	/** Whether the last argument may come again and again. */
	readonly variadic: boolean;
	readonly returns: ValueType;
}

const vector = "instant vector";
const range = "range vector";

const takes = (names: string, types: readonly ValueType[], more: Partial<Signature> = {}): [string, Signature][] =>
	names.split(" ").map((name) => [name, { takes: types, optional: 0, variadic: false, returns: vector, ...more }]);

const mathematics =
	"abs ceil floor exp ln log2 log10 sqrt sgn sin cos tan asin acos atan sinh cosh tanh asinh acosh atanh deg rad";
const overTime = "avg min max sum count stddev stdvar last present absent".replaceAll(/\w+/g, "$&_over_time");
const dates = "minute hour day_of_week day_of_month day_of_year days_in_month month year";

/** What each function that the sandbox knows takes and returns. */
export const signatures: ReadonlyMap<string, Signature> = new Map([
	...takes(mathematics, [vector]),
	...takes("absent sort sort_desc timestamp", [vector]),
	...takes("rate irate increase delta idelta deriv resets changes", [range]),
	...takes(overTime, [range]),
	...takes("quantile_over_time", ["scalar", range]),
	...takes("histogram_quantile", ["scalar", vector]),
	...takes("round", [vector, "scalar"], { optional: 1 }),
	...takes("clamp", [vector, "scalar", "scalar"]),
	...takes("clamp_min clamp_max", [vector, "scalar"]),
	...takes("label_replace", [vector, "string", "string", "string", "string"]),
	...takes("label_join", [vector, "string", "string", "string"], { optional: 1, variadic: true }),
	...takes(dates, [vector], { optional: 1 }),
	...takes("scalar", [vector], { returns: "scalar" }),
	...takes("vector", ["scalar"]),
	...takes("time pi", [], { returns: "scalar" }),
]);

export const knownFunctions: string = [...signatures.keys()].sort().join(", ");
