import { describe, expect, test } from "vitest";
import {
	FAILED_MAX,
	type ImageRecord,
	PASSED_OVER_MAX,
	RECORD_ANNOTATION,
	RECORD_BYTES_MAX,
	RECORDS_MAX,
	REJECTED_MAX,
	recordsOn,
	recordsText,
	WHY_LENGTH_MAX,
} from "../../../src/api/image-record.ts";
import type { KubeObject } from "../../../src/domain/kube-object.ts";

const holding = (text: unknown): KubeObject => ({
	apiVersion: "apps/v1",
	kind: "Deployment",
	metadata: { name: "cart", annotations: { [RECORD_ANNOTATION]: text as string } },
});

const at = "2026-01-01T00:00:00.000Z";
const digest = `sha256:${"ab".repeat(32)}`;
const record: ImageRecord = {
	container: "app",
	role: "container",
	current: "ghcr.io/acme/app:1.2.0",
	chosen: {
		tag: "1.3.0",
		digest,
		why: "is the newest",
		at,
		state: "AwaitingApproval",
		deadline: at,
		from: "app:1.2.0",
	},
	failed: [{ tag: "1.2.9", digest, at, why: "too many failed checks" }],
	rejected: [{ tag: "1.2.8", digest, at, by: "ada" }],
	passedOver: [{ tag: "2.0.0", why: "is another major version" }],
	lastScan: at,
};
const why = "w".repeat(WHY_LENGTH_MAX);
const tag = "t".repeat(128);
const fullest: ImageRecord = {
	...record,
	container: "c".repeat(253),
	current: "i".repeat(1_024),
	chosen: { tag, digest, why, at, state: "AwaitingWindow", from: "i".repeat(1_024) },
	failed: Array(FAILED_MAX).fill({ tag, digest, at, why }),
	rejected: Array(REJECTED_MAX).fill({ tag, digest, at, by: "b".repeat(253) }),
	passedOver: Array(PASSED_OVER_MAX).fill({ tag, why }),
};

describe("the record of a workload that asks by annotations", () => {
	test("is read back as it was written", () => {
		expect(recordsOn(holding(recordsText([record])))).toEqual({ ok: true, records: [record] });
	});

	test("is empty where there is none", () => {
		expect(recordsOn({ apiVersion: "apps/v1", kind: "Deployment", metadata: { name: "cart" } })).toEqual({
			ok: true,
			records: [],
		});
	});

	test.each([
		["no JSON", "{", `${RECORD_ANNOTATION}: is not JSON; remove the annotation, and what it remembers`],
		["no list", "{}", `${RECORD_ANNOTATION}: an object is not a list`],
		[
			"of an unknown state",
			JSON.stringify([{ ...record, chosen: { ...record.chosen, state: "Lost" } }]),
			`${RECORD_ANNOTATION}[0].chosen.state: 'Lost' is not known; use one of AwaitingApproval, AwaitingWindow, ` +
				"AwaitingRollout, Writing, Pushed, RollingOut, RolledOut, RolledBack, Rejected, Expired",
		],
		[
			"endless",
			"[".repeat(RECORD_BYTES_MAX + 1),
			`${RECORD_ANNOTATION}: is too long; remove the annotation, and what it remembers`,
		],
	])("is refused when it is %s", (_claim, text, problem) => {
		expect(recordsOn(holding(text))).toEqual({ ok: false, problems: [problem] });
	});

	test("fits an annotation however much there is to remember, and keeps the latest of what failed", () => {
		const text = recordsText(Array(RECORDS_MAX).fill(fullest));
		expect(text.length).toBeLessThanOrEqual(RECORD_BYTES_MAX);
		const read = recordsOn(holding(text));
		expect(read.ok && read.records[0]?.failed?.length).toBe(3);
	});

	test("is counted in bytes, as the API server does", () => {
		const why = "長".repeat(WHY_LENGTH_MAX);
		const failed = (fullest.failed ?? []).map((one) => ({ ...one, why }));
		const text = recordsText(Array(5).fill({ ...fullest, failed }));
		expect(Buffer.byteLength(text)).toBeLessThanOrEqual(RECORD_BYTES_MAX);
	});

	test("loses only what was passed over when that suffices", () => {
		const read = recordsOn(holding(recordsText(Array(5).fill(fullest))));
		expect(read.ok && read.records[0]?.passedOver).toBeUndefined();
		expect(read.ok && read.records[0]?.failed?.length).toBe(FAILED_MAX);
	});
});
