import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { messageOf } from "../../../domain/failure.ts";
import { type Sandbox, startSandbox } from "../../../sandbox/sandbox.ts";
import { type RunningDashboard, startDashboard } from "../../dashboard/dashboard.ts";
import { runOperator } from "../../run.ts";
import { RefusedError, UsageError } from "../../usage-error.ts";
import { type Act, acts } from "./acts.ts";
import { CONTAINER, canary, HOST, imageOf, lookBackMsOf, NAME, workload } from "./manifests.ts";
import { operatorIn, type Webhooks } from "./operator.ts";
import { deploymentRef, forgotten, type Played, play, type Stage } from "./play.ts";
import { progressLegend } from "./progress.ts";
import { type Teller, tellTo } from "./teller.ts";
import { playUpdates } from "./updates.ts";
import { followUsers } from "./users.ts";
import { untilStatus } from "./waiting.ts";

/** What `npm run demo` can be asked for. */
export interface DemoOptions {
	/** One act only, counted from 1; undefined: all of them. */
	readonly act: number | undefined;
	/** 2 is twice as fast. */
	readonly speed: number;
	/** Stays up when the story is over. */
	readonly keep: boolean;
}

const INTERVAL_MS = 2_000;
const REQUESTS_PER_SECOND = 100;
const SPEED_MIN = 0.1;
/** Checks are a second apart then, the least that a Canary can say; and metrics are scraped no more often. */
const SPEED_MAX = 2;
/** Of a process that SIGINT has ended. */
const INTERRUPTED = 130;

/** As the command line has it. */
interface DemoFlags {
	readonly act?: string;
	readonly speed?: string;
	readonly keep?: boolean;
	readonly port?: string;
	readonly gatewayPort?: string;
	readonly prometheusPort?: string;
	readonly registryPort?: string;
	readonly dataDir?: string;
}

/** Reads what was given on the command line; throws UsageError. */
export function demoOptions(given: DemoFlags): DemoOptions {
	for (const name of ["port", "gatewayPort", "prometheusPort", "registryPort"] as const) {
		const flag = name.replace(/[A-Z]/, (letter) => `-${letter.toLowerCase()}`);
		if ((given[name] ?? "0") !== "0")
			throw new UsageError(`--${flag}: the demo takes any port that is free; leave it out`);
	}
	if (given.dataDir !== undefined) throw new UsageError("--data-dir: the demo keeps nothing; leave it out");
	const act = given.act === undefined ? undefined : Number(given.act);
	if (act !== undefined && acts[act - 1] === undefined) throw new UsageError(`--act: write 1 to ${acts.length}`);
	const speed = Number(given.speed ?? 1);
	if (!(speed >= SPEED_MIN && speed <= SPEED_MAX)) {
		throw new UsageError(`--speed: write a number from ${SPEED_MIN} to ${SPEED_MAX}`);
	}
	return { act, speed, keep: given.keep ?? false };
}

/** The whole story: a cluster, traffic, the operator and the dashboard in this process. Answers the exit code: 0 when every act ended as it should, 130 when it was stopped before. */
export async function demo({ act, speed, keep }: DemoOptions, signal: AbortSignal): Promise<number> {
	const tell = tellTo(process.stdout);
	const folder = mkdtempSync(join(tmpdir(), "haldane-sandbox-"));
	tell.heading("Haldane: rollouts in six acts, in a cluster of its own");
	const sandbox = await startSandbox({
		port: 0,
		gatewayPort: 0,
		prometheusPort: 0,
		folder,
		report: (thrown, doing) => tell.line(`the sandbox could not do ${doing}: ${messageOf(thrown)}`, "bad"),
	});
	const ending = new AbortController();
	const isOver = AbortSignal.any([signal, ending.signal]);
	const { options, webhooks } = await operatorIn(sandbox, folder);
	const operator = runOperator(options, isOver);
	const intervalMs = INTERVAL_MS / speed;
	const users = followUsers(sandbox, {
		host: HOST,
		perSecond: REQUESTS_PER_SECOND,
		candidate: `${NAME}-canary`,
		lookBackMs: lookBackMsOf(intervalMs),
	});
	let dashboard: RunningDashboard | undefined;
	try {
		tell.line(`KUBECONFIG=${sandbox.kubeconfig}`, "quiet");
		dashboard = await openDashboard(sandbox, tell);
		const stage: Stage = { sandbox, users, tell, intervalMs, signal };
		for (const object of workload("podinfo:1.0.0")) sandbox.api.create(object);
		sandbox.api.create(canary(acts[0]?.rollouts[0]?.analysis(intervalMs) ?? {}, lookBackMsOf(intervalMs)));
		tell.command("kubectl apply -f podinfo.yaml -f canary.yaml");
		await untilStatus(stage, "Initialized", ({ phase }) => phase === "Initialized");
		tell.line(`${NAME} 1.0.0 answers, and every rollout of it is Haldane's from now on`);
		users.start();
		tell.line(`${REQUESTS_PER_SECOND} requests a second go to ${sandbox.gatewayUrl}, Host: ${HOST}`);
		tell.line(progressLegend(lookBackMsOf(intervalMs)), "quiet");
		const isFine = await tellStory(stage, { only: act, webhooks });
		if (keep) await stayUp(stage);
		return isFine ? 0 : 1;
	} catch (thrown) {
		if (!signal.aborted) throw thrown;
		tell.line("stopped before the end", "quiet");
		return INTERRUPTED;
	} finally {
		ending.abort();
		await users.stop();
		await dashboard?.stop();
		await operator;
		await sandbox.stop();
		rmSync(folder, { recursive: true, force: true });
	}
}

