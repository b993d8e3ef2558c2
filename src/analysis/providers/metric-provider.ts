import type { OutboundRequest } from "../../http/request.ts";
import type { MetricSource, Reading } from "../question.ts";

/** A query and everything needed to ask it. */
export interface MetricQuery {
	readonly query: string;
	readonly source: MetricSource;
	/** What the source's Secret holds; undefined when it names none. */
	readonly secret: Readonly<Record<string, string>> | undefined;
	readonly timeoutMs: number;
}

/** What a backend answered. */
export interface MetricAnswer {
	readonly status: number;
	/** The body's JSON; undefined when it was none, or more than we read. */
	readonly body: unknown;
}

export type Asked =
	| { readonly kind: "request"; readonly request: OutboundRequest }
	/** The source cannot be asked as it is configured: what is wrong, without the secret. */
	| { readonly kind: "refused"; readonly detail: string };

/**
 * One kind of metric backend: how a question is put and how an answer reads. Pure.
 *
 * Guarantees, proven by one suite for all: `read` never throws, whatever the JSON; only a finite number becomes a
 * value; errors, NaN and silence never do; credentials travel in headers and appear nowhere else.
 */
export interface MetricProvider {
	/** Keys that a Secret of this provider may hold, for messages and documentation. */
	readonly secretKeys: string;
	ask(asked: MetricQuery): Asked;
	read(answer: MetricAnswer): Reading;
}
