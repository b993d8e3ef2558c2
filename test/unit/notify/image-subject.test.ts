import { describe, expect, test } from "vitest";
import type { KubeObject } from "../../../src/domain/kube-object.ts";
import { imageSubject } from "../../../src/notify/image-subject.ts";

function deployment(annotations: Record<string, string>): KubeObject {
	return { apiVersion: "apps/v1", kind: "Deployment", metadata: { name: "cart", namespace: "shop", annotations } };
}

describe("a workload that asks by annotations", () => {
	test.each<[string, Record<string, string>, readonly string[]]>([
		["nothing", {}, []],
		["keel's list", { "keel.sh/notify": "general, #ops,," }, ["general", "#ops"]],
		["ours before keel's", { "keel.sh/notify": "general", "haldane.dev/notify": "ops" }, ["ops"]],
		["too many", { "keel.sh/notify": "a,b,c,d,e,f,g,h,i" }, ["a", "b", "c", "d", "e", "f", "g", "h"]],
	])("names channels: %s", (_what, annotations, channels) => {
		expect(imageSubject(deployment(annotations)).channels).toEqual(channels);
	});

	test("links its release notes", () => {
		const annotations = { "keel.sh/releaseNotes": "https://example.com/notes" };
		expect(imageSubject(deployment(annotations)).facts).toEqual([["Release notes", "https://example.com/notes"]]);
	});
});

describe("an ImagePolicy", () => {
	const spec = {
		targetRef: { apiVersion: "apps/v1", kind: "StatefulSet", name: "db" },
		images: [{ containers: ["db"], policy: { type: "minor" } }],
		alerts: [{ providerRef: { name: "on-call" } }],
		releaseNotes: "https://example.com/db",
	};
	const policy = {
		apiVersion: "haldane.dev/v1beta1",
		kind: "ImagePolicy",
		metadata: { name: "db" },
		spec,
	} as KubeObject;

	test("is about its target, and says itself whom to tell", () => {
		expect(imageSubject(policy)).toMatchObject({
			target: { kind: "StatefulSet", name: "db" },
			alerts: [{ severity: "info", providerRef: { name: "on-call" } }],
			channels: [],
			facts: [["Release notes", "https://example.com/db"]],
		});
	});

	test("that cannot be read is told about all the same", () => {
		expect(imageSubject({ ...policy, spec: {} })).toMatchObject({
			target: { kind: "ImagePolicy", name: "db" },
			alerts: [],
		});
	});
});
