import { formatPlain, formatSample } from "./go-float.ts";
import type { MatrixResult, QueryResult } from "./promql/query.ts";

/** An answer of the HTTP API. */
export interface Answer {
	readonly status: number;
	readonly contentType: string;
	readonly body: string;
}

/** Why a request is refused, as Prometheus says it. */
export class ApiRefusal extends Error {
	override readonly name = "ApiRefusal";
	readonly status: number;
	readonly errorType: string;

	constructor(status: number, errorType: string, message: string) {
		super(message);
		this.status = status;
		this.errorType = errorType;
	}
}

export function badData(message: string): ApiRefusal {
	return new ApiRefusal(400, "bad_data", message);
}

export function plainText(status: number, body: string): Answer {
	return { status, contentType: "text/plain; charset=utf-8", body };
}

export function success(data: unknown): Answer {
	return { status: 200, contentType: "application/json", body: JSON.stringify({ status: "success", data }) };
}

export function failure({ status, errorType, message }: ApiRefusal): Answer {
	return {
		status,
		contentType: "application/json",
		body: JSON.stringify({ status: "error", errorType, error: message }),
	};
}

/** The value of a query as the API writes it: times in seconds, values as text. */
export function resultJson(result: QueryResult, timeMs: number): unknown {
	const seconds = timeMs / 1000;
	switch (result.type) {
		case "scalar":
			return { resultType: "scalar", result: [seconds, formatPlain(result.value)] };
		case "string":
			return { resultType: "string", result: [seconds, result.value] };
		case "vector": {
			const rows = result.value.map(({ labels, value }) => ({ metric: labels, value: [seconds, formatSample(value)] }));
			return { resultType: "vector", result: rows };
		}
		case "matrix":
			return matrixJson(result.value);
	}
}

export function matrixJson(matrix: MatrixResult): unknown {
	const result = matrix.map(({ labels, points: { times, values } }) => ({
		metric: labels,
		values: times.map((timeMs, i) => [timeMs / 1000, formatSample(values[i] as number)]),
	}));
	return { resultType: "matrix", result };
}
