import { type Answer, ApiRefusal, badData, failure, matrixJson, plainText, resultJson, success } from "./answers.ts";
import { compareText, type Labels } from "./labels.ts";
import { limitOf, momentOf, requiredMoment, selectorsOf, spanOf } from "./parameters.ts";
import { instantQuery, type QueryLimits, rangeQuery } from "./promql/query.ts";
import { ExecutionError, QueryError, QueryTimeout } from "./promql/syntax.ts";
import type { SeriesStore } from "./series-store.ts";

/** A query holds up the whole process, so it gets less than the two minutes that Prometheus gives. */
const MAX_TIMEOUT_MS = 10_000;
const MAX_POINTS = 11_000;

export interface ApiRequest {
	readonly method: string;
	readonly path: string;
	/** Of the address and, with POST, of the body. */
	readonly parameters: URLSearchParams;
}

export interface ApiOptions {
	readonly store: SeriesStore;
	/** Milliseconds of Unix time. */
	readonly now: () => number;
	/** Milliseconds that never go back. */
	readonly elapsed: () => number;
	readonly target: Target;
}

/** What is scraped, and how that went last. */
export interface Target {
	readonly labels: Readonly<Record<string, string>>;
	readonly everyMs: number;
	/** Milliseconds of Unix time. */
	readonly lastScrapeMs: number;
	readonly lastError: string | undefined;
}

/** Answers like Prometheus' HTTP API; what it does not have is a 404. Never throws. */
export function answer(options: ApiOptions, request: ApiRequest): Answer {
	try {
		return routed(options, request);
	} catch (thrown) {
		if (thrown instanceof ApiRefusal) return failure(thrown);
		if (thrown instanceof QueryError) return failure(badData(`invalid parameter "query": ${thrown.message}`));
		if (thrown instanceof QueryTimeout) return failure(new ApiRefusal(503, "timeout", thrown.message));
		if (thrown instanceof ExecutionError) return failure(new ApiRefusal(422, "execution", thrown.message));
		return failure(new ApiRefusal(500, "internal", thrown instanceof Error ? thrown.message : String(thrown)));
	}
}

function routed(options: ApiOptions, { method, path, parameters }: ApiRequest): Answer {
	const takesForm = /^\/api\/v1\/(query|query_range|series|labels)$/.test(path);
	if (method !== "GET" && method !== "HEAD" && !(method === "POST" && takesForm))
		return plainText(405, "Method Not Allowed\n");
	switch (path) {
		case "/-/healthy":
			return plainText(200, "Prometheus Server is Healthy.\n");
		case "/-/ready":
			return plainText(200, "Prometheus Server is Ready.\n");
		case "/api/v1/status/buildinfo":
			return success(buildInfo);
		case "/api/v1/targets":
			return success(targetsJson(options.target));
		case "/api/v1/query":
			return query(options, parameters);
		case "/api/v1/query_range":
			return queryRange(options, parameters);
		case "/api/v1/series":
			if (!parameters.has("match[]")) throw badData("no match[] parameter provided");
			return success(seriesOf(options, parameters).slice(0, limitOf(parameters)));
		case "/api/v1/labels": {
			const names = seriesOf(options, parameters).flatMap((labels) => [...labels.entries].map(([name]) => name));
			return success(distinct(names).slice(0, limitOf(parameters)));
		}
	}
	const label = /^\/api\/v1\/label\/([^/]+)\/values$/.exec(path)?.[1];
	return label === undefined ? plainText(404, "404 page not found\n") : labelValues(options, label, parameters);
}

/** The version whose behaviour is followed, and that it is not the original. */
const buildInfo = {
	version: "3.0.0+sandbox",
	revision: "haldane-sandbox",
	branch: "",
	buildUser: "",
	buildDate: "",
	goVersion: "",
};

function targetsJson({ labels, everyMs, lastScrapeMs, lastError }: Target): unknown {
	const active = {
		discoveredLabels: {},
		labels,
		scrapePool: labels.job ?? "",
		scrapeUrl: "",
		globalUrl: "",
		lastError: lastError ?? "",
		lastScrape: new Date(lastScrapeMs).toISOString(),
		lastScrapeDuration: 0,
		health: lastError === undefined ? "up" : "down",
		scrapeInterval: `${everyMs / 1000}s`,
		scrapeTimeout: `${everyMs / 1000}s`,
	};
	return { activeTargets: [active], droppedTargets: [] };
}

function limitsOf({ elapsed }: ApiOptions, parameters: URLSearchParams): QueryLimits {
	return { timeoutMs: Math.min(spanOf(parameters, "timeout") ?? MAX_TIMEOUT_MS, MAX_TIMEOUT_MS), elapsed };
}

function query(options: ApiOptions, parameters: URLSearchParams): Answer {
	const timeMs = momentOf(parameters, "time") ?? options.now();
	const limits = limitsOf(options, parameters);
	return success(resultJson(instantQuery(options.store, parameters.get("query") ?? "", timeMs, limits), timeMs));
}

function queryRange(options: ApiOptions, parameters: URLSearchParams): Answer {
	const startMs = requiredMoment(parameters, "start");
	const endMs = requiredMoment(parameters, "end");
	if (endMs < startMs) throw badData('invalid parameter "end": end timestamp must not be before start time');
	const stepMs = spanOf(parameters, "step");
	if (stepMs === undefined) throw badData('invalid parameter "step": cannot parse "" to a valid duration');
	if (stepMs <= 0)
		throw badData(
			'invalid parameter "step": zero or negative query resolution step widths are not accepted. Try a positive integer',
		);
	if ((endMs - startMs) / stepMs > MAX_POINTS)
		throw badData(
			"exceeded maximum resolution of 11,000 points per timeseries. Try decreasing the query resolution (?step=XX)",
		);
	const times = { startMs, endMs, stepMs };
	return success(
		matrixJson(rangeQuery(options.store, parameters.get("query") ?? "", times, limitsOf(options, parameters))),
	);
}

function labelValues(options: ApiOptions, encoded: string, parameters: URLSearchParams): Answer {
	let name = encoded;
	try {
		name = decodeURIComponent(encoded);
	} catch {
		throw badData(`invalid label name: "${encoded}"`);
	}
	const values = seriesOf(options, parameters).map((labels) => labels.get(name));
	return success(distinct(values.filter((value) => value !== "")).slice(0, limitOf(parameters)));
}

/** Labels of series that some `match[]` selects, or of all, with samples between `start` and `end`. */
function seriesOf({ store }: ApiOptions, parameters: URLSearchParams): readonly Labels[] {
	const startMs = momentOf(parameters, "start") ?? Number.NEGATIVE_INFINITY;
	const endMs = momentOf(parameters, "end") ?? Number.POSITIVE_INFINITY;
	if (endMs < startMs) throw badData('invalid parameter "end": end timestamp must not be before start time');
	const selectors = selectorsOf(parameters);
	const found = new Set<Labels>();
	for (const selector of selectors.length === 0 ? [[]] : selectors)
		for (const series of store.select(selector))
			if (series.oldest <= endMs && series.newest >= startMs) found.add(series.labels);
	return [...found];
}

function distinct(texts: readonly string[]): readonly string[] {
	return [...new Set(texts)].sort(compareText);
}
