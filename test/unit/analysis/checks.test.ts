import { describe, expect, test } from "vitest";
import { type ChecksWorld, checksOf } from "../../../src/analysis/checks.ts";
import type { MetricSource } from "../../../src/analysis/question.ts";
import { canaryWith, templateWith } from "./canary.ts";

const server: MetricSource = {
	provider: "prometheus",
	address: "http://prometheus:9090",
	headers: { "X-Scope-OrgID": ["shop"] },
	secret: { namespace: "haldane", name: "prometheus" },
	insecureSkipVerify: false,
};
const world: ChecksWorld = {
	provider: "kubernetes",
	metricsServer: server,
	crossNamespaceRefs: true,
	templateOf: (namespace, name) =>
		namespace === "monitoring" && name === "errors"
			? templateWith('errors{ns="{{ namespace }}",code="{{ variables.code }}"}[{{ interval }}]', {
					headers: { "X-A": ["1", "2"] },
					secretRef: { name: "token" },
					insecureSkipVerify: true,
				})
			: undefined,
};
const templateRef = { name: "errors", namespace: "monitoring" };
const templateVariables = { code: "5.." };

function one(metric: object, change: Partial<ChecksWorld> = {}, spec: object = {}) {
	const checks = checksOf(canaryWith({ metrics: [metric] }, spec), { ...world, ...change });
	if (!checks.ok) throw new Error(checks.problems.join("\n"));
	return checks.checks[0];
}

function problems(metric: object, change: Partial<ChecksWorld> = {}, spec: object = {}) {
	const checks = checksOf(canaryWith({ metrics: [metric] }, spec), { ...world, ...change });
	return checks.ok ? [] : checks.problems;
}

const range = { thresholdRange: { max: 1 } };

