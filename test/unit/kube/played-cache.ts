import { expect } from "vitest";
import { ResourceCache } from "../../../src/kube/cache.ts";
import { resources } from "../../../src/kube/resources.ts";
import type { Change } from "../../../src/kube/store.ts";
import { FakeClock } from "../../support/fake-clock.ts";
import { keptLog } from "./logged.ts";
import { scriptedClient, type Turn } from "./scripted-client.ts";

/** A cache at work on a script. */
export function started(turns: readonly Turn[], random = () => 1) {
	const clock = new FakeClock();
	const { log, lines } = keptLog();
	const script = scriptedClient(clock, turns);
	const cache = new ResourceCache({ client: script.client, resource: resources.deployments, clock, random, log });
	const changes: string[] = [];
	cache.subscribe((change) => changes.push(told(change)));
	const stop = new AbortController();
	const ended = cache.run(stop.signal);
	return { cache, changes, clock, ended, lines, script, stop };
}

/** Plays the whole script, and then ends. */
export async function played(turns: readonly Turn[], random?: () => number) {
	const run = started(turns, random);
	await run.clock.until(run.script.isOver);
	run.stop.abort();
	await run.ended;
	expect(run.clock.pending, "timers left behind").toBe(0);
	return { ...run, has: run.cache.list().map(({ metadata }) => `${metadata.name}@${metadata.resourceVersion}`) };
}

const versionOf = (object: Change["after"]) => object?.metadata.resourceVersion ?? "none";
/** A change as `key: version → version`. */
export const told = ({ key, before, after }: Change) => `${key}: ${versionOf(before)} → ${versionOf(after)}`;
/** Everything that was asked. */
export const requests = ({ asked }: { readonly asked: readonly { readonly request: string }[] }) =>
	asked.map(({ request }) => request);
