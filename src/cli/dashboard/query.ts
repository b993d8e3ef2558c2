import { z } from "zod";
import { outbound } from "../../http/outbound.ts";
import type { Sample } from "../../server/dashboard/ports.ts";
import { UsageError } from "../usage-error.ts";

const TIMEOUT_MS = 5_000;
const ANSWER_BYTES_MAX = 1_048_576;

const Vector = z.object({
	data: z.object({
		result: z.array(z.object({ metric: z.record(z.string(), z.string()), value: z.tuple([z.number(), z.string()]) })),
	}),
});

/** Instant queries of that Prometheus: all series of a vector, each with its labels. Throws what is the matter. */
export function prometheusAt(address: string): (promql: string) => Promise<readonly Sample[]> {
	const parsed = URL.parse(address);
	if (parsed === null || !/^https?:$/.test(parsed.protocol)) {
		throw new UsageError("--metrics-server: write an address like http://127.0.0.1:9090");
	}
	const send = outbound();
	return async (promql) => {
		const answer = await send(
			{
				method: "GET",
				url: `${address.replace(/\/+$/, "")}/api/v1/query`,
				headers: { accept: "application/json" },
				query: { query: promql },
				timeoutMs: TIMEOUT_MS,
				retries: 0,
				bodyBytesMax: ANSWER_BYTES_MAX,
				insecureSkipVerify: false,
			},
			AbortSignal.timeout(TIMEOUT_MS),
		);
		if (answer.kind === "unreachable") throw new Error(answer.detail);
		const read = answer.status === 200 ? Vector.safeParse(jsonOf(answer.body)) : undefined;
		if (!read?.success) throw new Error(`it answered HTTP ${answer.status}, not a vector`);
		return read.data.data.result.map(({ metric, value: [, text] }) => ({ labels: metric, value: Number(text) }));
	};
}

function jsonOf(text: string): unknown {
	try {
		return JSON.parse(text);
	} catch {
		return undefined;
	}
}
