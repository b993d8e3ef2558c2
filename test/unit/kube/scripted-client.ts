import type { KubeObject } from "../../../src/domain/kube-object.ts";
import type { KubeClient, ListPage, WatchLine } from "../../../src/kube/client.ts";
import { type Clock, sleep } from "../../../src/kube/clock.ts";
import { ApiError } from "../../../src/kube/errors.ts";

/** How a list is answered: with a page, or not. */
export type ListTurn = { readonly page: ListPage } | { readonly fails: Error };
/** How a watch goes: its lines, then after a while its end, clean or not. */
export interface WatchTurn {
	readonly lines: readonly WatchLine[];
	readonly lastsMs: number;
	readonly fails?: Error;
}
export type Turn = ListTurn | WatchTurn;

export const deployment = (name: string, version: number | string, more: object = {}): KubeObject => ({
	apiVersion: "apps/v1",
	kind: "Deployment",
	metadata: { name, namespace: "shop", uid: `uid of ${name}`, resourceVersion: String(version), ...more },
});

export const page = (version: number, items: readonly KubeObject[], next?: string): Turn => ({
	page: { items, resourceVersion: String(version), continue: next },
});
export const fails = (error: Error): Turn => ({ fails: error });
/** A watch that says its lines, goes on for a minute, and ends as watches do. */
export const watch = (...lines: readonly WatchLine[]): WatchTurn => ({ lines, lastsMs: 60_000 });
/** A watch that says its lines and breaks. */
export const breaks = (error: Error, ...lines: readonly WatchLine[]): WatchTurn => ({
	lines,
	lastsMs: 0,
	fails: error,
});

const line = (type: WatchLine["type"]) => (object: KubeObject) => ({ type, object });
export const added = line("ADDED");
export const modified = line("MODIFIED");
export const deleted = line("DELETED");
export const bookmark = (version: number) =>
	line("BOOKMARK")({
		apiVersion: "apps/v1",
		kind: "Deployment",
		metadata: { resourceVersion: String(version) } as never,
	});
export const errorLine = (code: number, message: string) =>
	line("ERROR")({ apiVersion: "v1", kind: "Status", metadata: {}, code, message } as never);

export const answered = (status: number, retryAfterMs?: number) =>
	new ApiError(`deployments: answered ${status}`, { status, reason: `HTTP ${status}`, retryAfterMs });
export const noAnswer = new ApiError("deployments: GET was not answered", { status: 0, reason: "NoAnswer" });
export const brokenLine = new ApiError("deployments: a line is no JSON", { status: 0, reason: "BrokenLine" });

/** What was asked, and after how long. */
export interface Asked {
	readonly request: string;
	readonly at: number;
}

/** Plays its turns in order, whatever is asked, and answers nothing once they are used up. */
export function scriptedClient(clock: Clock, turns: readonly Turn[]) {
	const asked: Asked[] = [];
	const timeouts: number[] = [];
	const turnFor = (request: string) => {
		asked.push({ request, at: clock.elapsed() });
		return turns[asked.length - 1];
	};
	const aborted = (signal: AbortSignal | undefined) =>
		new Promise<never>((_resolve, reject) => {
			const abort = () => reject(noAnswer);
			if (signal?.aborted) abort();
			signal?.addEventListener("abort", abort, { once: true });
		});
	const client: Pick<KubeClient, "list" | "watch"> = {
		async list({ plural }, { continue: next, namespace, signal } = {}) {
			const turn = turnFor(`list ${plural}${namespace ? ` in ${namespace}` : ""}${next ? ` after ${next}` : ""}`);
			if (turn === undefined) return aborted(signal);
			if ("page" in turn) return turn.page;
			throw "lines" in turn ? new Error("the script has a watch here") : turn.fails;
		},
		async *watch(_resource, { resourceVersion, timeoutSeconds, signal }) {
			timeouts.push(timeoutSeconds);
			const turn = turnFor(`watch from ${resourceVersion}`);
			if (turn === undefined) return await aborted(signal);
			if (!("lines" in turn)) throw "fails" in turn ? turn.fails : new Error("the script has a list here");
			yield* turn.lines;
			if (turn.lastsMs > 0) await sleep(clock, turn.lastsMs, signal ?? new AbortController().signal);
			if (turn.fails !== undefined) throw turn.fails;
		},
	};
	return {
		client,
		asked,
		timeouts,
		/** Every turn has been taken, and one more was asked for, which waits. */
		isOver: () => asked.length > turns.length,
	};
}
