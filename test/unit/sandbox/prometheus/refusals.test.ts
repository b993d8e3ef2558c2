import { describe, expect, test } from "vitest";
import { parseQuery } from "../../../../src/sandbox/prometheus/promql/parse.ts";
import { instantQuery } from "../../../../src/sandbox/prometheus/promql/query.ts";
import { ExecutionError, QueryError, QueryTimeout } from "../../../../src/sandbox/prometheus/promql/syntax.ts";
import { ask, stored, unhurried, values } from "./stored.ts";

describe("queries that are refused", () => {
	test.each([
		[
			"predict_linear(x[5m], 60)",
			'the sandbox\'s Prometheus does not know function "predict_linear"; it knows abs, absent, ',
		],
		["limitk(1, x)", 'does not know aggregation "limitk"'],
		["x </ 5", 'does not know operator "</"'],
		["x + fill(0) y", 'does not know "fill"'],
		["rate(x[5m] smoothed)", 'does not know "smoothed"'],
		["x[1m + 1m]", "does not know arithmetic of durations"],
		["nosuch(x)", '1:1: parse error: unknown function with name "nosuch"'],
		["sum(\n  x", "2:4: parse error: unexpected end of input"],
		["x y", '1:3: parse error: unexpected "y"'],
		["", "1:1: parse error: no expression found in input"],
		["# only a comment", "no expression found in input"],
		["rate(x)", 'expected type range vector in call to function "rate", got instant vector'],
		['"\\q"', "invalid quoted string"],
		["x[5m] offset 1m offset 1m", "offset may not be set multiple times"],
		["x[0s]", "duration must be greater than 0"],
		['x{a=~"("}', "error parsing regexp"],
		['x{a=~"(?=b)"}', "error parsing regexp"],
		['x{a=~"(b)\\\\1"}', "error parsing regexp"],
		[`${"(".repeat(500)}x${")".repeat(500)}`, "nested deeper"],
		[`x${" + x".repeat(500)}`, "nested deeper"],
		["x".repeat(40_000), "the query is longer than"],
	])("%.40s", (query, why) => {
		expect(() => parseQuery(query)).toThrow(QueryError);
		expect(() => parseQuery(query)).toThrow(why);
	});

	const store = stored('l{a="1",b="1"} 1', 'l{a="1",b="2"} 2', 'r{a="1"} 3', 's{a="1"} 4');
	test.each([
		["l + on (a) r", "multiple matches for labels: many-to-one matching must be explicit (group_left/group_right)"],
		["r + on (a) l", 'found duplicate series for the match group {a="1"} on the right hand-side of the operation'],
		[
			"l + on (a) group_right r",
			'found duplicate series for the match group {a="1"} on the left hand-side of the operation',
		],
		["l + on (a) group_left (b) r", "multiple matches for labels: grouping labels must ensure unique matches"],
		['-{__name__=~"r|s"}', "vector cannot contain metrics with the same labelset"],
		['last_over_time({__name__=~"r|s"}[1m]) * 1', "vector cannot contain metrics with the same labelset"],
		["topk(NaN, l)", "Parameter value is NaN"],
	])("%s", (query, why) => {
		expect(() => ask(store, query, 10)).toThrow(ExecutionError);
		expect(() => ask(store, query, 10)).toThrow(why);
	});

	test("what takes too long is ended", () => {
		let elapsed = 0;
		const limits = { timeoutMs: 100, elapsed: () => elapsed++ };
		const slow = "sum_over_time(l[5m:1s])";
		expect(() => instantQuery(store, slow, 300_000, limits)).toThrow(QueryTimeout);
		expect(() => instantQuery(store, slow, 300_000, unhurried)).not.toThrow();
	});

	test("what would look at too many samples is ended", () => {
		const endless = "count_over_time(vector(1)[100y:1s])";
		expect(() => instantQuery(store, endless, 1e12, unhurried)).toThrow("too many samples");
	});
});

describe("queries that are understood", () => {
	test.each<[string, number]>([
		["1 + 2 * 3", 7],
		["2 ^ 3 ^ 2", 512],
		["-2 ^ 2", -4],
		["2 ^ -1", 0.5],
		["-1 + 3", 2],
		["2 - -3", 5],
		["8 / 4 / 2", 1],
		["7 % 4 + 1", 4],
		["1 < bool 2 == bool 1", 1],
		["0x1F", 31],
		["017", 15],
		["1_000", 1000],
		["1h30m", 5400],
		["1e3", 1000],
		["-Inf", Number.NEGATIVE_INFINITY],
		["1 # one", 1],
		["(((1)))", 1],
		["1 ^ NaN", 1],
		["-7 % 3", -1],
	])("%s", (query, value) => {
		expect(values(stored(), query, 0)).toEqual([value]);
	});

	test.each([
		['"a\\tb\\x41\\u00e9\\101"', "a\tbAéA"],
		["'it\\'s'", "it's"],
		["`raw\\n`", "raw\\n"],
	])("the text %s", (query, text) => {
		expect(ask(stored(), query, 0)).toEqual([text]);
	});
});

describe("vectors that match", () => {
	const store = stored(
		'requests{job="a",code="200"} 10',
		'requests{job="a",code="500"} 2',
		'requests{job="b",code="200"} 20',
		'info{job="a",version="1"} 1',
		'info{job="b",version="2"} 1',
	);
	test.each([
		['requests{code="500"} / ignoring (code) requests{code="200"}', ['{job="a"} 0.2']],
		['requests{code="500"} / on (job) requests{code="200"}', ['{job="a"} 0.2']],
		[
			"requests * on (job) group_left (version) info",
			[
				'{code="200", job="a", version="1"} 10',
				'{code="200", job="b", version="2"} 20',
				'{code="500", job="a", version="1"} 2',
			],
		],
		["info * on (job) group_right () requests{job='b'}", ['{code="200", job="b"} 20']],
		["info < on (job) group_right requests{job='b'}", ['{__name__="requests", code="200", job="b"} 1']],
		["requests and on (job) info{version='2'}", ['{__name__="requests", code="200", job="b"} 20']],
		["requests unless on (job) info{version='1'}", ['{__name__="requests", code="200", job="b"} 20']],
		["info{job='b'} > bool ignoring (version) info", ['{job="b"} 0']],
		["info{job='b'} >= ignoring (version) info", ['{__name__="info", job="b"} 1']],
		["info{job='b'} + ignoring (version) info", ['{job="b"} 2']],
		[
			"info{job='b'} or on (job) info",
			['{__name__="info", job="b", version="2"} 1', '{__name__="info", job="a", version="1"} 1'],
		],
		[
			"topk by (job) (1, requests)",
			['{__name__="requests", code="200", job="a"} 10', '{__name__="requests", code="200", job="b"} 20'],
		],
	])("%s", (query, expected) => {
		expect(ask(store, query, 10)).toEqual(expected);
	});
});