describe("a Canary's checks", () => {
	test("are none without metrics", () => {
		expect(checksOf(canaryWith({}), world)).toEqual({ ok: true, checks: [] });
	});

	test("keep the order of the list", () => {
		const metrics = [
			{ name: "b", query: "b", ...range },
			{ name: "a", query: "a", ...range },
			{ name: "b", query: "c", ...range },
		];
		const checks = checksOf(canaryWith({ metrics }), world);
		expect(checks.ok && checks.checks.map(({ query }) => query)).toEqual(["b", "a", "c"]);
	});

	test("ask a built-in metric of the operator's own server", () => {
		expect(one({ name: "request-duration", interval: "30s", thresholdRange: { max: 500 } })).toEqual({
			name: "request-duration",
			query: expect.stringContaining('kubernetes_namespace="shop"'),
			intervalMs: 30_000,
			range: { max: 500 },
			unit: "ms",
			source: server,
		});
	});

	test("ask a template's query of the template's server", () => {
		expect(one({ name: "errors", templateRef, templateVariables, ...range })).toEqual({
			name: "errors",
			query: 'errors{ns="shop",code="5.."}[1m]',
			intervalMs: 60_000,
			range: { max: 1 },
			unit: undefined,
			source: {
				provider: "prometheus",
				address: "http://thanos:9090",
				headers: { "X-A": ["1", "2"] },
				secret: { namespace: "monitoring", name: "token" },
				insecureSkipVerify: true,
			},
		});
	});

	test.each([
		["a built-in name wins over a template", { name: "request-duration", templateRef }, /histogram_quantile/],
		["a built-in name wins over a query", { name: "request-duration", query: "mine" }, /histogram_quantile/],
		["a query wins over a template", { name: "errors", query: "mine", templateRef }, /^mine$/],
		["a query is a template too", { name: "errors", query: " {{ target }}:{{ service }} " }, /^cart:cart$/],
		["an interval stays as it is written", { name: "e", query: "[{{ interval }}]", interval: "90s" }, /^\[90s]$/],
		[
			"an interval that PromQL cannot read is put in its words",
			{ name: "e", query: "[{{ interval }}]", interval: "1.5m" },
			/^\[1m30s]$/,
		],
	])("%s", (_name, metric, query) => {
		expect(one({ ...metric, ...range })?.query).toMatch(query);
	});

	test.each([
		["a range as it is given", { name: "e", thresholdRange: { min: 1, max: 2 }, threshold: 9 }, { min: 1, max: 2 }],
		["a range without ends, to look only", { name: "e", thresholdRange: {} }, {}],
		["the old threshold as the least success rate", { name: "request-success-rate", threshold: 99 }, { min: 99 }],
		["the old threshold as the most of anything else", { name: "request-duration", threshold: 500 }, { max: 500 }],
		["the old threshold as the most of a query's value", { name: "e", threshold: 0 }, { max: 0 }],
	])("take %s", (_name, metric, expected) => {
		expect(one({ query: "q", ...metric })?.range).toEqual(expected);
	});

	test("give the operator's credentials to no server that a Canary names", () => {
		const metric = { name: "e", query: "q", ...range };
		expect(one(metric, {}, { metricsServer: "http://mine" })?.source).toEqual({
			provider: "prometheus",
			address: "http://mine",
			headers: {},
			secret: undefined,
			insecureSkipVerify: false,
		});
		expect(one(metric, {}, { metricsServer: server.address })?.source).toEqual(server);
	});

	const noServer = "there is no Prometheus to ask; set spec.metricsServer, or the operator's --metrics-server";
	test.each<[string, object, Partial<ChecksWorld>, string]>([
		[
			"a missing range",
			{ name: "e", query: "q" },
			{},
			"thresholdRange: is missing; say which values pass, with min or max",
		],
		["no server for a query", { name: "e", query: "q", ...range }, { metricsServer: undefined }, `query: ${noServer}`],
		[
			"no server for a built-in",
			{ name: "request-duration", ...range },
			{ metricsServer: undefined },
			`name: ${noServer}`,
		],
		[
			"a provider without built-ins",
			{ name: "request-duration", ...range },
			{ provider: "nginx" },
			"name: request-duration is not built in for provider nginx, only for gatewayapi, kubernetes, linkerd, osm, smi, istio; use templateRef",
		],
		[
			"a missing template",
			{ name: "e", templateRef: { name: "errors" }, ...range },
			{},
			"templateRef: MetricTemplate shop/errors does not exist, or cannot be read",
		],
		[
			"a template next door",
			{ name: "e", templateRef, ...range },
			{ crossNamespaceRefs: false },
			"templateRef: MetricTemplate monitoring/errors is in another namespace, which this operator does not allow; use one of the Canary's own",
		],
		[
			"a variable that is not given",
			{ name: "e", templateRef, ...range },
			{},
			"templateRef: MetricTemplate monitoring/errors has a query that cannot be filled in: {{ variables.code }} has no value; the metric gives no templateVariables",
		],
		[
			"a backend that cannot be asked",
			{ name: "e", templateRef, ...range },
			{ templateOf: () => templateWith("q", { type: "datadog" }) },
			"templateRef: MetricTemplate monitoring/errors has provider datadog, which is not supported yet; use prometheus",
		],
		["a query that cannot be read", { name: "e", query: "{{ if }}", ...range }, {}, "query: '{{ if }}' is not known"],
	])("refuse %s", (_name, metric, change, problem) => {
		expect(problems(metric, change)).toEqual([expect.stringContaining(`spec.analysis.metrics[0].${problem}`)]);
	});

	test("say all that is wrong at once", () => {
		const metrics = [
			{ name: "a", query: "{{ x }}", ...range },
			{ name: "b", query: "b", ...range },
			{ name: "c", query: "c" },
		];
		const checks = checksOf(canaryWith({ metrics }), world);
		expect(checks.ok || checks.problems.map((problem) => problem.slice(0, 24))).toEqual([
			"spec.analysis.metrics[0]",
			"spec.analysis.metrics[2]",
		]);
	});
});
