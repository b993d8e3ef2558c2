import { type Canary, parseCanary } from "../../../src/api/canary.ts";
import type { CanaryStatus, Notice } from "../../../src/api/canary-status.ts";
import type { Timers } from "../../../src/http/timers.ts";

/** A Canary named shop/cart, read from a manifest as users write it. */
export function cart({ analysis = {}, ...rest }: { analysis?: object; status?: Partial<CanaryStatus>; uid?: string }) {
	const status = { phase: "Succeeded", canaryWeight: 0, failedChecks: 0, iterations: 0, inconclusiveChecks: 0 };
	const parsed = parseCanary({
		apiVersion: "haldane.dev/v1beta1",
		kind: "Canary",
		metadata: { namespace: "shop", name: "cart", uid: rest.uid ?? "u-1", resourceVersion: "7" },
		spec: {
			targetRef: { apiVersion: "apps/v1", kind: "Deployment", name: "cart" },
			service: { port: 80 },
			analysis: { interval: "30s", threshold: 5, stepWeight: 10, ...analysis },
		},
		status: { ...status, ...rest.status },
	});
	if (!parsed.ok) throw new Error(parsed.problems.join("\n"));
	return parsed.canary satisfies Canary;
}

export const at = "2026-05-01T10:00:00.000Z";

export function notice(id: string, change: Partial<Notice> = {}): Notice {
	return { id, reason: "Promoted", type: "Normal", severity: "info", message: "it went well", at, ...change };
}

/** Time that only moves when it is told to. */
export interface HandTimers extends Timers {
	/** Lets everything happen that is due within so long, in order, with all that follows from it. */
	pass(milliseconds: number): Promise<void>;
	/** Alarms that are set. */
	alarms(): number;
}

export function handTimers(): HandTimers {
	const alarms = new Map<number, { readonly at: number; readonly call: () => void }>();
	let now = 0;
	let made = 0;
	const due = (until: number) =>
		[...alarms].filter(([, alarm]) => alarm.at <= until).sort(([, one], [, other]) => one.at - other.at)[0];
	return {
		now: () => now,
		after(delayMs, call) {
			made += 1;
			const id = made;
			alarms.set(id, { at: now + delayMs, call });
			return () => void alarms.delete(id);
		},
		async pass(milliseconds) {
			const until = now + milliseconds;
			await settled();
			for (let next = due(until); next !== undefined; next = due(until)) {
				const [id, alarm] = next;
				alarms.delete(id);
				now = alarm.at;
				alarm.call();
				await settled();
			}
			now = until;
		},
		alarms: () => alarms.size,
	};
}

/** Resolves when every promise that can settle without the outside has. */
export function settled(): Promise<void> {
	return new Promise((resolve) => setImmediate(resolve));
}
