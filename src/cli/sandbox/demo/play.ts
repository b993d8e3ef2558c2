import { setTimeout as sleep } from "node:timers/promises";
import type { CanaryStatus } from "../../../api/canary-status.ts";
import { durationText } from "../../../domain/duration.ts";
import type { ObjectRef } from "../../../domain/kube-object.ts";
import type { Sandbox } from "../../../sandbox/sandbox.ts";
import type { Act } from "./acts.ts";
import { canary, containers, lookBackMsOf, NAME, NAMESPACE } from "./manifests.ts";
import { type Latency, latencyText, progressLine } from "./progress.ts";
import type { Teller } from "./teller.ts";

/** What users send and get, as the demo reads it. */
export interface Users {
	/** Requests that have been sent until now. */
	sent(): number;
	/** Requests that this image has answered. */
	answeredBy(image: string): number;
	/** Requests that nobody answered, and answers of 500 and above, until now. */
	failed(): number;
	latency(): Latency;
	/** Copies that mirroring has made until now. */
	mirrored(): number;
}

export interface Stage {
	readonly sandbox: Sandbox;
	readonly users: Users;
	readonly tell: Teller;
	readonly intervalMs: number;
	readonly signal: AbortSignal;
}

/** How an act went. */
export interface Played {
	/** What was not as it should be; empty when the act ended as it should. */
	readonly problems: readonly string[];
	/** Of the requests that were sent, those that met a bad version; and how many would have, had all of them gone to it. */
	readonly harmed: number;
	readonly unprotected: number;
	readonly sent: number;
}

const canaryRef: ObjectRef = {
	apiVersion: "haldane.dev/v1beta1",
	kind: "Canary",
	namespace: NAMESPACE,
	name: NAME,
};
const deploymentRef: ObjectRef = { apiVersion: "apps/v1", kind: "Deployment", namespace: NAMESPACE, name: NAME };
const ACT_MAX_MS = 120_000;

/** Resolves with the Canary's status once it is so. Throws when that takes too long, or the demo is stopped. */
export function untilStatus(
	{ sandbox, signal }: Pick<Stage, "sandbox" | "signal">,
	what: string,
	holds: (status: CanaryStatus) => boolean,
	each: (status: CanaryStatus) => void = () => {},
): Promise<CanaryStatus> {
	return new Promise((resolve, reject) => {
		let last: CanaryStatus | undefined;
		const finish = (settle: () => void) => {
			clearTimeout(deadline);
			signal.removeEventListener("abort", onAbort);
			queueMicrotask(() => end());
			settle();
		};
		const onAbort = () => finish(() => reject(new Error("stopped")));
		const deadline = setTimeout(() => {
			const message = `the Canary was not ${what} within ${ACT_MAX_MS / 1_000} s, but ${JSON.stringify(last)}`;
			finish(() => reject(new Error(message)));
		}, ACT_MAX_MS);
		signal.addEventListener("abort", onAbort, { once: true });
		let isDone = false;
		const end = sandbox.api.watch(canaryRef, ({ object }) => {
			if (isDone || object.metadata.name !== NAME) return;
			const status = object.status as CanaryStatus | undefined;
			if (status === undefined) return;
			last = status;
			each(status);
			if (!holds(status)) return;
			isDone = true;
			finish(() => resolve(status));
		});
	});
}

/** Pushes the act's version and tells what becomes of it. */
export async function play(stage: Stage, act: Act): Promise<Played> {
	const { sandbox, users, tell, intervalMs, signal } = stage;
	const lookBackMs = lookBackMsOf(intervalMs);
	if (users.sent() > 0) await forgotten(lookBackMs, signal);
	const { analysis } = canary(act.analysis(intervalMs), lookBackMs).spec as {
		readonly analysis: Record<string, unknown>;
	};
	const unused = { stepWeights: null, iterations: null, mirror: null };
	sandbox.api.patch(canaryRef, { spec: { analysis: { ...unused, ...analysis } } });
	const sentBefore = users.sent();
	const failedBefore = users.failed();
	const mirroredBefore = users.mirrored();
	const runsBefore = latestRunOf(sandbox.api.get(canaryRef)?.status as CanaryStatus | undefined);
	const seen = { weightMost: 0, inconclusiveMost: 0 };
	let told = "";
	let outage: "due" | "on" | "over" = act.outageIntervals === undefined ? "over" : "due";
	const each = (status: CanaryStatus) => {
		const line = progressLine(status);
		if (line !== undefined && line.text !== told) {
			tell.line(line.text, line.mood);
			told = line.text;
		}
		if (status.phase === "Progressing") seen.weightMost = Math.max(seen.weightMost, status.canaryWeight);
		seen.inconclusiveMost = Math.max(seen.inconclusiveMost, status.inconclusiveChecks);
		if (outage === "due" && status.run?.inForceSince !== undefined) {
			outage = "on";
			const outageMs = (act.outageIntervals ?? 0) * intervalMs + intervalMs / 2;
			tell.line(`Prometheus goes away for ${durationText(outageMs)}`, "bad");
			sandbox.prometheus.pause(true);
			setTimeout(() => {
				outage = "over";
				sandbox.prometheus.pause(false);
				tell.line("Prometheus is back", "good");
			}, outageMs);
		}
	};

	tell.command(`kubectl set image deployment/${NAME} podinfod=${act.image}`);
	setImage(stage, act.image);
	const ended = await untilStatus(
		stage,
		"through with its rollout",
		(status) => status.run === undefined && latestRunOf(status) !== runsBefore,
		each,
	);
	const sent = users.sent() - sentBefore;
	const harmed = act.isBad ? users.answeredBy(act.image) : users.failed() - failedBefore;
	const mirrored = users.mirrored() - mirroredBefore;
	const past = ended.history?.[0];
	tell.line(`${ended.phase}: ${past?.message ?? past?.reason ?? ""}`, ended.phase === act.ends ? "good" : "bad");
	tell.line(latencyText(users.latency()), "quiet");
	const wrongEnd = ended.phase === act.ends ? [] : [`it ended as ${ended.phase}, not ${act.ends}`];
	const missing = act.must?.({ ...seen, mirrored });
	return {
		problems: missing === undefined ? wrongEnd : [...wrongEnd, missing],
		harmed,
		unprotected: act.isBad ? sent : harmed,
		sent,
	};
}

/** Waits until checks that look back so far no longer see what was before. */
async function forgotten(lookBackMs: number, signal: AbortSignal): Promise<void> {
	await sleep(lookBackMs, undefined, { signal });
}

function setImage({ sandbox }: Stage, image: string): void {
	sandbox.api.patch(deploymentRef, { spec: { template: { spec: { containers: containers(image) } } } });
}

function latestRunOf(status: CanaryStatus | undefined): string {
	const latest = status?.history?.[0];
	return latest === undefined ? "" : `${latest.revision} ${latest.startedAt}`;
}
