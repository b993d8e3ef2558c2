import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { ask, over, stored, values } from "./stored.ts";

const number = fc.integer({ min: -1_000, max: 1_000 });
const samples = fc.array(fc.oneof({ weight: 8, arbitrary: number }, fc.constant("_")), { minLength: 1, maxLength: 30 });
const counts = fc.array(fc.integer({ min: 0, max: 1_000 }), { minLength: 2, maxLength: 30 });
const label = fc.constantFrom("a", "b", "c");
/** Series of `x` with different labels. */
const vector = fc
	.uniqueArray(fc.record({ i: label, j: label, all: samples }), {
		selector: ({ i, j }) => i + j,
		minLength: 1,
		maxLength: 9,
	})
	.map((series) => stored(...series.map(({ i, j, all }) => `x{i="${i}",j="${j}"} ${all.join(" ")}`)));
const moment = fc.integer({ min: 10, max: 310 });
const close = (a: number, b: number) => Math.abs(a - b) <= 1e-9 * Math.max(1, Math.abs(a), Math.abs(b));

describe("laws of PromQL", () => {
	test.each([
		["x or x", "x"],
		["x and x", "x"],
		["x or x unless x", "x"],
		["sort(x) or x", "sort(x)"],
		["sum by (i, j) (x)", "max by (i, j) (x)"],
		["sum without () (x)", "+x * 1"],
		["sum(sum by (i) (x))", "sum(x)"],
		["max(max by (j) (x))", "max(x)"],
		["count(x)", "sum(group by (i, j) (x))"],
		["x - ignoring () x", "x * 0"],
		["-(-x)", "x * 1"],
		["x == x", "x"],
		["quantile(1, x)", "max(x)"],
		["quantile(0, x)", "min(x)"],
		["topk(1, x) * 0 + 1 and on () x", "topk(1, x) * 0 + 1"],
		["sum(topk(99, x))", "sum(x)"],
		["min_over_time(x[1m])", "quantile_over_time(0, x[1m])"],
		["sum_over_time(x[1m]) / count_over_time(x[1m])", "avg_over_time(x[1m])"],
		["increase(x[2m])", "rate(x[2m]) * 120"],
		["last_over_time(x[5m])", "x"],
	])("%s is %s", (left, right) => {
		fc.assert(
			fc.property(vector, moment, (store, atS) => {
				const [a, b] = [ask(store, left, atS).toSorted(), ask(store, right, atS).toSorted()];
				expect(a.map((line) => line.slice(0, line.lastIndexOf(" ")))).toEqual(
					b.map((line) => line.slice(0, line.lastIndexOf(" "))),
				);
				for (const [i, line] of a.entries()) {
					const [x, y] = [line, b[i] ?? ""].map((text) => Number(text.slice(text.lastIndexOf(" ")))) as [
						number,
						number,
					];
					expect(close(x, y), `${line} and ${b[i]}`).toBe(true);
				}
			}),
			{ numRuns: 40 },
		);
	});

	test("what a counter gains is never negative, however often it begins anew", () => {
		fc.assert(
			fc.property(counts, moment, (all, atS) => {
				const store = stored(`x ${all.join(" ")}`);
				for (const query of ["rate(x[1m])", "increase(x[3m])", "irate(x[1m])"])
					for (const value of values(store, query, atS)) expect(value).toBeGreaterThanOrEqual(0);
			}),
		);
	});

	test("what a counter gains is never stretched to more than it could have been", () => {
		fc.assert(
			fc.property(counts, (all) => {
				const rising = all.toSorted((a, b) => a - b);
				const [gain] = values(stored(`x ${rising.join(" ")}`), "increase(x[5m])", 10 * rising.length);
				expect(gain).toBeLessThanOrEqual((rising.at(-1) as number) + 1e-9);
			}),
		);
	});

	test("quantiles of buckets rise with the rank and stay within the bounds", () => {
		const buckets = fc.array(fc.integer({ min: 0, max: 50 }), { minLength: 4, maxLength: 4 });
		// The rank 0 of a first bucket that is empty is NaN, in Prometheus too: nothing is shared out over nothing.
		const rank = fc.double({ min: 0, minExcluded: true, max: 1, noNaN: true });
		const ranks = fc.tuple(rank, rank);
		fc.assert(
			fc.property(buckets, ranks, (fresh, [p, q]) => {
				const total = (i: number) => fresh.slice(0, i + 1).reduce((a, b) => a + b, 0);
				const store = stored(...["1", "2", "5", "+Inf"].map((le, i) => `x{le="${le}"} ${total(i)}`));
				const [low, high] = [Math.min(p, q), Math.max(p, q)].map(
					(rank) => values(store, `histogram_quantile(${rank}, x)`, 10)[0] as number,
				) as [number, number];
				if (total(3) === 0) {
					expect([low, high]).toEqual([Number.NaN, Number.NaN]);
					return;
				}
				expect(low).toBeLessThanOrEqual(high + 1e-12);
				expect(low).toBeGreaterThanOrEqual(0);
				expect(high).toBeLessThanOrEqual(5);
			}),
		);
	});

	test("a range of time says at each moment what an instant query says then", () => {
		const queries = ["x", "sum by (i) (x)", "rate(x[1m])", "max_over_time(x[1m:20s])", "x > 0 or vector(1)"];
		fc.assert(
			fc.property(vector, fc.constantFrom(...queries), (store, query) => {
				const pointsAt = (atS: number) =>
					over(store, query, 20, 320, 30).flatMap((line) => {
						const [labels = "", points = ""] = line.split(/(?<=\}) /);
						return points
							.split(" ")
							.flatMap((point) =>
								point.endsWith(`@${atS}`) ? [`${labels} ${point.slice(0, point.indexOf("@"))}`] : [],
							);
					});
				for (const atS of [20, 140, 290]) expect(pointsAt(atS).toSorted()).toEqual(ask(store, query, atS).toSorted());
			}),
			{ numRuns: 50 },
		);
	});
});
