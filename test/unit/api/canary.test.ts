import { describe, expect, test } from "vitest";
import { type Canary, parseCanary } from "../../../src/api/canary.ts";
import { blankStatus } from "../../../src/api/canary-status.ts";
import type { KubeObject } from "../../../src/domain/kube-object.ts";
import { analysing, canaryOf, flaggerCanary, serving } from "./manifests.ts";
import { canaryRefusals } from "./refusals.ts";

function read(object: KubeObject): Canary {
	const parsed = parseCanary(object);
	if (!parsed.ok) throw new Error(parsed.problems.join("\n"));
	return parsed.canary;
}

describe("a Canary is refused for", () => {
	test.each(canaryRefusals)("%s", (_claim, object, problem) => {
		expect(parseCanary(object)).toEqual({ ok: false, problems: [problem] });
	});

	test.each([
		[
			"a step that outlasts a year",
			analysing({ steps: [{ weight: 10, for: "1000000000h" }], stepWeight: undefined }),
			"spec.analysis.steps[0].for: '1000000000h' is too long; the most is 8760h",
		],
		[
			"an interval that no date can hold",
			analysing({ interval: "99999999999999999999999999999h" }),
			"spec.analysis.interval: '99999999999999999999999999999h' is too long; the most is 8760h",
		],
		[
			"a hook that may take longer than anything waits",
			analysing({ webhooks: [{ name: "soak", url: "http://soak", timeout: "10m1s" }] }),
			"spec.analysis.webhooks[0].timeout: '10m1s' is too long; the most that a hook may take is 10m",
		],
	])("%s", (_claim, object, problem) => {
		expect(parseCanary(object)).toEqual({ ok: false, problems: [problem] });
	});

	test("all that is wrong at once, in the order of its fields", () => {
		expect(parseCanary(canaryOf({ targetRef: {}, analysis: { interval: "1", stepWeight: 200 } }))).toEqual({
			ok: false,
			problems: [
				"spec.targetRef.apiVersion: is missing",
				"spec.targetRef.kind: is missing; use one of DaemonSet, Deployment, Service",
				"spec.targetRef.name: is missing",
				"spec.analysis.interval: '1' is not a duration; write it like 30s or 1m30s",
				"spec.analysis.stepWeight: 200 is too large; the most is 100",
			],
		});
	});

	test("no more problems than a person reads", () => {
		const parsed = parseCanary(analysing({ metrics: Array(60).fill({ name: "errors" }) }));
		expect(parsed).toMatchObject({ problems: { length: 21, 20: "spec: 40 more problems" } });
	});

	test("a spec that is not there", () => {
		expect(parseCanary({ apiVersion: "haldane.dev/v1beta1", kind: "Canary", metadata: { name: "cart" } })).toEqual({
			ok: false,
			problems: ["spec: is missing"],
		});
	});

	test("a value too long to repeat", () => {
		expect(parseCanary(canaryOf({ suspend: "x".repeat(1_000) }))).toEqual({
			ok: false,
			problems: [`spec.suspend: '${"x".repeat(60)}…' is not a boolean`],
		});
	});
});

describe("what a Canary leaves out", () => {
	test("is filled in as in Flagger", () => {
		expect(read(canaryOf()).spec).toEqual({
			targetRef: { apiVersion: "apps/v1", kind: "Deployment", name: "cart" },
			progressDeadlineSeconds: 600,
			service: { port: 80, portName: "http" },
			analysis: {
				interval: "60s",
				threshold: 1,
				inconclusiveLimit: 10,
				stepWeight: 10,
				primaryReadyThreshold: 100,
				canaryReadyThreshold: 100,
			},
		});
	});

	test.each([
		["a threshold of 0 means 1", { threshold: 0 }, { threshold: 1 }],
		["a threshold below 0 means 1", { threshold: -3 }, { threshold: 1 }],
		[
			"a hook is a check, called for 10 s at most and once",
			{ webhooks: [{ name: "load", url: "http://tester/" }] },
			{ webhooks: [{ name: "load", url: "http://tester/", type: "rollout", timeout: "10s", retries: 0 }] },
		],
		[
			"a hook of empty type is a check",
			{ webhooks: [{ name: "load", url: "http://tester/", type: "" }] },
			{ webhooks: [{ type: "rollout" }] },
		],
		[
			"a check looks back for a minute",
			{ metrics: [{ name: "request-duration" }] },
			{ metrics: [{ name: "request-duration", interval: "1m" }] },
		],
		[
			"an empty severity means info",
			{ alerts: [{ name: "on-call", severity: "", providerRef: { name: "on-call" } }] },
			{ alerts: [{ severity: "info" }] },
		],
		[
			"a cookie lives for a day",
			{ sessionAffinity: { cookieName: "version" } },
			{ sessionAffinity: { maxAge: 86_400 } },
		],
	])("%s", (_claim, given, analysis) => {
		expect(read(analysing(given)).spec.analysis).toMatchObject(analysis);
	});

	test("a parent is a Gateway", () => {
		expect(read(serving({ gatewayRefs: [{ name: "shared" }] })).spec.service?.gatewayRefs).toEqual([
			{ group: "gateway.networking.k8s.io", kind: "Gateway", name: "shared" },
		]);
	});
});

