import { describe, expect, test } from "vitest";
import { outbound } from "../../../src/http/outbound.ts";
import type { OutboundAnswer, OutboundRequest } from "../../../src/http/request.ts";
import {
	BrokenConnectionError,
	StaleConnectionError,
	type Transport,
	UnsendableError,
} from "../../../src/http/transport.ts";
import { HandMovedTimers } from "./hand-moved-timers.ts";

type Answer = Extract<OutboundAnswer, { kind: "answer" }>;
type Line = Answer | Error | "hangs" | "hangs deaf";

const request: OutboundRequest = {
	method: "POST",
	url: "https://bob:hunter22@gate.example.com/secret-path?key=abcdef",
	headers: { authorization: "Bearer s3cr3t-token", "content-type": "application/json" },
	body: "{}",
	timeoutMs: 5_000,
	retries: 2,
	bodyBytesMax: 100,
	insecureSkipVerify: false,
};

const answered = (status: number, headers: Record<string, string> = {}): Answer => ({
	kind: "answer",
	status,
	headers,
	body: `body of ${status}`,
	truncated: false,
});
const broken = new BrokenConnectionError("connect ECONNREFUSED 10.0.0.1:443");
const stale = new StaleConnectionError("read ECONNRESET");
const unsendable = new UnsendableError("invalid header");

/** Plays its lines in order; a test fails unless all are used up. */
function scripted(...lines: readonly Line[]) {
	let used = 0;
	const transport: Transport = async (_request, signal) => {
		const line = lines[used++];
		if (line === undefined) throw new Error("the script has ended");
		if (line instanceof Error) throw line;
		if (typeof line === "object") return line;
		return new Promise((_resolve, reject) => {
			signal.addEventListener("abort", () => reject(new BrokenConnectionError("canceled")));
		});
	};
	return { transport, left: () => lines.length - used };
}

async function sent(lines: readonly Line[], change: Partial<OutboundRequest> = {}, now = 0) {
	const timers = new HandMovedTimers(now);
	const { transport, left } = scripted(...lines);
	const send = outbound({ transport, timers, random: () => 1 });
	const answer = await timers.settle(send({ ...request, ...change }, new AbortController().signal));
	const pauses = timers.asked.filter((delay) => delay !== 5_000);
	expect(timers.pending, "timers left behind").toBe(0);
	expect(left(), "lines of the script left over").toBe(0);
	return { answer, pauses };
}

const gone = "POST https://gate.example.com";

