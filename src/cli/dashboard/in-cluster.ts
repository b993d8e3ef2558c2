import { randomBytes, randomUUID } from "node:crypto";
import type { Canary } from "../../api/canary.ts";
import { messageOf } from "../../domain/failure.ts";
import { timestamp } from "../../domain/instant.ts";
import { type KubeObject, keyOf, type ObjectRef } from "../../domain/kube-object.ts";
import type { Log } from "../../domain/log.ts";
import { ResourceCache } from "../../kube/cache.ts";
import type { KubeClient } from "../../kube/client.ts";
import { systemClock } from "../../kube/clock.ts";
import { resources } from "../../kube/resources.ts";
import { canarySubject } from "../../notify/canary-subject.ts";
import { eventFor } from "../../notify/event.ts";
import type { Caches } from "../../reconciler/live-cluster.ts";
import { createDashboard } from "../../server/dashboard/app.ts";
import { bearerDoor } from "../../server/dashboard/bearer-door.ts";
import { listen } from "../../server/dashboard/listen.ts";
import type { DashboardPorts } from "../../server/dashboard/ports.ts";
import { veil } from "../../server/dashboard/veil.ts";
import { refusalOf } from "../command.ts";
import type { OperatorOptions } from "../options.ts";
import { RefusedError } from "../usage-error.ts";
import { createFeed } from "./feed.ts";
import { deedWaits, doDeed } from "./images/deeds.ts";
import { ownImages } from "./images/own-caches.ts";
import { type ImageCaches, type ImageSource, imagesSynced, imageView } from "./images/view.ts";
import { planOf } from "./plan.ts";
import { prometheusAt } from "./query.ts";
import { kubeReviewer } from "./reviewer.ts";
import { shared } from "./shared.ts";
import { act, builtPage, every, routeOf, worldThrough } from "./world.ts";

/** What pages ask for beside Canaries is asked of the API server and of Prometheus once in this time, for all pages. */
const SHARED = { forMs: 2_000, most: 512, now: () => systemClock.elapsed() };
const EVENT_MS = 5_000;

export interface InClusterOptions {
	/** As the operator; each request with a deadline of its own. */
	readonly client: KubeClient;
	/** As whoever has that bearer token, and with nothing of the operator's. */
	asVisitor(token: string): Pick<KubeClient, "create" | "patch">;
	readonly log: Log;
	readonly dashboard: NonNullable<OperatorOptions["dashboard"]>;
	readonly operator: Pick<OperatorOptions, "namespace" | "meshProvider" | "metricsServer" | "leaderElection">;
}

/** What an updater that runs reads, and what it knows beside that. */
export interface ImagesOfUpdater {
	readonly caches: Omit<ImageCaches, "canaries">;
	readonly seen: ImageSource["seen"];
}

export interface InClusterDashboard {
	readonly port: number;
	/** From now on this replica leads, and its caches are read in place of the dashboard's own; the updater's, if it has one. */
	lead(caches: Caches, updater: ImagesOfUpdater | undefined): void;
	stop(): Promise<void>;
}

/**
 * The dashboard of a running operator. A replica that does not lead watches Canaries and images for it, and reads the rest
 * when a page asks. Throws a RefusedError when the port cannot be had or the page was not built.
 */
