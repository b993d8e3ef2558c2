import { durationText } from "../domain/duration.ts";
import type { Hooks } from "../hooks/call.ts";
import type { HookAnswer } from "../hooks/hook.ts";
import { PAUSE_MS_MAX } from "../http/request.ts";
import type { Timers } from "../http/timers.ts";
import type { AskMetric } from "./ask-metric.ts";
import type { Check, Question, Reading, Readings } from "./question.ts";

export interface GatherPorts {
	readonly askMetric: AskMetric;
	readonly askHook: Hooks["ask"];
	readonly timers: Timers;
	/** Told of what a port threw, which is a bug: ports answer with values. */
	readonly report: (thrown: unknown) => void;
}

export interface Patience {
	/** For all questions together. What has not been answered by then is unreachable. */
	readonly deadlineMs: number;
	/** Aborts when the operator stops. */
	readonly signal: AbortSignal;
}

/**
 * Asks all questions at once and waits for the last answer, but no longer than the deadline. Cannot fail: every
 * question has an answer, in the order asked, and a backend that is down, slow or broken is one. Checks of the same source with the same
 * query are asked once.
 */
export async function gather(
	questions: readonly Question[],
	{ deadlineMs, signal }: Patience,
	ports: GatherPorts,
): Promise<Readings> {
	if (questions.length === 0) return { checks: new Map(), hooks: new Map() };

	const pass = new AbortController();
	const overdue = Promise.withResolvers<string>();
	const giveUp = (detail: string) => {
		overdue.resolve(detail);
		pass.abort();
	};
	const stop = () => giveUp("given up, the operator is stopping");
	signal.addEventListener("abort", stop);
	const cancel = ports.timers.after(deadlineMs, () => giveUp(`no answer within ${durationText(deadlineMs)}`));
	if (signal.aborted) stop();

	/** Settles at the deadline at the latest, even when the port does not heed its signal. */
	const inTime = async <T>(ask: () => Promise<T>): Promise<T | { kind: "unreachable"; detail: string }> => {
		const late = overdue.promise.then((detail) => ({ kind: "unreachable" as const, detail }));
		if (pass.signal.aborted) return late;
		const answered = (async () => ask())().catch((thrown: unknown) => {
			ports.report(thrown);
			return { kind: "unreachable" as const, detail: "asking failed, which is a fault of the operator: see its log" };
		});
		return Promise.race([late, answered]);
	};

	const asked = new Map<string, Promise<Reading>>();
	const askOnce = (check: Check): Promise<Reading> => {
		const key = JSON.stringify([check.source, check.query]);
		const known = asked.get(key);
		if (known !== undefined) return known;
		const reading = inTime(() => ports.askMetric(check, pass.signal));
		asked.set(key, reading);
		return reading;
	};

	const [checks, hooks] = await Promise.all([
		Promise.all(
			questions
				.filter((question) => question.kind === "check")
				.map(async ({ id, check }) => [id, await askOnce(check)] as const),
		),
		Promise.all(
			questions
				.filter((question) => question.kind === "hook")
				.map(
					async ({ id, hook, ...call }) => [id, await inTime(() => ports.askHook(hook, call, pass.signal))] as const,
				),
		),
	]);
	cancel();
	signal.removeEventListener("abort", stop);
	return { checks: new Map<string, Reading>(checks), hooks: new Map<string, HookAnswer>(hooks) };
}

/** How long the questions may take at most, each with its retries: a deadline that cuts no hook short of its own. */
export function patienceMs(
	questions: readonly Question[],
	{ leastMs, mostMs }: { readonly leastMs: number; readonly mostMs: number },
): number {
	const needs = questions.map((question) =>
		question.kind === "check"
			? leastMs
			: question.hook.timeoutMs * (question.hook.retries + 1) + PAUSE_MS_MAX * question.hook.retries,
	);
	return Math.min(Math.max(leastMs, ...needs), mostMs);
}