describe("sending a described request", () => {
	test.each<[string, Line[], Answer, number[]]>([
		["answers at once", [answered(200)], answered(200), []],
		["takes a redirection as the answer", [answered(302)], answered(302), []],
		["takes a 4xx as the answer", [answered(404)], answered(404), []],
		["never repeats a 501", [answered(501)], answered(501), []],
		["repeats after a 503", [answered(503), answered(200)], answered(200), [250]],
		["repeats after a broken connection", [broken, answered(204)], answered(204), [250]],
		["repeats after a silence", ["hangs", answered(200)], answered(200), [250]],
		["waits longer each time", [broken, broken, answered(200)], answered(200), [250, 500]],
		["keeps the last answer when retries run out", [broken, answered(500), answered(502)], answered(502), [250, 500]],
		["waits as long as a 429 asks", [answered(429, { "retry-after": "3" }), answered(200)], answered(200), [3_000]],
		[
			"waits no longer than it cares to",
			[answered(429, { "retry-after": "3600" }), answered(200)],
			answered(200),
			[10_000],
		],
		[
			"waits its own time when asked nonsense",
			[answered(503, { "retry-after": "soon" }), answered(200)],
			answered(200),
			[250],
		],
		["does not count a stale connection", [stale, answered(200)], answered(200), []],
	])("%s", async (_name, lines, answer, pauses) => {
		expect(await sent(lines)).toEqual({ answer, pauses });
	});

	test("waits until the date that a server gives", async () => {
		const now = Date.UTC(2026, 0, 1);
		const date = new Date(now + 4_000).toUTCString();
		expect((await sent([answered(503, { "retry-after": date }), answered(200)], {}, now)).pauses).toEqual([4_000]);
	});

	test("spreads retries out, to half the pause at most", async () => {
		const timers = new HandMovedTimers();
		const { transport } = scripted(broken, answered(200));
		await timers.settle(outbound({ transport, timers, random: () => 0 })(request, new AbortController().signal));
		expect(timers.asked).toContain(125);
	});

	test.each<[string, Line[], Partial<OutboundRequest>, string]>([
		["says what broke", [broken], { retries: 0 }, `${gone}: connect ECONNREFUSED 10.0.0.1:443`],
		[
			"says how often it tried",
			[broken, broken, broken],
			{},
			`${gone}: connect ECONNREFUSED 10.0.0.1:443 (3 attempts)`,
		],
		["says how long it waited", ["hangs"], { retries: 0 }, `${gone}: no answer within 5s`],
		["does not repeat what cannot be sent", [unsendable], {}, `${gone}: invalid header`],
		["sends nothing to what is no URL", [], { url: "gate/secret-path" }, "POST: the address is not a URL"],
		[
			"sends nothing to a file",
			[],
			{ url: "file:///etc/passwd" },
			"POST file://: the address is neither http nor https",
		],
	])("%s", async (_name, lines, change, detail) => {
		expect((await sent(lines, change)).answer).toEqual({ kind: "unreachable", detail });
	});

	test("lets a server that always resets its connections wear it out", async () => {
		const timers = new HandMovedTimers();
		let attempts = 0;
		const transport: Transport = async () => {
			attempts++;
			throw stale;
		};
		const answer = await timers.settle(
			outbound({ transport, timers })({ ...request, retries: 0 }, new AbortController().signal),
		);
		expect([answer.kind, attempts]).toEqual(["unreachable", 9]);
	});

	test.each<[string, Error]>([
		["the header", new Error("bad header Bearer s3cr3t-token")],
		["the token alone", new Error("token s3cr3t-token is refused")],
		["the password", new Error("connect https://bob:hunter22@gate.example.com failed")],
		["the query", new Error("GET /secret-path?key=abcdef failed: abcdef")],
	])("hides %s wherever the network quotes it", async (_name, thrown) => {
		const { answer } = await sent([thrown], { retries: 0 });
		expect(JSON.stringify(answer)).toContain("[hidden]");
		expect(JSON.stringify(answer)).not.toMatch(/s3cr3t|hunter22|abcdef/);
	});

	test.each<[string, Line[]]>([
		["in mid-attempt", ["hangs"]],
		["in mid-pause", [broken]],
	])("gives up at once when told to, %s", async (_name, lines) => {
		const timers = new HandMovedTimers();
		const { transport, left } = scripted(...lines);
		const stop = new AbortController();
		const work = outbound({ transport, timers })(request, stop.signal);
		await new Promise(setImmediate);
		stop.abort();
		expect((await work).kind).toBe("unreachable");
		expect([timers.pending, left()]).toEqual([0, 0]);
	});

	test("sends nothing once it was told to stop", async () => {
		const { transport } = scripted();
		const answer = await outbound({ transport, timers: new HandMovedTimers() })(request, AbortSignal.abort());
		expect(answer).toEqual({ kind: "unreachable", detail: `${gone}: given up before it was sent` });
	});

	test.each([
		["the environment's proxy when the request names none", {}, "http://env:3128"],
		["the request's own proxy before the environment's", { proxy: "http://own:3128" }, "http://own:3128"],
	])("goes by %s", async (_name, change, proxy) => {
		let seen: string | undefined;
		const transport: Transport = async (carried) => {
			seen = carried.proxy;
			return answered(200);
		};
		const send = outbound({ transport, timers: new HandMovedTimers(), proxyFor: () => "http://env:3128" });
		await send({ ...request, ...change }, new AbortController().signal);
		expect(seen).toBe(proxy);
	});
});
