import { type Load, type LoadReport, startLoad } from "../../../sandbox/mesh/load.ts";
import type { Sandbox } from "../../../sandbox/sandbox.ts";
import { durationsBetween, type Served, servedBy, servedNothing } from "./candidate.ts";
import type { Users } from "./play.ts";

/** How many of the last seconds latencies are told of. */
const LATELY_SECONDS = 5;

/** How often the candidate's figures are read while they are looked back on. */
const READINGS = 12;

export interface UsersOptions {
	readonly host: string;
	readonly perSecond: number;
	/** The Service that the candidate answers behind. */
	readonly candidate: string;
	/** How far back its figures look. */
	readonly lookBackMs: number;
}

/** Users who send requests at a steady rate, whatever the answers are, from `start` on. */
export function followUsers(
	sandbox: Pick<Sandbox, "gatewayUrl" | "gatewayMetrics">,
	{ host, perSecond, candidate, lookBackMs }: UsersOptions,
): Users & { start(): void; stop(): Promise<void> } {
	let load: Load | undefined;
	let reading: NodeJS.Timeout | undefined;
	let readings: Served[] = [];
	let former: ReadonlySet<string> = new Set();
	const read = () => servedBy(candidate, sandbox.gatewayMetrics(), former);
	const count = (of: (report: LoadReport) => number) => (load === undefined ? 0 : of(load.report()));
	return {
		start() {
			load ??= startLoad({ url: sandbox.gatewayUrl, host, perSecond });
			reading ??= setInterval(() => {
				readings.push(read());
				if (readings.length > READINGS) readings.shift();
			}, lookBackMs / READINGS);
		},
		async stop() {
			clearInterval(reading);
			await load?.stop();
		},
		sent: () => count(({ sent }) => sent),
		longestWaitMs: () => load?.longestWaitMs() ?? 0,
		answeredBy: (image) => count(({ byImage }) => byImage[image] ?? 0),
		failed: () => count(({ answered, failed, dropped }) => sum(failed) + serverErrors(answered) + dropped),
		durations() {
			// The last second is not over: a few late answers would be all that it has.
			const lately = load?.report().seconds.slice(-LATELY_SECONDS - 1, -1) ?? [];
			const most = (of: (latency: LoadReport["latency"]) => number | undefined) =>
				Math.max(0, ...lately.map(({ latency }) => of(latency)).filter((ms) => ms !== undefined));
			return { p50Ms: most(({ p50 }) => p50), p95Ms: most(({ p95 }) => p95), p99Ms: most(({ p99 }) => p99) };
		},
		newCandidate() {
			former = new Set([...former, ...read().pods]);
			readings = [servedNothing];
		},
		candidate: () => durationsBetween(readings[0] ?? servedNothing, read()),
		mirrored: () => mirroredIn(sandbox.gatewayMetrics()),
	};
}

function sum(counts: Readonly<Record<string, number>>): number {
	return Object.values(counts).reduce((total, one) => total + one, 0);
}

function serverErrors(answered: Readonly<Record<string, number>>): number {
	return sum(Object.fromEntries(Object.entries(answered).filter(([code]) => code.startsWith("5"))));
}

/** Copies of requests, from the gateway's own series. */
function mirroredIn(exposition: string): number {
	return exposition
		.split("\n")
		.filter((line) => line.startsWith("haldane_sandbox_requests_total{") && line.includes('mirror="true"'))
		.reduce((total, line) => total + Number(line.slice(line.lastIndexOf(" "))), 0);
}