describe("a Canary may say", () => {
	test("the longest of each duration", () => {
		const hooks = [{ name: "soak", url: "http://soak", timeout: "10m" }];
		const { analysis } = read(analysing({ interval: "8760h", webhooks: hooks })).spec;
		expect(analysis).toMatchObject({ interval: "8760h", webhooks: [{ timeout: "10m" }] });
	});

	test.each([
		["an interval of hours", analysing({ interval: "1h" })],
		["an interval with a fraction", analysing({ interval: "1.5m" })],
		["no more than to skip the analysis", canaryOf({ analysis: undefined, skipAnalysis: true })],
		["nothing of Services", canaryOf({ service: undefined })],
		["a port by name", serving({ targetPort: "http" })],
		["a port by number", serving({ targetPort: 9898 })],
		["fields that nobody knows", canaryOf({ canaryAnalysis: {}, colour: "green" })],
		["both mirror and weights", analysing({ mirror: true, mirrorWeight: 10 })],
		["a ceiling beside iterations", analysing({ stepWeight: undefined, iterations: 5, maxWeight: 50 })],
		["a step that mirrors at weight 0", analysing({ stepWeight: undefined, steps: [{ weight: 0, mirror: 10 }] })],
		["a step that only lasts", analysing({ stepWeight: undefined, steps: [{ weight: 10 }, { for: "1h" }] })],
		["a step that lasts and then pauses", analysing({ stepWeight: undefined, steps: [{ pause: true, for: "1h" }] })],
		[
			"A/B testing",
			analysing({ stepWeight: undefined, iterations: 5, match: [{ headers: { cookie: { regex: "x" } } }] }),
		],
	])("%s", (_claim, object) => {
		expect(parseCanary(object)).toMatchObject({ ok: true });
	});

	test("all that Flagger's manifests say", () => {
		const parsed = parseCanary({ ...flaggerCanary, apiVersion: "flagger.app/v1beta1" });
		expect(parsed).toMatchObject({ ok: true, canary: { apiVersion: "flagger.app/v1beta1", spec: flaggerCanary.spec } });
	});
});

describe("the status of a Canary", () => {
	test("stays away when there is none", () => {
		expect(read(canaryOf())).not.toHaveProperty("status");
	});

	test("is read as it was written", () => {
		const status = {
			...blankStatus,
			phase: "Progressing",
			run: {
				revision: "6d5f",
				startedAt: "2026-01-02T03:04:05.678Z",
				step: 2,
				steps: 10,
				traffic: { primary: 70, candidate: 30, mirror: 0 },
				rounds: 1,
				failedChecks: 0,
				inconclusiveChecks: 3,
			},
		};
		expect(read(canaryOf({}, { status })).status).toEqual(status);
	});

	test("of Flagger is read, its -1 iterations and missing counts included", () => {
		const status = {
			phase: "WaitingPromotion",
			canaryWeight: 0,
			failedChecks: 1,
			iterations: -1,
			lastAppliedSpec: "5454669676",
			lastPromotedSpec: "58fb4cd8d4",
			lastTransitionTime: "2026-01-02T03:04:05Z",
			trackedConfigs: { "configmap/cart": "d1a31b5d7ee9a9d7" },
			sessionAffinityCookie: "version=AbCdEfGhIj",
			conditions: [
				{
					type: "Promoted",
					status: "Unknown",
					reason: "WaitingPromotion",
					message: "Waiting for approval.",
					lastTransitionTime: "2026-01-02T03:04:05Z",
					lastUpdateTime: "2026-01-02T03:04:05Z",
				},
			],
		};
		const { sessionAffinityCookie: _foreign, ...known } = status;
		expect(read(canaryOf({}, { status })).status).toEqual({ ...known, iterations: 0, inconclusiveChecks: 0 });
	});

	test.each([
		[
			"a phase of another world",
			{ phase: "Healthy" },
			/^status\.phase: 'Healthy' is not known; use one of Initializing, /,
		],
		["a weight that is none", { canaryWeight: "half" }, /^status\.canaryWeight: 'half' is not a number$/],
		["a run without revision", { run: {} }, /^status\.run\.revision: is missing$/],
		["a text", "fine", /^status: 'fine' is not an object$/],
	])("that is %s is a problem, for a lost record would start the run anew", (_claim, status, problem) => {
		const parsed = parseCanary(canaryOf({}, { status }));
		expect(parsed).toMatchObject({ ok: false, problems: expect.arrayContaining([expect.stringMatching(problem)]) });
	});
});

test("reading a Canary changes nothing of it", () => {
	const object = canaryOf({}, { status: { phase: "Initialized" } });
	const before = structuredClone(object);
	read(object);
	expect(object).toEqual(before);
});
