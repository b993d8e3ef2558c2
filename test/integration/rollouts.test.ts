import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { eventually } from "../support/control-plane/eventually.ts";
import type { Json } from "../support/control-plane/kube-object.ts";
import { conditionOf } from "../support/control-plane/kube-object.ts";
import { type Bed, canStartBed, startBed } from "../support/operator/bed.ts";
import {
	type CanarySeen,
	canary,
	type DeploymentSeen,
	deploymentRef,
	type ServiceSeen,
	scoreOf,
	serviceRef,
} from "../support/operator/manifests.ts";
import { type InProcessOperator, startOperator } from "../support/operator/operators.ts";
import { followCanaries, followTraffic, type Trail } from "../support/operator/trails.ts";

/** A way to move traffic: what the Canary says to get it, and which route object holds it. */
interface Way {
	readonly provider: string;
	readonly service: Json;
	readonly route: "HTTPRoute" | "TrafficSplit" | undefined;
	/** The version of the API that the route is written in, where `provider` does not end in it. */
	readonly version?: string;
	/** The only shape that it is tried with: in all else it is like another way. */
	readonly only?: string;
}

/** A shape of rollout, with the traffic that it shows on a route: `20` is the candidate's share, `m20` copies. */
interface Shape {
	readonly analysis: Json;
	readonly spec?: Json;
	readonly needs: "weights" | "mirror" | "nothing";
	readonly success: readonly string[];
	readonly rollback: readonly string[];
}

const behind = (parent: Json): Json => ({ gatewayRefs: [parent] });
const gateway = { name: "web" };
const mesh = { kind: "Service", group: "", name: "web", port: 80 };

const splitOnce = { service: {}, route: "TrafficSplit", only: "a rollout by stepWeights" } as const;

const ways: Readonly<Record<string, Way>> = {
	"HTTPRoute v1 at a Gateway": { provider: "gatewayapi:v1", service: behind(gateway), route: "HTTPRoute" },
	"HTTPRoute v1 at a Service": { provider: "gatewayapi:v1", service: behind(mesh), route: "HTTPRoute" },
	"HTTPRoute v1beta1 at a Gateway": { provider: "gatewayapi:v1beta1", service: behind(gateway), route: "HTTPRoute" },
	"HTTPRoute v1beta1 at a Service": { provider: "gatewayapi:v1beta1", service: behind(mesh), route: "HTTPRoute" },
	"TrafficSplit v1alpha2": { provider: "smi:v1alpha2", service: {}, route: "TrafficSplit" },
	"TrafficSplit v1alpha4": { provider: "smi:v1alpha4", service: {}, route: "TrafficSplit" },
	"TrafficSplit v1alpha1": { provider: "smi:v1alpha1", ...splitOnce },
	"TrafficSplit v1alpha3": { provider: "smi:v1alpha3", ...splitOnce },
	"TrafficSplit for Linkerd": { provider: "linkerd", version: "v1alpha2", ...splitOnce },
	"TrafficSplit for OSM": { provider: "osm", version: "v1alpha4", ...splitOnce },
	"plain Services": { provider: "kubernetes", service: {}, route: undefined },
};

const shapes: Readonly<Record<string, Shape>> = {
	"a rollout by stepWeight": {
		analysis: { stepWeight: 30, maxWeight: 50 },
		needs: "weights",
		success: ["0", "30", "50", "0"],
		rollback: ["0", "30", "0"],
	},
	"a rollout by stepWeights": {
		analysis: { stepWeights: [20, 70] },
		needs: "weights",
		success: ["0", "20", "70", "0"],
		rollback: ["0", "20", "0"],
	},
	"a rollout by steps with a hold and a pause": {
		analysis: { steps: [{ weight: 10, for: "3s" }, { weight: 40, pause: true }, { weight: 60 }] },
		needs: "weights",
		success: ["0", "10", "40", "60", "0"],
		rollback: ["0", "10", "0"],
	},
	"a rollout by steps that mirrors first": {
		analysis: { steps: [{ mirror: 25 }, { weight: 10 }] },
		needs: "mirror",
		success: ["0", "m25", "10", "0"],
		rollback: ["0", "m25", "0"],
	},
	"a blue/green rollout": {
		analysis: { iterations: 2 },
		needs: "nothing",
		success: ["0", "100", "0"],
		rollback: ["0"],
	},
	"a mirrored rollout": {
		analysis: { mirror: true, mirrorWeight: 40, stepWeight: 50, maxWeight: 50 },
		needs: "mirror",
		success: ["0", "m40", "50", "0"],
		rollback: ["0", "m40", "0"],
	},
	"a mirrored blue/green rollout": {
		analysis: { mirror: true, iterations: 2 },
		needs: "mirror",
		success: ["0", "m100", "100", "0"],
		rollback: ["0", "m100", "0"],
	},
	"a rollout without analysis": {
		analysis: { stepWeight: 50 },
		spec: { skipAnalysis: true },
		needs: "nothing",
		success: ["0"],
		rollback: ["0"],
	},
	"a rollout that gives traffic back in steps": {
		analysis: { stepWeight: 60, maxWeight: 60, stepWeightPromotion: 25 },
		needs: "weights",
		success: ["0", "60", "35", "10", "0"],
		rollback: ["0", "60", "0"],
	},
};

