import { describe, expect, test } from "vitest";
import { strangersIn } from "../../../src/simulate/dry-run.ts";
import { readDocuments, readObjects } from "../../../src/simulate/input.ts";
import { fine, parseScenario } from "../../../src/simulate/scenario.ts";
import { percentOf, readScenarioFile } from "../../../src/simulate/scenario-file.ts";
import { subjectOf } from "../../../src/simulate/subject.ts";
import { canary, scenario, shapes, subject, weighted } from "./canaries.ts";

describe("a scenario", () => {
	test.each<[string, object]>([
		["ok", {}],
		["errors=5%", { errors: { percent: 5, fromWeight: 0 } }],
		["errors=0.5%@40", { errors: { percent: 0.5, fromWeight: 40 } }],
		["errors=100%@40%", { errors: { percent: 100, fromWeight: 40 } }],
		["slow=2x@10", { slow: { factor: 2, fromWeight: 10 } }],
		["metric not found=-1.5@20", { metrics: [{ name: "not found", value: -1.5, fromWeight: 20 }] }],
		[
			"metric a=1, metric b=2",
			{
				metrics: [
					{ name: "a", value: 1, fromWeight: 0 },
					{ name: "b", value: 2, fromWeight: 0 },
				],
			},
		],
		["no-data", { noData: true }],
		["not-ready", { notReady: true }],
		["prometheus-down=90s", { outage: { fromMs: 0, forMs: 90_000 } }],
		["prometheus-down=90s@2m", { outage: { fromMs: 120_000, forMs: 90_000 } }],
		["gate-closed=10m", { gateClosedMs: 600_000 }],
		["resume-after=1h", { resumeAfterMs: 3_600_000 }],
		["flaky=2", { flaky: { rounds: 2, fromWeight: 0 } }],
		["flaky=2@40", { flaky: { rounds: 2, fromWeight: 40 } }],
		["crash@Promoting", { crash: "Promoting" }],
		["errors=5%,gate-closed=1m", { errors: { percent: 5, fromWeight: 0 }, gateClosedMs: 60_000 }],
	])("%s is read", (text, expected) => {
		expect(parseScenario(text)).toEqual({ ok: true, scenario: { ...fine, ...expected, text } });
	});

	test.each([
		["", "is not known"],
		["okay", "is not known"],
		["ok=1", "write ok alone"],
		["errors=5", "write errors=5%"],
		["errors=101%", "write errors=5%"],
		["errors=5%@101", "write errors=5%"],
		["slow=0x", "write slow=2x"],
		["prometheus-down=soon", "write prometheus-down=90s"],
		["prometheus-down=90s@40", "write prometheus-down=90s"],
		["gate-closed=9999h", "at most 8760h"],
		["flaky=two", "write flaky=2 or flaky=2@40"],
		["flaky=2@x", "write flaky=2 or flaky=2@40"],
		["crash@Lunch", "one of Waiting, Progressing, WaitingPromotion, Promoting, Finalising"],
		["metric latency", "write metric NAME=VALUE"],
		["errors=5%, errors=6%", "says errors=6% twice"],
		["x".repeat(1_001), "at most 1000 characters"],
	])("%j is refused with what to write", (text, words) => {
		const read = parseScenario(text);
		expect(read.ok ? "read" : read.problem).toContain(words);
	});

	test("that speaks of another metric is a mistake", () => {
		const stranger = { name: "x", scenario: scenario("metric latancy=1"), expectation: {} };
		expect(strangersIn(subject(shapes.weighted), stranger)).toEqual([
			"scenario metric latancy=1: the Canary has no metric latancy; it has request-success-rate, request-duration",
		]);
	});
});

