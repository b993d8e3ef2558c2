import { z } from "zod";
import { mergeHeaders } from "../../http/request.ts";
import { INSTANT_QUERY_PATH } from "../instant-query.ts";
import type { Reading } from "../question.ts";
import type { MetricAnswer, MetricProvider, MetricQuery } from "./metric-provider.ts";

/** An answer with one number takes some hundred bytes; the rest is room for labels and warnings. */
const ANSWER_BYTES_MAX = 1_048_576;

const Sample = z.tuple([z.number(), z.string()]);
const Answer = z.discriminatedUnion("resultType", [
	z.object({ resultType: z.literal("scalar"), result: Sample }),
	z.object({ resultType: z.literal("vector"), result: z.array(z.object({ value: Sample.optional() })) }),
]);
const Success = z.object({ status: z.literal("success"), data: Answer });
const Refused = z.object({ status: z.literal("error"), errorType: z.string().optional(), error: z.string() });

/** One number by instant query: a scalar, or a vector of a single series. */
export const prometheus = {
	secretKeys: "token, or username and password",
	ask: (asked) => {
		const credentials = authorization(asked);
		if (credentials === undefined)
			return { kind: "refused", detail: "the Secret has neither token nor username and password" };
		const plain = Object.entries(asked.source.headers).map(([name, values]) => [name, values.join(", ")] as const);
		return {
			kind: "request",
			request: {
				method: "GET",
				url: `${asked.source.address.trim().replace(/\/+$/, "")}${INSTANT_QUERY_PATH}`,
				headers: mergeHeaders({ accept: "application/json" }, Object.fromEntries(plain), credentials),
				query: { query: asked.query },
				timeoutMs: asked.timeoutMs,
				retries: 1,
				bodyBytesMax: ANSWER_BYTES_MAX,
				insecureSkipVerify: asked.source.insecureSkipVerify,
			},
		};
	},
	read: (answer) => {
		const success = Success.safeParse(answer.body);
		// A proxy that answers 404 with a page of its own must not be read as silence.
		if (!success.success || answer.status < 200 || answer.status > 299) return failureIn(answer);
		const { data } = success.data;
		if (data.resultType === "scalar") return numberIn(data.result[1]);
		const [first, ...others] = data.result;
		if (first === undefined) return { kind: "noData", detail: "the query found no series" };
		if (others.length > 0) {
			// Which of them is meant would be a guess (Flagger takes the last).
			const detail = `the query found ${data.result.length} series instead of one: aggregate them, with sum() for instance`;
			return { kind: "malformed", detail };
		}
		if (first.value === undefined)
			return { kind: "malformed", detail: "the query answers with a histogram, not a number" };
		return numberIn(first.value[1]);
	},
} satisfies MetricProvider;

/** The headers that a Secret stands for: none without a Secret, undefined when it holds nothing of use. */
function authorization({ secret }: MetricQuery): Readonly<Record<string, string>> | undefined {
	if (secret === undefined) return {};
	// `kubectl create secret --from-file` keeps the newline at the end of the file, which no header may hold.
	const token = secret.token?.trim();
	if (token) return { authorization: `Bearer ${token}` };
	const username = secret.username?.trim();
	const password = secret.password?.replace(/\r?\n$/, "");
	if (!username || password === undefined) return undefined;
	return { authorization: `Basic ${Buffer.from(`${username}:${password}`, "utf8").toString("base64")}` };
}

const DECIMAL = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i;

function numberIn(text: string): Reading {
	const value = DECIMAL.test(text) ? Number(text) : Number.NaN;
	if (Number.isFinite(value)) return { kind: "value", value };
	// A ratio over no requests is NaN or infinite: that is silence, not a number.
	if (/^(nan|[+-]?inf)$/i.test(text)) return { kind: "noData", detail: `the query answers ${text}` };
	return { kind: "malformed", detail: "the answer's value is not a number" };
}

/** 4xx with Prometheus' own error is a mistake in the query; anything else is a backend that cannot be asked now. */
function failureIn({ status, body }: MetricAnswer): Reading {
	const refused = Refused.safeParse(body);
	const detail = refused.success ? `HTTP ${status}: ${firstLine(refused.data.error)}` : `HTTP ${status}`;
	if (status === 400 || status === 422) return { kind: "malformed", detail };
	if (status >= 200 && status <= 299) {
		return { kind: "malformed", detail: `${detail}, but not Prometheus' answer to an instant query` };
	}
	return { kind: "unreachable", detail };
}

function firstLine(text: string): string {
	return (text.trim().split("\n", 1)[0] ?? "").slice(0, 200);
}
