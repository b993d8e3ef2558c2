import { keyOf } from "../domain/kube-object.ts";
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
	{ cluster, log, signal }: { readonly cluster: Cluster; readonly log: Log; readonly signal: AbortSignal },
): Promise<number> {
	let writes = 0;
	for (const action of actions) {
		for (const effect of effectsOf(action, scene)) {
			await perform(effect, cluster, signal);
			writes += 1;
			log.debug({ canary: keyOf(scene.canary.metadata), action: action.do, object: describeEffect(effect) }, "written");
		}
	}
	return writes;
}

async function perform(effect: Effect, cluster: Cluster, signal: AbortSignal): Promise<void> {
	switch (effect.kind) {
		case "apply":
			await cluster.apply(effect.object, { force: true, signal });
			return;
		case "merge":
			await cluster.merge(effect.ref, effect.patch, signal);
			return;
		case "delete":
			await cluster.remove(effect.ref, effect.uid, signal);
			return;
	}
}
