import { durationText } from "../domain/duration.ts";
import { axiosTransport } from "./axios-transport.ts";
import { describeTarget, redact } from "./redact.ts";
import { type OutboundAnswer, type OutboundRequest, PAUSE_MS_MAX, RETRIES_MAX, type Send } from "./request.ts";
import { retryAfterMs } from "./retry-after.ts";
import { pause, systemTimers, type Timers } from "./timers.ts";
import { StaleConnectionError, type Transport, UnsendableError } from "./transport.ts";

export interface OutboundPorts {
	readonly transport?: Transport;
	readonly timers?: Timers;
	/** From 0 to 1: spreads retries out. */
	readonly random?: () => number;
	/** The proxy for requests that name none, as the environment asks. */
	readonly proxyFor?: (url: string) => string | undefined;
}

const FIRST_PAUSE_MS = 250;
/** More than a transport keeps open to one host, so that the last try is on a new connection. */
const STALE_MAX = 8;

/**
 * The only way out for HTTP requests that are not Kubernetes'. Answers and failures are values.
 *
 * Guarantees: at most 1 + `retries` attempts (kept connections that had gone stale are not counted), each within
 * `timeoutMs`; no redirection is followed; no message holds a header, path, query or password.
 */
export function outbound({
	transport = axiosTransport(),
	timers = systemTimers,
	random = Math.random,
	proxyFor = () => undefined,
}: OutboundPorts = {}): Send {
	return async (described, signal) => {
		const problem = unsendable(described);
		if (problem !== undefined) return unreachable(described, problem);
		const proxy = described.proxy ?? proxyFor(described.url);
		const request = proxy === undefined ? described : { ...described, proxy };
		const retries = Math.min(request.retries, RETRIES_MAX);
		for (let attempt = 0; ; attempt++) {
			const outcome = await tryOnce(request, signal);
			const last = attempt >= retries || signal.aborted;
			if (last || !outcome.again) return attempt === 0 ? outcome.answer : counted(outcome.answer, attempt + 1);
			const backOffMs = FIRST_PAUSE_MS * 2 ** attempt * (0.5 + random() / 2);
			const askedMs = outcome.answer.kind === "answer" ? retryAfterMs(outcome.answer.headers, timers.now()) : undefined;
			await pause(timers, Math.min(askedMs ?? backOffMs, PAUSE_MS_MAX), signal);
			if (signal.aborted) return outcome.answer;
		}
	};

	async function tryOnce(
		request: OutboundRequest,
		signal: AbortSignal,
	): Promise<{ readonly answer: OutboundAnswer; readonly again: boolean }> {
		if (signal.aborted) return { answer: unreachable(request, "given up before it was sent"), again: false };
		const attempt = new AbortController();
		const giveUp = () => attempt.abort();
		signal.addEventListener("abort", giveUp);
		const cancel = timers.after(request.timeoutMs, giveUp);
		try {
			const answer = await carried(request, attempt.signal);
			return { answer, again: mayPass(answer.status) };
		} catch (thrown) {
			const detail = signal.aborted
				? "given up"
				: attempt.signal.aborted
					? `no answer within ${durationText(request.timeoutMs)}`
					: wordsOf(thrown);
			return { answer: unreachable(request, detail), again: !(thrown instanceof UnsendableError) };
		} finally {
			cancel();
			signal.removeEventListener("abort", giveUp);
		}
	}

	/** A server may close a kept connection just as we use it; Node's advice is to send again. */
	async function carried(request: OutboundRequest, signal: AbortSignal) {
		for (let stale = 0; ; stale++) {
			try {
				return await transport(request, signal);
			} catch (thrown) {
				if (!(thrown instanceof StaleConnectionError) || signal.aborted || stale === STALE_MAX) throw thrown;
			}
		}
	}
}

function unsendable({ url }: OutboundRequest): string | undefined {
	const parsed = URL.parse(url);
	if (parsed === null) return "the address is not a URL";
	if (parsed.protocol !== "http:" && parsed.protocol !== "https:") return "the address is neither http nor https";
	return undefined;
}

function unreachable(request: OutboundRequest, detail: string): OutboundAnswer {
	return { kind: "unreachable", detail: redact(`${describeTarget(request)}: ${detail}`, request) };
}

function wordsOf(thrown: unknown): string {
	return thrown instanceof Error ? thrown.message : String(thrown);
}

function counted(answer: OutboundAnswer, attempts: number): OutboundAnswer {
	if (answer.kind === "answer") return answer;
	return { kind: "unreachable", detail: `${answer.detail} (${attempts} attempts)` };
}

/** 501 says "never"; the other 5xx and 429 say "not now". */
function mayPass(status: number): boolean {
	return status === 429 || (status >= 500 && status !== 501);
}
