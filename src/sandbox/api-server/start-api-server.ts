import { randomUUID } from "node:crypto";
import { messageOf } from "../../domain/failure.ts";
import type { Running, SandboxApi } from "../contract.ts";
import { CannotStart } from "../loopback.ts";
import { makeFirstObjects } from "./first-objects.ts";
import { createIdentity, USER, writeKubeconfig } from "./http/identity.ts";
import { identityIn } from "./http/identity-file.ts";
import { type Limits, type Listening, type ListenOptions, listen } from "./http/listen.ts";
import { createKinds } from "./kinds.ts";
import { expireEvents } from "./objects/expiry.ts";
import type { ApiRequest, PodLogs, Server, Ticks } from "./rest/exchange.ts";
import { handle } from "./rest/handle.ts";
import type { ApiRules } from "./rules.ts";
import { createSandboxApi } from "./sandbox-api.ts";
import { type FolderLock, lockFolder } from "./store/folder-lock.ts";
import { type StateFile, stateFileIn } from "./store/state-file.ts";
import { createStore, type Store } from "./store/store.ts";

export interface ApiServerOptions {
	/** On loopback; 0: any that is free. */
	readonly port: number;
	/** Where the kubeconfig is written. */
	readonly folder: string;
	readonly rules: ApiRules;
	/**
	 * Where objects, the token, the certificate and the port are kept across restarts; undefined: nowhere. Another server
	 * can't have it meanwhile.
	 */
	readonly dataDir?: string;
	readonly limits?: Partial<Limits>;
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
	/** How many watches are open over the network. */
	readonly watches: () => number;
}

const TICK_MS = 1000;
const KEEP_EVERY_MS = 5000;
const EXPIRE_EVERY_MS = 60_000;

/** Serves the Kubernetes API over an embedded store until it is stopped. Throws CannotStart and CannotKeep. */
export async function startApiServer(options: ApiServerOptions): Promise<ApiServer> {
	const { dataDir } = options;
	if (dataDir === undefined) return startIn(undefined, options);
	const lock = lockFolder(dataDir);
	try {
		const server = await startIn({ dataDir, lock }, options);
		return { ...server, stop: () => server.stop().finally(() => lock.release()) };
	} catch (thrown) {
		lock.release();
		throw thrown;
	}
}

interface Home {
	readonly dataDir: string;
	readonly lock: FolderLock;
}

async function startIn(home: Home | undefined, options: ApiServerOptions): Promise<ApiServer> {
	const file = home && stateFileIn(home.dataDir);
	const state = file?.read();
	const clock = options.clock ?? { now: () => Date.now() };
	const store = createStore(state ? { state } : {});
	const kinds = createKinds(options.rules);
	const kept = home && (await identityIn(home.dataDir, Date.now()));
	const identity = kept?.identity ?? (await createIdentity(Date.now()));
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
	const stops: (() => Promise<void> | void)[] = [() => ticks.stop()];
	try {
		beginWith(server, file, state !== undefined);
		const listening = await listenAsBefore(
			{
				port: options.port,
				identity,
				answer,
				onMistake,
				ticks: ticks.listen,
				...(options.limits ? { limits: options.limits } : {}),
			},
			kept?.port,
		);
		stops.push(listening.stop);
		kept?.keep(listening.port);
		const url = `https://127.0.0.1:${listening.port}`;
		const kubeconfig = writeKubeconfig(options.folder, url, identity);
		if (home && file) {
			const report = (error: unknown) => onMistake(error, { method: "keep", path: file.path });
			stops.push(keep(store, file, home.lock, report));
		}
		return { api: createSandboxApi(server), url, kubeconfig, watches: listening.watches, stop: () => inTurn(stops) };
	} catch (thrown) {
		await inTurn(stops);
		throw thrown;
	}
}

async function inTurn(stops: readonly (() => Promise<void> | void)[]): Promise<void> {
	for (const stop of stops) await stop();
}

function beginWith(server: Server, file: StateFile | undefined, wasKept: boolean): void {
	try {
		makeFirstObjects(server);
	} catch (thrown) {
		if (!wasKept) throw thrown;
		throw new CannotStart(
			`what the sandbox kept in ${file?.path} cannot be served (${messageOf(thrown)}): move the file away to begin anew, or give another folder with --data-dir`,
		);
	}
}

/** At the port that was asked for; else at the one of last time, or, which is reported, at another. */
async function listenAsBefore(options: ListenOptions, before: number | undefined): Promise<Listening> {
	if (options.port !== 0 || before === undefined) return listen(options);
	try {
		return await listen({ ...options, port: before });
	} catch (thrown) {
		if (!(thrown instanceof CannotStart)) throw thrown;
		const listening = await listen(options);
		const moved = `the kubeconfig is written anew, for port ${listening.port}`;
		options.onMistake(new CannotStart(`${thrown.message}; ${moved}`), { method: "listen", path: "as last time" });
		return listening;
	}
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

/** Writes the store's state now and then, when it has changed, and when it is ended. */
function keep(store: Store, file: StateFile, lock: FolderLock, onMistake: (error: unknown) => void): () => void {
	let kept = 0;
	const write = () => {
		if (store.resourceVersion() === kept) return;
		lock.requireHeld();
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
	return () => {
		clearInterval(timer);
		write();
	};
}
