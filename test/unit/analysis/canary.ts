import { type Canary, parseCanary } from "../../../src/api/canary.ts";
import { type MetricTemplate, parseMetricTemplate } from "../../../src/api/metric-template.ts";

/** `shop/cart`, a Deployment, with that analysis. */
export function canaryWith(
	analysis: { readonly metrics?: readonly object[]; readonly webhooks?: readonly object[] },
	spec: object = {},
): Canary {
	const parsed = parseCanary({
		apiVersion: "haldane.dev/v1beta1",
		kind: "Canary",
		metadata: { name: "cart", namespace: "shop" },
		spec: {
			targetRef: { apiVersion: "apps/v1", kind: "Deployment", name: "cart" },
			service: { port: 80 },
			analysis: { stepWeight: 10, ...analysis },
			...spec,
		},
	});
	if (!parsed.ok) throw new Error(parsed.problems.join("\n"));
	return parsed.canary;
}

/** A MetricTemplate of that name in `monitoring`, on Prometheus unless said otherwise. */
export function templateWith(query: string, provider: object = {}): MetricTemplate {
	const parsed = parseMetricTemplate({
		apiVersion: "haldane.dev/v1beta1",
		kind: "MetricTemplate",
		metadata: { name: "errors", namespace: "monitoring" },
		spec: { provider: { type: "prometheus", address: "http://thanos:9090", ...provider }, query },
	});
	if (!parsed.ok) throw new Error(parsed.problems.join("\n"));
	return parsed.template;
}
