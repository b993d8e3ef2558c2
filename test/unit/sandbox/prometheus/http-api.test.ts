import { describe, expect, test } from "vitest";
import { type ApiRequest, answer } from "../../../../src/sandbox/prometheus/http-api.ts";
import { stored } from "./stored.ts";

const store = stored('up{job="a"} 1 2 3', 'up{job="b"} NaN Inf 1e21', "seldom _ _ 5");
const target = { labels: { job: "j" }, everyMs: 5_000, lastScrapeMs: 20_000, lastError: "line 1" };
const options = { store, now: () => 20_000, elapsed: () => 0, target };

function ask(path: string, parameters: Record<string, string> | [string, string][] = {}, method = "GET") {
	const request: ApiRequest = { method, path, parameters: new URLSearchParams(parameters) };
	const { status, body } = answer(options, request);
	return { status, body: body.startsWith("{") ? JSON.parse(body) : body };
}

describe("the HTTP API", () => {
	test.each([
		["1", { resultType: "scalar", result: [20, "1"] }],
		["1e21", { resultType: "scalar", result: [20, "1000000000000000000000"] }],
		['"a"', { resultType: "string", result: [20, "a"] }],
		[
			"up",
			{
				resultType: "vector",
				result: [
					{ metric: { __name__: "up", job: "a" }, value: [20, "2"] },
					{ metric: { __name__: "up", job: "b" }, value: [20, "+Inf"] },
				],
			},
		],
		["nothing", { resultType: "vector", result: [] }],
		[
			'up{job="b"}[1m]',
			{
				resultType: "matrix",
				result: [
					{
						metric: { __name__: "up", job: "b" },
						values: [
							[10, "NaN"],
							[20, "+Inf"],
						],
					},
				],
			},
		],
	])("query %s", (query, data) => {
		expect(ask("/api/v1/query", { query })).toEqual({ status: 200, body: { status: "success", data } });
		expect(ask("/api/v1/query", { query }, "POST").body.data).toEqual(data);
	});

	test.each(["30", "30.0", "1970-01-01T00:00:30Z", "1970-01-01T01:00:30.000+01:00"])("a moment said as %s", (time) => {
		expect(ask("/api/v1/query", { query: "up{job='b'}", time }).body.data.result[0].value).toEqual([30, "1e+21"]);
	});

	test.each([
		["1970-01-01T00:00:10Z", "1970-01-01T00:00:30Z", "10s"],
		["10", "30", "10"],
		["10", "39.999", "0h0m10s"],
	])("a range from %s to %s every %s", (start, end, step) => {
		expect(ask("/api/v1/query_range", { query: "up{job='a'} * 1.5", start, end, step }).body.data).toEqual({
			resultType: "matrix",
			result: [
				{
					metric: { job: "a" },
					values: [
						[10, "1.5"],
						[20, "3"],
						[30, "4.5"],
					],
				},
			],
		});
	});

	test.each<[string, string, Record<string, string>, number, string, string]>([
		[
			"a query that is none",
			"query",
			{ query: "sum(" },
			400,
			"bad_data",
			'invalid parameter "query": 1:5: parse error: unexpected end of input',
		],
		[
			"no query",
			"query",
			{},
			400,
			"bad_data",
			'invalid parameter "query": 1:1: parse error: no expression found in input',
		],
		[
			"a moment that is none",
			"query",
			{ query: "1", time: "soon" },
			400,
			"bad_data",
			`invalid parameter "time": Invalid time value for 'time': cannot parse "soon" to a valid timestamp`,
		],
		[
			"a timeout that is none",
			"query",
			{ query: "1", timeout: "x" },
			400,
			"bad_data",
			'invalid parameter "timeout": cannot parse "x" to a valid duration',
		],
		[
			"series that collide",
			"query",
			{ query: 'label_replace(up, "job", "c", "", "")' },
			422,
			"execution",
			"vector cannot contain metrics with the same labelset",
		],
		[
			"no start",
			"query_range",
			{ query: "1", end: "2", step: "1" },
			400,
			"bad_data",
			'invalid parameter "start": cannot parse "" to a valid timestamp',
		],
		[
			"an end before the start",
			"query_range",
			{ query: "1", start: "2", end: "1", step: "1" },
			400,
			"bad_data",
			'invalid parameter "end": end timestamp must not be before start time',
		],
		[
			"no step",
			"query_range",
			{ query: "1", start: "1", end: "2" },
			400,
			"bad_data",
			'invalid parameter "step": cannot parse "" to a valid duration',
		],
		[
			"a step of nothing",
			"query_range",
			{ query: "1", start: "1", end: "2", step: "0" },
			400,
			"bad_data",
			'invalid parameter "step": zero or negative query resolution step widths are not accepted. Try a positive integer',
		],
		[
			"too many points",
			"query_range",
			{ query: "1", start: "0", end: "11001", step: "1" },
			400,
			"bad_data",
			"exceeded maximum resolution of 11,000 points per timeseries. Try decreasing the query resolution (?step=XX)",
		],
		[
			"a range of ranges",
			"query_range",
			{ query: "up[1m]", start: "0", end: "1", step: "1" },
			400,
			"bad_data",
			'invalid parameter "query": invalid expression type "range vector" for range query, must be Scalar or instant Vector',
		],
		["series of nothing", "series", {}, 400, "bad_data", "no match[] parameter provided"],
		[
			"a match that is no selector",
			"series",
			{ "match[]": "up + 1" },
			400,
			"bad_data",
			'invalid parameter "match[]": expected a vector selector',
		],
		[
			"a limit that is none",
			"labels",
			{ limit: "many" },
			400,
			"bad_data",
			'invalid parameter "limit": cannot parse "many"',
		],
	])("refuses %s", (_what, path, parameters, status, errorType, error) => {
		expect(ask(`/api/v1/${path}`, parameters)).toEqual({ status, body: { status: "error", errorType, error } });
	});

	test("as many points as may be", () => {
		const { status, body } = ask("/api/v1/query_range", { query: "1", start: "0", end: "11000", step: "1" });
		expect([status, body.data.result[0].values.length]).toEqual([200, 11_001]);
	});

	test.each<[string, [string, string][], unknown]>([
		["/api/v1/labels", [], ["__name__", "job"]],
		["/api/v1/labels", [["match[]", "seldom"]], ["__name__"]],
		["/api/v1/labels", [["limit", "1"]], ["__name__"]],
		["/api/v1/label/job/values", [], ["a", "b"]],
		["/api/v1/label/__name__/values", [], ["seldom", "up"]],
		["/api/v1/label/job/values", [["match[]", 'up{job="b"}']], ["b"]],
		["/api/v1/label/none/values", [], []],
		[
			"/api/v1/label/__name__/values",
			[
				["start", "0"],
				["end", "25"],
			],
			["up"],
		],
		[
			"/api/v1/series",
			[
				["match[]", 'up{job="a"}'],
				["match[]", "seldom"],
			],
			[{ __name__: "up", job: "a" }, { __name__: "seldom" }],
		],
		[
			"/api/v1/series",
			[
				["match[]", "up"],
				["match[]", "{job='a'}"],
			],
			[
				{ __name__: "up", job: "a" },
				{ __name__: "up", job: "b" },
			],
		],
	])("%s %j", (path, parameters, data) => {
		expect(ask(path, parameters)).toEqual({ status: 200, body: { status: "success", data } });
	});

	test("says why a scrape has failed", () => {
		expect(ask("/api/v1/targets").body.data.activeTargets).toEqual([
			expect.objectContaining({ health: "down", lastError: "line 1", lastScrape: "1970-01-01T00:00:20.000Z" }),
		]);
	});

	test("says that it is there, and what it is", () => {
		expect(ask("/-/healthy")).toEqual({ status: 200, body: "Prometheus Server is Healthy.\n" });
		expect(ask("/-/ready").status).toBe(200);
		expect(ask("/api/v1/status/buildinfo").body.data.version).toMatch(/^3\.\d+\.\d+/);
		expect(ask("/api/v1/rules").status).toBe(404);
		expect(ask("/api/v1/query", { query: "1" }, "DELETE").status).toBe(405);
		expect(ask("/api/v1/label/%E0%A4%A/values").status).toBe(400);
	});
});
