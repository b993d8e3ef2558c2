import { randomUUID } from "node:crypto";
import type { Running, SandboxApi } from "../contract.ts";
import { makeFirstObjects } from "./first-objects.ts";
import { createIdentity, USER, writeKubeconfig } from "./http/identity.ts";
import { listen } from "./http/listen.ts";
import { createKinds } from "./kinds.ts";
import { expireEvents } from "./objects/expiry.ts";
import type { ApiRequest, PodLogs, Server, Ticks } from "./rest/exchange.ts";
import { handle } from "./rest/handle.ts";
import type { ApiRules } from "./rules.ts";
import { createSandboxApi } from "./sandbox-api.ts";
import { type StateFile, stateFileIn } from "./store/state-file.ts";
import { createStore, type Store } from "./store/store.ts";

export interface ApiServerOptions {
	/** On loopback; 0: any that is free. */
	readonly port: number;
	/** Where the kubeconfig is written. */
	readonly folder: string;
	readonly rules: ApiRules;
	/** Where objects are kept across restarts; undefined: nowhere. */
	readonly dataDir?: string;
	readonly clock?: { now(): number };
	readonly logs?: PodLogs;
	/** Told of each request once it has its answer; a watch is answered when it begins. */
	readonly onAnswered?: (request: ApiRequest, status: number) => void;
	/** Told of our own mistakes; by default they are written to standard error. */
	readonly onMistake?: (error: unknown, request: { readonly method: string; readonly path: string }) => void;
}

export interface ApiServer extends Running {
	readonly api: SandboxApi;
	readonly url: string;
	/** The path of the file. */
	readonly kubeconfig: string;
}

const TICK_MS = 1000;
const KEEP_EVERY_MS = 5000;
const EXPIRE_EVERY_MS = 60_000;

/** Serves the Kubernetes API over an embedded store until it is stopped. */
export async function startApiServer(options: ApiServerOptions): Promise<ApiServer> {
	const file = options.dataDir === undefined ? undefined : stateFileIn(options.dataDir);
	const state = file?.read();
	const clock = options.clock ?? { now: () => Date.now() };
	const store = createStore(state ? { state } : {});
	const kinds = createKinds(options.rules);
	const identity = await createIdentity(Date.now());
	const ticks = createTicks();
	const server: Server = {
		store,
		kinds,
		rules: options.rules,
		now: () => clock.now(),
		uid: () => randomUUID(),
		random: () => Math.random(),
		user: USER,
		token: identity.token,
		ticks: ticks.listen,
		logs: options.logs ?? (() => ""),
	};
	makeFirstObjects(server);
	let expired = clock.now();
	ticks.listen(() => {
		if (clock.now() - expired < EXPIRE_EVERY_MS) return;
		expired = clock.now();
		expireEvents(server);
	});
	const onMistake = options.onMistake ?? ((error, { method, path }) => console.error(`${method} ${path}:`, error));
	const answer = (request: ApiRequest) => {
		const response = handle(server, request);
		options.onAnswered?.(request, response.status);
		return response;
	};
	const listening = await listen({ port: options.port, identity, answer, onMistake });
	const url = `https://127.0.0.1:${listening.port}`;
	const kubeconfig = writeKubeconfig(options.folder, url, identity);
	const keeping = keep(store, file, (error) => onMistake(error, { method: "keep", path: file?.path ?? "" }));
	return {
		api: createSandboxApi(server),
		url,
		kubeconfig,
		async stop() {
			ticks.stop();
			await listening.stop();
			keeping.stop();
		},
	};
}

/** Looks at the clock about once a second, for all who wait for a time. */
function createTicks(): { readonly listen: Ticks; stop(): void } {
	const listeners = new Set<() => void>();
	const timer = setInterval(() => {
		for (const listener of [...listeners]) listener();
	}, TICK_MS);
	timer.unref();
	return {
		listen(listener) {
			const own = () => listener();
			listeners.add(own);
			return () => void listeners.delete(own);
		},
		stop: () => clearInterval(timer),
	};
}

/** Writes the store's state now and then, when it has changed, and at the end. */
function keep(store: Store, file: StateFile | undefined, onMistake: (error: unknown) => void): { stop(): void } {
	if (!file) return { stop: () => undefined };
	let kept = 0;
	const write = () => {
		if (store.resourceVersion() === kept) return;
		file.write(store.state());
		kept = store.resourceVersion();
	};
	const timer = setInterval(() => {
		try {
			write();
		} catch (error) {
			// The disk may be full for a while: it is tried again, and the last try throws.
			onMistake(error);
		}
	}, KEEP_EVERY_MS);
	timer.unref();
	return {
		stop() {
			clearInterval(timer);
			write();
		},
	};
}
