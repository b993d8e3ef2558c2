import { spawnSync } from "node:child_process";
import { mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type RunningPrometheus, startPrometheus } from "../../src/sandbox/prometheus/start-prometheus.ts";
import { BedError } from "../support/control-plane/bed-error.ts";
import { eventually } from "../support/control-plane/eventually.ts";
import { freePorts, type RunningProgram, startProgram } from "../support/control-plane/processes.ts";
import { findTools, folderOf } from "../support/control-plane/tools.ts";
import { instantQueries, rangeQueries, refusedQueries } from "../support/promql/queries.ts";
import { type ExposedSeries, START_S, series } from "../support/promql/samples.ts";

/**
 * The sandbox's Prometheus follows version 3; Debian's is of version 2, whose ranges, look-back and subqueries also take
 * in a sample that lies exactly on their older end. So no sample lies on whole seconds, and no query asks at a multiple
 * of fifteen seconds: then both mean the same samples. Version 2 also reaches further back than 3 where a counter
 * begins inside a range and was small; those of the samples begin at 0 or far from it. It knows `le` only as it is
 * written, so the bounds are written as version 3 writes them.
 */
const tools = findTools("build-data-plane");
const HOUR_S = 3_600;

describe.skipIf(tools.kind === "missing")("queries to the sandbox's Prometheus and to a real one", () => {
	const folder = mkdtempSync(join(tmpdir(), "haldane-promql-"));
	let real: RunningProgram;
	let realUrl: string;
	let ours: RunningPrometheus;

	beforeAll(async () => {
		const prometheus = realpathSync(join(folderOf(tools), "prometheus"));
		importSamples(join(dirname(prometheus), "promtool"), folder);
		const [port] = (await freePorts(1)) as [number];
		realUrl = `http://127.0.0.1:${port}`;
		real = startProgram({
			name: "prometheus",
			command: prometheus,
			args: [
				`--config.file=${join(folder, "prometheus.yml")}`,
				`--storage.tsdb.path=${join(folder, "data")}`,
				"--storage.tsdb.retention.time=100y",
				`--web.listen-address=127.0.0.1:${port}`,
				"--log.level=warn",
			],
			logFile: join(folder, "prometheus.log"),
		});
		await eventually("prometheus is ready", async () => {
			real.assertAlive();
			return (await fetch(`${realUrl}/-/ready`)).ok;
		});
		const now = (START_S + HOUR_S + 60) * 1000;
		ours = await startPrometheus({
			scrape: () => textFormat(series),
			everyMs: HOUR_S * 1000,
			port: 0,
			clock: { now: () => now },
			labels: {},
		});
	});
	afterAll(async () => {
		await ours?.stop();
		await real?.stop(500);
		rmSync(folder, { recursive: true, force: true });
	});

	const both = async (path: string, parameters: Record<string, string>) => {
		const ask = async (url: string): Promise<Reply> => {
			const response = await fetch(`${url}/api/v1/${path}?${new URLSearchParams(parameters)}`);
			return { code: response.status, ...((await response.json()) as Omit<Reply, "code">) };
		};
		return { expected: await ask(realUrl), actual: await ask(ours.url) };
	};

	test("there are enough of them", () => {
		expect(new Set([...instantQueries, ...rangeQueries]).size).toBeGreaterThanOrEqual(300);
	});

	afterAll(() => {
		// Answers that are empty on both sides would prove little.
		expect(said.empty).toBeLessThan(said.all / 8);
	});

	test("both have the same series", async () => {
		const times = { start: String(START_S), end: String(START_S + HOUR_S) };
		const { expected, actual } = await both("series", {
			"match[]": '{__name__=~".+",__name__!~"up|scrape_.*"}',
			...times,
		});
		const texts = ({ data }: Reply) => (data as unknown as object[]).map((metric) => JSON.stringify(metric)).sort();
		expect(texts(actual)).toEqual(texts(expected));
		expect(texts(actual)).toHaveLength(series.length);
	});

	const wholeTime = { start: String(START_S), end: String(START_S + HOUR_S) };
	test.each<[string, Record<string, string>]>([
		["labels", { ...wholeTime, "match[]": "http_requests_total" }],
		["label/job/values", { ...wholeTime, "match[]": '{job=~".+"}' }],
		["label/le/values", { ...wholeTime, "match[]": "http_request_duration_seconds_bucket" }],
		["label/room/values", { start: String(START_S - 2), end: String(START_S - 1) }],
		["query_range", { query: "vector(1)", ...wholeTime, step: "0" }],
		["query_range", { query: "vector(1)", ...wholeTime, step: "-5" }],
		["query_range", { query: "vector(1)", ...wholeTime, step: "0.3" }],
		["query_range", { query: "vector(1)", ...wholeTime, step: "soon" }],
		["query_range", { query: "vector(1)", ...wholeTime }],
		["query_range", { query: "vector(1)", start: "2", end: "1", step: "1" }],
		["query_range", { query: "vector(1)", start: "x", end: "1", step: "1" }],
		["query_range", { query: "constant[5m]", ...wholeTime, step: "60" }],
		["query_range", { query: '"text"', ...wholeTime, step: "60" }],
		["query_range", { query: "time()", start: "2025-06-01T00:01:00Z", end: "2025-06-01T02:03:00.5+02:00", step: "1m" }],
		["query", { query: "time()", time: "2025-06-01T00:01:00.123Z" }],
		["query", { query: "time()", time: "1748736060.123" }],
		["query", { query: "time()", time: "yesterday" }],
		["query", { query: "time()", time: "1", timeout: "long" }],
		["query", { query: "" }],
		["series", {}],
		["series", { "match[]": "constant +" }],
	])("of the API: %s %j", async (path, parameters) => {
		const { expected, actual } = await both(path, parameters);
		expect({ ...actual, error: undefined }).toEqual({ ...expected, error: undefined });
		if (!/parse error/.test(expected.error ?? "")) expect(reason(actual)).toBe(reason(expected));
	});

	test.each(instantQueries)("at a moment: %s", async (query) => {
		for (const after of [427, 1_507, 2_182, 3_577]) {
			const { expected, actual } = await both("query", { query, time: String(START_S + after) });
			compare(query, expected, actual);
		}
	});

	test.each(rangeQueries)("over a time: %s", async (query) => {
		const times = { start: String(START_S + 307), end: String(START_S + 3_502), step: "45" };
		const { expected, actual } = await both("query_range", { query, ...times });
		compare(query, expected, actual);
	});

	test.each(refusedQueries)("refused by both: %s", async (query, isSaidAlike) => {
		const { expected, actual } = await both("query", { query, time: String(START_S + 1_507) });
		expect(expected.status).toBe("error");
		expect({ code: actual.code, errorType: actual.errorType }).toEqual({
			code: expected.code,
			errorType: expected.errorType,
		});
		if (isSaidAlike) expect(reason(actual)).toEqual(reason(expected));
	});
});

