import { setTimeout as sleep } from "node:timers/promises";
import type { CanaryStatus } from "../../../api/canary-status.ts";
import { type ImageRecord, recordsOn } from "../../../api/image-record.ts";
import type { KubeObject } from "../../../domain/kube-object.ts";
import { outbound } from "../../../http/outbound.ts";
import { tagOf } from "../../../sandbox/cluster/pods/behaviour.ts";
import { IMAGE_SETTINGS, type ImageSetting, settingKey } from "../../../sandbox/image-settings.ts";
import type { Sandbox } from "../../../sandbox/sandbox.ts";
import { push as tellOperator } from "../../updater/commands/push.ts";
import type { Act, Rollout } from "./acts.ts";
import { CONTAINER, containers, imageOf, NAME } from "./manifests.ts";
import type { Webhooks } from "./operator.ts";
import { deploymentRef, nextRun, type Played, play, type Stage } from "./play.ts";
import { canaryRef, until, untilStatus } from "./waiting.ts";

const POLICY = "haldane.dev/policy";
/** The tag that the updater begins at. */
const FIRST = "1.5.0";
/** The share of errors of a bad version: its tag has to look like any other, or no policy would choose it. */
const ERROR_RATE = 0.2;
const LOOKED_WITHIN_MS = 10_000;
const LOOK_EVERY_MS = 50;

/** What is looked at to see that nothing happens. */
interface Looked extends Pick<Stage, "intervalMs"> {
	readonly sandbox: Pick<Sandbox, "api"> & { readonly registry: Pick<Sandbox["registry"], "requests"> };
}

/** An act in which nobody sets an image: CI pushes a tag and says so, and the updater does the rest. */
export async function playUpdates(stage: Stage, act: Act, webhooks: Webhooks): Promise<readonly Played[]> {
	const { sandbox } = stage;
	const nameOf = (tag: string) => `${sandbox.registry.host}/${NAME}:${tag}`;
	await follow(stage, nameOf(FIRST));
	const played: Played[] = [];
	for (const rollout of act.rollouts) {
		const tag = tagOf(rollout.image);
		const image = nameOf(tag);
		if (rollout.isBad) misbehave(stage, { image, errorRate: ERROR_RATE });
		let digest = "";
		const went = await play(stage, { ...rollout, image }, async () => {
			stage.tell.command(`haldane sandbox push ${image}`);
			digest = sandbox.registry.push(NAME, tag);
			await announce(stage, image, webhooks);
			const { chosen } = await untilRecord(stage, `set to ${tag} by the updater`, ({ chosen }) => {
				return chosen?.tag === tag && chosen.digest === digest && chosen.state !== "Writing";
			});
			stage.tell.line(`The updater: ${chosen?.why ?? ""}`);
		});
		// What ended in another way is told already, and nothing of what should come after it will.
		const endedWell = went.problems.length === 0;
		const problems = endedWell ? await afterwards(stage, rollout, { image, digest, webhooks }) : went.problems;
		played.push({ ...went, problems });
	}
	return played;
}

/** Has the updater look after the Deployment, whose image comes from the sandbox's registry from now on: nothing new, so it is not tested. */
async function follow(stage: Stage, image: string): Promise<void> {
	const { sandbox, tell } = stage;
	sandbox.registry.push(NAME, tagOf(image));
	sandbox.api.patch(canaryRef, { spec: { skipAnalysis: true } });
	const isThrough = nextRun(stage);
	tell.command(`kubectl set image deployment/${NAME} ${CONTAINER}=${image}`);
	tell.command(`kubectl annotate deployment/${NAME} ${POLICY}=minor`);
	// At once: the updater must not look for its former image, which is in a registry of the world's.
	const template = { spec: { containers: containers(image) } };
	sandbox.api.patch(deploymentRef, { metadata: { annotations: { [POLICY]: "minor" } }, spec: { template } });
	await untilStatus(stage, "through with the move to the registry", isThrough);
	sandbox.api.patch(canaryRef, { spec: { skipAnalysis: null } });
	tell.line(`${NAME} comes from the sandbox's registry now, and the updater looks there for newer tags`);
}

