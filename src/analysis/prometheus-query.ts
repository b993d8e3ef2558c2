import axios, { AxiosError, type InternalAxiosRequestConfig } from "axios";
import { PrometheusDriver } from "prometheus-query";
import { invariant } from "../domain/invariant.ts";
import { mergeHeaders, type OutboundAnswer, type OutboundRequest, type Send } from "../http/request.ts";
import { INSTANT_QUERY_PATH } from "./instant-query.ts";

/** A longer query goes in the body: proxies answer 414 to long URLs. */
const URL_QUERY_LENGTH_MAX = 2_000;

/**
 * Sends an instant query by prometheus-query, over our own way out: the package writes the request, `send` bounds,
 * retries and redacts it.
 *
 * Caveats: the package reads infinities as NaN, throws on native histograms and rejects with plain objects, so that
 * what it makes of an answer is left aside, and the answer itself is handed back for `read`. It also adds the
 * operator's own time to the query, which a clock that is off would turn into silence: the server's clock counts.
 */
export function byPrometheusQuery(send: Send): Send {
	return async (described, signal) => {
		let came: OutboundAnswer | undefined;
		invariant(described.url.endsWith(INSTANT_QUERY_PATH), "a Prometheus request that is no instant query");
		const driver = new PrometheusDriver({
			endpoint: described.url.slice(0, -INSTANT_QUERY_PATH.length),
			headers: described.headers,
			preferPost: (described.query?.query ?? "").length > URL_QUERY_LENGTH_MAX,
			requestInterceptor: {
				onFulfilled: (config) => ({
					...config,
					adapter: async (written) => {
						came = await send(onTheWire(described, written), signal);
						if (came.kind === "unreachable") throw new AxiosError(came.detail, AxiosError.ERR_NETWORK, written);
						return { data: came.body, status: came.status, statusText: "", headers: came.headers, config: written };
					},
				}),
			},
		});
		try {
			await driver.instantQuery(described.query?.query ?? "");
		} catch (thrown) {
			// Whatever it says of an answer or of silence, we have the original. Anything else is a bug.
			if (came === undefined) throw thrown;
		}
		invariant(came !== undefined, "prometheus-query answered without asking");
		return came;
	};
}

/** What the package wants sent, within the bounds of what was described. */
function onTheWire(
	described: OutboundRequest,
	{ baseURL = "", url = "", method, params, data }: InternalAxiosRequestConfig,
): OutboundRequest {
	const { query: _asked, body: _none, ...bounds } = described;
	const target = axios.getUri({ baseURL, url });
	if (method?.toUpperCase() !== "POST") return { ...bounds, method: "GET", url: target, query: asked(params) };
	const headers = mergeHeaders(described.headers, { "content-type": "application/x-www-form-urlencoded" });
	return { ...bounds, method: "POST", url: target, headers, body: new URLSearchParams(asked(data)).toString() };
}

/** The package's parameters but for its time. */
function asked(params: unknown): Record<string, string> {
	const { time: _ours, ...rest } = Object.fromEntries(new URLSearchParams(String(params)));
	return rest;
}