interface Reply {
	readonly code: number;
	readonly status: string;
	readonly errorType?: string;
	readonly error?: string;
	readonly data: { readonly resultType: string; readonly result: unknown };
}

interface Row {
	readonly metric: Readonly<Record<string, string>>;
	readonly value?: readonly [number, string];
	readonly values?: readonly (readonly [number, string])[];
}

/** Without the position: the sandbox does not say where types go wrong. Of two series that stand in the way, either may come first. */
function reason({ error = "" }: Reply): string {
	const text = error.replace(/^invalid parameter "query": /, "").replace(/^\d+:\d+: /, "");
	return text
		.replace(/\[(\{.*?\}), (\{.*?\})\]/, (_, a: string, b: string) => `[${[a, b].sort().join(", ")}]`)
		.replace(/match group \{.*?\}/, "match group");
}

const said = { all: 0, empty: 0 };

function compare(query: string, expected: Reply, actual: Reply): void {
	expect(actual.error).toBe(expected.error);
	expect(actual.status).toBe(expected.status);
	expect(actual.data.resultType).toBe(expected.data.resultType);
	const [wanted, given] = [expected.data.result, actual.data.result] as [unknown[], unknown[]];
	if (expected.data.resultType === "string" || expected.data.resultType === "scalar") {
		expectPoints([given as unknown as [number, string]], [wanted as unknown as [number, string]], query);
		return;
	}
	said.all++;
	if (wanted.length === 0) said.empty++;
	expect(metricsOf(given)).toEqual(metricsOf(wanted));
	for (const [metric, points] of pointsOf(wanted))
		expectPoints(pointsOf(given).get(metric) ?? [], points, `${query} ${metric}`);
	const isOrdered = /^(sort|sort_desc|topk|bottomk) ?\(/.test(query) && expected.data.resultType === "vector";
	if (isOrdered) expectPoints((given as Row[]).map(pointOf), (wanted as Row[]).map(pointOf), query);
}

const pointOf = ({ value }: Row) => value as readonly [number, string];
const metricsOf = (rows: unknown[]) => [...pointsOf(rows).keys()].sort();

function pointsOf(rows: unknown[]): Map<string, readonly (readonly [number, string])[]> {
	return new Map(
		(rows as Row[]).map(({ metric, value, values }) => {
			const key = JSON.stringify(Object.entries(metric).sort(([a], [b]) => (a < b ? -1 : 1)));
			return [key, values ?? (value ? [value] : [])];
		}),
	);
}

function expectPoints(
	actual: readonly (readonly [number, string])[],
	expected: readonly (readonly [number, string])[],
	of: string,
): void {
	expect(
		actual.map(([time]) => time),
		of,
	).toEqual(expected.map(([time]) => time));
	for (const [i, [time, text]] of expected.entries()) {
		const given = actual[i]?.[1] ?? "";
		if (!isClose(Number(given.replace("Inf", "Infinity")), Number(text.replace("Inf", "Infinity"))))
			expect(`${given} at ${time}`, of).toBe(`${text} at ${time}`);
		// What is no finite number has one spelling.
		if (/Inf|NaN/.test(text)) expect(given, of).toBe(text);
	}
}

/** Within 1e-9 of each other relatively; what is left where sums cancel out may differ by its last digits. */
function isClose(a: number, b: number): boolean {
	if (Object.is(a, b) || a === b) return true;
	return Math.abs(a - b) <= 1e-9 * Math.max(Math.abs(a), Math.abs(b)) + 1e-13;
}

/** With times in milliseconds, as a scrape may bring them. */
function textFormat(all: readonly ExposedSeries[]): string {
	return all.flatMap(({ name, samples }) => samples.map(([ms, value]) => `${name} ${value} ${ms}`)).join("\n");
}

/** Writes blocks of a database from OpenMetrics text, whose times are in seconds. */
function importSamples(promtool: string, folder: string): void {
	const lines = series.flatMap(({ name, samples }) => samples.map(([ms, value]) => `${name} ${value} ${ms / 1000}`));
	const file = join(folder, "samples.txt");
	writeFileSync(file, `${lines.join("\n")}\n# EOF\n`);
	writeFileSync(join(folder, "prometheus.yml"), "{}");
	const made = spawnSync(promtool, ["tsdb", "create-blocks-from", "openmetrics", file, join(folder, "data")], {
		encoding: "utf8",
	});
	if (made.status !== 0) throw new BedError(`promtool refused the samples: ${made.stderr}`, "edit the samples");
}
