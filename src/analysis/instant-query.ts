/** Where every backend that speaks Prometheus' language answers instant queries, below its address: Thanos, Mimir, VictoriaMetrics and Cortex too. */
export const INSTANT_QUERY_PATH = "/api/v1/query";