interface Row {
	readonly claim: string;
	readonly name: string;
	readonly way: Way;
	readonly shape: Shape;
	readonly outcome: "success" | "rollback";
}

const rows: readonly Row[] = Object.entries(ways)
	.flatMap(([wayName, way], wayNumber) =>
		Object.entries(shapes).flatMap(([shapeName, shape], shapeNumber) =>
			(["success", "rollback"] as const).map((outcome) => ({
				claim: `${shapeName}, by ${wayName}, ${outcome === "success" ? "is promoted" : "is rolled back"}`,
				name: `app-${wayNumber}-${shapeNumber}-${outcome === "success" ? "good" : "bad"}`,
				way,
				shape,
				outcome,
			})),
		),
	)
	.filter(({ way, shape }) => isWithin(way, shape) && (way.only === undefined || shapes[way.only] === shape));

function isWithin({ route }: Way, { needs }: Shape): boolean {
	if (needs === "mirror") return route === "HTTPRoute";
	return needs === "nothing" || route !== undefined;
}

describe.skipIf(!canStartBed)("rollouts on a real API server", () => {
	let bed: Bed;
	let operator: InProcessOperator;
	let traffic: Trail<string>;
	let canaries: Trail<CanarySeen>;
	const runs = new Map<string, Promise<CanarySeen>>();

	beforeAll(async () => {
		bed = await startBed();
		traffic = await followTraffic(bed.admin);
		canaries = await followCanaries(bed.admin);
		operator = startOperator({ ...bed.options, concurrency: 16 });
		for (const row of rows) {
			const run = rollOut(row);
			run.catch(() => {});
			runs.set(row.name, run);
		}
	});
	afterAll(async () => {
		await traffic?.stop();
		await canaries?.stop();
		await operator?.stop();
		await bed?.stop();
	});

	async function rollOut({ name, way, shape, outcome }: Row): Promise<CanarySeen> {
		const { analysis, spec = {} } = shape;
		const { provider, service } = way;
		const routed = { gatewayRefs: undefined, hosts: undefined, ...service };
		const isJudged = spec.skipAnalysis === undefined;
		// What is not judged can only fail by never becoming ready.
		const deadline = outcome === "rollback" && !isJudged ? { progressDeadlineSeconds: 3 } : {};
		await bed.initialised(canary(name, { provider, service: routed, analysis, ...spec, ...deadline }));
		if (outcome === "rollback") bed.prometheus.answer(scoreOf(name), 50);
		await bed.push(name, "web:2.0.0", { ready: outcome === "success" || isJudged });
		const ended = outcome === "success" ? "Succeeded" : "Failed";
		if (outcome === "success" && "steps" in analysis && JSON.stringify(analysis).includes("pause")) {
			await bed.until(name, "waits at the pause", ({ run }) => run?.waitingFor === "pause", { withinMs: 90_000 });
			await bed.command(name, "resume");
		}
		const isSettled = (seen: CanarySeen["status"]) => seen?.phase === ended && seen.notices === undefined;
		return bed.until(name, `is ${ended} and has told it`, isSettled, { withinMs: 90_000, everyMs: 200 });
	}

	test.each(rows)("$claim", async (row) => {
		const { name, way, shape, outcome } = row;
		const { status } = (await runs.get(name)) as CanarySeen;
		expect(status).toMatchObject({ phase: outcome === "success" ? "Succeeded" : "Failed", canaryWeight: 0 });
		expect(status).not.toHaveProperty("run");
		expect(status?.history).toHaveLength(1);

		if (way.route !== undefined) expect(traffic.of(name)).toEqual(shape[outcome]);

		const [target, primary] = await Promise.all([
			eventually(`${name} is scaled to zero`, async () => {
				const found = await bed.admin.get<DeploymentSeen>(deploymentRef(name));
				return found?.spec?.replicas === 0 && (found.status?.replicas ?? 0) === 0 && found;
			}),
			bed.admin.get<DeploymentSeen>(deploymentRef(`${name}-primary`)),
		]);
		expect(imageOf(target)).toBe("web:2.0.0");
		expect(imageOf(primary)).toBe(outcome === "success" ? "web:2.0.0" : "web:1.0.0");
		expect(primary?.status?.availableReplicas).toBe(1);
		expect(primary?.spec?.selector.matchLabels).toEqual({ app: `${name}-primary` });

		const selectors = await Promise.all(
			["", "-primary", "-canary"].map(async (suffix) => {
				const found = await bed.admin.get<ServiceSeen>(serviceRef(`${name}${suffix}`));
				return found?.spec?.selector;
			}),
		);
		expect(selectors).toEqual([{ app: `${name}-primary` }, { app: `${name}-primary` }, { app: name }]);

		const conditions = status?.conditions?.map(({ type, status: holds, reason }) => `${type}=${holds} ${reason}`);
		const failure = shape.spec === undefined ? "TooManyFailedChecks" : "ProgressDeadlineExceeded";
		expect(conditions).toEqual(
			outcome === "success"
				? ["Promoted=True Succeeded", "Ready=True Succeeded"]
				: ["Promoted=False Failed", `Ready=False ${failure}`, `Stalled=True ${failure}`],
		);
		expect(status?.lastPromotedSpec === status?.lastAppliedSpec).toBe(outcome === "success");
		expect(conditionOf(status?.conditions, "Ready")?.observedGeneration).toBe(status?.observedGeneration);
		expect((await bed.events(name)).map(({ reason }) => reason)).toEqual(reasonsOf(row));
	});

	test("a step that holds lasts as long as it says, in force", () => {
		const held = rows.filter(({ shape, outcome }) => outcome === "success" && "steps" in shape.analysis);
		for (const { name, shape } of held.filter(({ shape }) => JSON.stringify(shape.analysis).includes("3s"))) {
			const runsOf = canaries.of(name).map(({ status }) => status?.run);
			const since = runsOf.find((run) => run?.step === 0 && run.inForceSince !== undefined)?.inForceSince;
			const next = runsOf.find((run) => run?.step === 1 && run.inForceSince !== undefined)?.inForceSince;
			expect(Date.parse(next ?? "") - Date.parse(since ?? ""), `${name} ${shape.needs}`).toBeGreaterThanOrEqual(3_000);
		}
		expect(held.length).toBeGreaterThan(0);
	});

	test("each way writes its own version of the route", () => {
		const written = bed.plane.auditRequests("haldane").filter(({ verb, resource }) => {
			return verb === "patch" && (resource === "httproutes" || resource === "trafficsplits");
		});
		for (const { name, way } of rows) {
			const uris = written.filter((request) => request.name === name).map(({ uri }) => uri);
			const versions = new Set(uris.map((uri) => uri.split("/")[3]));
			const wanted = way.version ?? way.provider.split(":")[1];
			expect([name, [...versions]]).toEqual([name, way.route === undefined ? [] : [wanted]]);
		}
	});

	test("nothing of a rollout was refused for want of rights, and none stalled on the way", () => {
		const refused = bed.plane.auditRequests("haldane").filter(({ code }) => code === 403);
		expect(refused.map(({ verb, uri }) => `${verb} ${uri}`)).toEqual([]);
		const stalled = canaries.names
			.flatMap((name) => canaries.of(name))
			.filter(({ status }) => status?.phase !== "Failed" && conditionOf(status?.conditions, "Stalled") !== undefined);
		expect(stalled.map(({ metadata, status }) => [metadata.name, conditionOf(status?.conditions, "Stalled")])).toEqual(
			[],
		);
	});
});

