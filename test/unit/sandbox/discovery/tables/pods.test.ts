import { expect, test } from "vitest";
import type { Json } from "../../../../../src/sandbox/contract.ts";
import { cellsOf } from "./cells.ts";

const running = { running: { startedAt: "2026-01-01T00:00:00Z" } };
const waiting = (reason: string) => ({ waiting: { reason } });
const ended = (exitCode: number, reason?: string, signal?: number) => ({ terminated: { exitCode, reason, signal } });
const is = (state: object, more: object = {}) => ({
	name: "c",
	ready: state === running,
	restartCount: 0,
	state,
	...more,
});
const phase = (name: string, ...containerStatuses: readonly object[]) => ({ phase: name, containerStatuses });
const initial = (...initContainerStatuses: readonly object[]) => ({ phase: "Pending", initContainerStatuses });
const ready = { conditions: [{ type: "Ready", status: "True" }] };
const two = { containers: [{ name: "c" }, { name: "d" }] };
const begins = { initContainers: [{ name: "i" }, { name: "j" }] };
const sidecar = { initContainers: [{ name: "s", restartPolicy: "Always" }] };
const leaving = { deletionTimestamp: "2026-01-01T00:59:00Z" };
const died = { lastState: { terminated: { exitCode: 1, finishedAt: "2026-01-01T00:58:00Z" } }, restartCount: 5 };

test.each<[string, Json, string, string, string, Json?, Json?]>([
	["waits for a node", phase("Pending"), "0/1", "Pending", "0"],
	["runs", phase("Running", is(running)), "1/1", "Running", "0"],
	["has no image", phase("Pending", is(waiting("ImagePullBackOff"))), "0/1", "ImagePullBackOff", "0"],
	["crashes", phase("Running", is(waiting("CrashLoopBackOff"), died)), "0/1", "CrashLoopBackOff", "5 (2m ago)"],
	["has a first container that fails", phase("Running", is(waiting("A")), is(waiting("B"))), "0/2", "A", "0", two],
	["is done", phase("Succeeded", is(ended(0, "Completed"))), "0/1", "Completed", "0"],
	["failed", phase("Failed", is(ended(3))), "0/1", "ExitCode:3", "0"],
	["was killed", phase("Failed", is(ended(3, "", 9))), "0/1", "Signal:9", "0"],
	["was evicted", { phase: "Failed", reason: "Evicted" }, "0/1", "Evicted", "0"],
	["begins", initial(is(running), is({})), "0/1", "Init:0/2", "0", begins],
	["has begun in part", initial(is(ended(0)), is(running)), "0/1", "Init:1/2", "0", begins],
	["cannot begin", initial(is(ended(0)), is(waiting("ErrImagePull"))), "0/1", "Init:ErrImagePull", "0", begins],
	["began badly", initial(is(ended(1, "Error"), { restartCount: 3 })), "0/1", "Init:Error", "3", begins],
	[
		"runs beside another",
		{ ...phase("Running", is(running)), initContainerStatuses: [is(running, { name: "s", started: true })] },
		...(["2/2", "Running", "0", sidecar] as const),
	],
	[
		"has one that runs on",
		{ ...phase("Running", is(running), is(ended(0, "Completed"))), ...ready },
		"1/2",
		"Running",
		"0",
		two,
	],
	["runs on unready", phase("Running", is(running), is(ended(0, "Completed"))), "1/2", "NotReady", "0", two],
	["is leaving", phase("Running", is(running)), "1/1", "Terminating", "0", {}, leaving],
	["was done before it left", phase("Succeeded", is(ended(0, "Completed"))), "0/1", "Completed", "0", {}, leaving],
	["is lost with its node", { phase: "Running", reason: "NodeLost" }, "0/1", "Unknown", "0", {}, leaving],
])("a pod that %s", (_name, status, readiness, said, restarts, spec = {}, metadata = {}) => {
	const cells = cellsOf("v1", "Pod", { metadata, spec: { containers: [{ name: "c" }], ...spec }, status });
	expect([cells.Ready, cells.Status, cells.Restarts]).toEqual([readiness, said, restarts]);
});

test("where a pod is", () => {
	const spec = { containers: [], nodeName: "n1", readinessGates: [{ conditionType: "x" }, { conditionType: "y" }] };
	const status = { phase: "Running", podIPs: [{ ip: "10.0.0.1" }], conditions: [{ type: "x", status: "True" }] };
	expect(cellsOf("v1", "Pod", { spec, status })).toMatchObject({
		...{ IP: "10.0.0.1", Node: "n1", "Nominated Node": "<none>", "Readiness Gates": "1/2", Age: "60m" },
	});
});
