import type { Behaviour } from "../../contract.ts";
import type { Container, Pod } from "../kinds.ts";
import type { ContainerRun } from "./pod-status.ts";

const BACK_OFF_FIRST_MS = 10_000;
const BACK_OFF_MOST_MS = 300_000;

/** What a step of a container's life was, for events. */
export type Step = "started" | "crashed" | "image missing" | undefined;

/** The run of a container before it was ever started; `restartCount` may be known from an earlier process. */
export function newRun(image: string, behaviour: Behaviour, restartCount: number): ContainerRun {
	return { image, behaviour, startedAt: undefined, restartCount, endedAt: undefined, backOffMs: 0 };
}

/**
 * The container's run now, after all that its image's present behaviour makes of it. It is started only when `canStart`
 * says that its server listens; `now` is in milliseconds since the epoch.
 */
export function advance(
	run: ContainerRun,
	image: string,
	behaviour: Behaviour,
	canStart: boolean,
	now: number,
): { readonly run: ContainerRun; readonly step: Step } {
	if (run.image !== image) {
		const restartCount = run.restartCount + 1;
		return advance(newRun(image, behaviour, restartCount), image, behaviour, canStart, now);
	}
	const next = { ...run, behaviour };
	if (run.startedAt !== undefined) {
		if (behaviour.start !== "CrashLoopBackOff") return { run: next, step: undefined };
		return { run: crashed(next, now), step: "crashed" };
	}
	switch (behaviour.start) {
		case "ImagePullBackOff":
			return { run: next, step: run.behaviour.start === "ImagePullBackOff" ? undefined : "image missing" };
		case "CrashLoopBackOff":
			if (waitMs(next, now) > 0) return { run: next, step: undefined };
			return { run: crashed(next, now), step: "crashed" };
		case "ready":
		case "never ready":
			return canStart ? { run: { ...next, startedAt: now }, step: "started" } : { run: next, step: undefined };
	}
}

/** Milliseconds until a program that ended is started again; 0: now. */
export function waitMs({ endedAt, backOffMs }: ContainerRun, now: number): number {
	return endedAt === undefined ? 0 : Math.max(0, endedAt + backOffMs - now);
}

function crashed(run: ContainerRun, now: number): ContainerRun {
	const backOffMs = Math.min(BACK_OFF_MOST_MS, run.backOffMs === 0 ? BACK_OFF_FIRST_MS : run.backOffMs * 2);
	return { ...run, startedAt: undefined, endedAt: now, restartCount: run.restartCount + 1, backOffMs };
}

/** The container whose program answers requests: the first one with a port. */
export function servingContainer({ spec }: Pod): Container | undefined {
	return spec.containers.find(({ ports = [] }) => ports.length > 0);
}

/**
 * A container's environment: values as they stand, and those of ConfigMaps and Secrets by `dataOf`, which gives what is in
 * one, as text. References that lead nowhere are left out, as optional ones are.
 */
export function envOf({ env = [], envFrom = [] }: Container, dataOf: DataOf): Readonly<Record<string, string>> {
	const whole = envFrom.flatMap(({ prefix = "", configMapRef, secretRef }) => {
		const data = dataOf(configMapRef === undefined ? "Secret" : "ConfigMap", (configMapRef ?? secretRef)?.name ?? "");
		return Object.entries(data).map(([name, value]): [string, string] => [`${prefix}${name}`, value]);
	});
	const single = env.flatMap(
		({ name, value, valueFrom: { configMapKeyRef, secretKeyRef } = {} }): [string, string][] => {
			const ref = configMapKeyRef ?? secretKeyRef;
			const found = ref && dataOf(configMapKeyRef === undefined ? "Secret" : "ConfigMap", ref.name ?? "")[ref.key];
			const text = value ?? found;
			return text === undefined ? [] : [[name, text]];
		},
	);
	return Object.fromEntries([...whole, ...single]);
}

export type DataOf = (kind: "ConfigMap" | "Secret", name: string) => Readonly<Record<string, string>>;
