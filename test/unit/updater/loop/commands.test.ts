import { describe, expect, test } from "vitest";
import { type ImageRecord, RECORD_ANNOTATION, recordsOn } from "../../../../src/api/image-record.ts";
import type { KubeObject } from "../../../../src/domain/kube-object.ts";
import { silentLog } from "../../../../src/domain/log.ts";
import type { UpdaterCluster } from "../../../../src/updater/loop/cluster.ts";
import {
	forgetText,
	IMAGE_COMMAND_ANNOTATION,
	pendingImageCommand,
	withoutForgotten,
} from "../../../../src/updater/loop/commands.ts";
import { createUpdater } from "../../../../src/updater/loop/reconcile.ts";

const NOW = Date.parse("2026-01-01T12:00:00.000Z");
const at = "2026-01-01T11:00:00.000Z";
const digest = `sha256:${"a".repeat(64)}`;

const commanded = (text: string): KubeObject => ({
	apiVersion: "apps/v1",
	kind: "Deployment",
	metadata: { name: "cart", annotations: { [IMAGE_COMMAND_ANNOTATION]: text } },
});

describe("a command", () => {
	test.each([
		["forget:1.3.0@x", { container: undefined, tag: "1.3.0" }],
		["forget:*@x", { container: undefined, tag: undefined }],
		["forget:app/1.3.0@2026-01-01T12:00:00.000Z/ab12", { container: "app", tag: "1.3.0" }],
		["forget:app/*@x", { container: "app", tag: undefined }],
	])("%s is understood, as it is written", (text, meant) => {
		const id = text;
		expect(pendingImageCommand(commanded(text), undefined)).toEqual({ verb: "forget", ...meant, id });
		expect(forgetText(meant, text.slice(text.indexOf("@") + 1))).toBe(text);
	});

	test.each([
		["forget:1.3.0", "without what tells it from others"],
		["forget:@x", "without a tag"],
		["forget:a b@x", "for what is no tag"],
		["forget:app/x/1.3.0@x", "with a container that can be none"],
		["promote@x", "that is a Canary's"],
		[`forget:1.3.0@${"x".repeat(253)}`, "that no status can keep"],
	])("%s is none: %s", (text) => {
		expect(pendingImageCommand(commanded(text), undefined)).toBeUndefined();
	});

	test("that was obeyed is over", () => {
		expect(pendingImageCommand(commanded("forget:*@1"), "forget:*@1")).toBeUndefined();
		expect(pendingImageCommand(commanded("forget:*@2"), "forget:*@1")).toBeDefined();
	});
});

const records: readonly ImageRecord[] = ["app", "log"].map((container) => ({
	container,
	role: "container",
	failed: [
		{ tag: "1.3.0", at, why: "too slow" },
		{ tag: "1.4.0", at, why: "too slow" },
	],
	rejected: [{ tag: "1.3.0", digest, at }],
}));
const left = (all: readonly ImageRecord[]) =>
	all.map(({ failed = [], rejected = [] }) => [...failed, ...rejected].map(({ tag }) => tag).join());

describe("forgetting", () => {
	test.each([
		["one tag, of every image", { container: undefined, tag: "1.3.0" }, ["1.4.0", "1.4.0"]],
		["one tag of one image", { container: "app", tag: "1.3.0" }, ["1.4.0", "1.3.0,1.4.0,1.3.0"]],
		["all there is", { container: undefined, tag: undefined }, ["", ""]],
		[
			"what is not there changes nothing",
			{ container: undefined, tag: "9" },
			["1.3.0,1.4.0,1.3.0", "1.3.0,1.4.0,1.3.0"],
		],
	])("%s", (_what, command, expected) => {
		expect(left(withoutForgotten(records, command))).toEqual(expected);
	});

	test("leaves all else of the record as it is", () => {
		const [record] = records;
		const whole = { ...(record as ImageRecord), why: "x", lastScan: at };
		expect(withoutForgotten([whole], { container: undefined, tag: undefined })).toEqual([
			{ ...whole, failed: [], rejected: [] },
		]);
	});
});

