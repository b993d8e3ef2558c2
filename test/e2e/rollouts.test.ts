import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { eventually } from "../support/control-plane/eventually.ts";
import { findDataPlane } from "../support/data-plane/data-plane.ts";
import { type Answer, failuresIn, percentOf, startLoad } from "../support/data-plane/load.ts";
import type { DeploymentSeen } from "../support/operator/manifests.ts";
import { canaryRef, deploymentRef, hostOf } from "./shop.ts";
import { lostIn, type Stage, startStage } from "./stage.ts";
import { answersIn, followSteps, PROPAGATION_MS, type Steps, type Window } from "./steps-in-force.ts";

const tools = findDataPlane();
const PER_SECOND = 200;
/** Points that a measured share may be off. A window has to be long enough for chance to stay well within it. */
const POINTS = 3;

const good = { version: "1.0.0" };

describe.skipIf(tools === undefined)("a rollout that users send requests to", () => {
	let stage: Stage;

	beforeAll(async () => {
		if (tools !== undefined) stage = await startStage(tools);
	});
	afterAll(() => stage?.stop());

	/** Users' requests from now on, and what they meet. */
	async function watched(name: string) {
		const steps = await followSteps(stage.admin, name);
		const beganMs = performance.now();
		const load = startLoad({ url: stage.plane.ingress.url, host: hostOf(name), perSecond: PER_SECOND });
		return {
			steps,
			/** Ends the load a moment after all has come to rest. */
			async end(): Promise<Met> {
				await sleep(2 * PROPAGATION_MS);
				const answers = await load.stop();
				await steps.stop();
				return {
					steps,
					answers,
					during: (time) => answersIn(answers, beganMs, time),
					tookMs: performance.now() - beganMs,
				};
			},
		};
	}

	test("taking over a running Deployment, its Service and its route loses no request", async () => {
		const name = "takeover";
		await stage.open(name, good);
		const users = await watched(name);
		await sleep(1_000);
		await stage.takeOver(name, { stepWeights: [50] });
		const { answers } = await users.end();
		report(name, answers);
		expect(stage.explain(lostIn(answers))).toEqual([]);
		expect(failuresIn(answers)).toEqual([]);
	});

	test("a good version is promoted: users get it as the weights say, and no request is lost", async () => {
		const name = "good";
		await stage.open(name, good);
		// So long that a share which is off by three points is off by more than three standard deviations.
		const steps = [
			{ weight: 10, for: "12s" },
			{ weight: 25, for: "20s" },
			{ weight: 50, for: "25s" },
		];
		await stage.takeOver(name, { steps });
		const users = await watched(name);
		await stage.push(name, { version: "2.0.0" });
		await stage.settled(name, "Succeeded");
		const met = await users.end();
		const windows = met.steps.windows().filter(({ candidate }) => candidate > 0);
		const shares = windows.map((window) => shareIn(met, window, "2.0.0"));
		report(
			name,
			met.answers,
			windows.map(({ candidate }, index) => `${candidate} % → ${shares[index]?.toFixed(1)} %`),
		);
		expect(stage.explain(lostIn(met.answers))).toEqual([]);
		expect(failuresIn(met.answers)).toEqual([]);
		expect(windows.map(({ candidate }) => candidate)).toEqual([10, 25, 50]);
		windows.forEach(({ candidate }, index) => {
			expect(Math.abs((shares[index] ?? 0) - candidate)).toBeLessThanOrEqual(POINTS);
		});
		expect(percentOf(met.answers.slice(-100), "2.0.0")).toBe(100);
	});

	test.each([
		[
			"a version with errors",
			{ name: "errors", bad: { version: "2.0.0", errorPercent: 30 }, check: "request-success-rate" },
		],
		["a slow version", { name: "slow", bad: { version: "2.0.0", latencyMs: 400 }, check: "request-duration" }],
	])("%s is rolled back, and never got more than its share", async (_claim, { name, bad, check }) => {
		await stage.open(name, good);
		await stage.takeOver(name, { stepWeights: [20, 60], threshold: 2 });
		const users = await watched(name);
		await stage.push(name, bad);
		const { status } = await stage.settled(name, "Failed");
		const met = await users.end();
		const exposed = met.steps.exposed();
		if (exposed === undefined) throw new Error("the candidate never got a request");
		const { fromMs, toMs, weightMax } = exposed;
		const within = met.during({ fromMs, toMs: toMs + PROPAGATION_MS });
		const share = percentOf(met.during({ fromMs, toMs }), bad.version);
		const harmed = met.answers.filter(({ version }) => version === bad.version);
		report(name, met.answers, [
			`${harmed.length} met the bad version, ${failuresIn(met.answers).length} an error`,
			`${weightMax} % → ${share.toFixed(1)} % for ${Math.round((toMs - fromMs) / 1_000)} s`,
		]);
		expect(status?.history?.[0]).toMatchObject({ outcome: "Failed", reason: "TooManyFailedChecks" });
		expect(JSON.stringify(status?.history?.[0])).toContain(check);
		expect(stage.explain(lostIn(met.answers))).toEqual([]);
		expect(weightMax).toBe(20);
		expect(share).toBeGreaterThan(0);
		expect(share).toBeLessThanOrEqual(weightMax + POINTS);
		// Nobody met it before or after, and every error was one of its own.
		expect(harmed.length).toBe(within.filter(({ version }) => version === bad.version).length);
		expect(failuresIn(met.answers).every(({ version }) => version === bad.version)).toBe(true);
		expect(stage.served(name, bad.version).direct).toBe(harmed.length);
	});

	test("mirrored requests reach the candidate, and no user sees its answer", async () => {
		const name = "mirrored";
		await stage.open(name, good);
		await stage.takeOver(name, { steps: [{ mirror: 100, for: "10s" }, { weight: 20 }] });
		const users = await watched(name);
		await stage.push(name, { version: "2.0.0" });
		const before = stage.served(name, "2.0.0");
		const window = await windowOf(users.steps, ({ mirror }) => mirror === 100);
		const copies = stage.served(name, "2.0.0");
		await stage.settled(name, "Succeeded");
		const met = await users.end();
		const answered = met.during(window);
		const sent = met.during({ fromMs: window.fromMs - PROPAGATION_MS, toMs: window.toMs });
		const share = (100 * copies.mirrored) / sent.length;
		report(name, met.answers, [`${answered.length} in the window, 100 % copied → ${share.toFixed(1)} %`]);
		expect(before).toEqual({ direct: 0, mirrored: 0 });
		expect(copies.direct).toBe(0);
		expect(Math.abs(share - 100)).toBeLessThanOrEqual(POINTS);
		expect(percentOf(answered, "1.0.0")).toBe(100);
		expect(stage.explain(lostIn(met.answers))).toEqual([]);
		expect(failuresIn(met.answers)).toEqual([]);
	});

	test("deleting the Canary loses no request", async () => {
		const name = "deleted";
		await stage.open(name, good);
		await stage.takeOver(name, { stepWeights: [50] });
		const users = await watched(name);
		await sleep(1_000);
		await stage.admin.delete(canaryRef(name));
		await eventually("the primary is gone", async () => {
			const [canary, primary] = await Promise.all([
				stage.admin.get(canaryRef(name)),
				stage.admin.get(deploymentRef(`${name}-primary`)),
			]);
			return canary === undefined && primary === undefined;
		});
		const isLeft = () =>
			stage.plane.pods.records().some((pod) => pod.name.startsWith(`${name}-primary-`) && !pod.ended);
		await eventually("its pods have ended", () => !isLeft());
		const met = await users.end();
		report(name, met.answers);
		expect(stage.explain(lostIn(met.answers))).toEqual([]);
		expect(failuresIn(met.answers)).toEqual([]);
		const target = await stage.admin.get<DeploymentSeen>(deploymentRef(name));
		expect(target?.status?.availableReplicas).toBe(2);
	});
});

interface Met {
	readonly steps: Steps;
	readonly answers: readonly Answer[];
	/** Answers to requests that were due in that time. */
	readonly during: (time: { readonly fromMs: number; readonly toMs: number }) => readonly Answer[];
	readonly tookMs: number;
}

function shareIn(met: Met, window: Window, version: string): number {
	return percentOf(met.during(window), version);
}

function windowOf(steps: Steps, matches: (window: Window) => boolean): Promise<Window> {
	return eventually("the step is over", () => steps.windows().find(matches), { withinMs: 60_000, everyMs: 5 });
}

/** One line a scenario: what users saw. */
function report(name: string, answers: readonly Answer[], more: readonly string[] = []): void {
	const failures = failuresIn(answers).length;
	const slowest = Math.max(...answers.map(({ tookMs }) => tookMs));
	const figures = [
		`${answers.length} requests`,
		`${lostIn(answers).length} lost`,
		...more,
		...(more.length === 0 ? [`${failures} errors`] : []),
		`slowest ${Math.round(slowest)} ms`,
	];
	console.info(`${name}: ${figures.join(", ")}`);
}
