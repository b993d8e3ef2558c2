import { type KubeObject, keyOf, type ObjectKey, refOf } from "../../../domain/kube-object.ts";
import { type Controller, namesIn, type Surroundings } from "../controller.ts";
import { hashOf, randomFrom } from "../hash.ts";
import { type Container, POD, type Pod, type PodStatus } from "../kinds.ts";
import { nodeIP } from "../nodes.ts";
import { createAddresses } from "./addresses.ts";
import { advance, envOf, newRun, type Step, servingContainer, waitMs } from "./containers.ts";
import type { Images } from "./images.ts";
import type { PodServer, StartPodServer } from "./pod-server.ts";
import { type ContainerRun, podStatus, readyInMs } from "./pod-status.ts";
import { createScheduler } from "./scheduler.ts";

/** After a pod is asked to go, its server takes new connections for so long: whoever routes to it hears of it meanwhile. */
const DRAIN_MS = 500;
const RETRY_MS = 1_000;

/** A pod that runs in this process. */
interface Running {
	readonly key: ObjectKey;
	readonly uid: string;
	/** By the container's name. */
	readonly runs: Map<string, ContainerRun>;
	readonly environments: Map<string, Readonly<Record<string, string>>>;
	server: PodServer | "starting" | undefined;
	ending: "no" | "draining" | "over";
}

export interface Kubelet extends Controller {
	/** Where the pod's server listens; undefined when it doesn't. */
	addressOf(pod: Pod): { readonly host: string; readonly port: number } | undefined;
	stop(): Promise<void>;
}

const NAME = "pods";
const FROM = "kubelet";

