import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { eventually } from "../support/control-plane/eventually.ts";
import type { Json, Reference } from "../support/control-plane/kube-object.ts";
import { type Bed, canStartBed, startBed } from "../support/operator/bed.ts";
import { type FakeAnswer, startFakePrometheus } from "../support/operator/fake-prometheus.ts";
import { type CanarySeen, canary, canaryRef, NAMESPACE, scoreOf } from "../support/operator/manifests.ts";
import { type OperatorProcess, spawnOperator } from "../support/operator/operators.ts";
import { followTraffic, type Trail } from "../support/operator/trails.ts";

const SECRETS = ["a-token-that-nobody-may-read", "the-next-one-that-nobody-may-read", "a-password-for-nobody"] as const;
const [TOKEN, NEXT_TOKEN, PASSWORD] = SECRETS;
const BASIC = Buffer.from(`reader:${PASSWORD}`).toString("base64");
const patient = { withinMs: 60_000 };

/** A check that fails by a hair, with what the Canary says of it then. */
interface Limit {
	readonly metric: (name: string) => Json;
	readonly passes: number;
	readonly fails: number;
	readonly threshold: string;
}

const inline = (limit: Json) => (name: string) => ({ name: "latency", query: scoreOf(name), ...limit });
const builtIn = (limit: Json) => () => ({ name: "request-success-rate", ...limit });
const limits: Readonly<Record<string, Limit>> = {
	"thresholdRange.min": {
		metric: inline({ thresholdRange: { min: 99.5 } }),
		passes: 99.5,
		fails: 99.4,
		threshold: ">= 99.5",
	},
	"thresholdRange.max": {
		metric: inline({ thresholdRange: { max: 500 } }),
		passes: 500,
		fails: 500.5,
		threshold: "<= 500",
	},
	"both ends of thresholdRange": {
		metric: inline({ thresholdRange: { min: 1, max: 5 } }),
		passes: 1,
		fails: 0,
		threshold: "1 to 5",
	},
	"the old threshold, the most": { metric: inline({ threshold: 500 }), passes: 500, fails: 501, threshold: "<= 500" },
	"the old threshold, the least success rate": {
		metric: builtIn({ threshold: 99 }),
		passes: 99,
		fails: 98.9,
		threshold: ">= 99",
	},
	"thresholdRange in place of the old threshold": {
		metric: inline({ threshold: 1, thresholdRange: { max: 2 } }),
		passes: 2,
		fails: 3,
		threshold: "<= 2",
	},
};

