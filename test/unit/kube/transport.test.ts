import { Agent } from "node:http";
import { afterEach, describe, expect, test } from "vitest";
import { messageOf } from "../../../src/domain/failure.ts";
import { ApiError } from "../../../src/kube/errors.ts";
import { createTransport, type Exchange, type TransportOptions } from "../../../src/kube/transport.ts";
import { type ScriptedAnswer, type ScriptedApi, scriptedApi, TOKEN } from "../../support/scripted-api.ts";

const open: ScriptedApi[] = [];
afterEach(async () => {
	for (const api of open.splice(0)) await api.close();
});

async function reaching(
	answers: readonly ScriptedAnswer[],
	options: Partial<TransportOptions> = {},
	basePath?: string,
) {
	const api = await scriptedApi(answers, basePath);
	open.push(api);
	const counted: (readonly [string, number | undefined])[] = [];
	const count = (method: string, code: number | undefined) => counted.push([method, code]);
	const transport = createTransport(api.connection, { userAgent: "haldane/1", count, ...options });
	return { api, transport, counted };
}

const exchange = (change: Partial<Exchange> = {}): Exchange => ({
	method: "GET",
	path: "/api/v1/things",
	what: "Thing shop/cart",
	...change,
});

async function failureOf(work: Promise<unknown>): Promise<ApiError> {
	const thrown = await work.then(
		() => "it went well",
		(error: unknown) => error,
	);
	expect(thrown).toBeInstanceOf(ApiError);
	return thrown as ApiError;
}

async function linesOf(lines: AsyncIterable<string>): Promise<readonly string[]> {
	const all: string[] = [];
	try {
		for await (const line of lines) all.push(line);
	} catch (thrown) {
		all.push(messageOf(thrown));
	}
	return all;
}

const ok = (body: object | string): ScriptedAnswer => ({ status: 200, body });
const streamed = (...chunks: readonly (string | Buffer)[]): ScriptedAnswer => ({ status: 200, chunks });

describe("one answer", () => {
	test("is read, and what was sent is what was described", async () => {
		const { api, transport, counted } = await reaching([ok({ snowman: "☃" })], {}, "/clusters/one");
		const sent = exchange({ method: "PATCH", body: { name: "Zoë" }, contentType: "application/merge-patch+json" });
		expect(await transport.json(sent)).toEqual({ snowman: "☃" });
		expect(api.requests).toMatchObject([
			{
				method: "PATCH",
				path: "/clusters/one/api/v1/things",
				body: '{"name":"Zoë"}',
				headers: {
					authorization: `Bearer ${TOKEN}`,
					accept: "application/json",
					"content-type": "application/merge-patch+json",
					"content-length": "15",
					"user-agent": "haldane/1",
				},
			},
		]);
		expect(counted).toEqual([["PATCH", 200]]);
	});

	test("is read whole though letters are cut in two", async () => {
		const bytes = Buffer.from('{"snowman":"☃"}');
		const { transport } = await reaching([streamed(...[...bytes].map((byte) => Buffer.from([byte])))]);
		expect(await transport.json(exchange())).toEqual({ snowman: "☃" });
	});

	const never = { headers: {}, agent: new Agent() };
	test.each<[string, readonly ScriptedAnswer[], Partial<TransportOptions>, string, readonly unknown[]]>([
		["that never begins", [{ ending: "hangs" }], { timeoutMs: 30 }, "no answer within 30 ms", [undefined]],
		[
			"that never ends",
			[{ status: 200, body: "{", ending: "hangs" }],
			{ timeoutMs: 250 },
			"no answer within 250 ms",
			[200],
		],
		["that breaks off before its head", [{ ending: "breaks" }], {}, "socket hang up", [undefined]],
		["that breaks off in its body", [{ status: 200, body: "{", ending: "breaks" }], {}, "aborted", [200]],
		["that is too long", [ok("x".repeat(101))], { bodyBytesMax: 100 }, "the answer is longer than 100 bytes", [200]],
		[
			"that is refused at length",
			[{ status: 400, body: "x".repeat(101) }],
			{ bodyBytesMax: 100 },
			"the answer is longer than 100 bytes",
			[400],
		],
		["that is no JSON", [ok("hunter2, is that you?")], {}, "the answer is no JSON", [200]],
	])("%s is a failure to try again", async (_name, answers, options, cause, codes) => {
		const { transport, counted } = await reaching(answers, options);
		const failure = await failureOf(transport.json(exchange()));
		expect(messageOf(failure)).toBe(`Thing shop/cart: GET was not answered: ${cause}`);
		expect([failure.status, failure.reason, failure.remedy]).toEqual([0, "NoAnswer", "retry"]);
		expect(counted).toEqual(codes.map((code) => ["GET", code]));
	});

	test("just as long as it may be is none", async () => {
		const { transport } = await reaching([ok(`"${"x".repeat(98)}"`)], { bodyBytesMax: 100 });
		expect(await transport.json(exchange())).toHaveLength(98);
	});

	test("that nobody is there to give is a failure to try again", async () => {
		const { api, transport } = await reaching([]);
		await open.pop()?.close();
		const failure = await failureOf(transport.json(exchange()));
		expect(messageOf(failure)).toBe(
			`Thing shop/cart: GET was not answered: connect ECONNREFUSED ${api.connection.server.host}`,
		);
		expect(failure.remedy).toBe("retry");
	});

	test("has its time limit also while all connections are taken", async () => {
		const { transport } = await reaching([{ ending: "hangs" }, { ending: "hangs" }]);
		const long = exchange({ timeoutMs: 400 });
		const all = [transport.json(long), transport.json(long), transport.json(exchange({ timeoutMs: 30 }))];
		const first = await Promise.race(all.map((work, n) => failureOf(work).then(() => n)));
		expect(first).toBe(2);
		await Promise.all(all.map(failureOf));
	});

	test.each<[string, readonly ScriptedAnswer[]]>([
		["before its head", [{ ending: "hangs" }]],
		["in its body", [{ status: 200, body: "{", ending: "hangs" }]],
	])("is let go %s when nobody wants it any more", async (_name, answers) => {
		const { api, transport } = await reaching(answers);
		const stop = new AbortController();
		const failure = failureOf(transport.json(exchange({ signal: stop.signal })));
		while (api.requests.length === 0) await new Promise(setImmediate);
		stop.abort();
		expect(messageOf(await failure)).toBe("Thing shop/cart: GET was not answered: This operation was aborted");
		await api.dropped;
	});

	test("is not even asked for when nobody wants it any more", async () => {
		const { transport } = await reaching([]);
		const failure = await failureOf(transport.json(exchange({ signal: AbortSignal.abort() })));
		expect(failure.reason).toBe("NoAnswer");
	});

	test.each<[string, () => Promise<typeof never>, string]>([
		[
			"fail",
			() => Promise.reject(new Error("plugin: not logged in")),
			"there are no credentials for GET: plugin: not logged in",
		],
		["hang", () => new Promise<typeof never>(() => {}), "GET was not answered: no answer within 30 ms"],
	])("is not asked for when credentials %s", async (_name, authorize, message) => {
		const { api } = await reaching([]);
		const transport = createTransport({ ...api.connection, authorize }, { userAgent: "haldane/1", timeoutMs: 30 });
		const failure = await failureOf(transport.json(exchange()));
		expect([messageOf(failure), failure.remedy]).toEqual([`Thing shop/cart: ${message}`, "retry"]);
	});
});

