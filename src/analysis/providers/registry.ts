import type { MetricProvider } from "./metric-provider.ts";
import { prometheus } from "./prometheus.ts";

/** Every metric backend there is. The keys are the values of a MetricTemplate's `provider.type`. */
export const metricProviders = { prometheus } as const satisfies Record<string, MetricProvider>;

export type MetricProviderName = keyof typeof metricProviders;

/** True for a name that can be asked; the others are refused with the list of these. */
export function isMetricProviderName(name: string): name is MetricProviderName {
	return Object.hasOwn(metricProviders, name);
}
