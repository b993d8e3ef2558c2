import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { eventually } from "../support/control-plane/eventually.ts";
import type { KubeObject, Reference } from "../support/control-plane/kube-object.ts";
import { type Bed, canStartBed, onRealServer, startBed } from "../support/operator/bed.ts";
import {
	type CanarySeen,
	canary,
	canaryRef,
	type DeploymentSeen,
	deployment,
	deploymentRef,
	NAMESPACE,
	type ServiceSeen,
	scoreOf,
	serviceRef,
} from "../support/operator/manifests.ts";
import {
	type InProcessOperator,
	type OperatorProcess,
	spawnOperator,
	startOperator,
} from "../support/operator/operators.ts";
import {
	followCanaries,
	followEndpoints,
	followTraffic,
	type Trail,
	wasInterrupted,
} from "../support/operator/trails.ts";
import { chanceFrom } from "../support/random.ts";

const KILLS = 12;
const SEED = Number(process.env.HALDANE_SEED ?? 20_261_121);
const LEASE = {
	apiVersion: "coordination.k8s.io/v1",
	kind: "Lease",
	metadata: { name: "haldane", namespace: NAMESPACE },
};

const climb = { stepWeights: [20, 40, 60] };
const climbed = ["0", "20", "40", "60", "0"];
const patient = { withinMs: 90_000, everyMs: 50 };

