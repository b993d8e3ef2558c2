import { messageOf } from "../../domain/failure.ts";
import { type Instant, instantOf, timestamp } from "../../domain/instant.ts";
import type { KubeObject } from "../../domain/kube-object.ts";
import type { Log } from "../../domain/log.ts";
import type { Timers } from "../../http/timers.ts";
import type { KubeClient } from "../../kube/client.ts";
import { ApiError, ForbiddenError } from "../../kube/errors.ts";
import type { Freshness, LookId } from "../../updater/scanner/freshness.ts";
import { RIGHTS_MEND } from "./caches.ts";

/** When images were looked at, beyond the end of the process: a ConfigMap beside the operator. */
export interface ScanStore {
	/** Hands on what was kept. Never rejects: without it all images are looked at at once. */
	load(signal: AbortSignal): Promise<void>;
	/** A repository was looked at: in ten minutes that is kept, if there is any image with a slow schedule. */
	looked(): void;
	/** Keeps the last word, or gives up within `REQUEST_MS_MAX`. Never rejects. */
	close(): Promise<void>;
}

interface StorePorts {
	readonly client: Pick<KubeClient, "get" | "create" | "replace">;
	readonly freshness: Pick<Freshness, "load" | "isNeeded" | "snapshot">;
	readonly timers: Timers;
	readonly log: Log;
}

export const SCANS_NAME = "haldane-scans";
const PAUSE_MS = 600_000;
/** For all that one load or write asks of the API server. */
const REQUEST_MS_MAX = 2_000;

export function createScanStore({ client, freshness, timers, log }: StorePorts, namespace: string): ScanStore {
	const ref = { apiVersion: "v1", kind: "ConfigMap", namespace, name: SCANS_NAME };
	const configMap = `${namespace}/${SCANS_NAME}`;
	let kept: string | undefined;
	let isForbidden = false;
	let cancelPlanned: (() => void) | undefined;
	let inHand: { readonly done: Promise<void>; readonly stop: () => void } | undefined;
	let isClosed = false;

	/** Undefined when there is none. */
	async function read(signal: AbortSignal): Promise<KubeObject | undefined> {
		try {
			return await client.get(ref, { signal });
		} catch (thrown) {
			if (thrown instanceof ApiError && thrown.status === 404) return undefined;
			throw thrown;
		}
	}

	/** The whole of it, so that nothing of what others put there stays. */
	async function write(data: Readonly<Record<string, string>>, signal: AbortSignal): Promise<void> {
		const { apiVersion, kind, name } = ref;
		const labels = { "app.kubernetes.io/name": "haldane" };
		const object = { apiVersion, kind, metadata: { name, namespace, labels }, data };
		try {
			await client.replace(object, { signal });
		} catch (thrown) {
			if (!(thrown instanceof ApiError && thrown.status === 404)) throw thrown;
			await client.create(object, { signal });
		}
	}

	function complain(thrown: unknown, message: string): void {
		isForbidden = thrown instanceof ForbiddenError;
		const mend = isForbidden ? { mend: RIGHTS_MEND } : {};
		log.warn({ configMap, reason: messageOf(thrown), ...mend }, message);
	}

	/** If there is anything new to keep. */
	function keep(): void {
		cancelPlanned = undefined;
		if (isForbidden || inHand !== undefined) return;
		const data = written(freshness.snapshot());
		const text = JSON.stringify(data);
		if (text === (kept ?? "{}")) return;
		const limit = new AbortController();
		const stop = () => limit.abort();
		const cancel = timers.after(REQUEST_MS_MAX, stop);
		const done = write(data, limit.signal)
			.then(() => {
				kept = text;
			})
			.catch((thrown: unknown) =>
				complain(thrown, "when registries were asked is not kept: a restart may ask them again"),
			)
			.finally(() => {
				cancel();
				inHand = undefined;
			});
		inHand = { done, stop };
	}

	return {
		async load(signal) {
			const limit = new AbortController();
			const stop = () => limit.abort();
			const cancel = timers.after(REQUEST_MS_MAX, stop);
			signal.addEventListener("abort", stop, { once: true });
			try {
				const found = await read(limit.signal);
				const scans = found === undefined ? new Map() : scansIn(found);
				if (scans === undefined)
					log.warn({ configMap }, "when registries were asked cannot be read there: it is written anew");
				freshness.load(scans ?? new Map());
				kept = scans === undefined ? undefined : JSON.stringify(written(scans));
			} catch (thrown) {
				if (!signal.aborted)
					complain(thrown, "when registries were asked before is not known: they are asked again now");
			} finally {
				cancel();
				signal.removeEventListener("abort", stop);
			}
		},
		looked() {
			if (isClosed || isForbidden || cancelPlanned !== undefined || !freshness.isNeeded()) return;
			cancelPlanned = timers.after(PAUSE_MS, () => {
				if (freshness.isNeeded()) keep();
				else cancelPlanned = undefined;
			});
		},
		async close() {
			isClosed = true;
			cancelPlanned?.();
			// What it says is older than what there is to say now.
			inHand?.stop();
			await inHand?.done;
			keep();
			await inHand?.done;
		},
	};
}

function written(scans: ReadonlyMap<LookId, Instant>): Readonly<Record<string, string>> {
	return Object.fromEntries([...scans].map(([id, at]) => [id, timestamp(at)]).sort());
}

/** Undefined when it holds anything that we do not write. */
function scansIn({ data = {} }: KubeObject): ReadonlyMap<LookId, Instant> | undefined {
	if (typeof data !== "object" || data === null) return undefined;
	const scans = new Map<LookId, Instant>();
	for (const [id, text] of Object.entries(data)) {
		const at = typeof text === "string" ? instantOf(text) : undefined;
		if (at === undefined || timestamp(at) !== text || !/^[0-9a-f]{16}$/.test(id)) return undefined;
		scans.set(id, at);
	}
	return scans;
}