describe("a file of scenarios", () => {
	test("gives cases with their bounds", () => {
		const read = readScenarioFile({
			scenarios: [
				{ name: "good", scenario: "ok", expect: "promoted" },
				{
					name: "bad",
					scenario: ["errors=5%", "gate-closed=1m"],
					expect: "rolled-back",
					within: "2m",
					atMost: "0.5%",
					atMostFailed: 1,
				},
			],
		});
		expect(read).toEqual({
			ok: true,
			cases: [
				{ name: "good", scenario: fine, expectation: { outcome: "promoted" } },
				{
					name: "bad",
					scenario: {
						...fine,
						text: "errors=5%, gate-closed=1m",
						errors: { percent: 5, fromWeight: 0 },
						gateClosedMs: 60_000,
					},
					expectation: { outcome: "rolled-back", withinMs: 120_000, atMostPercent: 0.5, atMostFailedPercent: 1 },
				},
			],
		});
	});

	test.each<[unknown, string]>([
		[undefined, "is missing"],
		[{}, "scenarios: is missing"],
		[{ scenarios: [] }, "scenarios: is empty"],
		[{ scenarios: [{ name: "x", scenario: "ok" }] }, "scenarios[0].expect: is missing; use one of promoted"],
		[{ scenarios: [{ name: "x", scenario: "ok", expect: "good" }] }, "'good' is not known; use one of promoted"],
		[{ scenarios: [{ name: "x", scenario: "nope", expect: "promoted" }] }, 'scenarios[0].scenario: scenario "nope"'],
		[{ scenarios: [{ name: "x", scenario: "ok", expect: "promoted", within: "2" }] }, "'2' is not a duration"],
		[{ scenarios: [{ name: "x", scenario: "ok", expect: "promoted", atMost: "200%" }] }, "is not a share of requests"],
		[{ scenarios: [{ name: "x", scenario: "ok", expect: "promoted", atmost: "2%" }] }, "atmost"],
	])("%j says what to mend", (content, words) => {
		const read = readScenarioFile(content);
		expect(read.ok ? "read" : read.problems.join("; ")).toContain(words);
	});

	test.each([
		["0.5%", 0.5],
		["3", 3],
		["100 %", 100],
		["101%", undefined],
		["-1", undefined],
		["", undefined],
	])("%j is a share of %s", (text, share) => expect(percentOf(text)).toBe(share));
});

describe("the input", () => {
	test("is every object of every document, Lists taken apart", () => {
		const list = "apiVersion: v1\nkind: List\nitems:\n- {apiVersion: v1, kind: Service, metadata: {name: a}}\n";
		const text = `${list}---\n---\n{"apiVersion":"v1","kind":"Secret","metadata":{"name":"b"}}\n`;
		const read = readObjects([{ name: "x.yaml", text }]);
		expect(read.ok && read.objects.map(({ kind, metadata }) => `${kind} ${metadata.name}`)).toEqual([
			"Service a",
			"Secret b",
		]);
	});

	test.each([
		["a: [", "x.yaml: Flow sequence"],
		["a: *b", "x.yaml: "],
		["just words", "x.yaml: a document is no Kubernetes object"],
		["{apiVersion: v1}", "x.yaml: an object has no kind"],
		["{kind: Canary}", "x.yaml: a Canary has no apiVersion"],
		["{kind: Canary, apiVersion: v1}", "x.yaml: a Canary has no metadata.name"],
		["{kind: Canary, apiVersion: v1, metadata: {name: a, namespace: 1}}", "metadata.namespace is no text"],
	])("%j is refused", (text, words) => {
		const read = readObjects([{ name: "x.yaml", text }]);
		expect(read.ok ? "read" : read.problems.join("; ")).toContain(words);
	});

	test("does not take a bomb of aliases apart", () => {
		const levels = Array.from({ length: 9 }, (_, at) => `a${at + 1}: &a${at + 1} [${`*a${at},`.repeat(9)}]`);
		const read = readDocuments({ name: "bomb", text: ["a0: &a0 [x]", ...levels].join("\n") });
		expect(read.ok ? "read" : read.problems.join()).toMatch(/^bomb: .*alias/i);
	});
});

