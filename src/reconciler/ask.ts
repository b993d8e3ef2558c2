import { type Checks, type ChecksWorld, checksOf } from "../analysis/checks.ts";
import { type GatherPorts, gather, patienceMs } from "../analysis/gather.ts";
import type { Canary } from "../api/canary.ts";
import { HOOK_TIMEOUT_MS_MAX } from "../api/canary-analysis.ts";
import { parseMetricTemplate } from "../api/metric-template.ts";
import { unsupportedMetricTemplate } from "../api/unsupported.ts";
import type { Instant } from "../domain/instant.ts";
import type { Cluster } from "./cluster.ts";
import { type Answers, noAnswers } from "./decide/situation.ts";
import type { Inquiry } from "./inquire.ts";
import { questionnaire } from "./questions.ts";

/** A round may take as long as its slowest hook, which may use all of it; its retries find their end with it. */
const PATIENCE = { leastMs: 12_000, mostMs: HOOK_TIMEOUT_MS_MAX };

export interface AskOptions extends Omit<ChecksWorld, "provider" | "templateOf"> {
	readonly provider: string;
}

/** The checks of a Canary as they can be put now, or what is wrong with them. */
export function checksIn(cluster: Pick<Cluster, "metricTemplate">, canary: Canary, options: AskOptions): Checks {
	return checksOf(canary, {
		...options,
		provider: canary.spec.provider ?? options.provider,
		templateOf: (namespace, name) => {
			const object = cluster.metricTemplate(namespace, name);
			const parsed = object && parseMetricTemplate(object);
			return parsed?.ok && unsupportedMetricTemplate(parsed.template).length === 0 ? parsed.template : undefined;
		},
	});
}

/** Asks the world what an inquiry wants to know. Cannot fail: what is not answered is an answer of its own. */
export async function ask(
	inquiry: Inquiry,
	canary: Canary,
	ports: {
		readonly cluster: Cluster;
		readonly gather: GatherPorts;
		readonly options: AskOptions;
		readonly now: () => Instant;
		readonly signal: AbortSignal;
	},
): Promise<Answers> {
	const checks = checksIn(ports.cluster, canary, ports.options);
	// A template that went away in mid-run is shown as an obstacle by the next pass; nothing is judged without it.
	if (!checks.ok) return noAnswers;
	const { questions, read } = questionnaire(inquiry, canary, checks.checks);
	const deadlineMs = patienceMs(questions, PATIENCE);
	const readings = await gather(questions, { deadlineMs, signal: ports.signal }, ports.gather);
	return read(readings, ports.now());
}
