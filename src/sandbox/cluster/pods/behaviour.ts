import { durationMs } from "../../../domain/duration.ts";
import type { Behaviour } from "../../contract.ts";

/**
 * How the program of an image behaves, by what its tag says and then by its environment:
 *
 * - any tag, such as `podinfo:1.2.0`: it answers at once (middle 5 ms, slowest hundredth 20 ms) and without errors
 * - `-error5`: 5 % of its answers are errors; `-error` or `-errors`: all of them
 * - `-slow300ms`, `-slow2s`: its middle answer takes so long, its slowest hundredth twice as long; `-slow`: 500 ms
 * - `-missing`: there is no such image (ImagePullBackOff)
 * - `-crash`: it ends as soon as it is started (CrashLoopBackOff)
 * - `-unready`: it runs and never becomes ready
 *
 * These may be combined, as in `podinfo:1.3.0-error5-slow`. `ERROR_RATE` (`5%` or `0.05`), `P50`, `P99` and `READY_AFTER`
 * (`10ms`, `2s`) and `TEXT` in the environment say more than the tag. A variable that cannot be read is as if it weren't there.
 */
export function behaviourIn(image: string, env: Readonly<Record<string, string>> = {}): Behaviour {
	const words = tagOf(image).split("-").slice(1);
	const errors = words.flatMap((word) => /^errors?(\d+(?:\.\d+)?)?$/.exec(word) ?? []);
	const slow = words.find((word) => word.startsWith("slow"));
	const slowMs = slow === undefined ? undefined : (durationMs(slow.slice("slow".length)) ?? 500);
	const p50Ms = millisecondsIn(env.P50) ?? slowMs ?? 5;
	return {
		text: env.TEXT ?? `Hello from ${image}`,
		errorRate: shareIn(env.ERROR_RATE) ?? (errors.length === 0 ? 0 : Math.min(1, Number(errors[1] ?? 100) / 100)),
		p50Ms,
		p99Ms: Math.max(p50Ms, millisecondsIn(env.P99) ?? p50Ms * (slowMs === undefined ? 4 : 2)),
		start: startOf(words),
		readyAfterMs: millisecondsIn(env.READY_AFTER) ?? 0,
	};
}

/** `1.2.0` of `registry:5000/podinfo:1.2.0@sha256:…`; `latest` where none is given. */
export function tagOf(image: string): string {
	const name = image.split("@")[0] ?? image;
	const colon = name.lastIndexOf(":");
	return colon > name.lastIndexOf("/") ? name.slice(colon + 1) : "latest";
}

function startOf(words: readonly string[]): Behaviour["start"] {
	if (words.includes("missing")) return "ImagePullBackOff";
	if (words.includes("crash")) return "CrashLoopBackOff";
	return words.includes("unready") ? "never ready" : "ready";
}

function millisecondsIn(text: string | undefined): number | undefined {
	return text === undefined ? undefined : durationMs(text);
}

/** 0.05 of `5%` and of `0.05`. */
function shareIn(text: string | undefined): number | undefined {
	const [, digits, percent] = /^(\d+(?:\.\d+)?)(%?)$/.exec(text ?? "") ?? [];
	if (digits === undefined) return undefined;
	return Math.min(1, percent === "%" ? Number(digits) / 100 : Number(digits));
}
