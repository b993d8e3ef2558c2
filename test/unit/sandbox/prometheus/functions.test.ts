import { describe, expect, test } from "vitest";
import { signatures } from "../../../../src/sandbox/prometheus/promql/signatures.ts";
import { ask, stored, values } from "./stored.ts";

/** Samples at 10 s, 20 s, …, 60 s. */
const store = stored(
	'counter{a="x"} 100 110 130 5 10 20',
	"gauge 4 -2 6 0 0 8",
	"zero 0 10 20 30 40 50",
	"odd NaN 1 NaN 3 Inf NaN",
	'bucket{le="1.0"} 10',
	'bucket{le="2.0"} 30',
	'bucket{le="+Inf"} 40',
	"moment 1709210096",
	"one 2.5",
);

const table: readonly (readonly [query: string, expected: readonly number[]])[] = [
	// Ranges are open on their older end: the sample at 0 s + 10 s is not in (10, 60].
	["count_over_time(gauge[50s])", [5]],
	["count_over_time(gauge[51s])", [6]],
	// 110 → 20 with the fall to 5 made good: 40 in 40 s, stretched to 50 s.
	["increase(counter[50s])", [50]],
	["rate(counter[50s])", [1]],
	// A counter is never taken to have begun below zero.
	["increase(zero[60s])", [50]],
	["delta(zero[60s])", [60]],
	["delta(gauge[50s])", [12.5]],
	["irate(counter[50s])", [1]],
	["idelta(gauge[50s])", [8]],
	["deriv(zero[60s])", [1]],
	["resets(counter[60s])", [1]],
	["changes(gauge[60s])", [4]],
	["avg_over_time(gauge[60s])", [16 / 6]],
	["sum_over_time(gauge[60s])", [16]],
	["min_over_time(gauge[60s])", [-2]],
	["max_over_time(odd[60s])", [Number.POSITIVE_INFINITY]],
	["min_over_time(odd[60s])", [1]],
	["last_over_time(gauge[60s])", [8]],
	["present_over_time(gauge[60s])", [1]],
	["stddev_over_time(zero[20s])", [5]],
	["stdvar_over_time(zero[20s])", [25]],
	["quantile_over_time(0.5, zero[60s])", [25]],
	["absent_over_time(nothing[60s])", [1]],
	["absent(nothing)", [1]],
	["absent(gauge)", []],
	["abs(-gauge)", [8]],
	["ceil(one)", [3]],
	["floor(one)", [2]],
	["round(one)", [3]],
	["round(one, 0.2)", [2.6]],
	["clamp(gauge, 1, 5)", [5]],
	["clamp(gauge, 5, 1)", []],
	["clamp_min(gauge, 9)", [9]],
	["clamp_max(gauge, 3)", [3]],
	["exp(vector(0))", [1]],
	["ln(vector(1))", [0]],
	["log2(gauge)", [3]],
	["log10(vector(1000))", [3]],
	["sqrt(vector(9))", [3]],
	["sgn(vector(-3))", [-1]],
	["sin(vector(0))", [0]],
	["cos(vector(0))", [1]],
	["tan(vector(0))", [0]],
	["asin(vector(0))", [0]],
	["acos(vector(1))", [0]],
	["atan(vector(0))", [0]],
	["sinh(vector(0))", [0]],
	["cosh(vector(0))", [1]],
	["tanh(vector(0))", [0]],
	["asinh(vector(0))", [0]],
	["acosh(vector(1))", [0]],
	["atanh(vector(0))", [0]],
	["deg(vector(pi()))", [180]],
	["rad(vector(180))", [Math.PI]],
	["pi()", [Math.PI]],
	["time()", [60]],
	["vector(4)", [4]],
	["scalar(gauge)", [8]],
	["scalar(nothing)", [Number.NaN]],
	["timestamp(one)", [10]],
	["timestamp(one + 1)", [60]],
	["sort(gauge or on (__name__) one)", [2.5, 8]],
	["sort_desc(gauge or on (__name__) one)", [8, 2.5]],
	// 2024-02-29T12:34:56Z
	["minute(moment)", [34]],
	["hour(moment)", [12]],
	["day_of_week(moment)", [4]],
	["day_of_month(moment)", [29]],
	["day_of_year(moment)", [60]],
	["days_in_month(moment)", [29]],
	["month(moment)", [2]],
	["year(moment)", [2024]],
	["year()", [1970]],
	["histogram_quantile(0.25, bucket)", [1]],
	["histogram_quantile(0.5, bucket)", [1.5]],
	["histogram_quantile(0.9, bucket)", [2]],
	["histogram_quantile(2, bucket)", [Number.POSITIVE_INFINITY]],
];

describe("functions", () => {
	test.each(table)("%s", (query, expected) => {
		const actual = values(store, query, 60);
		expect(actual).toHaveLength(expected.length);
		for (const [i, value] of expected.entries())
			if (Number.isFinite(value)) expect(actual[i]).toBeCloseTo(value, 12);
			else expect(actual[i]).toBe(value);
	});

	test("each that is known stands in a table", () => {
		const asked = [...table.map(([query]) => query), ...labelTable.map(([query]) => query)];
		expect([...signatures.keys()].filter((name) => !asked.some((query) => query.startsWith(`${name}(`)))).toEqual([]);
	});
});

const labelTable: readonly (readonly [query: string, expected: readonly string[]])[] = [
	['label_replace(one, "a", "$1$2", "__name__", "(.)(.).")', ['{__name__="one", a="on"} 2.5']],
	['label_replace(one, "a", "x", "b", "nothing")', ['{__name__="one"} 2.5']],
	['label_replace(counter, "a", "", "a", ".*")', ['{__name__="counter"} 20']],
	['label_join(counter, "b", "+", "a", "__name__", "none")', ['{__name__="counter", a="x", b="x+counter+"} 20']],
	["last_over_time(counter[1m])", ['{__name__="counter", a="x"} 20']],
	["rate(counter[20s])", ['{a="x"} 1']],
	["-counter", ['{a="x"} -20']],
	["+counter", ['{__name__="counter", a="x"} 20']],
	["counter * 2", ['{a="x"} 40']],
	["counter > 2", ['{__name__="counter", a="x"} 20']],
	["2 < counter", ['{__name__="counter", a="x"} 20']],
	["counter > bool 2", ['{a="x"} 1']],
	['absent(nothing{a="b",c!="d",e="f",e="g"})', ['{a="b"} 1']],
	["sum by (__name__) (counter)", ['{__name__="counter"} 20']],
	["sum without () (counter)", ['{a="x"} 20']],
	['count_values("of", gauge * 1e21)', ['{of="8000000000000000000000"} 1']],
	["group(gauge)", ["{} 1"]],
];

describe("labels of results", () => {
	test.each(labelTable)("%s", (query, expected) => {
		expect(ask(store, query, 60)).toEqual(expected);
	});
});
