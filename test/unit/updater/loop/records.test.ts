import { describe, expect, test } from "vitest";
import { type ImageRecord, RECORD_ANNOTATION, recordsText } from "../../../../src/api/image-record.ts";
import type { KubeObject } from "../../../../src/domain/kube-object.ts";
import { isBlank, lasting, recordOf, recordsIn, withOthers } from "../../../../src/updater/loop/records.ts";
import { sourceOf } from "../../../../src/updater/loop/sources.ts";
import { digestOf } from "../../../support/updater/small-world.ts";
import { workloadOf } from "../manifests.ts";

const AT = "2027-01-04T10:00:00.000Z";
const failed = [{ tag: "1.3.0", digest: digestOf("b"), at: AT, why: "too slow" }];
const rejected = [{ tag: "1.2.9", digest: digestOf("c"), at: AT, by: "eve" }];
const app: ImageRecord = { container: "app", role: "container" };
const image = { role: "container", name: "app", image: "ghcr.io/acme/app:1.2.0" } as const;

describe("the record of an image", () => {
	test.each<[string, readonly ImageRecord[], ImageRecord]>([
		["is blank where nothing was recorded", [], { ...app, current: image.image }],
		["is that of its container", [{ ...app, failed }], { ...app, failed, current: image.image }],
		["is not that of an init container", [{ ...app, role: "initContainer", failed }], { ...app, current: image.image }],
		["says what is written now", [{ ...app, current: "app:0" }], { ...app, current: image.image }],
	])("%s", (_name, records, expected) => expect(recordOf(image, records)).toEqual(expected));
});

describe("what outlives the process", () => {
	const chosen = { tag: "1.3.0", digest: digestOf("b"), why: "newer", at: AT, state: "RollingOut" } as const;
	test.each<[string, Partial<ImageRecord>, boolean]>([
		["is nothing of what the next look finds", { why: "newer", passedOver: [], lastScan: AT, problem: "down" }, true],
		["is no empty list", { failed: [], rejected: [] }, true],
		["is what failed", { failed }, false],
		["is what was rejected", { rejected }, false],
		["is what was chosen", { chosen }, false],
	])("%s", (_name, more, blank) => {
		const kept = lasting({ ...app, current: image.image, ...more });
		expect(isBlank({ ...app, ...more })).toBe(blank);
		expect(kept).toEqual(blank ? app : { ...app, ...more });
	});
});

describe("images that nobody asks for now", () => {
	const workload = workloadOf({ containers: { app: "app:1", proxy: "proxy:1" } });
	const proxy: ImageRecord = { container: "proxy", role: "container" };
	test.each<[string, readonly ImageRecord[], readonly ImageRecord[]]>([
		["keep what failed and was rejected", [{ ...proxy, failed, rejected }], [app, { ...proxy, failed, rejected }]],
		[
			"keep no choice that nobody follows",
			[{ ...proxy, failed, problem: "down", chosen: { tag: "2", digest: "d", why: "", at: AT, state: "Writing" } }],
			[app, { ...proxy, failed, rejected: [] }],
		],
		["are forgotten when there is nothing to remember", [proxy], [app]],
		["are forgotten with their container", [{ ...proxy, container: "gone", failed }], [app]],
		["do not stand twice", [{ ...app, failed }], [app]],
	])("%s", (_name, known, expected) => expect(withOthers([app], known, workload)).toEqual(expected));
});

describe("what an ImagePolicy knows", () => {
	const remembered = workloadOf({ annotations: { [RECORD_ANNOTATION]: recordsText([{ ...app, failed }]) } });
	const edited = workloadOf({ annotations: { [RECORD_ANNOTATION]: "{" } });
	const policy = (status?: object) => ({
		apiVersion: "haldane.dev/v1beta1",
		kind: "ImagePolicy",
		metadata: { name: "cart", namespace: "shop" },
		spec: {
			targetRef: { apiVersion: "apps/v1", kind: "Deployment", name: "cart" },
			images: [{ containers: ["app"], policy: { type: "minor" } }],
		},
		...(status && { status }),
	});

	test.each<[string, KubeObject, object | undefined, readonly ImageRecord[]]>([
		["is at first what annotations in its place remembered", remembered, undefined, [{ ...app, failed }]],
		["is from then on its own", remembered, { images: [{ ...app, rejected }] }, [{ ...app, rejected }]],
		["is nothing where somebody edited what they remembered", edited, undefined, []],
	])("%s", (_name, workload, status, records) => {
		const source = sourceOf(workload, [policy(status)], { schedule: "@every 1m" });
		expect(recordsIn(source, workload)).toEqual({ records, problems: [] });
	});
});
