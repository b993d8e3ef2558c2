import type { KubeObject } from "../../../src/domain/kube-object.ts";
import { alertProviderOf, analysing, canaryOf, metricTemplateOf, serving } from "./manifests.ts";

/** What is refused, and the sentence that says so. A real API server refuses each of them too. */
export type Refusal = readonly [claim: string, object: KubeObject, problem: string];

const metric = (given: object) => analysing({ metrics: [{ name: "errors", query: "up", ...given }] });
const webhook = (given: object) => analysing({ webhooks: [{ name: "load", url: "http://tester/", ...given }] });
const targeting = (given: object) =>
	canaryOf({ targetRef: { apiVersion: "apps/v1", kind: "Deployment", name: "cart", ...given } });

export const canaryRefusals: readonly Refusal[] = [
	[
		"a target without kind",
		targeting({ kind: undefined }),
		"spec.targetRef.kind: is missing; use one of DaemonSet, Deployment, Service",
	],
	[
		"a target of another kind",
		targeting({ kind: "CronJob" }),
		"spec.targetRef.kind: 'CronJob' is not known; use one of DaemonSet, Deployment, Service",
	],
	["a target without name", targeting({ name: "" }), "spec.targetRef.name: is empty"],
	[
		"an unknown provider",
		canaryOf({ provider: "envoy" }),
		"spec.provider: 'envoy' is not known; use one of gatewayapi, gatewayapi:v1, gatewayapi:v1beta1, linkerd, osm, " +
			"smi:v1alpha1, smi:v1alpha2, smi:v1alpha3, smi:v1alpha4, kubernetes, apisix, appmesh, appmesh:v1beta2, contour, " +
			"gloo, istio, knative, kuma, nginx, skipper, traefik",
	],
	[
		"a deadline of nothing",
		canaryOf({ progressDeadlineSeconds: 0 }),
		"spec.progressDeadlineSeconds: 0 is too small; the least is 1",
	],
	[
		"a deadline as text",
		canaryOf({ progressDeadlineSeconds: "60" }),
		"spec.progressDeadlineSeconds: '60' is not a number",
	],
	["a switch that is no switch", canaryOf({ suspend: "yes" }), "spec.suspend: 'yes' is not a boolean"],
	[
		"no analysis, yet none skipped",
		canaryOf({ analysis: undefined }),
		"spec: analysis is missing; say how revisions are tested, or set skipAnalysis: true",
	],
	["Services without port", serving({ port: undefined }), "spec.service.port: is missing"],
	["a port that is none", serving({ port: 70_000 }), "spec.service.port: 70000 is too large; the most is 65535"],
	[
		"a name that is none",
		serving({ name: "Cart" }),
		"spec.service.name: 'Cart' is no name for a Service; use a-z, 0-9 and -",
	],
	[
		"a timeout that is none",
		serving({ timeout: "5 minutes" }),
		"spec.service.timeout: '5 minutes' is not a duration; write it like 30s or 1m30s",
	],
	[
		"a parent without name",
		serving({ gatewayRefs: [{ namespace: "gateways" }] }),
		"spec.service.gatewayRefs[0].name: is missing",
	],
	[
		"a static mirror to a Service without port",
		serving({ mirror: [{ backendRef: { name: "audit" } }] }),
		"spec.service.mirror[0].backendRef: a Service needs its port",
	],
	[
		"a header compared in two ways",
		serving({ match: [{ headers: { "x-beta": { exact: "a", regex: "b" } } }] }),
		"spec.service.match[0].headers.x-beta: give exactly one of exact, prefix, suffix and regex",
	],
	[
		"an origin compared in no way",
		serving({ corsPolicy: { allowOrigins: [{}] } }),
		"spec.service.corsPolicy.allowOrigins[0]: give exactly one of exact, prefix and regex",
	],
	[
		"an interval that is none",
		analysing({ interval: "10x" }),
		"spec.analysis.interval: '10x' is not a duration; write it like 30s or 1m30s",
	],
	["an interval without unit", analysing({ interval: 30 }), "spec.analysis.interval: 30 is not a text"],
	["an interval too short", analysing({ interval: "500ms" }), "spec.analysis.interval: must be at least 1s"],
	["a fraction of a failed check", analysing({ threshold: 1.5 }), "spec.analysis.threshold: 1.5 is not a whole number"],
	[
		"less than no patience",
		analysing({ inconclusiveLimit: -1 }),
		"spec.analysis.inconclusiveLimit: -1 is too small; the least is 0",
	],
	[
		"two strategies",
		analysing({ iterations: 5 }),
		"spec.analysis: give exactly one of iterations, stepWeight, stepWeights and steps",
	],
	[
		"no strategy",
		analysing({ stepWeight: undefined }),
		"spec.analysis: give exactly one of iterations, stepWeight, stepWeights and steps",
	],
	["steps of nothing", analysing({ stepWeight: 0 }), "spec.analysis.stepWeight: 0 is too small; the least is 1"],
	[
		"a ceiling above the sky",
		analysing({ maxWeight: 101 }),
		"spec.analysis.maxWeight: 101 is too large; the most is 100",
	],
	[
		"weights that fall",
		analysing({ stepWeight: undefined, stepWeights: [10, 5] }),
		"spec.analysis.stepWeights: weights must increase from each to the next",
	],
	[
		"weights that stay",
		analysing({ stepWeight: undefined, stepWeights: [5, 5] }),
		"spec.analysis.stepWeights: weights must increase from each to the next",
	],
	["no weights", analysing({ stepWeight: undefined, stepWeights: [] }), "spec.analysis.stepWeights: is empty"],
	[
		"a weight of 0",
		analysing({ stepWeight: undefined, stepWeights: [0, 5] }),
		"spec.analysis.stepWeights[0]: 0 is too small; the least is 1",
	],
	[
		"an empty step",
		analysing({ stepWeight: undefined, steps: [{}] }),
		"spec.analysis.steps[0]: an empty step; give weight, mirror, match, pause or for",
	],
	[
		"a step that mirrors and shifts",
		analysing({ stepWeight: undefined, steps: [{ weight: 10, mirror: 10 }] }),
		"spec.analysis.steps[0]: a step either mirrors requests or shifts them; give mirror or weight, not both",
	],
	[
		"a pause that is none",
		analysing({ stepWeight: undefined, steps: [{ pause: false }] }),
		"spec.analysis.steps[0].pause: can only be true",
	],
	[
		"a mirror beside steps",
		analysing({ stepWeight: undefined, steps: [{ weight: 10 }], mirror: true }),
		"spec.analysis: mirror does not go with steps; write a step that mirrors instead",
	],
	[
		"more steps than anyone waits for",
		analysing({ stepWeight: undefined, steps: Array(51).fill({ pause: true }) }),
		"spec.analysis.steps: has 51 entries; the most is 50",
	],
	[
		"a check without a question",
		metric({ query: undefined }),
		"spec.analysis.metrics[0]: give templateRef or query, or use a built-in name (request-success-rate, request-duration)",
	],
	["a check without name", metric({ name: undefined }), "spec.analysis.metrics[0].name: is missing"],
	[
		"a range that nothing is in",
		metric({ thresholdRange: { min: 2, max: 1 } }),
		"spec.analysis.metrics[0].thresholdRange: min is above max, so no value can pass",
	],
	[
		"a check's interval too short",
		metric({ interval: "0s" }),
		"spec.analysis.metrics[0].interval: must be at least 1s",
	],
	[
		"a hook of no type",
		webhook({ type: "load" }),
		"spec.analysis.webhooks[0].type: 'load' is not known; use one of confirm-rollout, pre-rollout, rollout, " +
			"confirm-traffic-increase, confirm-promotion, post-rollout, rollback, event",
	],
	["a hook without address", webhook({ url: undefined }), "spec.analysis.webhooks[0].url: is missing"],
	[
		"a hook by another protocol",
		webhook({ url: "ftp://x" }),
		"spec.analysis.webhooks[0].url: is not an http or https address",
	],
	[
		"an alert without provider",
		analysing({ alerts: [{ name: "on-call" }] }),
		"spec.analysis.alerts[0].providerRef: is missing",
	],
	[
		"one cookie for both versions",
		analysing({ sessionAffinity: { cookieName: "a", primaryCookieName: "a" } }),
		"spec.analysis.sessionAffinity: primaryCookieName must differ from cookieName",
	],
];

