import { z } from "zod";
import type { KubeObject } from "../domain/kube-object.ts";
import { problemsOf } from "./problems.ts";
import { mapOf, ruled, SecretRef, texts } from "./schema.ts";

/** Every metric backend that the API knows; those that are not supported yet are refused where they are used. */
export const MetricProviderType = z.enum([
	"prometheus",
	"influxdb",
	"datadog",
	"externalmetrics",
	"stackdriver",
	"cloudwatch",
	"newrelic",
	"graphite",
	"dynatrace",
	"keptn",
	"splunk",
]);
export type MetricProviderType = z.infer<typeof MetricProviderType>;

/** Where a query is sent, and what it says. */
export const MetricTemplateSpec = z
	.object({
		provider: ruled(
			z.object({
				type: MetricProviderType.describe("Kind of the backend."),
				address: z
					.string()
					.min(1)
					.max(2_048)
					.optional()
					.describe("Address of the backend, such as http://prometheus.monitoring:9090."),
				headers: mapOf(texts(16, "Values of the header."), 32, "Headers of each request, by name.").optional(),
				secretRef: SecretRef("for Prometheus its keys are token, or username and password").optional(),
				region: z.string().min(1).max(63).optional().describe("Region of the backend; CloudWatch only."),
				insecureSkipVerify: z.boolean().optional().describe("Do not verify the backend's certificate."),
			}),
			"The backend that answers the query.",
			{
				rule: "!(self.type in ['prometheus', 'influxdb', 'graphite']) || has(self.address)",
				holds: ({ type, address }) => !["prometheus", "influxdb", "graphite"].includes(type) || address !== undefined,
				message: "address is missing; say where the backend is",
			},
			{
				rule: "self.type != 'cloudwatch' || has(self.region)",
				holds: ({ type, region }) => type !== "cloudwatch" || region !== undefined,
				message: "region is missing; cloudwatch needs one",
			},
		),
		query: z
			.string()
			.min(1)
			.max(16_384)
			.describe("The query, with {{ namespace }}, {{ target }}, {{ interval }} and others to be filled in."),
	})
	.describe("Where a query is sent, and what it says.");
export type MetricTemplateSpec = z.infer<typeof MetricTemplateSpec>;

/** A MetricTemplate that has been read. */
export interface MetricTemplate extends KubeObject {
	readonly spec: MetricTemplateSpec;
}

/** A MetricTemplate, or why it is none. */
export type ParsedMetricTemplate =
	| { readonly ok: true; readonly template: MetricTemplate }
	| { readonly ok: false; readonly problems: readonly string[] };

/** Reads a MetricTemplate of our group or of Flagger's; problems name the field and the mend. */
export function parseMetricTemplate(object: KubeObject): ParsedMetricTemplate {
	const { success, data, error } = MetricTemplateSpec.safeParse(object.spec, { reportInput: true });
	if (!success) return { ok: false, problems: problemsOf("spec", error) };
	return { ok: true, template: { ...object, spec: data } };
}
