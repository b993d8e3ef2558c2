import { Failure } from "../domain/failure.ts";
import { describeRef, keyOf, refOf } from "../domain/kube-object.ts";
import type { Log } from "../domain/log.ts";
import type { Scene } from "./children.ts";
import type { Cluster } from "./cluster.ts";
import type { Action } from "./decide/situation.ts";
import { describeEffect, type Effect, effectsOf } from "./effects.ts";

/**
 * Performs actions in order and stops at the first failure, which it throws. What already is as wanted is not written.
 * Each action is idempotent, so that doing the list again after a crash does no harm. Answers how many writes there were.
 */
export async function interpret(
	actions: readonly Action[],
	scene: Scene,
	{ cluster, log, signal }: Hands,
): Promise<number> {
	let writes = 0;
	for (const action of actions) {
		for (const effect of effectsOf(action, scene)) {
			await perform(effect, { cluster, log, signal });
			writes += 1;
			log.debug({ canary: keyOf(scene.canary.metadata), action: action.do, object: describeEffect(effect) }, "written");
		}
	}
	return writes;
}

/** An object was there that the caches had not shown: it has to be looked at before it is written. */
export class UnseenError extends Failure {
	override readonly name = "UnseenError";
	readonly remedy = "refetch";

	constructor(object: string, options: ErrorOptions) {
		super(`${object}: it exists already, looking at it first`, options);
	}
}

interface Hands {
	readonly cluster: Cluster;
	readonly log: Log;
	readonly signal: AbortSignal;
}

async function perform(effect: Effect, hands: Hands): Promise<void> {
	const { cluster, signal } = hands;
	switch (effect.kind) {
		case "apply":
			await apply(effect, hands);
			return;
		case "merge":
			await cluster.merge(effect.ref, effect.patch, signal);
			return;
		case "delete":
			await cluster.remove(effect.ref, effect.uid, signal);
			return;
	}
}

/** Applies, and takes fields that others own over, saying whose they were. */
async function apply({ object, existing }: Effect & { kind: "apply" }, { cluster, log, signal }: Hands): Promise<void> {
	try {
		await cluster.apply(object, { force: false, signal });
	} catch (thrown) {
		if (!(thrown instanceof Failure) || thrown.name !== "FieldConflictError") throw thrown;
		if (existing === undefined) throw new UnseenError(describeRef(refOf(object)), { cause: thrown });
		log.warn(
			{ object: describeRef(refOf(object)), conflict: thrown.message },
			"taking fields over from another manager",
		);
		await cluster.apply(object, { force: true, signal });
	}
}
