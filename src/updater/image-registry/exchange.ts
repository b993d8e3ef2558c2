import type { OutboundAnswer, OutboundRequest, Send } from "../../http/request.ts";
import { type HostBudgets, isFailure, type Topic } from "./host-budget.ts";
import type { RegistryAnswer } from "./image-registry.ts";
import type { RegistryObserver } from "./observed.ts";
import { REQUESTS_PER_SECOND, type Site } from "./settings.ts";

/** What became of a question that was not answered. */
export type Refusal = Exclude<RegistryAnswer<never>, { readonly kind: "found" | "unchanged" }>;

export type Answer = Extract<OutboundAnswer, { readonly kind: "answer" }>;

/** One request to a registry, or to where it sends us, and nothing more. */
export type Exchange = (
	request: Pick<OutboundRequest, "method" | "url" | "headers" | "body" | "bodyBytesMax"> & {
		readonly site: Site;
		readonly topic: Topic;
		/** As in `Pace`. */
		readonly first?: boolean | undefined;
	},
	signal: AbortSignal,
) => Promise<Answer | Refusal>;

const TIMEOUT_MS = 30_000;

/**
 * Sends within the budget of the host, on one try; what the registry answers below 500, 429 apart, is an answer. The settings of
 * the registry (its certificates, above all) hold for wherever it sends us: whoever can forge the one can forge the other.
 */
export function exchanges(ports: {
	readonly send: Send;
	readonly budgets: HostBudgets;
	readonly observer: RegistryObserver;
}): Exchange {
	const { send, budgets, observer } = ports;
	return async ({ site, topic, first, ...request }, signal) => {
		const { setting } = site;
		const isOwn = URL.parse(request.url)?.origin === URL.parse(site.origin)?.origin;
		const host = isOwn ? site.host : (URL.parse(request.url)?.host ?? site.host);
		const perSecond = isOwn ? setting.requestsPerSecond : REQUESTS_PER_SECOND;
		const permit = await budgets.enter(host, topic, { perSecond, first }, signal);
		if (permit.kind === "givenUp") return { kind: "unreachable", detail: `${host} was not asked: given up` };
		if (permit.kind === "later") {
			observer.throttled(site.host);
			return { kind: "throttled", retryAt: permit.retryAt, detail: permit.detail };
		}
		try {
			const answer = await send(
				{
					...request,
					timeoutMs: TIMEOUT_MS,
					retries: 0,
					insecureSkipVerify: setting.insecureSkipVerify,
					...(setting.ca === undefined ? {} : { ca: setting.ca }),
				},
				signal,
			);
			// Whoever gives up says nothing of the host.
			if (signal.aborted) return { kind: "unreachable", detail: `${host}: given up` };
			observer.asked({ host: site.host, outcome: answer.kind === "answer" ? String(answer.status) : "unreachable" });
			const retryAt = budgets.record(host, topic, answer);
			if (answer.kind === "unreachable") return answer;
			if (answer.status === 429) {
				observer.throttled(site.host);
				return { kind: "throttled", retryAt: retryAt ?? 0, detail: `${host} has had too many requests (429)` };
			}
			if (isFailure(answer.status)) return { kind: "unreachable", detail: `${host} failed (${answer.status})` };
			return answer;
		} finally {
			permit.done();
		}
	};
}

/** The document, or undefined where the text is no JSON. */
export function jsonOf(text: string): unknown {
	try {
		return JSON.parse(text);
	} catch {
		return undefined;
	}
}
