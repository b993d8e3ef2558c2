import { randomBytes } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { messageOf } from "../../domain/failure.ts";
import type { KubeObject } from "../../domain/kube-object.ts";
import { ResourceCache } from "../../kube/cache.ts";
import { systemClock } from "../../kube/clock.ts";
import { ForbiddenError } from "../../kube/errors.ts";
import { resources } from "../../kube/resources.ts";
import { createLogger } from "../../log.ts";
import { createDashboard } from "../../server/dashboard/app.ts";
import { loopbackDoor } from "../../server/dashboard/door.ts";
import { listen } from "../../server/dashboard/listen.ts";
import type { DashboardPorts } from "../../server/dashboard/ports.ts";
import { refusalOf } from "../command.ts";
import { openSession, type SessionFlags } from "../session.ts";
import { RefusedError, UsageError } from "../usage-error.ts";
import { deedWaits, doDeed } from "./images/deeds.ts";
import { ownImages } from "./images/own-caches.ts";
import { imageView } from "./images/view.ts";
import { planOf } from "./plan.ts";
import { prometheusAt } from "./query.ts";
import { act, builtPage, every, routeOf, worldThrough } from "./world.ts";

/** What `haldane dashboard` is given. */
export interface DashboardFlags extends SessionFlags {
	readonly port: string;
	readonly metricsServer?: string;
}

/** A dashboard that listens. */
export interface RunningDashboard {
	/** With the token: whoever has it acts as the user of the kubeconfig. */
	readonly url: string;
	stop(): Promise<void>;
}

/** A cluster that does not answer within this is said not to. */
const FIRST_LIST_MS = 15_000;

/** Serves the dashboard until it is told to stop. Answers the exit code. */
export async function dashboard(flags: DashboardFlags, signal: AbortSignal): Promise<number> {
	const running = await startDashboard(flags);
	console.log(`dashboard: ${running.url}`);
	console.log("# It acts as the user of your kubeconfig: give the address to nobody. Ctrl+C ends it.");
	if (!signal.aborted) {
		await new Promise<void>((resolve) => signal.addEventListener("abort", () => resolve(), { once: true }));
	}
	await running.stop();
	return 0;
}

/** Resolves once it listens and knows what Canaries there are; throws UsageError or RefusedError with the mend. */
export async function startDashboard(flags: DashboardFlags): Promise<RunningDashboard> {
	const port = Number(flags.port);
	if (!/^\d+$/.test(flags.port) || port > 65_535) {
		throw new UsageError("--port: write a port from 0 (any that is free) to 65535");
	}
	const query = flags.metricsServer === undefined ? undefined : prometheusAt(flags.metricsServer);
	const { client } = openSession(flags);
	const log = createLogger({ level: "warn", format: "console" });
	const ending = new AbortController();
	// Lists once before it follows, so that a cluster that refuses is told of at once and by its reason.
	try {
		await client.list(resources.canaries, { namespace: flags.namespace, limit: 1 });
	} catch (thrown) {
		if (!(thrown instanceof ForbiddenError) || flags.namespace !== undefined) throw thrown;
		throw new RefusedError(`${messageOf(thrown)}; name a namespace in which you may, with --namespace NAME`);
	}
	const page = await builtPage();
	const cache = new ResourceCache({
		client,
		resource: resources.canaries,
		namespace: flags.namespace,
		clock: systemClock,
		random: Math.random,
		log,
	});
	const listeners = new Set<(key: string, canary: KubeObject | undefined) => void>();
	cache.subscribe(({ key, after }) => {
		for (const listener of listeners) listener(key, after);
	});
	const following = cache.run(ending.signal);
	const canaries = {
		list: () => cache.list(),
		subscribe: (listener: (canary: KubeObject | undefined) => void) => cache.subscribe(({ after }) => listener(after)),
	};
	const images = imageView(() => systemClock.now());
	images.use(
		ownImages(
			{ client, namespace: flags.namespace, canaries, log, clock: systemClock, changed: images.standingChanged },
			ending.signal,
		),
	);
	const token = randomBytes(24).toString("base64url");
	let listeningAt = () => 0;
	const ports: DashboardPorts = {
		page,
		door: loopbackDoor(token, () => listeningAt()),
		canaries: {
			list: () => cache.list(),
			get: (key) => cache.get(key),
			subscribe(listener) {
				listeners.add(listener);
				return () => listeners.delete(listener);
			},
		},
		images,
		...worldThrough(client),
		routeOf: (canary) => routeOf(canary),
		planOf,
		refusalOf,
		shown: (part) => part,
		act: (verb, ref) => act(client, verb, ref),
		actOnImage: (deed) => doDeed({ client, user: undefined, ...deedWaits }, deed),
		query,
		every,
		log,
	};
	try {
		await Promise.race([cache.synced, sleep(FIRST_LIST_MS, undefined, { ref: false })]);
		const server = await listen(
			(at) => {
				listeningAt = at;
				return createDashboard(ports);
			},
			{ port, host: "127.0.0.1" },
		);
		return {
			url: `http://127.0.0.1:${server.port}/#token=${token}`,
			async stop() {
				ending.abort();
				await server.close();
				await following;
			},
		};
	} catch (thrown) {
		ending.abort();
		await following;
		const { code } = thrown as NodeJS.ErrnoException;
		if (code !== "EADDRINUSE" && code !== "EACCES") throw thrown;
		throw new RefusedError(`port ${port} cannot be had (${messageOf(thrown)}); leave out --port, or take another`);
	}
}