describe("lines", () => {
	const [one, two] = ['{"type":"ADDED"}', '{"name":"Zoë ☃"}'];
	const bytes = Buffer.from(`${one}\n${two}\n`);

	test.each<[string, ScriptedAnswer, readonly string[]]>([
		["come one by one", streamed(`${one}\n`, `${two}\n`), [one, two]],
		["come several at once", streamed(`${one}\n${two}\n`), [one, two]],
		[
			"are put together",
			streamed(one.slice(0, 5), `${one.slice(5)}\n${two.slice(0, 3)}`, `${two.slice(3)}\n`),
			[one, two],
		],
		["are put together from single bytes", streamed(...[...bytes].map((byte) => Buffer.from([byte]))), [one, two]],
		["are none when they are empty", streamed("\n\n", `${one}\n`, "\n"), [one]],
		["are none when nothing comes", { status: 200 }, []],
		[
			"end in a failure when the last is cut off",
			streamed(`${one}\n`, '{"na'),
			[one, "Thing shop/cart: GET was not answered: the last line was cut off"],
		],
		[
			"end in a failure when the connection breaks",
			{ ...streamed(`${one}\n`), ending: "breaks" },
			[one, "Thing shop/cart: GET was not answered: aborted"],
		],
		[
			"end in a failure when one has no end",
			streamed(`${one}\n`, "x".repeat(101)),
			[one, "Thing shop/cart: a line is longer than 100 characters"],
		],
		[
			"end in a failure when the server falls silent",
			{ ...streamed(`${one}\n`), ending: "hangs" },
			[one, "Thing shop/cart: GET was not answered: nothing was said for 200 ms"],
		],
		[
			"are none when they are refused",
			{ status: 410, body: { message: "too old", reason: "Expired" } },
			["Thing shop/cart: too old"],
		],
		[
			"are none when there is no head",
			{ ending: "hangs" },
			["Thing shop/cart: GET was not answered: no answer within 300 ms"],
		],
	])("%s", async (_name, answer, expected) => {
		const { transport, counted } = await reaching([answer], { lineLengthMax: 100, silenceMaxMs: 200, timeoutMs: 300 });
		expect(await linesOf(transport.lines(exchange()))).toEqual(expected);
		expect(counted).toEqual([["WATCH", answer.status]]);
	});

	test("go on for longer than an answer may take", async () => {
		const { transport } = await reaching([{ ...streamed(`${one}\n`), ending: "hangs" }], {
			timeoutMs: 100,
			silenceMaxMs: 250,
		});
		const at = performance.now();
		await linesOf(transport.lines(exchange()));
		expect(performance.now() - at).toBeGreaterThan(200);
	});

	test.each<[string, boolean]>([
		["by who reads them", true],
		["by the signal", false],
	])("are let go %s", async (_name, isLeft) => {
		const { api, transport } = await reaching([{ ...streamed(`${one}\n`), ending: "hangs" }]);
		const stop = new AbortController();
		const read: string[] = [];
		try {
			for await (const line of transport.lines(exchange({ signal: stop.signal }))) {
				read.push(line);
				if (isLeft) break;
				stop.abort();
			}
		} catch (thrown) {
			expect(thrown).toBeInstanceOf(ApiError);
		}
		expect(read).toEqual([one]);
		await api.dropped;
	});
});