export async function serveInCluster({
	client,
	asVisitor,
	log,
	dashboard,
	operator,
}: InClusterOptions): Promise<InClusterDashboard> {
	const { namespace, meshProvider, metricsServer } = operator;
	const page = await builtPage();
	const feed = createFeed();
	const images = imageView(() => systemClock.now());
	let leading: Caches | undefined;
	const world = worldThrough(client);
	const asked = shared(world.get, SHARED);
	const veilKey = randomBytes(32).toString("hex");
	const ports: DashboardPorts = {
		page,
		door: bearerDoor({
			reviewer: kubeReviewer(client, { log, deadline: (ms) => AbortSignal.timeout(ms) }),
			hosts: dashboard.hosts,
			readersNeedToken: dashboard.readersNeedToken,
			namespace,
			isFilled: feed.isFilled,
			now: SHARED.now,
		}),
		canaries: feed.canaries,
		images,
		async get(ref) {
			const cache = leading && cacheOf(leading, ref);
			return cache?.isSynced ? cache.get(keyOf(ref)) : asked(ref);
		},
		list: shared(world.list, SHARED),
		routeOf: (canary) => routeOf(canary, meshProvider),
		planOf,
		refusalOf,
		shown: (part) => veil(part, veilKey),
		async act(verb, ref, { user = "somebody" }) {
			// Before it is done, so that there is no deed without a word.
			log.info({ user, verb, canary: keyOf(ref) }, "a visitor of the dashboard asks for this");
			const told = await act(client, verb, ref);
			const canary = feed.canaries.get(keyOf(ref)) as Canary | undefined;
			if (canary !== undefined) await tell(canary, `${user} asked to ${verb}, by the dashboard`);
			return told;
		},
		async actOnImage(deed, { user = "somebody", token }) {
			const { verb, line, tag } = deed;
			if (token === undefined) throw new RefusedError("It takes a bearer token of yours; bring one");
			const image = `${line.kind} ${keyOf(line)} ${line.container} ${tag}`;
			log.info({ user, verb, image }, "a visitor of the dashboard asks for this");
			return doDeed({ client: asVisitor(token()), user, ...deedWaits }, deed);
		},
		query: metricsServer === undefined ? undefined : shared(prometheusAt(metricsServer), SHARED),
		every,
		log,
	};

	/** Says on the Canary who asked; the API server's audit log has the operator. */
	async function tell(canary: Canary, message: string): Promise<void> {
		const id = `commanded-${randomUUID()}`;
		const at = timestamp(systemClock.now());
		try {
			await client.create(eventFor(canarySubject(canary), { id, at, type: "Normal", reason: "Commanded", message }), {
				signal: AbortSignal.timeout(EVENT_MS),
			});
		} catch (thrown) {
			log.warn({ canary: keyOf(canary.metadata), reason: messageOf(thrown) }, "an Event could not be created");
		}
	}

	const standingBy = new AbortController();
	let following: Promise<void> | undefined;
	const server = await listening();
	const canaries = {
		list: feed.canaries.list,
		subscribe: (listener: (canary: KubeObject | undefined) => void) =>
			void feed.canaries.subscribe((_key, canary) => listener(canary)),
	};
	/** Until an updater's caches are there in place of them. */
	const watchingImages = new AbortController();
	images.use(
		ownImages(
			{ client, namespace, canaries, log, clock: systemClock, changed: images.standingChanged },
			watchingImages.signal,
		),
	);
	if (operator.leaderElection) {
		const { canaries: resource } = resources;
		const cache = new ResourceCache({ client, resource, namespace, clock: systemClock, random: Math.random, log });
		feed.use(cache);
		following = cache.run(standingBy.signal);
	}
	return {
		port: server.port,
		lead(caches, updater) {
			leading = caches;
			feed.use(caches.canaries);
			standingBy.abort();
			if (updater === undefined) return;
			const { seen } = updater;
			const live = { ...updater.caches, canaries };
			void imagesSynced(live).then(() => {
				images.use({ caches: live, seen, missing: () => [] });
				watchingImages.abort();
			});
		},
		async stop() {
			standingBy.abort();
			watchingImages.abort();
			await server.close();
			await following;
		},
	};

	async function listening() {
		try {
			return await listen(() => createDashboard(ports), { port: dashboard.port, host: undefined });
		} catch (thrown) {
			throw new RefusedError(
				`--dashboard-port: port ${dashboard.port} cannot be had (${messageOf(thrown)}); take another`,
			);
		}
	}
}

function cacheOf(caches: Caches, { apiVersion, kind }: ObjectRef) {
	return kind === "Deployment" ? caches.deployments : caches.route(apiVersion, kind);
}
