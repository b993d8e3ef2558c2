import { createServer, type IncomingMessage, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, describe, expect, test } from "vitest";
import { askMetrics } from "../../../src/analysis/ask-metric.ts";
import type { MetricSource } from "../../../src/analysis/question.ts";
import { outbound } from "../../../src/http/outbound.ts";
import type { OutboundAnswer, OutboundRequest } from "../../../src/http/request.ts";

const source = (change: Partial<MetricSource> = {}): MetricSource => ({
	provider: "prometheus",
	address: "http://prometheus:9090/prefix/",
	headers: {},
	secret: undefined,
	insecureSkipVerify: false,
	...change,
});
const secret = { namespace: "shop", name: "prometheus" };
const never = new AbortController().signal;

const vector = (...values: readonly string[]) =>
	JSON.stringify({
		status: "success",
		data: { resultType: "vector", result: values.map((value) => ({ metric: {}, value: [1, value] })) },
	});
const answering = (body: string, status = 200, truncated = false): OutboundAnswer => ({
	kind: "answer",
	status,
	headers: { "content-type": "application/json" },
	body,
	truncated,
});

function asking(answer: OutboundAnswer, secretData?: Record<string, string>) {
	const sent: OutboundRequest[] = [];
	const ask = askMetrics({
		send: async (request) => {
			sent.push(request);
			return answer;
		},
		readSecret: async ({ namespace, name }) =>
			namespace === secret.namespace && name === secret.name ? secretData : undefined,
	});
	return { ask, sent };
}

describe("asking Prometheus through its package", () => {
	test("sends what the provider describes, at the server's own time", async () => {
		const { ask, sent } = asking(answering(vector("42.5")), { token: "tok-en\n" });
		const query = 'sum(rate(a{b=~"c.*"}[1m])) + 1';
		const asked = { query, source: source({ secret, headers: { "X-Org": ["a", "b"], Authorization: ["old"] } }) };
		expect(await ask(asked, never)).toEqual({ kind: "value", value: 42.5 });
		expect(sent).toEqual([
			{
				method: "GET",
				url: "http://prometheus:9090/prefix/api/v1/query",
				headers: { accept: "application/json", authorization: "Bearer tok-en", "x-org": "a, b" },
				query: { query },
				timeoutMs: 5_000,
				retries: 1,
				bodyBytesMax: 1_048_576,
				insecureSkipVerify: false,
			},
		]);
	});

	test("puts a long query into the body", async () => {
		const { ask, sent } = asking(answering(vector("1")));
		const query = `up{a="${"&ü ".repeat(1_000)}"}`;
		await ask({ query, source: source() }, never);
		expect(sent).toMatchObject([{ method: "POST", url: "http://prometheus:9090/prefix/api/v1/query" }]);
		expect(sent[0]?.headers).toMatchObject({
			"content-type": expect.stringContaining("application/x-www-form-urlencoded"),
		});
		expect([...new URLSearchParams(sent[0]?.body)]).toEqual([["query", query]]);
		expect(sent[0]?.query).toBeUndefined();
	});

	test("sends a user's name and password as one header", async () => {
		const { ask, sent } = asking(answering(vector("1")), { username: "me", password: "pä ss\n" });
		await ask({ query: "up", source: source({ secret }) }, never);
		expect(sent[0]?.headers.authorization).toBe(`Basic ${Buffer.from("me:pä ss").toString("base64")}`);
	});

	test.each<[string, OutboundAnswer, object]>([
		["a number", answering(vector("1e3")), { kind: "value", value: 1_000 }],
		[
			"a scalar",
			answering('{"status":"success","data":{"resultType":"scalar","result":[1,"5"]}}'),
			{ kind: "value", value: 5 },
		],
		["silence", answering(vector()), { kind: "noData" }],
		["infinity", answering(vector("+Inf")), { kind: "noData", detail: "the query answers +Inf" }],
		[
			"a histogram",
			answering('{"status":"success","data":{"resultType":"vector","result":[{"metric":{},"histogram":[1,{}]}]}}'),
			{ kind: "malformed" },
		],
		[
			"a mistake in the query",
			answering('{"status":"error","errorType":"bad_data","error":"parse error: unexpected }"}', 400),
			{ kind: "malformed", detail: "HTTP 400: parse error: unexpected }" },
		],
		["a server that is ill", answering("<html>502</html>", 502), { kind: "unreachable", detail: "HTTP 502" }],
		["a page in place of an answer", answering("<html>log in</html>"), { kind: "malformed" }],
		["an answer without end", answering('{"status":"success"', 200, true), { kind: "malformed" }],
		[
			"no answer",
			{ kind: "unreachable", detail: "GET http://prometheus:9090: connect ECONNREFUSED" },
			{ kind: "unreachable", detail: "GET http://prometheus:9090: connect ECONNREFUSED" },
		],
	])("reads %s", async (_name, answer, reading) => {
		expect(await asking(answer).ask({ query: "up", source: source() }, never)).toMatchObject(reading);
	});

	test("hides a secret that the server quotes", async () => {
		const body = '{"status":"error","error":"token s3cr3t-token is not known"}';
		const { ask } = asking(answering(body, 401), { token: "s3cr3t-token" });
		expect(await ask({ query: "up", source: source({ secret }) }, never)).toEqual({
			kind: "unreachable",
			detail: "HTTP 401: token [hidden] is not known",
		});
	});

	test.each([
		["does not exist", undefined, "Secret shop/prometheus does not exist"],
		[
			"holds nothing of use",
			{ password: "p" },
			"Secret shop/prometheus: the Secret has neither token nor username and password",
		],
		[
			"holds an empty token",
			{ token: " \n" },
			"Secret shop/prometheus: the Secret has neither token nor username and password",
		],
	])("asks nothing when the Secret %s", async (_name, data, detail) => {
		const { ask, sent } = asking(answering(vector("1")), data);
		expect(await ask({ query: "up", source: source({ secret }) }, never)).toEqual({ kind: "unreachable", detail });
		expect(sent).toEqual([]);
	});
});

