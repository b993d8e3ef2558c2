import { setTimeout as sleep } from "node:timers/promises";
import { follow } from "../support/control-plane/follow.ts";
import { findDataPlane } from "../support/data-plane/data-plane.ts";
import { type Answer, failuresIn, type Load, percentOf, startLoad } from "../support/data-plane/load.ts";
import type { CanarySeen } from "../support/operator/manifests.ts";
import { canaryRef, hostOf } from "./shop.ts";
import { lostIn, type Stage, startStage } from "./stage.ts";

// A rollout that is promoted and one that is rolled back, on a real API server behind a real Envoy, told as they happen.
const NAME = "shop";
const PER_SECOND = 150;

const tools = findDataPlane();
if (tools === undefined) process.exit(1);
tell("Starting Kubernetes' control plane, Contour, Envoy, Prometheus and Haldane…");
const stage = await startStage(tools);
try {
	await play(stage);
} finally {
	await stage.stop();
}
process.exit(0);

async function play(stage: Stage): Promise<void> {
	await stage.open(NAME, { version: "1.0.0" });
	tell(`${NAME} 1.0.0 runs, and ${PER_SECOND} requests a second go to it through Envoy.`);
	const load = startLoad({ url: stage.plane.ingress.url, host: hostOf(NAME), perSecond: PER_SECOND });
	tell("A Canary is applied: Haldane takes the Deployment, its Service and its route over.");
	await stage.takeOver(NAME, {
		steps: [
			{ weight: 20, for: "10s" },
			{ weight: 50, for: "10s" },
		],
		threshold: 2,
	});
	const stopTelling = await tellStatus(stage, load);
	tell("$ kubectl set image deployment/shop main=example.com/shop:2.0.0");
	await stage.push(NAME, { version: "2.0.0" });
	await stage.settled(NAME, "Succeeded");
	tell(
		"$ kubectl set image deployment/shop main=example.com/shop:3.0.0   (of which a third of all answers are errors)",
	);
	await stage.push(NAME, { version: "3.0.0", errorPercent: 33 });
	await stage.settled(NAME, "Failed");
	await stopTelling();
	const answers = await load.stop();
	const harmed = failuresIn(answers).length;
	tell(
		`Of ${answers.length} requests ${lostIn(answers).length} were lost, and ${harmed} met an error of version 3.0.0.`,
	);
}

/** A line whenever the Canary's phase or weight changes, and what users get meanwhile. */
async function tellStatus({ admin }: Stage, load: Load): Promise<() => Promise<void>> {
	let told = "";
	const { apiVersion, kind } = canaryRef(NAME);
	const following = await follow<CanarySeen>(
		admin,
		{ apiVersion, kind, namespace: "default" },
		{
			seen({ status }) {
				if (status === undefined) return;
				const check = status.failedChecks > 0 ? `, ${status.failedChecks} failed checks` : "";
				const line = `${status.phase}, the candidate gets ${status.canaryWeight} %${check}`;
				if (line !== told) tell(`  Canary ${NAME}: ${line}`);
				told = line;
			},
			gone() {},
		},
	);
	const ending = new AbortController();
	const done = tellUsers(load, ending.signal);
	return async () => {
		ending.abort();
		await done;
		await following.stop();
	};
}

/** Every few seconds, which versions answered since the last time. */
async function tellUsers(load: Load, signal: AbortSignal): Promise<void> {
	let told = load.answers().length;
	while (!signal.aborted) {
		await sleep(4_000, undefined, { signal }).catch(() => {});
		const latest = load.answers().slice(told);
		told += latest.length;
		if (latest.length > 0) tell(`  users: ${sharesOf(latest)}`);
	}
}

function sharesOf(answers: readonly Answer[]): string {
	const versions = [...new Set(answers.map(({ version }) => version))]
		.filter((version) => version !== undefined)
		.sort();
	const shares = versions.map((version) => `${version} ${bar(percentOf(answers, version))}`);
	const errors = failuresIn(answers).length;
	return `${shares.join("  ")}${errors > 0 ? `  ${errors} errors` : ""}`;
}

function bar(percent: number): string {
	return `${"█".repeat(Math.round(percent / 5))} ${percent.toFixed(0)} %`;
}

function tell(line: string): void {
	console.log(`${new Date().toISOString().slice(11, 19)}  ${line}`);
}
