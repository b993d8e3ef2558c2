import { describe, expect, test } from "vitest";
import { ApiError } from "../../../src/kube/errors.ts";
import { chanceFrom } from "../../support/random.ts";
import {
	blueGreen,
	canary,
	crashAt,
	deployment,
	imageOf,
	initialised,
	Loop,
	refTo,
	replicasOf,
	service,
	setImage,
	weightsOf,
} from "./loop.ts";

const bad = () => ({ kind: "value", value: 12 }) as const;

async function fresh(object = canary()): Promise<Loop> {
	const loop = new Loop();
	loop.cluster.put(deployment());
	loop.cluster.put(service());
	await loop.run();
	loop.cluster.put(object);
	return loop;
}

async function changed(object = canary(), image = "cart:2"): Promise<Loop> {
	const loop = await initialised(object);
	setImage(loop, image);
	return loop;
}

async function deleted(object = canary()): Promise<Loop> {
	const loop = await initialised(object);
	loop.cluster.drop(refTo("Canary", "cart"));
	return loop;
}

/** Stories that are about to happen. */
const stories: readonly (readonly [string, () => Promise<Loop>])[] = [
	["an initialisation", () => fresh()],
	["an initialisation on plain Services", () => fresh(blueGreen())],
	["a good rollout", () => changed()],
	["a good rollout by blue/green", () => changed(blueGreen())],
	["a rollout without analysis", () => changed(canary("cart", { skipAnalysis: true }))],
	["a good rollout with a descent", () => changed(canary("cart", { analysis: { stepWeightPromotion: 15 } }))],
	[
		"a bad rollout",
		async () => {
			const loop = await changed();
			loop.reading = bad;
			return loop;
		},
	],
	["a failed promotion", () => changed(canary("cart", { progressDeadlineSeconds: 60 }), "cart:broken-as-primary")],
	["a deletion", () => deleted()],
	["a deletion on plain Services", () => deleted(blueGreen())],
];

/** All that counts in the end. */
function end(loop: Loop) {
	const { phase, canaryWeight, failedChecks, history, serving, lastAppliedSpec, lastPromotedSpec } = loop.status();
	return {
		status: { phase, canaryWeight, failedChecks, serving, lastAppliedSpec, lastPromotedSpec },
		history: history?.map(({ outcome, reason, revision }) => [outcome, reason, revision]),
		objects: loop.cluster
			.all()
			.map(({ kind, metadata }) => `${kind} ${metadata.name}`)
			.toSorted(),
		images: [imageOf(loop, "cart"), imageOf(loop, "cart-primary")],
		replicas: [replicasOf(loop, "cart"), replicasOf(loop, "cart-primary")],
		weights: weightsOf(loop),
		apex: loop.object("Service", "cart")?.spec.selector,
		told: loop.reasons(),
		gaps: loop.gaps,
	};
}

describe.each(stories)("%s", (_name, begin) => {
	test("ends the same when the process dies before or after any of its writes", async () => {
		const calm = await begin();
		await calm.run();
		expect(calm.gaps).toEqual([]);
		for (const moment of ["before", "after"] as const) {
			for (let number = 1; ; number += 1) {
				const loop = await begin();
				crashAt(loop, number, moment);
				await loop.run();
				if (loop.cluster.fault !== undefined) {
					expect(number, "crashes").toBeGreaterThan(5);
					break;
				}
				expect(end(loop), `died ${moment} write ${number}`).toEqual(end(calm));
			}
		}
	});

	test.each([
		["409", () => new ApiError("the object: has been modified", { status: 409, reason: "Conflict" })],
		["500", () => new ApiError("the object: internal error", { status: 500, reason: "InternalError" })],
	])("ends the same when many a write is answered with %s", async (_status, failure) => {
		const calm = await begin();
		await calm.run();
		for (let seed = 1; seed <= 4; seed += 1) {
			const loop = await begin();
			const chance = chanceFrom(seed);
			loop.cluster.fault = () => {
				if (chance.happens(0.25)) throw failure();
			};
			await loop.run();
			expect(end(loop), `seed ${seed}`).toEqual(end(calm));
		}
	});
});