export const metricTemplateRefusals: readonly Refusal[] = [
	[
		"a backend of no kind",
		metricTemplateOf({ address: "http://prometheus" }),
		"spec.provider.type: is missing; use one of prometheus, influxdb, datadog, externalmetrics, stackdriver, cloudwatch, newrelic, graphite, dynatrace, keptn, splunk",
	],
	[
		"Prometheus without address",
		metricTemplateOf({ type: "prometheus" }),
		"spec.provider: address is missing; say where the backend is",
	],
	[
		"CloudWatch without region",
		metricTemplateOf({ type: "cloudwatch" }),
		"spec.provider: region is missing; cloudwatch needs one",
	],
	[
		"an empty query",
		metricTemplateOf({ type: "prometheus", address: "http://prometheus" }, ""),
		"spec.query: is empty",
	],
];

export const alertProviderRefusals: readonly Refusal[] = [
	[
		"a receiver of no kind",
		alertProviderOf({ type: "pager", address: "https://pager" }),
		"spec.type: 'pager' is not known; use one of slack, webhook, msteams, discord, rocket, gchat",
	],
	["nowhere to send to", alertProviderOf({ type: "slack" }), "spec: give exactly one of address and secretRef"],
	[
		"two places to send to",
		alertProviderOf({ type: "slack", address: "https://chat", secretRef: { name: "chat" } }),
		"spec: give exactly one of address and secretRef",
	],
	[
		"an address that is none",
		alertProviderOf({ type: "slack", address: "chat" }),
		"spec.address: is not an http or https address",
	],
];