function misbehave({ sandbox, tell }: Stage, setting: ImageSetting & { readonly errorRate: number }): void {
	tell.command(`haldane sandbox image ${setting.image} --error-rate ${setting.errorRate * 100}%`);
	const ref = { apiVersion: "v1", kind: "ConfigMap", ...IMAGE_SETTINGS };
	sandbox.api.patch(ref, { data: { [settingKey(setting.image)]: JSON.stringify(setting) } });
}

/** As a pipeline does after its push. */
async function announce({ tell, signal }: Stage, image: string, { url, secret }: Webhooks): Promise<void> {
	tell.command(`haldane updater push ${image} --url ${url}`);
	await tellOperator({ send: outbound(), now: () => Date.now(), signal }, { image, digest: undefined, url, secret });
}

/** What should be so when the rollout is over: the updater says how it went, and what failed stays where it is. */
async function afterwards(
	stage: Stage,
	{ isBad }: Rollout,
	{ image, digest, webhooks }: { readonly image: string; readonly digest: string; readonly webhooks: Webhooks },
): Promise<readonly string[]> {
	const { tell, signal } = stage;
	const tag = tagOf(image);
	if (!isBad) {
		await untilRecord(stage, `recorded as rolled out with ${tag}`, ({ chosen }) => {
			return chosen?.tag === tag && chosen.state === "RolledOut";
		});
		return [];
	}
	await untilRecord(stage, `recorded as failed with ${tag}`, ({ failed = [] }) =>
		failed.some((one) => one.tag === tag && one.digest === digest),
	);
	tell.line(`The updater remembers that ${tag} failed, and with which content: ${digest.slice(0, 19)}…`);
	tell.line(`CI tells of ${tag} once more`);
	const wait = (ms: number) => sleep(ms, undefined, { signal });
	const problem = await leftAlone(stage, () => announce(stage, image, webhooks), wait);
	if (problem !== undefined) return [`${tag} had been rolled back, and ${problem}`];
	tell.line(`The updater looked, and leaves ${tag} alone: nothing changes`, "good");
	return [];
}

/** Tells of a tag again, and answers what is wrong with what comes of it: the registry has to be asked, and nothing be tried. */
export async function leftAlone(
	{ sandbox, intervalMs }: Looked,
	tellAgain: () => Promise<void>,
	wait: (ms: number) => Promise<void>,
): Promise<string | undefined> {
	const before = stateOf(sandbox);
	const asked = sandbox.registry.requests();
	await tellAgain();
	for (let waitedMs = 0; sandbox.registry.requests() === asked; waitedMs += LOOK_EVERY_MS) {
		if (waitedMs > LOOKED_WITHIN_MS) return "the updater did not ask the registry when it was told of it again";
		await wait(LOOK_EVERY_MS);
	}
	// More than it needed to begin a rollout before.
	await wait(intervalMs);
	return stateOf(sandbox) === before ? undefined : "it was tried again";
}

/** Resolves once what the updater remembers of the image is so. */
function untilRecord(stage: Stage, what: string, holds: (record: ImageRecord) => boolean): Promise<ImageRecord> {
	const read = (deployment: KubeObject) => {
		const remembered = recordsOn(deployment);
		return remembered.ok ? remembered.records.find(({ container }) => container === CONTAINER) : undefined;
	};
	return until(stage, { ref: deploymentRef, what, read, holds });
}

/** What another try would change. */
function stateOf({ api }: Pick<Sandbox, "api">): string {
	const status = api.get(canaryRef)?.status as CanaryStatus | undefined;
	return JSON.stringify([imageOf(api.get(deploymentRef)), status?.phase, status?.history]);
}
