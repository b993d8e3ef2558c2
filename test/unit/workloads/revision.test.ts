import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { PodTemplate } from "../../../src/workloads/deployment.ts";
import { revisionOf } from "../../../src/workloads/revision.ts";

const web = { name: "web", image: "cart:1", env: [{ name: "A", value: "1" }], args: ["-v", "-x"] };
const log = { name: "log", image: "log:1" };
const metadata = { labels: { app: "cart" }, annotations: { team: "shop" } };
const spec = { containers: [web, log], hostNetwork: false, priority: 0 };
const template: PodTemplate = { metadata, spec };
const withWeb = (change: object) => ({ metadata, spec: { ...spec, containers: [{ ...web, ...change }, log] } });

describe("a revision", () => {
	test("is sixteen hexadecimal digits that no release of ours may change", () => {
		expect(revisionOf({ spec: { containers: [{ name: "web", image: "cart:1" }] } })).toBe("edd7e1d0126f37e2");
	});

	test.each([
		["an absent field that is null", { metadata: { ...metadata, creationTimestamp: null }, spec }],
		["an absent field that is an empty map", { metadata, spec: { ...spec, securityContext: {} } }],
		["an absent field that is an empty list", withWeb({ ports: [] })],
		["an absent field that holds only what is empty", withWeb({ resources: { limits: {}, claims: [] } })],
		["an absent field that is undefined", withWeb({ command: undefined })],
		["another order of keys", { spec: { priority: 0, hostNetwork: false, containers: spec.containers }, metadata }],
	])("is the same for %s", (_name, same) => {
		expect(revisionOf(same as PodTemplate)).toBe(revisionOf(template));
	});

	test.each([
		["an image", withWeb({ image: "cart:2" })],
		["an environment variable", withWeb({ env: [{ name: "A", value: "2" }] })],
		["an environment variable without a value", withWeb({ env: [{ name: "A" }] })],
		["the order of arguments", withWeb({ args: ["-x", "-v"] })],
		["a container", { metadata, spec: { ...spec, containers: [web] } }],
		["an annotation", { metadata: { ...metadata, annotations: { team: "else" } }, spec }],
		["a label", { metadata: { ...metadata, labels: { app: "cart", tier: "web" } }, spec }],
		["false to true", { metadata, spec: { ...spec, hostNetwork: true } }],
		["nothing to false", withWeb({ tty: false })],
		["nothing to zero", withWeb({ zero: 0 })],
		["a number to its text", { metadata, spec: { ...spec, priority: "0" } }],
		["an empty text", { metadata: { ...metadata, annotations: { team: "" } }, spec }],
		["a volume that is an emptyDir", { metadata, spec: { ...spec, volumes: [{ name: "tmp", emptyDir: {} }] } }],
	])("changes with %s", (_name, other) => {
		expect(revisionOf(other as PodTemplate)).not.toBe(revisionOf(template));
	});

	test("does not depend on the order of keys, for any JSON", () => {
		const shuffled = (value: unknown): unknown => {
			if (Array.isArray(value)) return value.map(shuffled);
			if (typeof value !== "object" || value === null) return value;
			return Object.fromEntries(
				Object.entries(value)
					.toReversed()
					.map(([key, held]) => [key, shuffled(held)]),
			);
		};
		fc.assert(
			fc.property(fc.jsonValue(), (json) => {
				const wrapped = { spec: { containers: [], extra: json } };
				expect(revisionOf(shuffled(wrapped) as PodTemplate)).toBe(revisionOf(wrapped));
			}),
		);
	});
});