describe("the subject", () => {
	const read = (...objects: readonly ReturnType<typeof canary>[]) => {
		const made = subjectOf(objects, { provider: "kubernetes", drainMs: 0 });
		return made.ok ? made.subject.notes : made.problems;
	};
	const template = (spec: object) => ({
		apiVersion: "haldane.dev/v1beta1",
		kind: "MetricTemplate",
		metadata: { name: "p50", namespace: "shop" },
		spec,
	});
	const withTemplate = canary({
		...weighted,
		metrics: [{ name: "p50", templateRef: { name: "p50" }, thresholdRange: { max: 5 } }],
	});
	const prometheus = { type: "prometheus", address: "http://prometheus:9090" };

	test("is one Canary, other kinds being ignored with a word", () => {
		const service = { apiVersion: "v1", kind: "Service", metadata: { name: "a" } };
		expect(read(shapes.weighted, service)).toEqual(["ignored: Service; only a Canary and MetricTemplates are read"]);
		const foreign = { ...shapes.weighted, apiVersion: "birds.example/v1" };
		expect(read(shapes.weighted, foreign)).toEqual([
			"ignored: birds.example/v1 Canary; only a Canary and MetricTemplates are read",
		]);
		const mend = "give one of haldane.dev/v1beta1 or flagger.app/v1beta1 with -f";
		expect(read()).toEqual([`there is no Canary in the input; ${mend}`]);
		expect(read(service)).toEqual([`there is no Canary in the input, only Service (v1); ${mend}`]);
		const ofTomorrow = { ...shapes.weighted, apiVersion: "haldane.dev/v2" };
		expect(read(ofTomorrow)).toEqual([`there is no Canary in the input, only Canary (haldane.dev/v2); ${mend}`]);
		expect(read(shapes.weighted, shapes.steps)).toEqual([
			"there are 2 Canaries in the input (shop/cart, shop/cart); give one",
		]);
	});

	test("reads Flagger's Canaries too, and forgets a status", () => {
		const { spec, ...rest } = shapes.weighted;
		const flagger = { ...rest, apiVersion: "flagger.app/v1beta1", spec, status: { phase: "Nonsense" } };
		expect(read(flagger)).toEqual([]);
	});

	test("names fields that a Canary does not have", () => {
		const webhooks = [{ name: "load", url: "http://tester.test/", metadata: { anything: "goes" }, tiemout: "5s" }];
		const labels = { "app.kubernetes.io/name": "cart" };
		const service = { port: 80, gatewayRefs: [{ name: "shared" }], apex: { labels, lables: labels } };
		expect(read(canary({ ...weighted, treshold: 5, webhooks }, { service }))).toEqual([
			"not known, and ignored: spec.service.apex.lables, spec.analysis.treshold, spec.analysis.webhooks[0].tiemout",
		]);
	});

	test("takes a template that was not given to be there", () => {
		expect(read(withTemplate)).toEqual(["MetricTemplate shop/p50 is not in the input; it is taken to be there"]);
		expect(read(withTemplate, template({ provider: prometheus, query: "up" }))).toEqual([]);
	});

	test.each<[string, ReturnType<typeof canary>[], string]>([
		["a broken spec", [canary({ ...weighted, threshold: "many" })], "spec.analysis.threshold"],
		["what no version can do", [canary({ ...weighted, sessionAffinity: { cookieName: "a" } })], "session affinity"],
		["two strategies", [canary({ ...weighted, iterations: 2 })], "exactly one of"],
		["weights without a mesh", [canary(weighted, { provider: "kubernetes" })], "cannot split traffic by weight"],
		["a route without a parent", [canary(weighted, { service: { port: 80 } })], "gatewayRefs"],
		["a metric without a range", [canary({ ...weighted, metrics: [{ name: "request-duration" }] })], "thresholdRange"],
		["a broken template", [withTemplate, template({ provider: prometheus })], "MetricTemplate shop/p50: spec.query"],
		["a query that cannot be filled", [withTemplate, template({ provider: prometheus, query: "{{ x" })], "shop/p50"],
	])("says what to mend in %s", (_what, objects, words) => {
		expect(read(...objects).join("; ")).toContain(words);
	});
});
