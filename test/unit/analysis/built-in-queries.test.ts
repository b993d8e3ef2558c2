import { describe, expect, test } from "vitest";
import { builtInQuery } from "../../../src/analysis/built-in-queries.ts";

const subject = { namespace: "shop", target: { kind: "Deployment", name: "cart" }, interval: "1m" };

const istio = 'reporter="destination",destination_workload_namespace="shop",destination_workload="cart"';
const app = 'kubernetes_namespace="shop",kubernetes_pod_name=~"^cart-[0-9a-z]{1,10}-[0-9a-z]{5}$"';
const linkerd = 'namespace="shop",deployment="cart",direction="inbound"';
const osm = 'destination_namespace="shop",destination_kind="Deployment",destination_name="cart"';

const rate = (series: string, labels: string, good: string) =>
	`(sum(rate(${series}{${labels},${good}}[1m])) or vector(0)) / sum(rate(${series}{${labels}}[1m])) * 100`;
const p99 = (series: string, labels: string) => `histogram_quantile(0.99, sum(rate(${series}{${labels}}[1m])) by (le))`;

describe("the built-in queries", () => {
	test.each([
		["gatewayapi", rate("http_request_duration_seconds_count", app, 'status!~"5.*"')],
		["gatewayapi:v1", rate("http_request_duration_seconds_count", app, 'status!~"5.*"')],
		["gatewayapi:v1beta1", rate("http_request_duration_seconds_count", app, 'status!~"5.*"')],
		["kubernetes", rate("http_request_duration_seconds_count", app, 'status!~"5.*"')],
		["linkerd", rate("response_total", linkerd, 'classification!="failure"')],
		["osm", rate("osm_request_total", osm, 'response_code!~"5.*"')],
		["smi:v1alpha2", rate("istio_requests_total", istio, 'response_code!~"5.*"')],
		["istio", rate("istio_requests_total", istio, 'response_code!~"5.*"')],
	])("%s: share of good requests, in percent", (provider, query) => {
		expect(builtInQuery("request-success-rate", provider, subject)).toEqual({ ok: true, query, unit: "%" });
	});

	test.each([
		["gatewayapi:v1", `${p99("http_request_duration_seconds_bucket", app)} * 1000`],
		["kubernetes", `${p99("http_request_duration_seconds_bucket", app)} * 1000`],
		["linkerd", p99("response_latency_ms_bucket", linkerd)],
		["osm", p99("osm_request_duration_ms_bucket", osm)],
		["smi:v1alpha1", p99("istio_request_duration_milliseconds_bucket", istio)],
		["istio", p99("istio_request_duration_milliseconds_bucket", istio)],
	])("%s: the 99th percentile, in milliseconds", (provider, query) => {
		expect(builtInQuery("request-duration", provider, subject)).toEqual({ ok: true, query, unit: "ms" });
	});

	test.each([
		["DaemonSet", 'daemonset="cart"'],
		["StatefulSet", 'statefulset="cart"'],
	])("ask Linkerd for a %s by its own label", (kind, label) => {
		const built = builtInQuery("request-duration", "linkerd", { ...subject, target: { kind, name: "cart" } });
		expect(built).toMatchObject({ query: expect.stringContaining(label) });
	});

	test.each([
		[
			"traefik",
			subject.target,
			"is not built in for provider traefik, only for gatewayapi, kubernetes, linkerd, osm, smi, istio; use templateRef",
		],
		["toString", subject.target, "is not built in for provider toString, only for"],
		[
			"linkerd",
			{ kind: "Service", name: "cart" },
			"is not built in for a target of kind Service, only for Deployment, DaemonSet, StatefulSet",
		],
	])("refuse what has no such series: %s %o", (provider, target, problem) => {
		expect(builtInQuery("request-duration", provider, { ...subject, target })).toMatchObject({
			ok: false,
			problem: expect.stringContaining(problem),
		});
	});

	const podPattern = (kind: string, name: string) => {
		const built = builtInQuery("request-duration", "kubernetes", { ...subject, target: { kind, name } });
		const literal = /kubernetes_pod_name=~("(?:[^"\\]|\\.)*")/.exec(built.ok ? built.query : "")?.[1] ?? '""';
		return new RegExp(JSON.parse(literal));
	};

	test.each([
		["Deployment", "cart-5d8c7b9f64-x2kzq", true],
		["Deployment", "cart-abc-12345", true],
		["Deployment", "cart-primary-5d8c7b9f64-x2kzq", false],
		["Deployment", "shopping-cart-5d8c7b9f64-x2kzq", false],
		["Deployment", "cart-x2kzq", false],
		["Deployment", "cartXabc-12345", false],
		["DaemonSet", "cart-x2kzq", true],
		["DaemonSet", "cart-primary-x2kzq", false],
		["StatefulSet", "cart-0", true],
		["StatefulSet", "cart-primary-0", false],
	])("of a %s: %s counts is %s", (kind, pod, counts) => {
		expect(podPattern(kind, "cart").test(pod)).toBe(counts);
	});

	test("take a dot in a name for a dot", () => {
		expect(podPattern("Deployment", "a.b").test("a.b-abc-12345")).toBe(true);
		expect(podPattern("Deployment", "a.b").test("axb-abc-12345")).toBe(false);
	});

	test("keep any name inside its string", () => {
		const name = 'x"} or up{a="';
		const built = builtInQuery("request-duration", "linkerd", { ...subject, target: { kind: "Deployment", name } });
		expect(built).toMatchObject({ query: expect.stringContaining('deployment="x\\"} or up{a=\\"",') });
	});
});
