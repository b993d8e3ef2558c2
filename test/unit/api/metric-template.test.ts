import { describe, expect, test } from "vitest";
import { parseMetricTemplate } from "../../../src/api/metric-template.ts";
import { unsupportedMetricTemplate } from "../../../src/api/unsupported.ts";
import { metricTemplateOf } from "./manifests.ts";
import { metricTemplateRefusals } from "./refusals.ts";

describe("a MetricTemplate", () => {
	test.each(metricTemplateRefusals)("is refused for %s", (_claim, object, problem) => {
		expect(parseMetricTemplate(object)).toEqual({ ok: false, problems: [problem] });
	});

	test("is read with all that Prometheus takes", () => {
		const object = metricTemplateOf({
			type: "prometheus",
			address: "https://prometheus.monitoring",
			headers: { "X-Scope-OrgID": ["shop"] },
			secretRef: { name: "prometheus" },
			insecureSkipVerify: true,
		});
		expect(parseMetricTemplate(object)).toEqual({ ok: true, template: object });
	});

	test("for a backend that cannot be asked yet is refused where it is used", () => {
		const unsupported = (provider: object) => {
			const parsed = parseMetricTemplate(metricTemplateOf({ ...provider }));
			return parsed.ok ? unsupportedMetricTemplate(parsed.template) : parsed.problems;
		};
		expect(unsupported({ type: "prometheus", address: "http://prometheus" })).toEqual([]);
		expect(unsupported({ type: "datadog" })).toEqual([
			"spec.provider.type: datadog is not supported yet; use prometheus",
		]);
	});
});