/** The loop in a cluster of one workload; what it writes is there at the next pass. */
function world(workload: KubeObject, policy?: KubeObject) {
	const there = { workload, policy };
	const writes: string[] = [];
	const cluster: Partial<UpdaterCluster> = {
		workload: () => there.workload,
		policiesOn: () => (there.policy === undefined ? [] : [there.policy]),
		isInScope: () => true,
		async annotate(object, annotations) {
			writes.push("annotations");
			const all = Object.entries({ ...object.metadata.annotations, ...annotations });
			const kept = all.filter((entry): entry is [string, string] => entry[1] !== null);
			there.workload = { ...object, metadata: { ...object.metadata, annotations: Object.fromEntries(kept) } };
			return there.workload;
		},
		async replaceStatus(object) {
			writes.push("status");
			there.policy = object;
			return object;
		},
	};
	const updater = createUpdater(
		{
			cluster: cluster as UpdaterCluster,
			scanner: { want: () => {} } as never,
			log: silentLog,
			now: () => NOW,
			tell: () => {
				throw new Error("nobody is told of a command");
			},
		},
		{ schedule: "@every 1m" },
	);
	const pass = () => updater.reconcile("Deployment/shop/cart", new AbortController().signal);
	return { there, writes, pass };
}

const spec = { template: { spec: { containers: [{ name: "app", image: "cart:1.2.0" }] } } };
const workload = (annotations: Readonly<Record<string, string>>): KubeObject => ({
	apiVersion: "apps/v1",
	kind: "Deployment",
	metadata: { namespace: "shop", name: "cart", annotations },
	spec,
});

describe("the loop obeys", () => {
	test("on an ImagePolicy in one write that says so, before anything else", async () => {
		const policy: KubeObject = {
			apiVersion: "haldane.dev/v1beta1",
			kind: "ImagePolicy",
			metadata: { namespace: "shop", name: "cart", annotations: { [IMAGE_COMMAND_ANNOTATION]: "forget:1.3.0@1" } },
			spec: {
				targetRef: { apiVersion: "apps/v1", kind: "Deployment", name: "cart" },
				images: [{ containers: ["app"], policy: { type: "minor" } }],
			},
			status: { images: records.slice(0, 1) },
		};
		const { there, writes, pass } = world(workload({}), policy);
		expect(await pass()).toEqual({ wakeAfterMs: 0 });
		expect(writes).toEqual(["status"]);
		const status = there.policy?.status as { images: readonly ImageRecord[]; lastHandledCommand: string };
		expect(left(status.images)).toEqual(["1.4.0"]);
		expect(status.lastHandledCommand).toBe("forget:1.3.0@1");
	});

	test("on a workload in the write that takes the command away", async () => {
		const { there, writes, pass } = world(
			workload({
				"haldane.dev/policy": "minor",
				[IMAGE_COMMAND_ANNOTATION]: "forget:app/1.3.0@1",
				[RECORD_ANNOTATION]: JSON.stringify(records),
			}),
		);
		expect(await pass()).toEqual({ wakeAfterMs: 0 });
		expect(writes).toEqual(["annotations"]);
		expect(there.workload.metadata.annotations?.[IMAGE_COMMAND_ANNOTATION]).toBeUndefined();
		const read = recordsOn(there.workload);
		expect(read.ok && left(read.records)).toEqual(["1.4.0", "1.3.0,1.4.0,1.3.0"]);
	});

	test("and leaves no empty record", async () => {
		const { there, pass } = world(
			workload({
				"haldane.dev/policy": "minor",
				[IMAGE_COMMAND_ANNOTATION]: "forget:*@1",
				[RECORD_ANNOTATION]: JSON.stringify(records),
			}),
		);
		await pass();
		expect(there.workload.metadata.annotations).toEqual({ "haldane.dev/policy": "minor" });
	});
});