describe("over the wire", () => {
	let server: Server | undefined;
	afterEach(async () => {
		server?.closeAllConnections();
		await new Promise((resolve) => server?.close(resolve));
	});

	async function prometheus(answer: (request: IncomingMessage, body: string) => { status: number; body: string }) {
		const started = createServer((request, response) => {
			let body = "";
			request.on("data", (chunk) => {
				body += chunk;
			});
			request.on("end", () => {
				const { status, body: text } = answer(request, body);
				response.writeHead(status, { "content-type": "application/json" }).end(text);
			});
		});
		server = started;
		await new Promise<void>((resolve) => started.listen(0, "127.0.0.1", resolve));
		return `http://127.0.0.1:${(started.address() as AddressInfo).port}`;
	}

	test("asks once, with the query as it was", async () => {
		const seen: unknown[] = [];
		const address = await prometheus(({ method, url = "", headers }) => {
			const { pathname, searchParams } = new URL(url, "http://x");
			seen.push([method, pathname, [...searchParams], headers.authorization]);
			return { status: 200, body: vector("7") };
		});
		const ask = askMetrics({ send: outbound(), readSecret: async () => ({ token: "tok-en" }) });
		const query = 'a{b="c&d=e+f"} / 2 > 1';
		expect(await ask({ query, source: source({ address, secret }) }, never)).toEqual({ kind: "value", value: 7 });
		expect(seen).toEqual([["GET", "/api/v1/query", [["query", query]], "Bearer tok-en"]]);
	});

	test("asks a long query in the body", async () => {
		const seen: unknown[] = [];
		const address = await prometheus(({ method, url }, body) => {
			seen.push([method, url, [...new URLSearchParams(body)]]);
			return { status: 200, body: vector("7") };
		});
		const query = `a{b="${"ü+&".repeat(1_000)}"}`;
		const ask = askMetrics({ send: outbound(), readSecret: async () => undefined });
		expect(await ask({ query, source: source({ address }) }, never)).toEqual({ kind: "value", value: 7 });
		expect(seen).toEqual([["POST", "/api/v1/query", [["query", query]]]]);
	});
});
