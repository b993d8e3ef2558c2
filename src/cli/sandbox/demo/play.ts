import { setTimeout as sleep } from "node:timers/promises";
import type { CanaryStatus } from "../../../api/canary-status.ts";
import { durationText } from "../../../domain/duration.ts";
import type { ObjectRef } from "../../../domain/kube-object.ts";
import type { Sandbox } from "../../../sandbox/sandbox.ts";
import type { Rollout } from "./acts.ts";
import type { Durations } from "./candidate.ts";
import { CONTAINER, canary, containers, lookBackMsOf, NAME, NAMESPACE } from "./manifests.ts";
import { durationsText, progressHeading, progressLine } from "./progress.ts";
import type { Teller } from "./teller.ts";
import { canaryRef, untilStatus } from "./waiting.ts";

/** What users send and get, as the demo reads it. */
export interface Users {
	/** Requests that have been sent until now. */
	sent(): number;
	/** For how many milliseconds the oldest request that has no answer yet has waited; 0 when there is none. */
	longestWaitMs(): number;
	/** Requests that this image has answered. */
	answeredBy(image: string): number;
	/** Requests that nobody answered, and answers of 500 and above, until now. */
	failed(): number;
	/** What they have met lately. */
	durations(): Durations;
	/** What answered as the candidate until now is told no more. */
	newCandidate(): void;
	/** The candidate's, as far back as its checks look; undefined when it has answered nothing. */
	candidate(): Durations | undefined;
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

/** How a rollout went. */
export interface Played {
	readonly rollout: Rollout;
	/** What was not as it should be; empty when it ended as it should. */
	readonly problems: readonly string[];
	/** Requests that users sent meanwhile, and those of them that were lost. */
	readonly sent: number;
	readonly failed: number;
}

export const deploymentRef: ObjectRef = { apiVersion: "apps/v1", kind: "Deployment", namespace: NAMESPACE, name: NAME };
/** How often it is asked whether answers are still owed. */
const OWED_EVERY_MS = 100;

/** Has the version pushed, by hand unless said otherwise, and tells what becomes of it. */
export async function play(
	stage: Stage,
	rollout: Rollout,
	push: () => void | Promise<void> = () => setImage(stage, rollout.image),
): Promise<Played> {
	const { sandbox, users, tell, intervalMs, signal } = stage;
	const lookBackMs = lookBackMsOf(intervalMs);
	if (users.sent() > 0) await forgotten(users, lookBackMs, signal);
	const { analysis } = canary(rollout.analysis(intervalMs), lookBackMs).spec as {
		readonly analysis: Record<string, unknown>;
	};
	const unused = { stepWeights: null, iterations: null, mirror: null };
	sandbox.api.patch(canaryRef, { spec: { analysis: { ...unused, ...analysis } } });
	const sentBefore = users.sent();
	const failedBefore = users.failed();
	const mirroredBefore = users.mirrored();
	const isThrough = nextRun(stage);
	const seen = { weightMost: 0, inconclusiveMost: 0 };
	let told = "";
	let backAgain: NodeJS.Timeout | undefined;
	let outage: "due" | "on" | "over" = rollout.outageIntervals === undefined ? "over" : "due";
	const each = (status: CanaryStatus) => {
		const line = progressLine(status, users.candidate(), tell.width);
		if (line !== undefined && line.key !== told) {
			tell.line(line.text, line.mood);
			told = line.key;
		}
		if (status.phase === "Progressing") seen.weightMost = Math.max(seen.weightMost, status.canaryWeight);
		seen.inconclusiveMost = Math.max(seen.inconclusiveMost, status.inconclusiveChecks);
		if (outage === "due" && status.run?.inForceSince !== undefined) {
			outage = "on";
			const outageMs = (rollout.outageIntervals ?? 0) * intervalMs + intervalMs / 2;
			tell.line(`Prometheus goes away for ${durationText(outageMs)}`, "bad");
			sandbox.prometheus.pause(true);
			backAgain = setTimeout(() => {
				outage = "over";
				sandbox.prometheus.pause(false);
				tell.line("Prometheus is back", "good");
			}, outageMs);
		}
	};

	users.newCandidate();
	await push();
	tell.line(progressHeading(tell.width), "quiet");
	const ended = await untilStatus(stage, "through with its rollout", isThrough, each).finally(() => {
		clearTimeout(backAgain);
		sandbox.prometheus.pause(false);
	});
	const sent = users.sent() - sentBefore;
	const failed = users.failed() - failedBefore;
	const mirrored = users.mirrored() - mirroredBefore;
	const past = ended.history?.[0];
	tell.line(`${ended.phase}: ${past?.message ?? past?.reason ?? ""}`, ended.phase === rollout.ends ? "good" : "bad");
	tell.line(`Users: ${sent} requests, ${failed} failed, ${durationsText(users.durations())}`, "quiet");
	const wrongEnd = ended.phase === rollout.ends ? [] : [`it ended as ${ended.phase}, not ${rollout.ends}`];
	const missing = rollout.must?.({ ...seen, mirrored });
	return { rollout, problems: missing === undefined ? wrongEnd : [...wrongEnd, missing], sent, failed };
}

/**
 * Waits until checks that look back so far see nothing of what was sent before: an answer counts when it is given, and a slow
 * version may owe some for long after its last request.
 */
export async function forgotten(
	users: Pick<Users, "longestWaitMs">,
	lookBackMs: number,
	signal: AbortSignal,
	wait = (ms: number): Promise<void> => sleep(ms, undefined, { signal }),
): Promise<void> {
	let passedMs = 0;
	while (users.longestWaitMs() >= passedMs) {
		await wait(OWED_EVERY_MS);
		passedMs += OWED_EVERY_MS;
	}
	await wait(lookBackMs);
}

/** As a person would. */
function setImage({ sandbox, tell }: Stage, image: string): void {
	tell.command(`kubectl set image deployment/${NAME} ${CONTAINER}=${image}`);
	sandbox.api.patch(deploymentRef, { spec: { template: { spec: { containers: containers(image) } } } });
}

/** Whether the rollout that comes next is through, as a status says it. */
export function nextRun({ sandbox }: Stage): (status: CanaryStatus) => boolean {
	const before = latestRunOf(sandbox.api.get(canaryRef)?.status as CanaryStatus | undefined);
	return (status) => status.run === undefined && latestRunOf(status) !== before;
}

function latestRunOf(status: CanaryStatus | undefined): string {
	const latest = status?.history?.[0];
	return latest === undefined ? "" : `${latest.revision} ${latest.startedAt}`;
}