describe.skipIf(!canStartBed)("checks of a Canary on a real API server", () => {
	let bed: Bed;
	let traffic: Trail<string>;
	let operator: OperatorProcess;
	let logFile: string;
	const runs = new Map<string, Promise<void>>();

	const settled = (name: string, phase: string) =>
		bed.until(name, `is ${phase}, all told`, (seen) => seen.phase === phase && seen.notices === undefined, patient);
	const inDoubt = (name: string, rounds: number) =>
		bed.until(
			name,
			`had ${rounds} rounds without an answer`,
			({ run }) => (run?.inconclusiveChecks ?? 0) >= rounds,
			patient,
		);
	const reasons = async (name: string) => (await bed.events(name)).map(({ reason }) => reason);
	const askedFor = (name: string) => bed.prometheus.asked.filter((query) => query.includes(`"${name}"`));
	/** Of every query about these pods: built-in ones name them by pattern. */
	const answer = (name: string, said: FakeAnswer) => {
		for (const part of [`"${name}"`, `"^${name}-[`]) bed.prometheus.answer(part, said);
	};
	const started = async (name: string, analysis: Json, spec: Json = {}) => {
		await bed.initialised(canary(name, { ...spec, analysis: { stepWeights: [20, 40], ...analysis } }));
		await bed.push(name, "web:2.0.0");
	};
	const checksOf = ({ status }: CanarySeen) => status?.checks ?? [];
	const secret = (name: string, stringData: Json) =>
		({ apiVersion: "v1", kind: "Secret", metadata: { name, namespace: NAMESPACE }, stringData }) as Reference;
	const template = (name: string, query: string, provider: Json = {}) =>
		({
			apiVersion: "haldane.dev/v1beta1",
			kind: "MetricTemplate",
			metadata: { name, namespace: NAMESPACE },
			spec: { provider: { type: "prometheus", address: bed.prometheus.url, ...provider }, query },
		}) as Reference;

	const scenarios: Readonly<Record<string, (name: string) => Promise<void>>> = {
		"hold the step while Prometheus is down, and go on when it is back": async (name) => {
			const own = await startFakePrometheus();
			const steps = [{ weight: 20, for: "2s" }, { weight: 40 }];
			await started(name, { stepWeights: undefined, steps, inconclusiveLimit: 60 }, { metricsServer: own.url });
			await bed.until(name, "has passed a round", ({ run }) => run?.step === 0 && own.asked.length > 0, patient);
			await own.stop();
			const held = await inDoubt(name, 3);
			expect(held.status).toMatchObject({ phase: "Progressing", canaryWeight: 20, failedChecks: 0 });
			expect(held.status?.run).toMatchObject({ step: 0, failedChecks: 0, traffic: { candidate: 20 } });
			const message = expect.stringContaining(
				`the metric backend cannot be reached: GET ${own.url}: connect ECONNREFUSED`,
			);
			expect(checksOf(held)).toEqual([{ ...checksOf(held)[0], verdict: "inconclusive", message }]);
			expect(checksOf(held)[0]).not.toHaveProperty("value");
			expect(traffic.of(name)).toEqual(["0", "20"]);

			const back = await startFakePrometheus(Number(new URL(own.url).port));
			await settled(name, "Succeeded");
			await back.stop();
			expect(traffic.of(name)).toEqual(["0", "20", "40", "0"]);
			expect(back.asked.every((query) => query === scoreOf(name))).toBe(true);
			expect(await reasons(name)).not.toContain("CheckFailed");
		},
		"roll back after inconclusiveLimit rounds without data, and say so": async (name) => {
			answer(name, "noData");
			await started(name, { threshold: 1, inconclusiveLimit: 3 });
			const { status } = await settled(name, "Failed");
			expect(askedFor(name)).toEqual(Array(3).fill(scoreOf(name)));
			expect(status).toMatchObject({ failedChecks: 0, history: [{ reason: "TooManyInconclusiveChecks" }] });
			expect(status?.history?.[0]).toHaveProperty("message", expect.stringContaining("no answer 3 times in a row"));
			expect(traffic.of(name)).toEqual(["0", "20", "0"]);
			const begun = ["Initialized", "RevisionDetected", "StepReached"];
			const doubts = ["CheckInconclusive", "CheckInconclusive"];
			expect(await reasons(name)).toEqual([...begun, ...doubts, "RollingBack", "RolledBack"]);
		},
		"begin to count anew after a round with an answer": async (name) => {
			answer(name, "noData");
			await started(name, { stepWeights: undefined, steps: [{ weight: 20, for: "1h" }], inconclusiveLimit: 4 });
			await inDoubt(name, 3);
			answer(name, 100);
			await bed.until(name, "has passed a round", ({ run }) => run?.inconclusiveChecks === 0, patient);
			answer(name, "noData");
			await inDoubt(name, 2);
			answer(name, 1);
			await settled(name, "Failed");
			const [failed] = (await bed.events(name)).filter(({ reason }) => reason === "CheckFailed");
			expect(failed?.message).toContain("score is 1, wanted >= 99 (1 of 2 failed checks)");
		},
		"hold for as long as it takes with inconclusiveLimit 0": async (name) => {
			answer(name, "noData");
			await started(name, { inconclusiveLimit: 0 });
			// One more than the limit that holds when none is given.
			const { status } = await inDoubt(name, 11);
			expect(status).toMatchObject({ phase: "Progressing", canaryWeight: 20, failedChecks: 0, run: { step: 0 } });
			answer(name, 100);
			await settled(name, "Succeeded");
			expect(traffic.of(name)).toEqual(["0", "20", "40", "0"]);
		},
		"show a template's credentials to its backend alone, and read them anew each time": async (name) => {
			await bed.admin.apply(secret("by-token", { token: `${TOKEN}\n` }));
			await bed.admin.apply(secret("by-password", { username: "reader", password: PASSWORD }));
			const query = (by: string) => `${by}{app="{{ target }}"}`;
			await bed.admin.apply(template("by-token", query("token"), { secretRef: { name: "by-token" } }));
			await bed.admin.apply(
				template("by-password", query("password"), {
					secretRef: { name: "by-password" },
					headers: { "x-scope-orgid": ["shop"] },
				}),
			);
			const by = (way: string) => ({ name: way, templateRef: { name: `by-${way}` }, thresholdRange: { min: 99 } });
			const headersOf = (way: string) =>
				bed.prometheus.headers.filter((_, index) => bed.prometheus.asked[index] === `${way}{app="${name}"}`);
			bed.prometheus.answer(`token{app="${name}"}`, "error");
			await started(name, {
				metrics: [by("token"), by("password"), { name: "open", query: scoreOf(name), thresholdRange: {} }],
				inconclusiveLimit: 60,
			});

			const held = await inDoubt(name, 1);
			expect(checksOf(held).map(({ verdict }) => verdict)).toEqual(["inconclusive", "passed", "passed"]);
			expect(checksOf(held)[0]?.message).toContain("HTTP 500: told to fail for [hidden]");
			await bed.admin.apply(secret("by-token", { token: NEXT_TOKEN }));
			await eventually(
				"the new token is used",
				() => headersOf("token").at(-1)?.authorization === `Bearer ${NEXT_TOKEN}`,
			);
			bed.prometheus.answer(`token{app="${name}"}`, 100);
			await settled(name, "Succeeded");

			expect(headersOf("token")[0]?.authorization).toBe(`Bearer ${TOKEN}`);
			const sent = headersOf("password").map(
				({ authorization, "x-scope-orgid": scope }) => `${authorization} ${scope}`,
			);
			expect(new Set(sent)).toEqual(new Set([`Basic ${BASIC} shop`]));
			expect(askedFor(name).filter((one) => one === scoreOf(name)).length).toBeGreaterThan(0);
			const open = bed.prometheus.headers.filter((_, index) => bed.prometheus.asked[index] === scoreOf(name));
			expect(open.filter(({ authorization }) => authorization !== undefined)).toEqual([]);
		},
		"ask once a round what several of them want to know, however long it is": async (name) => {
			const long = `${scoreOf(name)} or on() vector(1) # ${"x".repeat(2_500)}`;
			const same = (at: number) => ({
				name: `same-${at}`,
				query: ` ${scoreOf(name)} `,
				thresholdRange: { max: 100 + at },
			});
			await bed.admin.apply(template("same", `score{app="{{ target }}"}`));
			await bed.admin.apply(
				template("same-elsewhere", `score{app="{{ target }}"}`, { headers: { "x-elsewhere": ["yes"] } }),
			);
			const byTemplate = ["same", "same-elsewhere"].map((one) => ({
				name: one,
				templateRef: { name: one },
				threshold: 100,
			}));
			const metrics = [same(0), same(1), ...byTemplate, { name: "long", query: long, thresholdRange: {} }];
			await started(name, { metrics });
			const ended = await settled(name, "Succeeded");
			const isElsewhere = (index: number) => bed.prometheus.headers[index]?.["x-elsewhere"] === "yes";
			const sent = bed.prometheus.asked.flatMap((query, index) =>
				query.includes(`"${name}"`)
					? [
							`${query === scoreOf(name) ? "short" : query === long ? "long" : query}${isElsewhere(index) ? " elsewhere" : ""}`,
						]
					: [],
			);
			expect(sent.sort()).toEqual(["long", "long", "short", "short", "short elsewhere", "short elsewhere"]);
			expect(checksOf(ended).map(({ name: of, value, verdict }) => [of, value, verdict])).toEqual(
				["same-0", "same-1", "same", "same-elsewhere", "long"].map((one) => [one, 100, "passed"]),
			);
		},
		...Object.fromEntries(
			Object.entries(limits).map(([limit, { metric, passes, fails, threshold }]) => [
				`keep to ${limit}`,
				async (name: string) => {
					const bad = `${name}-bad`;
					answer(name, passes);
					answer(bad, fails);
					await Promise.all(
						[name, bad].map((one) => started(one, { threshold: 1, stepWeights: [20], metrics: [metric(one)] })),
					);
					const [good, failed] = await Promise.all([settled(name, "Succeeded"), settled(bad, "Failed")]);
					expect(checksOf(good)).toMatchObject([{ value: passes, threshold, verdict: "passed" }]);
					expect(checksOf(failed)).toMatchObject([{ value: fails, threshold, verdict: "failed" }]);
					expect(failed.status?.history).toMatchObject([{ reason: "TooManyFailedChecks" }]);
				},
			]),
		),
	};
	const named = Object.entries(scenarios).map(([claim, run], index) => ({ claim, run, name: `check-${index}` }));

	beforeAll(async () => {
		bed = await startBed();
		traffic = await followTraffic(bed.admin);
		logFile = join(bed.plane.folder, "metrics.log");
		operator = spawnOperator({ ...bed.options, logLevel: "debug" }, logFile);
		for (const { run, name } of named) {
			const running = run(name);
			running.catch(() => {});
			runs.set(name, running);
		}
	});
	afterAll(async () => {
		await Promise.allSettled(runs.values());
		await Promise.all([traffic?.stop(), operator?.terminate()]);
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
		expect(log).toContain("told to fail for [hidden]");
		for (const text of [log, JSON.stringify(seen)]) {
			for (const word of [...SECRETS, BASIC]) expect(text).not.toContain(word);
		}
		expect(operator.logged().filter(({ level }) => level === "error")).toEqual([]);
	});
});
