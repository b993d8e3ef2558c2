import { Agent, request as httpRequest, type IncomingMessage } from "node:http";
import type { Running } from "../contract.ts";
import { createPace } from "./load/pace.ts";
import { createTally, type LoadReport, TIMEOUT } from "./load/tally.ts";

export type { LoadReport, LoadSecond } from "./load/tally.ts";

export interface LoadOptions {
	/** Where the gateway listens. */
	readonly url: string;
	/** What the requests are for: their Host. */
	readonly host: string;
	readonly perSecond: number;
	readonly path?: string;
	readonly headers?: Readonly<Record<string, string>>;
}

export interface Load extends Running {
	report(): LoadReport;
	/** For how many milliseconds the oldest request that has no answer yet has been due; 0 when there is none. */
	longestWaitMs(): number;
}

const UNDER_WAY_MAX = 2_000;
/** Longer than any request may take in the gateway, so that its own answer is heard. */
const DEADLINE_MS = 30_000;
/** What is due within one of these is sent together: timers are no finer. */
const TICK_MS = 5;

/**
 * Sends requests when they are due, whatever becomes of those before: what a slow answer costs is never hidden by
 * asking less. What a stall of this process held up is sent after it, and counted from when it was due.
 */
export function startLoad({ url, host, perSecond, path = "/", headers = {} }: LoadOptions): Load {
	const agent = new Agent({ keepAlive: true, maxSockets: UNDER_WAY_MAX, maxFreeSockets: 64 });
	const target = new URL(path, url);
	const tally = createTally();
	/** How each is aborted, and when it was due, in the order they were sent in. */
	const underWay = new Map<() => void, number>();
	const idle = new Set<() => void>();
	const pace = createPace(performance.now(), perSecond);
	let timer: NodeJS.Timeout | undefined;
	let isStopped = false;

	function tick() {
		const now = performance.now();
		const { due, beyond } = pace.take(now, UNDER_WAY_MAX - underWay.size);
		if (beyond > 0) tally.dropped(Date.now(), beyond);
		for (const at of due) send(at);
		wait();
	}

	function wait() {
		const next = pace.next();
		if (next !== undefined) timer = setTimeout(tick, Math.max(TICK_MS, next - performance.now()));
	}

	function send(dueAt: number) {
		tally.sent(Date.now(), performance.now() - dueAt);
		const request = httpRequest(target, { agent, headers: { ...headers, host } });
		let answer: IncomingMessage | undefined;
		let isEnded = false;
		let failure: string | undefined;
		const ended = () => {
			if (isEnded) return;
			isEnded = true;
			clearTimeout(deadline);
			underWay.delete(abort);
			const latencyMs = performance.now() - dueAt;
			const code = answer?.complete && failure === undefined ? answer.statusCode : undefined;
			if (code === undefined) tally.ended(Date.now(), { failure: failure ?? "broken off", latencyMs });
			else {
				const header = (name: string) => answer?.headers[name]?.toString();
				tally.ended(Date.now(), { code, image: header("x-image"), pod: header("x-pod"), latencyMs });
			}
			if (underWay.size === 0) for (const tell of idle) tell();
		};
		const giveUp = (kind: string) => {
			failure ??= kind;
			request.destroy();
		};
		const abort = () => giveUp("stopped");
		const deadline = setTimeout(() => giveUp(TIMEOUT), DEADLINE_MS);
		underWay.set(abort, dueAt);
		request.once("response", (head) => {
			answer = head;
			answer.on("error", (error: NodeJS.ErrnoException) => {
				failure ??= error.code ?? error.message;
			});
			answer.resume();
		});
		request.on("error", (error: NodeJS.ErrnoException) => {
			failure ??= error.code ?? error.message;
		});
		request.once("close", ended);
		request.end();
	}

	wait();
	return {
		report: () => tally.report(Date.now()),
		longestWaitMs() {
			const [dueAt] = underWay.values();
			return dueAt === undefined ? 0 : performance.now() - dueAt;
		},
		async stop() {
			if (isStopped) return;
			isStopped = true;
			clearTimeout(timer);
			if (underWay.size > 0) {
				const done = new Promise<void>((resolve) => idle.add(resolve));
				for (const abort of underWay.keys()) abort();
				await done;
			}
			agent.destroy();
		},
	};
}
