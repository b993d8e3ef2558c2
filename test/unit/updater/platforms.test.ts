import { describe, expect, test } from "vitest";
import type { KubeObject } from "../../../src/domain/kube-object.ts";
import { platformsFor } from "../../../src/updater/platforms.ts";

const ARCH = "kubernetes.io/arch";

function node(os: string, arch: string, more: { readonly labels?: object; readonly taints?: readonly object[] } = {}) {
	return {
		apiVersion: "v1",
		kind: "Node",
		metadata: { name: `${os}-${arch}`, labels: { "kubernetes.io/os": os, [ARCH]: arch, ...more.labels } },
		spec: { taints: more.taints ?? [] },
		status: { nodeInfo: { operatingSystem: os, architecture: arch } },
	} satisfies KubeObject;
}

const workload = (pod: object, kind = "Deployment"): KubeObject => {
	const template = { template: { spec: pod } };
	const spec = kind === "CronJob" ? { jobTemplate: { spec: template } } : template;
	return { apiVersion: "apps/v1", kind, metadata: { name: "app" }, spec };
};
const required = (...terms: readonly object[]) => ({
	affinity: {
		nodeAffinity: {
			requiredDuringSchedulingIgnoredDuringExecution: {
				nodeSelectorTerms: terms.map((one) => ({ matchExpressions: [one] })),
			},
		},
	},
});
const tolerating = (toleration: object) => ({ tolerations: [toleration] });

const control = node("linux", "arm64", {
	labels: { size: "4" },
	taints: [{ key: "node-role.kubernetes.io/control-plane", effect: "NoSchedule" }],
});
const windows = node("windows", "amd64", { taints: [{ key: "os", value: "windows", effect: "NoExecute" }] });
const worker = node("linux", "amd64", {
	labels: { size: "16" },
	taints: [
		{ key: "busy", effect: "PreferNoSchedule" },
		{ key: "node.kubernetes.io/unschedulable", effect: "NoSchedule" },
	],
});
const board = node("linux", "riscv64");
const all = [control, windows, worker, worker, board];

describe("the platforms of a workload are those of the nodes", () => {
	test.each<[string, object, readonly string[]]>([
		["that nothing keeps its pods from", {}, ["linux/amd64", "linux/riscv64"]],
		["that its selector means", { nodeSelector: { [ARCH]: "amd64" } }, ["linux/amd64"]],
		["that its affinity asks for", required({ key: ARCH, operator: "In", values: ["riscv64"] }), ["linux/riscv64"]],
		["that its affinity leaves", required({ key: ARCH, operator: "NotIn", values: ["riscv64"] }), ["linux/amd64"]],
		["that have a label", required({ key: "size", operator: "Exists" }), ["linux/amd64"]],
		["that lack a label", required({ key: "size", operator: "DoesNotExist" }), ["linux/riscv64"]],
		["that are larger", required({ key: "size", operator: "Gt", values: ["8"] }), ["linux/amd64"]],
		["that are smaller", required({ key: "size", operator: "Lt", values: ["8"] }), []],
		[
			"that any of its terms means",
			required({ key: "size", operator: "Exists" }, { key: ARCH, operator: "In", values: ["riscv64"] }),
			["linux/amd64", "linux/riscv64"],
		],
		[
			"whose taint it tolerates by key",
			tolerating({ key: "node-role.kubernetes.io/control-plane", operator: "Exists" }),
			["linux/amd64", "linux/arm64", "linux/riscv64"],
		],
		[
			"whose taint it tolerates by value",
			tolerating({ key: "os", value: "windows", effect: "NoExecute" }),
			["linux/amd64", "linux/riscv64", "windows/amd64"],
		],
		["and not for another value", tolerating({ key: "os", value: "plan9" }), ["linux/amd64", "linux/riscv64"]],
		[
			"and not for another effect",
			tolerating({ key: "os", operator: "Exists", effect: "NoSchedule" }),
			["linux/amd64", "linux/riscv64"],
		],
		[
			"all of them where it tolerates everything",
			tolerating({ operator: "Exists" }),
			["linux/amd64", "linux/arm64", "linux/riscv64", "windows/amd64"],
		],
		["none where no node is meant", { nodeSelector: { [ARCH]: "s390x" } }, []],
	])("%s", (_what, pod, platforms) => {
		expect(platformsFor(workload(pod), all)).toEqual(platforms);
		expect(platformsFor(workload(pod, "CronJob"), all)).toEqual(platforms);
	});

	test("whatever is null of what keeps pods away", () => {
		const pod = { nodeSelector: null, affinity: { nodeAffinity: null }, tolerations: null };
		expect(platformsFor(workload(pod), [{ ...board, spec: { taints: null } }, windows])).toEqual(["linux/riscv64"]);
	});

	test("that say what they are", () => {
		const silent = { ...board, status: {} };
		expect(platformsFor(workload({}), [silent, { ...silent, status: undefined }])).toEqual([]);
	});
});
