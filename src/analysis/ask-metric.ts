import { describeRef } from "../domain/kube-object.ts";
import type { ReadSecret } from "../hooks/hook.ts";
import { redact } from "../http/redact.ts";
import type { Send } from "../http/request.ts";
import { byPrometheusQuery } from "./prometheus-query.ts";
import type { MetricProvider } from "./providers/metric-provider.ts";
import { type MetricProviderName, metricProviders } from "./providers/registry.ts";
import type { Check, Reading } from "./question.ts";

export interface MetricPorts {
	readonly send: Send;
	readonly readSecret: ReadSecret;
	/** For one attempt; 5 seconds unless given. */
	readonly timeoutMs?: number;
}

/** Asks one check. */
export type AskMetric = (check: Pick<Check, "query" | "source">, signal: AbortSignal) => Promise<Reading>;

const TIMEOUT_MS = 5_000;

/** Packages that speak a provider's protocol; the others' requests are sent as they are described. */
const carriers: Partial<Record<MetricProviderName, (send: Send) => Send>> = { prometheus: byPrometheusQuery };

/** Asks checks of their backends. A backend that is out of reach, or a Secret that is missing, is a reading. */
export function askMetrics({ send, readSecret, timeoutMs = TIMEOUT_MS }: MetricPorts): AskMetric {
	return async ({ query, source }, signal) => {
		const described = source.secret && describeRef({ apiVersion: "v1", kind: "Secret", ...source.secret });
		const secret = source.secret && (await readSecret(source.secret));
		if (source.secret !== undefined && secret === undefined) {
			return { kind: "unreachable", detail: `${described} does not exist` };
		}
		const provider: MetricProvider = metricProviders[source.provider];
		const asked = provider.ask({ query, source, secret, timeoutMs });
		if (asked.kind === "refused")
			return { kind: "unreachable", detail: [described, asked.detail].filter(Boolean).join(": ") };
		const carry = carriers[source.provider]?.(send) ?? send;
		const answer = await carry(asked.request, signal);
		if (answer.kind === "unreachable") return answer;
		const reading = provider.read({ status: answer.status, body: answer.truncated ? undefined : jsonOf(answer.body) });
		return reading.kind === "value" ? reading : { ...reading, detail: redact(reading.detail, asked.request) };
	};
}

function jsonOf(text: string): unknown {
	try {
		return JSON.parse(text);
	} catch {
		return undefined;
	}
}
