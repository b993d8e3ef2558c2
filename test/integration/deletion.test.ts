import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { eventually } from "../support/control-plane/eventually.ts";
import { follow, type Running } from "../support/control-plane/follow.ts";
import { REFUSED_ANNOTATION } from "../support/control-plane/gateway.ts";
import { conditionOf, type Json, type KubeObject, type Reference } from "../support/control-plane/kube-object.ts";
import { banPods, liftBan } from "../support/operator/ban.ts";
import { type Bed, canStartBed, startBed } from "../support/operator/bed.ts";
import {
	type CanarySeen,
	type CanaryStatusSeen,
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
import { type OperatorProcess, spawnOperator } from "../support/operator/operators.ts";
import { followCanaries, followEndpoints, type Trail, wasInterrupted } from "../support/operator/trails.ts";

const KIND = { apiVersion: "gateway.networking.k8s.io/v1", kind: "HTTPRoute" };
const GATE = { name: "gate", url: "http://127.0.0.1:9/" };
const patient = { withinMs: 90_000, everyMs: 50 };

/** How a Canary comes to where it is deleted. */
interface Scene {
	readonly phase: string;
	readonly canary?: Parameters<typeof canary>[1];
	/** What is there before the Canary comes. */
	readonly before?: (name: string) => readonly Reference[];
	/** From the Canary's creation to where it is deleted; by itself it waits for the phase. */
	readonly reach?: (name: string) => Promise<unknown>;
	readonly holds?: (status: CanaryStatusSeen) => boolean;
	/** Once it is being deleted. */
	readonly meanwhile?: (name: string) => Promise<unknown>;
	/** The target cannot serve, so that what served goes on. */
	readonly isStuck?: true;
	/** Nobody ever served. */
	readonly isDead?: true;
	/** The route is for a mesh, which goes by the apex Service without it; behind a Gateway it has to stay. */
	readonly isForMesh?: true;
}

describe.skipIf(!canStartBed)("a Canary that is deleted", () => {
	let bed: Bed;
	let operator: OperatorProcess;
	let endpoints: Trail<number>;
	let canaries: Trail<CanarySeen>;
	let routes: Running;
	let kills = 0;
	/** Ready endpoints of the primary and of the apex Service when a route went. */
	const goneAt = new Map<string, readonly (number | undefined)[]>();
	const runs = new Map<string, Promise<unknown>>();

	const routeRef = (name: string): Reference => ({ ...KIND, metadata: { name, namespace: NAMESPACE } });
	const pushed = async (name: string, options?: { readonly ready?: boolean }) => {
		await bed.phase(name, "Initialized", patient);
		await bed.push(name, "web:2.0.0", options);
	};
	const climb = { steps: [{ weight: 20 }, { weight: 60 }] };
	const service = { gatewayRefs: [{ name: "web" }] };
	/** Its primary cannot take the new revision over. */
	const bannedAndPushed = async (name: string) => {
		await banPods(bed.admin, `${name}-primary`, "web:2.0.0");
		await pushed(name);
	};

	const scenes: Readonly<Record<string, Scene>> = {
		"before its primary is ready": {
			phase: "Initializing",
			reach: (name) =>
				eventually(
					"its primary is made",
					async () => (await bed.admin.get(deploymentRef(`${name}-primary`))) !== undefined,
				),
			isDead: true,
		},
		"before its route is taken up": {
			phase: "Initializing",
			canary: { service: { ...service, apex: { annotations: { [REFUSED_ANNOTATION]: "NotAllowedByListeners" } } } },
			reach: (name) =>
				eventually("the primary answers", async () => {
					const apex = await bed.admin.get<ServiceSeen>(serviceRef(name));
					return apex?.spec?.selector.app === `${name}-primary` && endpoints.of(name).at(-1) === 2;
				}),
		},
		"at rest, where its target gets no pods for a while": {
			phase: "Initialized",
			reach: async (name) => {
				await bed.phase(name, "Initialized", patient);
				await eventually(`${name} is scaled to zero`, () => endpoints.of(`${name}-canary`).at(-1) === 0);
				await banPods(bed.admin, name, "web:1.0.0");
			},
			meanwhile: async (name) => {
				await eventually("its pods are refused", async () => {
					const target = await bed.admin.get<DeploymentSeen>(deploymentRef(name));
					return conditionOf(target?.status?.conditions, "ReplicaFailure")?.status === "True";
				});
				await liftBan(bed.admin, name);
			},
		},
		"at a weight": {
			phase: "Progressing",
			reach: pushed,
			holds: ({ canaryWeight }) => canaryWeight === 20,
		},
		"at a weight, on a route that was there before": {
			phase: "Progressing",
			before: (name) => [
				{
					...routeRef(name),
					spec: {
						parentRefs: [{ name: "web" }],
						rules: [{ backendRefs: [{ name, port: 80 }], matches: [{ path: { value: "/shop" } }] }],
					},
				},
			],
			canary: { service: { gatewayRefs: undefined, hosts: undefined } },
			reach: pushed,
			holds: ({ canaryWeight }) => canaryWeight === 20,
		},
		"while its promotion waits for approval": {
			phase: "WaitingPromotion",
			canary: { analysis: { ...climb, webhooks: [{ ...GATE, type: "confirm-promotion" }] } },
			reach: pushed,
			holds: ({ canaryWeight }) => canaryWeight === 60,
		},
		"while its primary cannot take the revision over": {
			phase: "Promoting",
			reach: bannedAndPushed,
		},
		"while traffic goes back to its primary": {
			phase: "Promoting",
			canary: {
				analysis: { ...climb, stepWeightPromotion: 5 },
				service: { gatewayRefs: [{ kind: "Service", group: "", name: "web", port: 80 }] },
			},
			isForMesh: true,
			reach: pushed,
			holds: ({ canaryWeight }) => canaryWeight === 50,
		},
		"while its candidate serves, for the primary could not": {
			phase: "Failed",
			canary: { progressDeadlineSeconds: 4 },
			reach: bannedAndPushed,
			holds: ({ canaryWeight }) => canaryWeight === 100,
		},
		"after a rollout": { phase: "Succeeded", reach: pushed },
		"after a rollback": {
			phase: "Failed",
			reach: async (name) => {
				bed.prometheus.answer(scoreOf(name), 1);
				await pushed(name);
			},
		},
		"after a rollback from a revision that never became ready": {
			phase: "Failed",
			canary: { progressDeadlineSeconds: 3 },
			reach: (name) => pushed(name, { ready: false }),
			isStuck: true,
		},
	};
	const rows = Object.entries(scenes).map(([where, scene], index) => ({ where, scene, name: `gone-${index}` }));

	/** To the Canary's end. */
	async function live(name: string, scene: Scene): Promise<unknown> {
		const { before, canary: change = {}, reach, holds, phase, meanwhile, isDead = false } = scene;
		await bed.admin.apply(deployment(name, { replicas: 2, ready: !isDead }));
		for (const object of before?.(name) ?? []) await bed.admin.apply(object);
		await eventually("the target is up", async () => {
			const target = await bed.admin.get<DeploymentSeen>(deploymentRef(name));
			return isDead || target?.status?.availableReplicas === 2;
		});
		await bed.admin.apply(canary(name, { analysis: climb, ...change }));
		await reach?.(name);
		await bed.until(name, `is ${phase}`, (seen) => seen.phase === phase && holds?.(seen) !== false, patient);
		await bed.admin.delete(canaryRef(name));
		await meanwhile?.(name);
		return eventually(
			`Canary ${name} is gone`,
			async () => (await bed.admin.get(canaryRef(name))) === undefined,
			patient,
		);
	}

	/** Kills the operator as soon as that is seen, and starts another. */
	async function killWhen(what: string, holds: () => Promise<boolean> | boolean): Promise<void> {
		await eventually(what, holds, { withinMs: 90_000, everyMs: 5 });
		await operator.kill();
		kills += 1;
		operator = spawnOperator(bed.options, join(bed.plane.folder, "deletion.log"));
	}

	beforeAll(async () => {
		bed = await startBed();
		endpoints = await followEndpoints(bed.admin);
		canaries = await followCanaries(bed.admin);
		routes = await follow<KubeObject>(bed.admin, KIND, {
			seen() {},
			gone: ({ metadata: { name } }) =>
				void goneAt.set(name, [endpoints.of(`${name}-primary`).at(-1), endpoints.of(name).at(-1)]),
		});
		operator = spawnOperator(bed.options, join(bed.plane.folder, "deletion.log"));
		for (const { name, scene } of rows) {
			const run = live(name, scene);
			run.catch(() => {});
			runs.set(name, run);
		}
	});
	afterAll(async () => {
		await Promise.allSettled(runs.values());
		await Promise.all([endpoints?.stop(), canaries?.stop(), routes?.stop(), operator?.terminate()]);
		await bed?.stop();
	});

	test("does not mind that its operator is killed while it is let go", async () => {
		const { name } = rows.find(({ where }) => where === "at a weight") ?? { name: "" };
		const status = () => canaries.of(name).at(-1)?.status;
		await killWhen("it is being let go", () => status()?.phase === "Terminating");
		await killWhen("the target has the requests", async () => {
			const apex = await bed.admin.get<ServiceSeen>(serviceRef(name));
			return apex?.spec?.selector.app === name;
		});
		await killWhen("it has been let go", () => status() !== undefined && "releasedAt" in (status() ?? {}));
		await runs.get(name);
		expect(kills).toBe(3);
	});

	test.each(rows)("$where lets its target answer", async ({ name, scene }) => {
		await runs.get(name);
		const phases = canaries.of(name).map(({ status }) => status?.phase);
		expect(phases.filter((phase, index) => phase !== phases[index - 1]).slice(-2)).toEqual([
			scene.phase,
			"Terminating",
		]);

		const target = await bed.admin.get<DeploymentSeen>(deploymentRef(name));
		const image = scene.phase.startsWith("Initial") ? "web:1.0.0" : "web:2.0.0";
		expect(target?.spec?.template.spec.containers[0]?.image).toBe(image);
		expect(target?.spec?.replicas).toBe(2);
		const apex = await bed.admin.get<ServiceSeen>(serviceRef(name));
		const route = await bed.admin.get<KubeObject<{ rules: readonly { backendRefs: readonly Json[] }[] }>>(
			routeRef(name),
		);
		if (scene.isDead) return;
		expect(wasInterrupted(endpoints.of(name)), `ready endpoints of ${name}: ${endpoints.of(name)}`).toBe(false);
		expect(apex?.spec?.selector).toEqual({ app: scene.isStuck ? `${name}-primary` : name });
		if (scene.isStuck) {
			expect(route).toBeDefined();
			return;
		}
		await eventually("the target answers", () => endpoints.of(name).at(-1) === 2);
		if (scene.isForMesh) {
			expect(route).toBeUndefined();
			expect(goneAt.get(name)).toEqual([2, 2]);
		} else {
			expect(route?.spec?.rules[0]?.backendRefs).toEqual([{ group: "", kind: "Service", name, port: 80, weight: 1 }]);
		}
	});

	// That it takes them is shown where there is time for it: with new CRDs it needs half a minute.
	test("and leaves nothing of ours, or to the garbage collector", async () => {
		await Promise.allSettled(runs.values());
		for (const { name, scene } of rows) {
			const uid = canaries.of(name)[0]?.metadata.uid;
			const owned = [
				deploymentRef(`${name}-primary`),
				...["-primary", "-canary"].map((suffix) => serviceRef(name + suffix)),
			];
			const kept = [deploymentRef(name), serviceRef(name), routeRef(name)];
			const ownersOf = async (object: Reference) => {
				const found = await bed.admin.get(object);
				return found && (found.metadata.ownerReferences?.map((owner) => owner.uid) ?? []);
			};
			for (const child of owned) {
				const owners = (await ownersOf(child)) ?? (scene.isStuck ? "gone" : [uid]);
				expect([name, owners]).toEqual([name, scene.isStuck ? [] : [uid]]);
			}
			for (const object of kept) expect([name, (await ownersOf(object)) ?? []]).toEqual([name, []]);
		}
		const { items } = await bed.admin.list({ apiVersion: "haldane.dev/v1beta1", kind: "Canary" });
		expect(items).toEqual([]);
		const refused = bed.plane.auditRequests("haldane").filter(({ code }) => code === 403);
		expect(refused.map(({ verb, uri }) => `${verb} ${uri}`)).toEqual([]);
	});
});
