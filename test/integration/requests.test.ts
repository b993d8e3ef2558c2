import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { AuditedRequest } from "../support/control-plane/audit-log.ts";
import { OPERATOR } from "../support/control-plane/control-plane.ts";
import { eventually } from "../support/control-plane/eventually.ts";
import { type Bed, canStartBed, startBed } from "../support/operator/bed.ts";
import { canary, type DeploymentSeen, deploymentRef } from "../support/operator/manifests.ts";
import { type InProcessOperator, startOperator } from "../support/operator/operators.ts";

const CANARIES = 10;
const QUIET_MS = 10_000;
/** As the figures were measured: so many requests a Canary. */
const INITIALISE_MAX = 20;
const ROLLOUT_MAX = 32;
const ROLLOUT_WRITES_MAX = 26;

describe.skipIf(!canStartBed)("requests to the API server", () => {
	let bed: Bed;
	let operator: InProcessOperator;
	const names = Array.from({ length: CANARIES }, (_, number) => `app-${number}`);

	beforeAll(async () => {
		bed = await startBed();
		operator = startOperator({ ...bed.options, leaderElection: true });
		// Watches of route kinds begin with the first Canary that asks for one.
		await bed.initialised(canary("first", { analysis: { stepWeight: 50 } }));
		await atRest("first");
	});
	afterAll(async () => {
		await operator?.stop();
		await bed?.stop();
	});

	/** What the operator asked meanwhile, its watches and its lease aside. */
	async function during(act: () => Promise<unknown>): Promise<{ asked: readonly AuditedRequest[]; leases: number }> {
		const before = bed.plane.auditRequests(OPERATOR).length;
		await act();
		const all = bed.plane.auditRequests(OPERATOR).slice(before);
		const asked = all.filter(({ verb, resource }) => verb !== "watch" && resource !== "leases");
		return { asked, leases: all.filter(({ resource }) => resource === "leases").length };
	}

	const atRest = async (name: string) => {
		await bed.until(name, "has told all", ({ notices }) => notices === undefined);
		await eventually(`${name} is scaled to zero`, async () => {
			const found = await bed.admin.get<DeploymentSeen>(deploymentRef(name));
			return found?.spec?.replicas === 0 && (found.status?.replicas ?? 0) === 0;
		});
		// What is left to write, if anything, follows from the last change that was waited for.
		await sleep(1_000);
	};

	function print(what: string, asked: readonly AuditedRequest[], count = 1): void {
		const kinds = new Map<string, number>();
		for (const { verb, resource, subresource } of asked) {
			const kind = [verb, resource, subresource].filter(Boolean).join(" ");
			kinds.set(kind, (kinds.get(kind) ?? 0) + 1);
		}
		const list = [...kinds].map(([kind, times]) => `${kind} ${(times / count).toFixed(1)}`).join(", ");
		console.info(`${what}: ${(asked.length / count).toFixed(1)} requests (${list})`);
	}

	test(`initialising a Canary takes at most ${INITIALISE_MAX}`, async () => {
		const { asked } = await during(async () => {
			await Promise.all(
				names.map((name) => bed.initialised(canary(name, { analysis: { stepWeights: [20, 40, 60] } }))),
			);
			await Promise.all(names.map(atRest));
		});
		print("initialising one", asked, CANARIES);
		expect(asked.length / CANARIES).toBeLessThanOrEqual(INITIALISE_MAX);
	});

	test("nothing happens, nothing is asked", async () => {
		const { asked, leases } = await during(() => sleep(QUIET_MS));
		print(`${CANARIES} Canaries at rest for ${QUIET_MS / 1_000} s`, asked);
		console.info(`lease renewals meanwhile: ${leases}`);
		expect(asked.map(({ verb, uri }) => `${verb} ${uri}`)).toEqual([]);
		expect(leases).toBeLessThanOrEqual(5);
	});

	test(`a rollout takes at most ${ROLLOUT_MAX}, of which at most ${ROLLOUT_WRITES_MAX} write`, async () => {
		const { asked } = await during(async () => {
			await Promise.all(names.map((name) => bed.push(name, "web:2.0.0")));
			await Promise.all(names.map((name) => bed.phase(name, "Succeeded")));
			await Promise.all(names.map(atRest));
		});
		const writes = asked.filter(({ verb }) => verb !== "get" && verb !== "list");
		print("a rollout", asked, CANARIES);
		print("a rollout's writes", writes, CANARIES);
		expect(asked.length / CANARIES).toBeLessThanOrEqual(ROLLOUT_MAX);
		expect(writes.length / CANARIES).toBeLessThanOrEqual(ROLLOUT_WRITES_MAX);
	});
});
