import { whileLeading } from "../../../src/kube/lease.ts";
import { FakeClock } from "../../support/fake-clock.ts";
import { LeaseApi } from "./lease-api.ts";
import { keptLog } from "./logged.ts";

/** Contenders for one lease; each notes in `leads` who leads, and from when to when. */
export function contest() {
	const clock = new FakeClock(Date.UTC(2027, 0, 1));
	const api = new LeaseApi();
	const leads: { readonly who: string; readonly from: number; to: number | undefined }[] = [];
	const leading = () => leads.filter(({ to }) => to === undefined).map(({ who }) => who);
	/** What each was told by those who led. */
	const told: string[] = [];
	function contend(who: string, { work = once, client = api.clientOf(who), address = "" } = {}) {
		const stop = new AbortController();
		const { log, lines } = keptLog();
		const outcome = whileLeading(
			{
				...{ client, namespace: "haldane", name: "leader", identity: who, clock, log },
				...(address && { annotations: { "haldane.dev/webhooks": address } }),
				told: (annotations) => void told.push(`${who}: ${annotations["haldane.dev/webhooks"]}`),
			},
			async (signal) => {
				const term = { who, from: clock.elapsed(), to: undefined as number | undefined };
				leads.push(term);
				signal.addEventListener("abort", () => {
					term.to = clock.elapsed();
				});
				await work(signal);
			},
			stop.signal,
		);
		outcome.catch(() => {});
		return { stop, outcome, lines };
	}
	return { api, clock, contend, leads, leading, told };
}

/** Resolves when the signal aborts. */
export const once = (signal: AbortSignal) =>
	new Promise<void>((resolve) => signal.addEventListener("abort", () => resolve(), { once: true }));
