import { describe, expect, test } from "vitest";
import { type CanaryStatus, Phase } from "../../../src/api/canary-status.ts";
import { createMetrics, type Metrics, type MetricsOptions } from "../../../src/metrics/metrics.ts";
import { at, cart } from "../notify/cart.ts";

const create = (options: Partial<MetricsOptions> = {}) =>
	createMetrics({ version: "1.2.3", meshProvider: "linkerd", process: false, ...options });

/** The series that begin so, as Prometheus reads them. */
async function series(metrics: Metrics, ...prefixes: string[]): Promise<string[]> {
	const { body } = await metrics.render();
	return body.split("\n").filter((line) => prefixes.some((prefix) => line.startsWith(prefix)));
}

const ours = ["haldane_canary", "haldane_rollouts"] as const;
const check = (name: string, value?: number) => ({
	name,
	verdict: "passed" as const,
	at,
	...(value === undefined ? {} : { value }),
});
const progressing: Partial<CanaryStatus> = {
	phase: "Progressing",
	canaryWeight: 20,
	checks: [check("rate", 99.5), check("none")],
};

describe("the metrics", () => {
	test("that are known beforehand start at zero", async () => {
		const metrics = create({ controllers: ["canary"], channels: ["event", "slack"] });
		const { body } = await metrics.render();
		for (const line of [
			'haldane_info{version="1.2.3",mesh_provider="linkerd"} 1',
			'controller_runtime_reconcile_total{controller="canary",result="success"} 0',
			'controller_runtime_reconcile_total{controller="canary",result="error"} 0',
			'controller_runtime_reconcile_total{controller="canary",result="requeue"} 0',
			'controller_runtime_reconcile_total{controller="canary",result="requeue_after"} 0',
			'controller_runtime_reconcile_errors_total{controller="canary"} 0',
			'controller_runtime_reconcile_time_seconds_count{controller="canary"} 0',
			'controller_runtime_active_workers{controller="canary"} 0',
			'workqueue_depth{name="canary"} 0',
			'workqueue_adds_total{name="canary"} 0',
			'workqueue_retries_total{name="canary"} 0',
			'workqueue_queue_duration_seconds_count{name="canary"} 0',
			'workqueue_work_duration_seconds_count{name="canary"} 0',
			'leader_election_master_status{name="haldane"} 0',
			'haldane_notifications_total{channel="event",outcome="delivered"} 0',
			'haldane_notifications_total{channel="slack",outcome="retried"} 0',
			'haldane_notifications_total{channel="slack",outcome="undeliverable"} 0',
		]) {
			expect(body.split("\n")).toContain(line);
		}
		expect(await series(metrics, ...ours)).toEqual([]);
	});

	test("may be made twice in one process", () => {
		expect(() => [create({ compat: true, process: true }), create({ compat: true, process: true })]).not.toThrow();
	});

	test("tell of a Canary as it is", async () => {
		const metrics = create();
		metrics.canaries.seen(cart({ status: progressing }));
		expect(await series(metrics, ...ours)).toEqual([
			'haldane_canary_total{namespace="shop"} 1',
			'haldane_canary_status{name="cart",namespace="shop"} 0',
			'haldane_canary_phase{name="cart",namespace="shop",phase="Progressing"} 1',
			'haldane_canary_weight{workload="cart",namespace="shop"} 20',
			'haldane_canary_weight{workload="cart-primary",namespace="shop"} 80',
			'haldane_canary_metric_analysis{name="cart",namespace="shop",metric="rate"} 99.5',
			'haldane_rollouts_total{name="cart",namespace="shop",outcome="succeeded"} 0',
			'haldane_rollouts_total{name="cart",namespace="shop",outcome="failed"} 0',
			'haldane_rollouts_total{name="cart",namespace="shop",outcome="reverted"} 0',
			'haldane_rollouts_total{name="cart",namespace="shop",outcome="superseded"} 0',
		]);
	});

	test("keep no series of what is no longer so", async () => {
		const metrics = create();
		metrics.canaries.seen(cart({ status: progressing }));
		metrics.canaries.seen(cart({ status: { phase: "Failed", checks: [check("other", 1)] } }));
		expect(await series(metrics, "haldane_canary_phase", "haldane_canary_metric", "haldane_canary_status")).toEqual([
			'haldane_canary_status{name="cart",namespace="shop"} 2',
			'haldane_canary_phase{name="cart",namespace="shop",phase="Failed"} 1',
			'haldane_canary_metric_analysis{name="cart",namespace="shop",metric="other"} 1',
		]);
		expect(await series(metrics, "haldane_canary_total")).toEqual(['haldane_canary_total{namespace="shop"} 1']);
	});

	test("follow a Canary whose target changes", async () => {
		const metrics = create({ compat: true });
		const canary = cart({});
		metrics.canaries.reconciled(canary, 0.1);
		metrics.canaries.ended(canary, "Failed");
		metrics.canaries.seen({
			...canary,
			spec: { ...canary.spec, targetRef: { ...canary.spec.targetRef, name: "cart2" } },
		});
		const { body } = await metrics.render();
		expect(body).not.toMatch(/"cart-primary"/);
		expect(body).toContain('flagger_canary_status{name="cart2",namespace="shop"} 1');
		expect(body).not.toMatch(/flagger_.*name="cart",/);
		expect(body).toContain('haldane_canary_total{namespace="shop"} 1');
	});

	test.each([[{}], [{ compat: true }]])("drop all series of a Canary that is gone (%o)", async (options) => {
		const metrics = create(options);
		const canary = cart({ status: progressing });
		metrics.canaries.ended(canary, "Succeeded");
		metrics.canaries.ended(canary, "Failed");
		metrics.canaries.reconciled(canary, 0.1);
		expect((await series(metrics, ...ours)).length).toBeGreaterThan(9);
		metrics.canaries.gone("shop/cart");
		metrics.canaries.gone("shop/never-seen");
		expect(await series(metrics, ...ours, "flagger_canary")).toEqual([]);
	});

	test("count Canaries by namespace", async () => {
		const metrics = create();
		const canary = cart({});
		metrics.canaries.seen(canary);
		metrics.canaries.seen({ ...canary, metadata: { ...canary.metadata, name: "pay" } });
		metrics.canaries.seen({ ...canary, metadata: { ...canary.metadata, namespace: "ops" } });
		metrics.canaries.gone("shop/cart");
		expect((await series(metrics, "haldane_canary_total")).sort()).toEqual([
			'haldane_canary_total{namespace="ops"} 1',
			'haldane_canary_total{namespace="shop"} 1',
		]);
	});

	test.each(Phase.options)("have one value for phase '%s', and in Flagger's terms Flagger's", async (phase) => {
		const metrics = create({ compat: true });
		metrics.canaries.seen(cart({ status: { phase } }));
		const value = phase === "Failed" ? 2 : phase === "Initialized" || phase === "Succeeded" ? 1 : 0;
		const flaggers = phase === "Failed" ? 2 : phase === "Progressing" ? 0 : 1;
		expect(await series(metrics, "haldane_canary_status")).toEqual([
			`haldane_canary_status{name="cart",namespace="shop"} ${value}`,
		]);
		expect(await series(metrics, "flagger_canary_status")).toEqual([
			`flagger_canary_status{name="cart",namespace="shop"} ${flaggers}`,
		]);
	});

	test("count outcomes", async () => {
		const metrics = create();
		for (const outcome of ["Succeeded", "Succeeded", "Failed", "Reverted"] as const)
			metrics.canaries.ended(cart({}), outcome);
		expect(await series(metrics, "haldane_rollouts")).toEqual([
			'haldane_rollouts_total{name="cart",namespace="shop",outcome="succeeded"} 2',
			'haldane_rollouts_total{name="cart",namespace="shop",outcome="failed"} 1',
			'haldane_rollouts_total{name="cart",namespace="shop",outcome="reverted"} 1',
			'haldane_rollouts_total{name="cart",namespace="shop",outcome="superseded"} 0',
		]);
	});

	test.each<[string, object, string]>([
		["a weighted rollout", {}, "canary"],
		["blue/green", { stepWeight: undefined, iterations: 3 }, "blue-green"],
		["A/B", { stepWeight: undefined, iterations: 3, match: [{ headers: { x: { exact: "y" } } }] }, "ab-testing"],
	])("count the end of %s as Flagger does", async (_name, analysis, strategy) => {
		const metrics = create({ compat: true });
		const canary = cart({ analysis });
		metrics.canaries.ended(canary, "Succeeded");
		metrics.canaries.ended(canary, "Failed");
		metrics.canaries.ended(canary, "Reverted");
		const labels = `{name="cart",namespace="shop",deployment_strategy="${strategy}",analysis_status="completed"}`;
		expect(await series(metrics, "flagger_canary_successes", "flagger_canary_failures")).toEqual([
			`flagger_canary_successes_total${labels} 1`,
			`flagger_canary_failures_total${labels} 1`,
		]);
	});

	test("have Flagger's names only when they are asked for", async () => {
		expect((await create().render()).body).not.toContain("flagger");
		expect(await series(create({ compat: true }), "flagger_info")).toEqual([
			'flagger_info{version="1.2.3",mesh_provider="linkerd"} 1',
		]);
	});

	test("bound the labels that come from outside", async () => {
		const metrics = create();
		for (const method of ["get", "GET", "BREW", "x".repeat(99)]) metrics.kubeRequest(method, 200);
		for (const code of [undefined, Number.NaN, 1e9, -1]) metrics.kubeRequest("GET", code);
		expect(await series(metrics, "rest_client")).toEqual([
			'rest_client_requests_total{method="GET",code="200"} 2',
			'rest_client_requests_total{method="other",code="200"} 2',
			'rest_client_requests_total{method="GET",code="<error>"} 4',
		]);
	});

	test("tell of the loop, its queue, the lease and notices", async () => {
		const metrics = create();
		metrics.reconciled("canary", "success", 0.01);
		metrics.reconciled("canary", "success", 0.01);
		metrics.reconciled("canary", "error", 2);
		metrics.activeWorkers("canary", 2);
		const queue = metrics.queue("canary");
		queue.depth(3);
		queue.added();
		queue.retried();
		queue.waited(0.5);
		queue.worked(0.5);
		metrics.leading(true);
		metrics.notified("event", "undeliverable");
		const { body } = await metrics.render();
		for (const line of [
			'controller_runtime_reconcile_total{controller="canary",result="error"} 1',
			'controller_runtime_reconcile_errors_total{controller="canary"} 1',
			'controller_runtime_reconcile_time_seconds_sum{controller="canary"} 2.02',
			'controller_runtime_active_workers{controller="canary"} 2',
			'workqueue_depth{name="canary"} 3',
			'workqueue_adds_total{name="canary"} 1',
			'workqueue_retries_total{name="canary"} 1',
			'workqueue_queue_duration_seconds_bucket{le="1",name="canary"} 1',
			'workqueue_work_duration_seconds_count{name="canary"} 1',
			'leader_election_master_status{name="haldane"} 1',
			'haldane_notifications_total{channel="event",outcome="undeliverable"} 1',
		]) {
			expect(body.split("\n")).toContain(line);
		}
	});
});
