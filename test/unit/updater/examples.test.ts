import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { parseAllDocuments } from "yaml";
import { parseImagePolicy } from "../../../src/api/image-policy.ts";
import type { KubeObject } from "../../../src/domain/kube-object.ts";
import { askedByAnnotations } from "../../../src/updater/annotations.ts";
import { type AskedFor, rulesOf } from "../../../src/updater/rules.ts";

const folder = join(import.meta.dirname, "../../../examples");
const objectsIn = (file: string): readonly KubeObject[] =>
	parseAllDocuments(readFileSync(join(folder, file), "utf8")).map((document) => document.toJS() as KubeObject);

/** Each image with its policy, its schedule and how many must approve. */
const shown = (asked: AskedFor) =>
	asked.kind === "rules"
		? asked.images.map(({ container, rule }) => [container.name, rule.policy, rule.schedule, rule.approvals])
		: asked;

describe("the examples of kept images", () => {
	test.each([
		["a DaemonSet asks by our annotations", "DaemonSet", [["shipper", "minor", "*/10 * * * *", 0]]],
		["a CronJob asks by keel's", "CronJob", [["report", "all", "*/15 * * * *", 2]]],
	])("%s", (_claim, kind, images) => {
		const workload = objectsIn("updater-annotations.yaml").find((object) => object.kind === kind) as KubeObject;
		expect(shown(askedByAnnotations(workload, { schedule: "@every 1m" }))).toEqual(images);
	});

	test("an ImagePolicy asks for podinfo", () => {
		const [object] = objectsIn("image-policy.yaml");
		const [podinfo] = objectsIn("podinfo.yaml");
		const parsed = parseImagePolicy(object as KubeObject);
		if (!parsed.ok) throw new Error(parsed.problems.join("\n"));
		expect(shown(rulesOf(parsed.policy, podinfo as KubeObject))).toEqual([["podinfod", "semver", "@every 5m", 1]]);
	});
});
