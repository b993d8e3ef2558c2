import { describe, expect, test } from "vitest";
import { builtInQuery } from "../../../../src/analysis/built-in-queries.ts";
import { BUILT_IN_METRICS } from "../../../../src/api/canary-analysis.ts";
import { createTraffic, type Outcome } from "../../../../src/sandbox/mesh/metrics/traffic.ts";
import { workloadOf } from "../../../../src/sandbox/mesh/metrics/workloads.ts";
import { pod, replicaSet } from "./objects.ts";
import { type Sample, samplesOf, selected } from "./series.ts";

const CANDIDATE = "cart-7d5f9c6b48-x2x4z";
const PRIMARY = "cart-primary-5b8d7f9c4-a1b2c";

function outcome(pod: string, code: number, more: Partial<Outcome> = {}): Outcome {
	const backend = pod === CANDIDATE ? "cart-canary" : "cart-primary";
	const to = { namespace: "shop", service: "cart", backend, backendNamespace: "shop", pod };
	return { ...to, code, isMirror: false, seconds: pod === CANDIDATE ? 0.04 : 0.4, ...more };
}

/** The candidate: 3 good, 1 bad, 40 ms. The primary: 5 good, 400 ms. */
function traffic(clock = { now: 0 }) {
	const counted = createTraffic(() => clock.now);
	counted.podIs("shop", CANDIDATE, { kind: "Deployment", name: "cart" });
	counted.podIs("shop", PRIMARY, { kind: "Deployment", name: "cart-primary" });
	for (const code of [200, 404, 200, 503]) counted.count(outcome(CANDIDATE, code));
	for (let time = 0; time < 5; time++) counted.count(outcome(PRIMARY, 200));
	return counted;
}

const total = (samples: readonly Sample[] | undefined) => (samples ?? []).reduce((sum, { value }) => sum + value, 0);

const providers = ["gatewayapi", "gatewayapi:v1", "kubernetes", "linkerd", "osm", "smi", "smi:v1alpha2:istio", "istio"];

function queryOf(metric: (typeof BUILT_IN_METRICS)[number], provider: string, name: string): string {
	const subject = { namespace: "shop", target: { kind: "Deployment", name }, interval: "1m" };
	const built = builtInQuery(metric, provider, subject);
	if (!built.ok) throw new Error(built.problem);
	return built.query;
}

describe("the built-in queries", () => {
	test("are those that are held against the series here", () => {
		expect(BUILT_IN_METRICS).toEqual(["request-success-rate", "request-duration"]);
	});

	test.each(providers)("of %s find the candidate's success rate, and the primary's", (provider) => {
		const samples = samplesOf(traffic().render());
		for (const [name, good, all] of [
			["cart", 3, 4],
			["cart-primary", 5, 5],
		] as const) {
			const [goods, alls] = selected(queryOf("request-success-rate", provider, name), samples);
			expect([total(goods), total(alls)]).toEqual([good, all]);
		}
	});

	test.each(providers)("of %s find durations in the unit that they take them to have", (provider) => {
		const samples = samplesOf(traffic().render());
		for (const [name, count, ms] of [
			["cart", 4, 40],
			["cart-primary", 5, 400],
		] as const) {
			const query = queryOf("request-duration", provider, name);
			const [buckets = []] = selected(query, samples);
			const unit = query.endsWith("* 1000") ? 1_000 : 1;
			const upTo = (bound: number) => total(buckets.filter(({ labels }) => Number(labels.le) === bound / unit));
			expect(total(buckets.filter(({ labels }) => labels.le === "+Inf"))).toBe(count);
			expect([upTo(ms === 40 ? 30 : 300), upTo(ms)]).toEqual([0, count]);
		}
	});

	test.each(providers)("of %s find zeros for a pod before its first request", (provider) => {
		const counted = createTraffic(() => 0);
		counted.podIs("shop", CANDIDATE, { kind: "Deployment", name: "cart" });
		counted.count(outcome("", 503));
		const [goods = [], alls = []] = selected(
			queryOf("request-success-rate", provider, "cart"),
			samplesOf(counted.render()),
		);
		expect(goods.map(({ value }) => value)).toEqual([0]);
		expect(alls.map(({ value }) => value)).toEqual([0, 0]);
	});
});

describe("the series", () => {
	const ofOwn = (text: string) => samplesOf(text).filter(({ name }) => name === "haldane_sandbox_requests_total");

	test("of the sandbox tell copies and requests that had nowhere to go", () => {
		const counted = traffic();
		counted.count(outcome(CANDIDATE, 200, { isMirror: true }));
		counted.count(outcome("", 503));
		expect(ofOwn(counted.render()).map(({ labels, value }) => [labels.pod, labels.code, labels.mirror, value])).toEqual(
			[
				[CANDIDATE, "200", "false", 2],
				[CANDIDATE, "404", "false", 1],
				[CANDIDATE, "503", "false", 1],
				[PRIMARY, "200", "false", 5],
				[CANDIDATE, "200", "true", 1],
				["", "503", "false", 1],
			],
		);
	});

	test("hold a copy against the candidate, and no client that went away", () => {
		const counted = traffic();
		counted.count(outcome(CANDIDATE, 500, { isMirror: true }));
		counted.count(outcome(CANDIDATE, 499));
		const [goods, alls] = selected(queryOf("request-success-rate", "smi", "cart"), samplesOf(counted.render()));
		expect([total(goods), total(alls)]).toEqual([3, 5]);
	});

	test("of a pod that went stay for five minutes, then go", () => {
		const clock = { now: 0 };
		const counted = traffic(clock);
		counted.podWent("shop", CANDIDATE);
		clock.now = 300_000;
		expect(counted.render()).toContain(CANDIDATE);
		clock.now = 300_001;
		expect(counted.render()).not.toContain(CANDIDATE);
		expect(counted.render()).toContain(PRIMARY);
	});

	test("are bounded, and tell what they leave out", () => {
		const counted = createTraffic(() => 0);
		for (let code = 0; code < 10_003; code++) counted.count(outcome("", code));
		expect(counted.render()).toContain("\nhaldane_sandbox_requests_untold_total 3\n");
	});
});

describe("a pod's workload", () => {
	test("is the Deployment of its ReplicaSet, also before that is known", () => {
		const made = pod("cart-7d5f-x2x4z", "cart-7d5f");
		const known = new Map([["shop/cart-7d5f", replicaSet("cart-7d5f", "another-name")]]);
		expect(workloadOf(made, known)).toEqual({ kind: "Deployment", name: "another-name" });
		expect(workloadOf(made, new Map())).toEqual({ kind: "Deployment", name: "cart" });
	});
});