/** The Events of a rollout, from the first sight of the Canary to its end. */
function reasonsOf({ way, shape, outcome }: Row): readonly string[] {
	const isJudged = shape.spec === undefined;
	const begun = ["Initialized", "RevisionDetected"];
	if (outcome === "rollback") {
		return isJudged
			? [...begun, "StepReached", "CheckFailed", "RollingBack", "RolledBack"]
			: [...begun, "RollingBack", "RolledBack"];
	}
	// Blue/green begins beside the traffic, which no route shows; plain Services cannot switch either.
	const isBlueGreen = "iterations" in shape.analysis;
	const shown = shape.success.length - 2;
	const steps = !isJudged
		? 0
		: isBlueGreen && way.route === undefined
			? 1
			: shown + (isBlueGreen && !("mirror" in shape.analysis) ? 1 : 0);
	const descent = "stepWeightPromotion" in shape.analysis ? 2 : 0;
	const climb = Array(steps - descent).fill("StepReached");
	if (JSON.stringify(shape.analysis).includes("pause")) climb.splice(2, 0, "WaitingForApproval", "Resumed");
	return [...begun, ...climb, "Promoting", ...Array(descent).fill("StepReached"), "Promoted"];
}

function imageOf(found: DeploymentSeen | undefined): string | undefined {
	return found?.spec?.template.spec.containers[0]?.image;
}
