import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { parseAllDocuments } from "yaml";
import { parseAlertProvider } from "../../../src/api/alert-provider.ts";
import { parseCanary } from "../../../src/api/canary.ts";
import { parseImagePolicy } from "../../../src/api/image-policy.ts";
import { parseMetricTemplate } from "../../../src/api/metric-template.ts";
import {
	unsupportedAlertProvider,
	unsupportedFeatures,
	unsupportedMetricTemplate,
} from "../../../src/api/unsupported.ts";
import type { KubeObject } from "../../../src/domain/kube-object.ts";

const folder = join(import.meta.dirname, "../../../examples");
const objects = readdirSync(folder)
	.filter((file) => file.endsWith(".yaml"))
	.flatMap((file) =>
		parseAllDocuments(readFileSync(join(folder, file), "utf8")).map((document) => {
			expect(document.errors).toEqual([]);
			return { file, object: document.toJS() as KubeObject };
		}),
	);
const ours = objects.filter(({ object }) => object.apiVersion === "haldane.dev/v1beta1");

/** What keeps the object from being obeyed. */
function problemsWith(object: KubeObject): readonly string[] {
	switch (object.kind) {
		case "Canary": {
			const parsed = parseCanary(object);
			return parsed.ok ? unsupportedFeatures(parsed.canary) : parsed.problems;
		}
		case "MetricTemplate": {
			const parsed = parseMetricTemplate(object);
			return parsed.ok ? unsupportedMetricTemplate(parsed.template) : parsed.problems;
		}
		case "AlertProvider": {
			const parsed = parseAlertProvider(object);
			return parsed.ok ? unsupportedAlertProvider(parsed.provider) : parsed.problems;
		}
		case "ImagePolicy": {
			const parsed = parseImagePolicy(object);
			return parsed.ok ? [] : parsed.problems;
		}
		default:
			return [`there is no ${object.kind}`];
	}
}

describe("the examples", () => {
	test.each(ours)("$file: $object.kind $object.metadata.name is read and supported", ({ object }) => {
		expect(problemsWith(object)).toEqual([]);
	});

	test("show each kind and each strategy", () => {
		expect(new Set(ours.map(({ object }) => object.kind))).toEqual(
			new Set(["Canary", "MetricTemplate", "AlertProvider", "ImagePolicy"]),
		);
		const analyses = ours.flatMap(({ object }) => Object.keys((object.spec as { analysis?: object }).analysis ?? {}));
		expect(analyses).toEqual(expect.arrayContaining(["iterations", "stepWeight", "stepWeights", "steps", "mirror"]));
	});

	test("refer to nothing that they do not show", () => {
		const shown = new Set(objects.map(({ object }) => `${object.kind} ${object.metadata.name}`));
		const canaries = ours.flatMap(({ object }) => {
			const parsed = parseCanary(object);
			return object.kind === "Canary" && parsed.ok ? [parsed.canary.spec] : [];
		});
		const named = canaries.flatMap(({ targetRef, analysis }) => [
			`Deployment ${targetRef.name}`,
			...(analysis?.metrics ?? []).flatMap(({ templateRef }) =>
				templateRef ? [`MetricTemplate ${templateRef.name}`] : [],
			),
			...(analysis?.alerts ?? []).map(({ providerRef }) => `AlertProvider ${providerRef.name}`),
		]);
		expect(named.filter((name) => !shown.has(name))).toEqual([]);
	});
});