describe.skipIf(!canStartBed)("a rollout that is disturbed", () => {
	let bed: Bed;
	let traffic: Trail<string>;
	let canaries: Trail<CanarySeen>;
	let endpoints: Trail<number>;

	beforeAll(async () => {
		bed = await startBed();
		traffic = await followTraffic(bed.admin);
		canaries = await followCanaries(bed.admin);
		endpoints = await followEndpoints(bed.admin);
	});
	afterAll(async () => {
		await Promise.all([traffic, canaries, endpoints].map((trail) => trail?.stop()));
		await bed?.stop();
	});

	/** Canaries that were deleted. */
	const released: string[] = [];

	const imageOfPrimary = async (name: string) => {
		const primary = await bed.admin.get<DeploymentSeen>(deploymentRef(`${name}-primary`));
		return primary?.spec?.template.spec.containers[0]?.image;
	};
	const settled = (name: string, phase: string) =>
		bed.until(name, `is ${phase}, all told`, (seen) => seen.phase === phase && seen.notices === undefined, patient);
	const atWeight = (name: string, weight: number) =>
		bed.until(name, `has ${weight} %`, (seen) => seen.canaryWeight === weight, patient);
	const reasons = async (name: string) => (await bed.events(name)).map(({ reason }) => reason);
	const scaledAway = (name: string) =>
		eventually(`${name} is scaled to zero`, async () => {
			const found = await bed.admin.get<DeploymentSeen>(deploymentRef(name));
			return found?.spec?.replicas === 0;
		});
	const routeRef = (name: string): Reference => ({
		apiVersion: "gateway.networking.k8s.io/v1",
		kind: "HTTPRoute",
		metadata: { name, namespace: NAMESPACE },
	});
	const editRoute = async (name: string, candidate: number) => {
		const backendRefs = [
			{ name: `${name}-primary`, port: 80, weight: 100 - candidate },
			{ name: `${name}-canary`, port: 80, weight: candidate },
		];
		await bed.admin.patch(routeRef(name), { spec: { rules: [{ backendRefs }] } });
	};

	/** Every step of the run lasted an interval of 1 s at least, since its traffic was recorded as in force, and came once. */
	function expectFullSteps(name: string): void {
		const steps = new Map<number, { inForceSince?: string; endedAt?: string }>();
		for (const { status } of canaries.of(name)) {
			for (const { reason, message, at } of (status?.notices ?? []) as {
				reason: string;
				message: string;
				at: string;
			}[]) {
				const [, number] = /^step (\d+) of/.exec(message) ?? [];
				if (reason === "StepReached" && number !== undefined)
					steps.set(Number(number) - 2, { ...steps.get(Number(number) - 2), endedAt: at });
				if (reason === "Promoting")
					steps.set((status?.run?.steps ?? 0) - 1, { ...steps.get((status?.run?.steps ?? 0) - 1), endedAt: at });
			}
			const run = status?.run;
			if (run === undefined || status?.phase !== "Progressing") continue;
			if (run.step >= 0 && run.inForceSince !== undefined) {
				steps.set(run.step, { ...steps.get(run.step), inForceSince: run.inForceSince });
			}
		}
		for (const [step, { inForceSince = "", endedAt = "" }] of steps) {
			if (step < 0) continue;
			expect(Date.parse(endedAt) - Date.parse(inForceSince), `${name}, step ${step}`).toBeGreaterThanOrEqual(1_000);
		}
		expect([...steps.keys()].filter((step) => step >= 0)).toHaveLength(3);
	}

	describe("by people", () => {
		let operator: InProcessOperator;
		const runs = new Map<string, Promise<unknown>>();

		const scenarios: Readonly<Record<string, (name: string) => Promise<void>>> = {
			"gets its route back when somebody edits it in mid-run": async (name) => {
				await bed.initialised(canary(name, { analysis: { stepWeights: [20, 40] } }));
				await bed.push(name, "web:2.0.0");
				await atWeight(name, 20);
				await editRoute(name, 90);
				await settled(name, "Succeeded");
				expect(traffic.of(name)).toEqual(["0", "20", "90", "20", "40", "0"]);
			},
			"gets its route back at rest": async (name) => {
				await bed.initialised(canary(name, { analysis: climb }));
				await editRoute(name, 50);
				await eventually(
					"all traffic is the primary's again",
					() => traffic.of(name).at(-1) === "0" && traffic.of(name).length === 3,
				);
				await bed.admin.delete(routeRef(name));
				await eventually("the route is back", async () => (await bed.admin.get(routeRef(name))) !== undefined);
				expect(await imageOfPrimary(name)).toBe("web:1.0.0");
			},
			"gets its Services back": async (name) => {
				await bed.initialised(canary(name, { analysis: climb }));
				await bed.admin.patch(serviceRef(name), { spec: { selector: { app: name } } });
				await bed.admin.delete(serviceRef(`${name}-canary`));
				await eventually("the apex selects the primary again", async () => {
					const apex = await bed.admin.get<ServiceSeen>(serviceRef(name));
					return apex?.spec?.selector.app === `${name}-primary`;
				});
				await eventually("the candidate's Service is back", () => bed.admin.get(serviceRef(`${name}-canary`)));
			},
			"starts over with a revision that comes in mid-run": async (name) => {
				await bed.initialised(canary(name, { analysis: climb }));
				await bed.push(name, "web:2.0.0");
				await atWeight(name, 40);
				await bed.push(name, "web:3.0.0");
				const { status } = await settled(name, "Succeeded");
				expect(status?.history?.map(({ outcome }) => outcome)).toEqual(["Succeeded", "Superseded"]);
				expect(await imageOfPrimary(name)).toBe("web:3.0.0");
				expect(await reasons(name)).toContain("Restarted");
				expect(traffic.of(name)).toEqual(["0", "20", "40", ...climbed]);
			},
			"ends when the target goes back to the promoted revision": async (name) => {
				await bed.initialised(canary(name, { analysis: climb }));
				await bed.push(name, "web:2.0.0");
				await atWeight(name, 40);
				await bed.push(name, "web:1.0.0");
				const { status } = await settled(name, "Initialized");
				expect(status?.history?.map(({ outcome }) => outcome)).toEqual(["Reverted"]);
				expect(status?.lastAppliedSpec).toBe(status?.lastPromotedSpec);
				expect(await imageOfPrimary(name)).toBe("web:1.0.0");
				expect(traffic.of(name)).toEqual(["0", "20", "40", "0"]);
				await scaledAway(name);
			},
			"waits while it is paused, and goes on when resumed": async (name) => {
				await bed.initialised(canary(name, { analysis: climb }));
				await bed.push(name, "web:2.0.0");
				await atWeight(name, 20);
				await bed.command(name, "pause");
				await bed.until(name, "is paused", (seen) => seen.run?.paused === true);
				await sleep(2_500);
				expect(traffic.of(name)).toEqual(["0", "20"]);
				await bed.command(name, "resume");
				await settled(name, "Succeeded");
				expect(traffic.of(name)).toEqual(climbed);
				expect(await reasons(name)).toEqual(expect.arrayContaining(["Paused", "Resumed"]));
			},
			"is promoted at once on command": async (name) => {
				await bed.initialised(canary(name, { analysis: { steps: [{ weight: 10, for: "1h" }] } }));
				await bed.push(name, "web:2.0.0");
				await atWeight(name, 10);
				await bed.command(name, "promote");
				await settled(name, "Succeeded");
				expect(await imageOfPrimary(name)).toBe("web:2.0.0");
			},
			"is rolled back on command, and tried again on another": async (name) => {
				await bed.initialised(canary(name, { analysis: climb }));
				await bed.push(name, "web:2.0.0");
				await atWeight(name, 20);
				await bed.command(name, "abort");
				const { status } = await settled(name, "Failed");
				expect(status?.history?.[0]).toMatchObject({ outcome: "Failed", reason: "Aborted" });
				await scaledAway(name);
				expect(await imageOfPrimary(name)).toBe("web:1.0.0");
				await bed.command(name, "retry");
				await settled(name, "Succeeded");
				expect(await imageOfPrimary(name)).toBe("web:2.0.0");
				expect(traffic.of(name)).toEqual(["0", "20", ...climbed]);
			},
			"takes over a running Deployment and its Service without a gap": async (name) => {
				await bed.admin.apply(deployment(name, { replicas: 2 }));
				await bed.admin.apply({
					...serviceRef(name),
					spec: { selector: { app: name }, ports: [{ name: "http", port: 80, targetPort: 8080 }] },
				} as Reference);
				await eventually("the Service has its endpoints", () => endpoints.of(name).at(-1) === 2);
				await bed.initialised(canary(name, { analysis: climb }), 2);
				await scaledAway(name);
				await eventually("the primary answers", () => endpoints.of(name).at(-1) === 2);
			},
			"leaves the Service answering when its Canary is deleted at rest": async (name) => {
				await bed.initialised(canary(name, { analysis: climb }), 2);
				await scaledAway(name);
				await expectGone(name);
			},
			"leaves the Service answering when its Canary is deleted after a rollout": async (name) => {
				await bed.initialised(canary(name, { provider: "kubernetes", analysis: { iterations: 1 } }));
				await bed.push(name, "web:2.0.0");
				await settled(name, "Succeeded");
				await expectGone(name);
			},
			"leaves the Service answering when its Canary is deleted in mid-run": async (name) => {
				const service = { gatewayRefs: [{ kind: "Service", group: "", name, port: 80 }] };
				await bed.initialised(canary(name, { analysis: climb, service }), 2);
				await bed.push(name, "web:2.0.0");
				await atWeight(name, 40);
				await expectGone(name);
				expect(await bed.admin.get(routeRef(name))).toBeUndefined();
			},
			"leaves the Service answering when its Canary is deleted while it rolls back": async (name) => {
				await bed.initialised(
					canary(name, { provider: "smi:v1alpha2", service: { gatewayRefs: undefined }, analysis: climb }),
				);
				bed.prometheus.answer(scoreOf(name), 1);
				await bed.push(name, "web:2.0.0");
				await bed.until(name, "rolls back", ({ phase }) => phase === "Finalising" || phase === "Failed", patient);
				await expectGone(name);
			},
		};

		/** Deletes the Canary; its children go, the target stands and answers by its own Service. */
		async function expectGone(name: string): Promise<void> {
			await bed.admin.delete(canaryRef(name));
			await eventually(`Canary ${name} is gone`, async () => (await bed.admin.get(canaryRef(name))) === undefined);
			released.push(name);
			const apex = await bed.admin.get<ServiceSeen>(serviceRef(name));
			expect(apex?.spec?.selector).toEqual({ app: name });
			const target = await bed.admin.get<DeploymentSeen>(deploymentRef(name));
			await eventually(
				"the Service has the target's endpoints",
				() => endpoints.of(name).at(-1) === target?.spec?.replicas,
			);
			expect(target?.spec?.replicas).toBeGreaterThan(0);
		}

		const named = Object.entries(scenarios).map(([claim, run], index) => ({ claim, run, name: `people-${index}` }));

		beforeAll(() => {
			operator = startOperator(bed.options);
			for (const { run, name } of named) {
				const running = run(name);
				running.catch(() => {});
				runs.set(name, running);
			}
		});
		afterAll(async () => {
			await Promise.allSettled(runs.values());
			await operator.stop();
		});

		test.each(named)("$claim", async ({ name }) => {
			await runs.get(name);
			expect(wasInterrupted(endpoints.of(name)), `ready endpoints of ${name}: ${endpoints.of(name)}`).toBe(false);
		});

		test("and none of it took a right that the manifests do not grant", () => {
			const refused = bed.plane.auditRequests("haldane").filter(({ code }) => code === 403);
			expect(refused.map(({ verb, uri }) => `${verb} ${uri}`)).toEqual([]);
		});
	});

	describe("by machines", () => {
		test(`ends as it should although its operator is killed ${KILLS} times (seed ${SEED})`, async () => {
			const chance = chanceFrom(SEED);
			const logFile = join(bed.plane.folder, "killed.log");
			let operator = spawnOperator(bed.options, logFile);
			const good = ["kill-a", "kill-b", "kill-c"];
			const bad = ["kill-d", "kill-e"];
			const names = [...good, ...bad];
			await Promise.all(names.map((name) => bed.initialised(canary(name, { analysis: climb }), 2)));
			for (const name of bad) bed.prometheus.answer(scoreOf(name), 1);
			await Promise.all(names.map((name) => bed.push(name, "web:2.0.0")));
			const ended = Promise.all([
				...good.map((name) => settled(name, "Succeeded")),
				...bad.map((name) => settled(name, "Failed")),
			]);
			ended.catch(() => {});
			let kills = 0;
			for (; kills < KILLS; kills += 1) {
				// Starting takes some tenths of a second; then it has between no time and a whole step to do something.
				await sleep(600 + chance.below(1_200));
				await operator.kill();
				operator = spawnOperator(bed.options, logFile);
			}
			await ended;
			for (const name of names) await scaledAway(name);
			await operator.terminate();
			expect(await Promise.all(names.map(imageOfPrimary))).toEqual([
				...good.map(() => "web:2.0.0"),
				...bad.map(() => "web:1.0.0"),
			]);
			for (const name of good) {
				expect(traffic.of(name)).toEqual(climbed);
				expectFullSteps(name);
				const told = await reasons(name);
				expect(told.filter((reason) => reason === "StepReached")).toHaveLength(3);
			}
			for (const name of bad) expect(traffic.of(name)).toEqual(["0", "20", "0"]);
			for (const name of names) expect(wasInterrupted(endpoints.of(name))).toBe(false);
		});

		onRealServer(() => {
			test("goes on after the API server was away", async () => {
				const operator = spawnOperator(bed.options, join(bed.plane.folder, "restarted.log"));
				const name = "restart";
				await bed.initialised(canary(name, { analysis: climb }));
				await bed.push(name, "web:2.0.0");
				await atWeight(name, 20);
				await bed.plane.restartApiServer(1_500);
				await settled(name, "Succeeded");
				expect(operator.isRunning()).toBe(true);
				expect(await imageOfPrimary(name)).toBe("web:2.0.0");
				expect([...new Set(traffic.of(name))]).toEqual(["0", "20", "40", "60"]);
				await operator.terminate();
			});
		});
	});

	describe("by a change of leader", () => {
		interface Lease extends KubeObject<{ readonly holderIdentity?: string }> {}
		const holder = async () => (await bed.admin.get<Lease>(LEASE))?.spec?.holderIdentity ?? "";
		const electing = (): OperatorProcess =>
			spawnOperator({ ...bed.options, leaderElection: true }, join(bed.plane.folder, `leader-${++started}.log`));
		let started = 0;
		const leads = (operator: OperatorProcess) => operator.logged().some(({ msg }) => msg === "leading");

		test("is handed over at once on SIGTERM, and after the lease when the leader dies", async () => {
			const first = electing();
			await eventually("the first leads", () => leads(first));
			const second = electing();
			await eventually("the second is up", () => second.logged().some(({ msg }) => msg === "haldane is up"));
			const name = "handover";
			await bed.initialised(canary(name, { analysis: climb }));

			await bed.push(name, "web:2.0.0");
			await atWeight(name, 20);
			const before = await holder();
			const toldAt = performance.now();
			const exit = first.terminate();
			await eventually("another holds the lease", async () => {
				const now = await holder();
				return now !== "" && now !== before;
			});
			await eventually("the second works", () => second.logged().some(({ msg }) => /working/.test(String(msg))));
			const handOverMs = performance.now() - toldAt;
			console.info(`hand-over on SIGTERM: ${Math.round(handOverMs)} ms`);
			expect(handOverMs).toBeLessThan(3_000);
			expect(await exit).toBe(0);
			await settled(name, "Succeeded");
			expect(traffic.of(name)).toEqual(climbed);
			expectFullSteps(name);

			const third = electing();
			await bed.push(name, "web:3.0.0");
			await atWeight(name, 20);
			await second.kill();
			const killedAt = performance.now();
			await eventually("the third leads", () => leads(third), { withinMs: 30_000 });
			console.info(`taken over after kill -9: ${Math.round(performance.now() - killedAt)} ms`);
			await settled(name, "Succeeded");
			expect(await imageOfPrimary(name)).toBe("web:3.0.0");
			expect(traffic.of(name)).toEqual([...climbed, ...climbed.slice(1)]);
			await third.terminate();
		});
	});

	// Last, for the garbage collector takes up to a minute to notice a kind whose CRD is new.
	test("and what was made for Canaries that were deleted goes with them", async () => {
		expect(released).toHaveLength(4);
		const children = released.flatMap((name) => [
			deploymentRef(`${name}-primary`),
			serviceRef(`${name}-primary`),
			serviceRef(`${name}-canary`),
		]);
		for (const child of children) {
			const { kind, metadata } = child;
			await eventually(
				`${kind} ${metadata.name} is gone`,
				async () => (await bed.admin.get(child)) === undefined,
				patient,
			);
		}
		for (const name of released) expect(wasInterrupted(endpoints.of(name))).toBe(false);
	});
});
