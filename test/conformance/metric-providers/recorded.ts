import type { MetricAnswer } from "../../../src/analysis/providers/metric-provider.ts";
import type { MetricProviderName } from "../../../src/analysis/providers/registry.ts";
import type { Reading } from "../../../src/analysis/question.ts";

/** What a backend was heard to answer, and what that must read as. */
export interface Recording {
	readonly name: string;
	readonly answer: MetricAnswer;
	readonly reading: Partial<Reading> & Pick<Reading, "kind">;
}

/** How to say a number in a provider's answer, and a Secret that it takes. */
export interface Recorded {
	readonly recordings: readonly Recording[];
	readonly answerOf: (value: string) => unknown;
	readonly secrets: readonly Readonly<Record<string, string>>[];
}

const data = (resultType: string, result: unknown) => ({ status: "success", data: { resultType, result } });
const series = (value: string) => ({ metric: { __name__: "up", job: "a" }, value: [1_763_700_000.123, value] });
const error = (errorType: string, words: string) => ({ status: "error", errorType, error: words });

const prometheus: Recorded = {
	answerOf: (value) => data("vector", [series(value)]),
	secrets: [{ token: "s3cr3t-token" }, { username: "s3cr3t-user", password: "s3cr3t-pass" }],
	recordings: [
		{
			name: "one series",
			answer: { status: 200, body: data("vector", [series("99.5")]) },
			reading: { kind: "value", value: 99.5 },
		},
		{
			name: "a zero",
			answer: { status: 200, body: data("vector", [series("0")]) },
			reading: { kind: "value", value: 0 },
		},
		{
			name: "an exponent",
			answer: { status: 200, body: data("vector", [series("-1.5e-07")]) },
			reading: { kind: "value", value: -1.5e-7 },
		},
		{
			name: "a scalar",
			answer: { status: 200, body: data("scalar", [1_763_700_000, "42"]) },
			reading: { kind: "value", value: 42 },
		},
		{
			name: "a warning beside the number",
			answer: { status: 200, body: { ...data("vector", [series("1")]), warnings: ["partial"] } },
			reading: { kind: "value", value: 1 },
		},
		{ name: "no series", answer: { status: 200, body: data("vector", []) }, reading: { kind: "noData" } },
		{
			name: "a ratio over nothing",
			answer: { status: 200, body: data("vector", [series("NaN")]) },
			reading: { kind: "noData" },
		},
		{
			name: "a division by zero",
			answer: { status: 200, body: data("vector", [series("+Inf")]) },
			reading: { kind: "noData" },
		},
		{
			name: "its negative",
			answer: { status: 200, body: data("vector", [series("-Inf")]) },
			reading: { kind: "noData" },
		},
		{
			name: "two series",
			answer: { status: 200, body: data("vector", [series("1"), series("2")]) },
			reading: {
				kind: "malformed",
				detail: "the query found 2 series instead of one: aggregate them, with sum() for instance",
			},
		},
		{
			name: "an empty number",
			answer: { status: 200, body: data("vector", [series("")]) },
			reading: { kind: "malformed" },
		},
		{
			name: "a hexadecimal number",
			answer: { status: 200, body: data("vector", [series("0x10")]) },
			reading: { kind: "malformed" },
		},
		{
			name: "a native histogram",
			answer: {
				status: 200,
				body: data("vector", [{ metric: {}, histogram: [1, { count: "3", sum: "1", buckets: [] }] }]),
			},
			reading: { kind: "malformed" },
		},
		{
			name: "a range",
			answer: { status: 200, body: data("matrix", [{ metric: {}, values: [[1, "1"]] }]) },
			reading: { kind: "malformed" },
		},
		{ name: "a string", answer: { status: 200, body: data("string", [1, "5"]) }, reading: { kind: "malformed" } },
		{
			name: "a query that cannot be parsed",
			answer: { status: 400, body: error("bad_data", "1:5: parse error: no expression found in input") },
			reading: { kind: "malformed", detail: "HTTP 400: 1:5: parse error: no expression found in input" },
		},
		{
			name: "a query that cannot be executed",
			answer: { status: 422, body: error("execution", "found duplicate series for the match group") },
			reading: { kind: "malformed" },
		},
		{
			name: "a query that took too long",
			answer: { status: 503, body: error("timeout", "query timed out in expression evaluation") },
			reading: { kind: "unreachable" },
		},
		{
			name: "an error that claims success",
			answer: { status: 500, body: data("vector", [series("1")]) },
			reading: { kind: "unreachable", detail: "HTTP 500" },
		},
		{
			name: "a success that holds an error",
			answer: { status: 200, body: error("internal", "oops") },
			reading: { kind: "malformed" },
		},
		{
			name: "no credentials",
			answer: { status: 401, body: undefined },
			reading: { kind: "unreachable", detail: "HTTP 401" },
		},
		{
			name: "a wrong address",
			answer: { status: 404, body: undefined },
			reading: { kind: "unreachable", detail: "HTTP 404" },
		},
		{
			name: "a redirection to a login page",
			answer: { status: 302, body: undefined },
			reading: { kind: "unreachable" },
		},
		{ name: "a login page", answer: { status: 200, body: undefined }, reading: { kind: "malformed" } },
		{ name: "a server that is starting", answer: { status: 503, body: undefined }, reading: { kind: "unreachable" } },
	],
};

/** Every provider has recordings, or this does not compile. */
export const recorded = { prometheus } as const satisfies Record<MetricProviderName, Recorded>;