/** Undefined, and said, when a checkout has not built its page: the story goes on without. */
async function openDashboard(sandbox: Sandbox, tell: Teller): Promise<RunningDashboard | undefined> {
	try {
		const { kubeconfig, prometheus } = sandbox;
		const dashboard = await startDashboard({ kubeconfig, port: "0", metricsServer: prometheus.url });
		tell.line(`dashboard: ${dashboard.url}`);
		return dashboard;
	} catch (thrown) {
		if (!(thrown instanceof RefusedError)) throw thrown;
		tell.line(`no dashboard: ${thrown.message}`, "quiet");
		return undefined;
	}
}

async function tellStory(
	stage: Stage,
	{ only, webhooks }: { readonly only: number | undefined; readonly webhooks: Webhooks },
): Promise<boolean> {
	const { tell } = stage;
	const played: Played[] = [];
	for (const [index, act] of acts.entries()) {
		if (only !== undefined && only !== index + 1) continue;
		tell.heading(`Act ${index + 1} of ${acts.length}. ${act.title}`);
		for (const result of await playAct(stage, act, webhooks)) {
			for (const problem of result.problems) tell.line(`This should not be: ${problem}`, "bad");
			played.push(result);
		}
	}
	// What a slow version still owes counts too.
	if (played.at(-1)?.rollout.isBad) await forgotten(stage.users, lookBackMsOf(stage.intervalMs), stage.signal);
	tellEnd(stage, played);
	return played.every(({ problems }) => problems.length === 0);
}

async function playAct(stage: Stage, act: Act, webhooks: Webhooks): Promise<readonly Played[]> {
	if (act.byUpdater) return playUpdates(stage, act, webhooks);
	const played: Played[] = [];
	for (const rollout of act.rollouts) played.push(await play(stage, rollout));
	return played;
}

function tellEnd({ tell, users }: Stage, played: readonly Played[]): void {
	const sent = users.sent();
	let harmed = 0;
	let unprotected = 0;
	tell.heading("What users saw");
	for (const { rollout, sent: meanwhile, failed } of played) {
		const { image, isBad } = rollout;
		const met = isBad ? users.answeredBy(image) : failed;
		harmed += met;
		unprotected += isBad ? meanwhile : failed;
		if (isBad) tell.line(`${met} requests met ${image}; without Haldane all ${meanwhile} would have`);
	}
	const said = `${sent} requests were sent: ${share(harmed, sent)} met a bad version or were lost`;
	tell.line(said, harmed < unprotected || harmed === 0 ? "good" : "bad");
	tell.line(`Without Haldane, each version taking all requests at once: ${share(unprotected, sent)}`);
}

function share(part: number, whole: number): string {
	return `${part} (${whole === 0 ? "0" : ((part * 100) / whole).toFixed(1)} %)`;
}

/** Until it is interrupted. */
async function stayUp({ sandbox, tell, signal }: Stage): Promise<void> {
	// From a checkout there is no such command.
	const haldane = process.argv[1]?.endsWith(".ts") ? "node src/cli/main.ts" : "npx haldane";
	const image = imageOf(sandbox.api.get(deploymentRef)) ?? NAME;
	const name = image.slice(0, image.lastIndexOf(":"));
	const push = (tag: string) => tell.command(`kubectl set image deployment/${NAME} ${CONTAINER}=${name}:${tag}`);
	tell.heading("The cluster stays up. In another terminal:");
	tell.command(`export KUBECONFIG=${sandbox.kubeconfig}`);
	// The updater looks after it only since it comes from there.
	if (name !== NAME) tell.command(`${haldane} sandbox push ${name}:1.8.0   # found within a minute`);
	push("2.0.0");
	tell.command(`${haldane} get ${NAME}`);
	push("2.1.0-error20");
	tell.command(`kubectl edit canary ${NAME}`);
	tell.command(`curl -H 'Host: ${HOST}' ${sandbox.gatewayUrl}`);
	tell.line("Ctrl+C ends it.", "quiet");
	if (signal.aborted) return;
	await new Promise<void>((resolve) => signal.addEventListener("abort", () => resolve(), { once: true }));
}