/** Binds pods to nodes, runs their servers, says how they are, and ends them. */
export function createKubelet(
	surroundings: Surroundings & { readonly images: Images; readonly startServer: StartPodServer },
): Kubelet {
	const { api, clock, events, images, podsMax, report, startServer, wake } = surroundings;
	const schedule = createScheduler(surroundings);
	const addresses = createAddresses();
	/** By uid. */
	const running = new Map<string, Running>();
	const forget = images.onChange(() => {
		for (const { key } of running.values()) wake(NAME, key);
	});
	const closing = new Set<Promise<void>>();
	const timers = new Set<() => void>();
	let isStopped = false;

	function work(key: ObjectKey): number | undefined {
		const pod = api.get({ ...POD, ...namesIn(key) }) as Pod | undefined;
		for (const one of running.values()) if (one.key === key && one.uid !== pod?.metadata.uid) drop(one);
		if (pod === undefined) return undefined;
		if (pod.metadata.deletionTimestamp !== undefined) return end(pod);
		if (pod.status?.phase === "Succeeded" || pod.status?.phase === "Failed") return undefined;
		if (pod.spec.nodeName === undefined) return schedule(pod);
		return run(pod, pod.spec.nodeName);
	}

	/** As it was when the pod was started: what it was read from may have changed since. */
	function environmentOf(one: Running, pod: Pod, container: Container): Readonly<Record<string, string>> {
		const known = one.environments.get(container.name);
		if (known !== undefined) return known;
		const { namespace = "" } = pod.metadata;
		const environment = envOf(container, (kind, name) => dataIn(api.get({ apiVersion: "v1", kind, namespace, name })));
		one.environments.set(container.name, environment);
		return environment;
	}

	function run(pod: Pod, node: string): number | undefined {
		const { uid = "", name } = pod.metadata;
		const known = running.get(uid);
		if (known === undefined && running.size >= podsMax) {
			const message = `the sandbox runs no more than ${podsMax} pods`;
			events(pod, { type: "Warning", reason: "OutOfpods", message, from: FROM });
			return RETRY_MS * 10;
		}
		const one = known ?? newcomer(pod);
		running.set(uid, one);
		const now = clock.now();
		const serving = servingContainer(pod);
		const waits: number[] = [];
		for (const container of pod.spec.containers) {
			const { image } = container;
			const behaviour = images.behaviourOf(image, environmentOf(one, pod, container));
			const isServing = container === serving;
			const restarts =
				pod.status?.containerStatuses?.find((status) => status.name === container.name)?.restartCount ?? 0;
			const before = one.runs.get(container.name);
			const canStart = !isServing || (one.server !== undefined && one.server !== "starting");
			const { run: next, step } = advance(
				before ?? newRun(image, behaviour, restarts),
				image,
				behaviour,
				canStart,
				now,
			);
			one.runs.set(container.name, next);
			const isMissing = before === undefined && behaviour.start === "ImagePullBackOff";
			tell(pod, container, isMissing ? "image missing" : step);
			if (isServing) tend(one, pod, container, next);
			const wait = next.startedAt === undefined ? waitMs(next, now) : readyInMs(next, now);
			if (wait !== undefined && wait > 0) waits.push(wait);
		}
		const placement = { hostIP: nodeIP(node), podIP: addresses.of(uid, node, pod.status?.podIP) };
		api.changeStatus({ ...POD, namespace: pod.metadata.namespace ?? "", name }, (status) => ({
			...podStatus({ pod, before: status as PodStatus, runs: one.runs, placement, now }),
		}));
		return waits.length === 0 ? undefined : Math.min(...waits);
	}

	/** Has a server for the program, unless it doesn't run. */
	function tend(one: Running, pod: Pod, container: Container, { startedAt, behaviour }: ContainerRun): void {
		const isWanted = startedAt !== undefined || behaviour.start === "ready" || behaviour.start === "never ready";
		if (isWanted && one.server === undefined) {
			one.server = "starting";
			track(listen(one, pod, container));
		}
		if (!isWanted && one.server !== undefined && one.server !== "starting") {
			track(one.server.close(0));
			one.server = undefined;
		}
	}

	async function listen(one: Running, pod: Pod, container: Container): Promise<void> {
		const current = () => one.runs.get(container.name);
		const image = () => current()?.image ?? container.image;
		// Asked anew each time: what a person sets holds from the next request on.
		const behaviour = () => images.behaviourOf(image(), environmentOf(one, pod, container));
		try {
			const server = await startServer({
				pod: pod.metadata.name,
				image,
				behaviour,
				isReady: () => {
					const now = current();
					return now !== undefined && readyInMs({ ...now, behaviour: behaviour() }, clock.now()) === 0;
				},
				clock,
				random: randomFrom(hashOf(one.uid)),
			});
			if (isStopped || one.ending !== "no" || running.get(one.uid) !== one) return await server.close(0);
			one.server = server;
			wake(NAME, one.key);
		} catch (error) {
			report(error, `server of pod ${one.key}`);
			one.server = undefined;
			later(RETRY_MS, () => wake(NAME, one.key));
		}
	}

	/** Lets the pod's requests end, then takes it away for good. */
	function end(pod: Pod): undefined {
		const { uid = "", name, deletionGracePeriodSeconds } = pod.metadata;
		const one = running.get(uid);
		if (one === undefined || one.ending === "over") {
			if (one !== undefined) drop(one);
			api.delete(refOf(pod), { uid, graceSeconds: 0 });
			return;
		}
		if (one.ending === "draining") return;
		one.ending = "draining";
		const seconds = typeof deletionGracePeriodSeconds === "number" ? deletionGracePeriodSeconds : 30;
		const [container] = pod.spec.containers;
		const message = `Stopping container ${container?.name ?? name}`;
		events(pod, { reason: "Killing", message, from: FROM });
		const { server } = one;
		later(Math.min(DRAIN_MS, seconds * 1_000), () => {
			const over = () => {
				one.ending = "over";
				wake(NAME, one.key);
			};
			if (server === undefined || server === "starting") return over();
			track(server.close(Math.max(0, seconds * 1_000 - DRAIN_MS)).then(over));
		});
	}

	function drop(one: Running): void {
		running.delete(one.uid);
		addresses.free(one.uid);
		if (one.server !== undefined && one.server !== "starting") track(one.server.close(0));
		one.server = undefined;
	}

	function tell(pod: Pod, { name, image }: Container, step: Step): void {
		const say = (reason: string, message: string, type?: "Warning") =>
			events(pod, { reason, message, from: FROM, ...(type === undefined ? {} : { type }) });
		switch (step) {
			case "started":
				say("Pulled", `Container image "${image}" already present on machine`);
				say("Created", `Created container: ${name}`);
				say("Started", `Started container ${name}`);
				break;
			case "crashed":
				say("BackOff", `Back-off restarting failed container ${name} in pod ${pod.metadata.name}`, "Warning");
				break;
			case "image missing":
				say("Failed", `Failed to pull image "${image}": ${image}: not found`, "Warning");
				say("Failed", "Error: ErrImagePull", "Warning");
				say("BackOff", `Back-off pulling image "${image}"`);
				break;
			case undefined:
				break;
		}
	}

	function later(delayMs: number, call: () => void): void {
		const cancel = clock.after(delayMs, () => {
			timers.delete(cancel);
			call();
		});
		timers.add(cancel);
	}

	function track(work: Promise<void>): void {
		const tracked = work.finally(() => closing.delete(tracked));
		closing.add(tracked);
	}

	return {
		name: NAME,
		watches: [{ kind: POD, keysOf: ({ metadata }) => [keyOf(metadata)] }],
		work,
		addressOf(pod) {
			const one = running.get(pod.metadata.uid ?? "");
			return one === undefined || one.server === undefined || one.server === "starting" ? undefined : one.server;
		},
		async stop() {
			isStopped = true;
			forget();
			for (const cancel of timers) cancel();
			for (const one of [...running.values()]) drop(one);
			while (closing.size > 0) await Promise.all(closing);
		},
	};
}

function newcomer({ metadata }: Pod): Running {
	const { uid = "" } = metadata;
	return { key: keyOf(metadata), uid, runs: new Map(), environments: new Map(), server: undefined, ending: "no" };
}

/** What is in a ConfigMap or a Secret, as text; nothing in one that isn't there. */
function dataIn(object: KubeObject | undefined): Readonly<Record<string, string>> {
	const data = (object?.data ?? {}) as Readonly<Record<string, string>>;
	if (object?.kind !== "Secret") return data;
	return Object.fromEntries(
		Object.entries(data).map(([name, value]) => [name, Buffer.from(value, "base64").toString("utf8")]),
	);
}
