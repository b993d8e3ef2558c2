import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { eventually } from "../support/control-plane/eventually.ts";
import type { Json, Reference } from "../support/control-plane/kube-object.ts";
import { type Bed, canStartBed, startBed } from "../support/operator/bed.ts";
import { type HookCall, type HookReceiver, startHookReceiver } from "../support/operator/hook-receiver.ts";
import {
	canary,
	canaryRef,
	type DeploymentSeen,
	deploymentRef,
	NAMESPACE,
	scoreOf,
} from "../support/operator/manifests.ts";
import { type OperatorProcess, spawnOperator } from "../support/operator/operators.ts";
import { followEndpoints, followTraffic, type Trail } from "../support/operator/trails.ts";

const TOKEN = "Bearer a-word-that-nobody-may-read";
const TYPES = [
	"confirm-rollout",
	"pre-rollout",
	"rollout",
	"confirm-traffic-increase",
	"confirm-promotion",
	"post-rollout",
	"rollback",
	"event",
] as const;
type HookType = (typeof TYPES)[number];

const climb = { stepWeights: [20, 50] };
const patient = { withinMs: 60_000 };

describe.skipIf(!canStartBed)("hooks of a Canary on a real API server", () => {
	let bed: Bed;
	let receiver: HookReceiver;
	let traffic: Trail<string>;
	let endpoints: Trail<number>;
	let operator: OperatorProcess;
	let logFile: string;
	const runs = new Map<string, Promise<void>>();

	const pathOf = (name: string, hook: string) => `/${name}/${hook}`;
	const hook = (name: string, type: HookType, more: Json = {}) => ({
		name: type,
		type,
		url: `${receiver.url}${pathOf(name, type)}`,
		...more,
	});
	const callsOf = (name: string, type: string) => receiver.callsOf(pathOf(name, type));
	const called = (name: string, type: string, times: number) =>
		eventually(`${type} of ${name} is called ${times} times`, () => callsOf(name, type).length >= times, patient);
	const settled = (name: string, phase: string) =>
		bed.until(name, `is ${phase}, all told`, (seen) => seen.phase === phase && seen.notices === undefined, patient);
	const reasons = async (name: string) => (await bed.events(name)).map(({ reason }) => reason);
	const secret = (name: string, stringData: Json) =>
		({ apiVersion: "v1", kind: "Secret", metadata: { name, namespace: NAMESPACE }, stringData }) as Reference;
	/** The Canary with these hooks, at rest and its target scaled to zero, and then with a new revision. */
	const started = async (name: string, webhooks: readonly Json[], analysis: Json = climb) => {
		await bed.initialised(canary(name, { analysis: { ...analysis, webhooks } }));
		await eventually(`${name} is scaled to zero`, async () => {
			const target = await bed.admin.get<DeploymentSeen>(deploymentRef(name));
			return target?.spec?.replicas === 0 && endpoints.of(`${name}-canary`).at(-1) === 0;
		});
		await bed.push(name, "web:2.0.0");
	};

	/** What a call said and met, but for what is the same in all of them. */
	const moments = (calls: readonly HookCall[]) => calls.map(({ body, sight }) => [body.phase, sight]);

	const scenarios: Readonly<Record<string, (name: string) => Promise<void>>> = {
		"are called at their moments, each with what it is to be told": async (name) => {
			await bed.admin.apply(secret("hook-headers", { Authorization: `${TOKEN}\n`, "x-team": "shop" }));
			receiver.answer(pathOf(name, "rollback"), 403);
			const metadata = { cmd: "hey -z 1m", eventType: "mine" };
			await started(
				name,
				TYPES.map((type) => hook(name, type, { metadata, secretRef: { name: "hook-headers" } })),
			);
			const { status } = await settled(name, "Succeeded");
			await eventually("the last event was told", () => callsOf(name, "event").length === 6);

			const none = "0 %, 0 pods";
			const up = "0 %, 1 pods";
			const expected: Readonly<Record<Exclude<HookType, "event">, readonly (readonly [string, string])[]>> = {
				"confirm-rollout": [["Waiting", none]],
				"pre-rollout": [["Progressing", up]],
				rollout: [
					["Progressing", "20 %, 1 pods"],
					["Progressing", "50 %, 1 pods"],
				],
				"confirm-traffic-increase": [
					["Progressing", "20 %, 1 pods"],
					["Progressing", "50 %, 1 pods"],
				],
				"confirm-promotion": [["Progressing", "50 %, 1 pods"]],
				"post-rollout": [["Succeeded", up]],
				rollback: [
					["Waiting", none],
					["Progressing", up],
					["Progressing", "20 %, 1 pods"],
					["Progressing", "50 %, 1 pods"],
				],
			};
			const revision = status?.lastPromotedSpec;
			for (const [type, wanted] of Object.entries(expected)) {
				expect(moments(callsOf(name, type)), type).toEqual(wanted);
				for (const { body } of callsOf(name, type)) {
					expect(body).toEqual({ name, namespace: NAMESPACE, phase: body.phase, checksum: revision, metadata });
				}
			}

			const told = callsOf(name, "event").map(({ body }) => body as { metadata: Record<string, string> });
			const events = await bed.events(name);
			expect(told).toHaveLength(events.length);
			for (const [index, { message, type, eventTime }] of (events as unknown as EventSeen[]).entries()) {
				const timestamp = String(Date.parse(eventTime));
				expect(told[index]?.metadata).toEqual({ ...metadata, eventMessage: message, eventType: type, timestamp });
			}
			expect(told.map((body) => (body as Json).checksum === revision)).toEqual([false, ...Array(5).fill(true)]);

			for (const { headers, path } of receiver.calls.filter(({ path }) => path.startsWith(`/${name}/`))) {
				expect([path, headers.authorization, headers["x-team"]]).toEqual([path, TOKEN, "shop"]);
			}
		},
		"are tried again as often as they may be, and then count for once": async (name) => {
			receiver.answer(pathOf(name, "rollout"), 500, 503, 200);
			await started(name, [hook(name, "rollout", { retries: 2 })], { stepWeights: [20] });
			const { status } = await settled(name, "Succeeded");
			expect(callsOf(name, "rollout").map(({ sight }) => sight)).toEqual(Array(3).fill("20 %, 1 pods"));
			expect(status?.history?.map(({ outcome }) => outcome)).toEqual(["Succeeded"]);
			expect(await reasons(name)).not.toContain("CheckFailed");
		},
		"hold at each gate that is closed, with what they were sent kept secret, and go on when it opens": async (name) => {
			const gates = ["confirm-rollout", "confirm-traffic-increase", "confirm-promotion"] as const;
			await bed.admin.apply(secret("gate-headers", { authorization: TOKEN }));
			for (const gate of gates) receiver.answer(pathOf(name, gate), 403);
			await started(
				name,
				gates.map((gate) => hook(name, gate, { secretRef: { name: "gate-headers" } })),
			);
			const holds = [
				{ gate: gates[0], phase: "Waiting", weight: 0, trail: ["0"] },
				{ gate: gates[1], phase: "Progressing", weight: 20, trail: ["0", "20"] },
				{ gate: gates[2], phase: "WaitingPromotion", weight: 50, trail: ["0", "20", "50"] },
			];
			for (const { gate, phase, weight, trail } of holds) {
				await bed.until(name, `waits at ${gate}`, (seen) => seen.run?.waitingFor === gate, patient);
				const before = callsOf(name, gate).length;
				await called(name, gate, before + 2);
				const { status } = await bed.until(name, "is read", () => true);
				expect(status).toMatchObject({ phase, canaryWeight: weight, failedChecks: 0, run: { waitingFor: gate } });
				expect(traffic.of(name)).toEqual(trail);
				expect(endpoints.of(`${name}-canary`).at(-1)).toBe(weight === 0 ? 0 : 1);
				receiver.answer(pathOf(name, gate), 200);
				// The way up has this gate once more, at its end.
				if (gate === gates[1]) await bed.until(name, "has 50 %", (seen) => seen.canaryWeight === 50, patient);
			}
			await settled(name, "Succeeded");
			expect(traffic.of(name)).toEqual(["0", "20", "50", "0"]);
			const waits = (await bed.events(name)).filter(({ reason }) => reason === "WaitingForApproval");
			expect(waits.map(({ message }) => message.split(": ").slice(0, 3))).toEqual(
				gates.map((gate) => [`waiting at ${gate}`, `hook ${gate}`, "HTTP 403"]),
			);
			for (const { message } of waits) expect(message).toContain('"authorization":"[hidden]"');
			expect(callsOf(name, "confirm-promotion").map(({ body }) => body.phase)).toEqual([
				"Progressing",
				...callsOf(name, "confirm-promotion")
					.slice(1)
					.map(() => "WaitingPromotion"),
			]);
		},
		"hold at a gate whose Secret goes in mid-run until it is back": async (name) => {
			await bed.admin.apply(secret("late", { "x-late": "no" }));
			await started(name, [hook(name, "confirm-promotion", { secretRef: { name: "late" } })], { stepWeights: [20] });
			await bed.until(name, "has begun", ({ run }) => run !== undefined, patient);
			await bed.admin.delete(secret("late", {}));
			await bed.until(name, "waits", ({ run }) => run?.waitingFor === "confirm-promotion", patient);
			expect(callsOf(name, "confirm-promotion")).toEqual([]);
			await bed.admin.apply(secret("late", { "x-late": "yes" }));
			await settled(name, "Succeeded");
			expect(callsOf(name, "confirm-promotion").map(({ headers }) => headers["x-late"])).toEqual(["yes"]);
			const [waited] = (await bed.events(name)).filter(({ reason }) => reason === "WaitingForApproval");
			expect(waited?.message).toContain(`Secret ${NAMESPACE}/late does not exist`);
		},
		"hold with an Event alone at a gate that is muted, and with one alert at one that is not": async (name) => {
			const alerts = [{ name: "team", severity: "warn", providerRef: { name: "team" } }];
			const spec = { type: "webhook", address: `${receiver.url}/alerts` };
			const metadata = { name: "team", namespace: NAMESPACE };
			await bed.admin.apply({ apiVersion: "haldane.dev/v1beta1", kind: "AlertProvider", metadata, spec } as Reference);
			const muted = `${name}-muted`;
			await Promise.all(
				[muted, name].map(async (one) => {
					receiver.answer(pathOf(one, "confirm-rollout"), 403);
					const gate = hook(one, "confirm-rollout", { muteAlert: one === muted });
					await started(one, [gate], { ...climb, alerts });
					await called(one, "confirm-rollout", 3);
					await bed.until(one, "waits", ({ run }) => run?.waitingFor === "confirm-rollout", patient);
					await bed.command(one, "abort");
					await settled(one, "Failed");
				}),
			);
			// The last alert comes after all others of its Canary.
			const alertsOf = (one: string) =>
				receiver.callsOf("/alerts").flatMap(({ body }) => {
					const { canary: of, reason } = body.data as { canary: { name: string }; reason: string };
					return of.name === one ? [reason] : [];
				});
			const ends = ["RollingBack", "RolledBack"];
			await eventually("both were told", () => [name, muted].every((one) => alertsOf(one).includes("RolledBack")));
			expect(alertsOf(muted)).toEqual(ends);
			expect(alertsOf(name)).toEqual(["WaitingForApproval", ...ends]);
			expect(await reasons(muted)).toEqual(["Initialized", "RevisionDetected", "WaitingForApproval", ...ends]);
		},
		"roll back on a word, at a step, and while the promotion waits": async (name) => {
			const waiting = `${name}-waiting`;
			const runOf = async (one: string, until: () => Promise<unknown>, more: readonly Json[], trail: string[]) => {
				receiver.answer(pathOf(one, "rollback"), 404);
				const steps = [{ weight: 20 }, { weight: 50, ...(one === name ? { for: "1h" } : {}) }];
				await started(one, [hook(one, "rollback"), ...more], { steps });
				await until();
				receiver.answer(pathOf(one, "rollback"), 200);
				const { status } = await settled(one, "Failed");
				expect(status?.history?.[0]).toMatchObject({ outcome: "Failed", reason: "RollbackHook" });
				expect(traffic.of(one)).toEqual(trail);
				expect(await reasons(one)).not.toContain("CheckFailed");
			};
			receiver.answer(pathOf(waiting, "confirm-promotion"), 403);
			const atPromotion = () => bed.until(waiting, "waits", ({ phase }) => phase === "WaitingPromotion", patient);
			await Promise.all([
				runOf(name, () => called(name, "rollback", 4), [], ["0", "20", "50", "0"]),
				runOf(waiting, atPromotion, [hook(waiting, "confirm-promotion")], ["0", "20", "50", "0"]),
			]);
			expect(callsOf(waiting, "rollback").at(-1)?.body.phase).toBe("WaitingPromotion");
		},
		"count a failing pre-rollout as a failed check, and roll back at the threshold": async (name) => {
			receiver.answer(pathOf(name, "pre-rollout"), 412);
			await started(name, [hook(name, "pre-rollout"), hook(name, "post-rollout"), hook(name, "rollout")]);
			const { status } = await settled(name, "Failed");
			expect(moments(callsOf(name, "pre-rollout"))).toEqual(Array(2).fill(["Progressing", "0 %, 1 pods"]));
			expect(moments(callsOf(name, "post-rollout"))).toEqual([["Failed", "0 %, 1 pods"]]);
			expect(callsOf(name, "rollout")).toEqual([]);
			expect(status).toMatchObject({ failedChecks: 2, history: [{ reason: "TooManyFailedChecks" }] });
			expect(status?.history?.[0]).toHaveProperty(
				"message",
				expect.stringContaining("pre-rollout: hook pre-rollout: HTTP 412"),
			);
			expect(await reasons(name)).toEqual([
				...["Initialized", "RevisionDetected", "CheckFailed", "RollingBack", "RolledBack"],
			]);
			expect(traffic.of(name)).toEqual(["0"]);
			expect(bed.prometheus.asked.filter((query) => query === scoreOf(name))).toEqual([]);
		},
	};
	const named = Object.entries(scenarios).map(([claim, run], index) => ({ claim, run, name: `hook-${index}` }));

	beforeAll(async () => {
		bed = await startBed();
		traffic = await followTraffic(bed.admin);
		endpoints = await followEndpoints(bed.admin);
		receiver = await startHookReceiver((path) => {
			const [, name = ""] = path.split("/");
			return `${traffic.of(name).at(-1)} %, ${endpoints.of(`${name}-canary`).at(-1)} pods`;
		});
		logFile = join(bed.plane.folder, "hooks.log");
		operator = spawnOperator({ ...bed.options, logLevel: "debug" }, logFile);
		for (const { run, name } of named) {
			const running = run(name);
			running.catch(() => {});
			runs.set(name, running);
		}
	});
	afterAll(async () => {
		await Promise.allSettled(runs.values());
		await Promise.all([traffic?.stop(), endpoints?.stop(), operator?.terminate(), receiver?.stop()]);
		await bed?.stop();
	});

	test.each(named)("$claim", async ({ name }) => {
		await runs.get(name);
	});

	test("and their secrets are in no log line, no Event and no status", async () => {
		await Promise.allSettled(runs.values());
		const seen = await Promise.all(
			named.map(async ({ name }) => [await bed.admin.get(canaryRef(name)), await bed.events(name)]),
		);
		const log = readFileSync(logFile, "utf8");
		expect(log).toContain("status recorded");
		for (const text of [log, JSON.stringify(seen)]) expect(text).not.toContain(TOKEN.split(" ")[1]);
		expect(operator.logged().filter(({ level }) => level === "error" || Number(level) >= 50)).toEqual([]);
	});
});

interface EventSeen {
	readonly message: string;
	readonly type: string;
	readonly eventTime: string;
}
