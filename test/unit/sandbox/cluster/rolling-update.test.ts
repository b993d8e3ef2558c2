import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Deployment, ReplicaSet } from "../../../../src/sandbox/cluster/kinds.ts";
import {
	marginsOf,
	newReplicas,
	oldReplicas,
	scaled,
} from "../../../../src/sandbox/cluster/workloads/rolling-update.ts";
import { deploymentOf } from "./stage.ts";

const set = fc
	.record({ replicas: fc.nat(10), availableReplicas: fc.nat(10) })
	.map(({ replicas, availableReplicas }) => ({ spec: { replicas }, status: { availableReplicas } }) as ReplicaSet);
const margin = fc.oneof(fc.nat(5), fc.constantFrom("0%", "25%", "100%"));
const deployment = fc
	.record({ replicas: fc.nat(12), maxSurge: margin, maxUnavailable: margin })
	.map(
		({ replicas, ...rollingUpdate }) =>
			deploymentOf("cart", "podinfo:1.2.0", { replicas, strategy: { rollingUpdate } }) as Deployment,
	);

const sum = (numbers: readonly number[]) => numbers.reduce((total, one) => total + one, 0);
const availableAt = ({ status }: ReplicaSet, replicas: number) => Math.min(status?.availableReplicas ?? 0, replicas);
const sizeOf = ({ spec }: ReplicaSet) => spec.replicas ?? 0;

describe("one step of a roll-out", () => {
	test("takes away nothing that the promise of availability needs", () => {
		fc.assert(
			fc.property(deployment, set, fc.array(set, { maxLength: 4 }), (wanted, newest, old) => {
				const kept = oldReplicas(wanted, newest, old);
				const serving = (size: (one: ReplicaSet) => number) =>
					availableAt(newest, sizeOf(newest)) + sum(old.map((one) => availableAt(one, size(one))));
				const promised = (wanted.spec.replicas ?? 1) - marginsOf(wanted).maxUnavailable;
				expect(serving((one) => kept.get(one) ?? 0)).toBeGreaterThanOrEqual(Math.min(promised, serving(sizeOf)));
				for (const one of old) expect(kept.get(one)).toBeLessThanOrEqual(sizeOf(one));
				for (const one of old) expect(kept.get(one)).toBeGreaterThanOrEqual(0);
			}),
		);
	});

	test("never adds pods beyond the surge", () => {
		fc.assert(
			fc.property(deployment, set, fc.array(set, { maxLength: 4 }), (wanted, newest, old) => {
				const next = newReplicas(wanted, newest, old);
				const others = sum(old.map(sizeOf));
				const most = (wanted.spec.replicas ?? 1) + marginsOf(wanted).maxSurge;
				expect(next + others).toBeLessThanOrEqual(Math.max(most, sizeOf(newest) + others));
				expect(next).toBeLessThanOrEqual(wanted.spec.replicas ?? 1);
			}),
		);
	});

	test("always moves once all pods serve, until only new ones are left", () => {
		fc.assert(
			fc.property(deployment, fc.nat(10), (wanted, count) => {
				const serving = (replicas: number) =>
					({ spec: { replicas }, status: { availableReplicas: replicas } }) as ReplicaSet;
				let [newest, old] = [serving(0), serving(count)];
				for (let step = 0; step < 40; step += 1) {
					newest = serving(newReplicas(wanted, newest, [old]));
					old = serving(oldReplicas(wanted, newest, [old]).get(old) ?? 0);
				}
				expect([sizeOf(newest), sizeOf(old)]).toEqual([wanted.spec.replicas, 0]);
			}),
		);
	});

	test.each([
		[3, 10, 3],
		["25%", 10, 3],
		["25%", 4, 1],
		["0%", 4, 0],
		["all", 4, 0],
	])("%s of %i is %i, rounded up", (value, whole, expected) => {
		expect(scaled(value, whole, Math.ceil)).toBe(expected);
	});
});
