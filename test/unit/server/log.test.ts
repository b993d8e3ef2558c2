import { describe, expect, test } from "vitest";
import { createLogger, type LoggerOptions, logLevelOf, logLevels } from "../../../src/log.ts";

/** A log and the lines that it wrote. */
function bench(options: Partial<LoggerOptions> = {}) {
	const lines: string[] = [];
	const log = createLogger({ level: "debug", format: "json", ...options }, { write: (line) => void lines.push(line) });
	return { log, lines, fields: () => JSON.parse(lines.at(-1) ?? "") };
}

describe("the log", () => {
	test("writes one JSON object a line: level in words, ts in RFC 3339, the message and the fields", () => {
		const { log, lines, fields } = bench({ fields: { controller: "canary" } });
		log.warn({ namespace: "shop", name: "cart" }, "a check failed");
		expect(lines).toHaveLength(1);
		expect(lines[0]).toMatch(/^\{.*\}\n$/);
		expect(fields()).toEqual({
			level: "warn",
			ts: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
			controller: "canary",
			namespace: "shop",
			name: "cart",
			msg: "a check failed",
		});
	});

	test.each([
		["debug", ["debug", "info", "warn", "error"]],
		["info", ["info", "warn", "error"]],
		["warning", ["warn", "error"]],
		["error", ["error"]],
		["dpanic", []],
	] as const)("of level %s has the lines of %j", (level, written) => {
		const { log, lines } = bench({ level });
		for (const name of ["debug", "info", "warn", "error"] as const) log[name]({}, "x");
		expect(lines.map((line) => JSON.parse(line).level)).toEqual(written);
	});

	test("takes zap's names of levels in any case, and no others", () => {
		for (const level of logLevels) expect(logLevelOf(level.toUpperCase())).toBe(level);
		expect(logLevelOf("loud")).toBeUndefined();
		expect(logLevelOf("constructor")).toBeUndefined();
	});

	test.each<[string, object]>([
		["a token", { token: "s3cret" }],
		["a bot token", { settings: { botToken: "s3cret" } }],
		["a header", { request: { headers: { Authorization: "Bearer s3cretword" } } }],
		["a header in a list", { headers: [{ "x-api-key": "s3cret" }] }],
		["a cookie", { "set-cookie": ["id=s3cret"] }],
		["a password", { db: { password: "s3cret" } }],
		["the data of a Secret", { object: { kind: "Secret", data: { address: "s3cret" }, stringData: { x: "s3cret" } } }],
		["an address with a user", { url: "https://me:s3cret@host/path" }],
		["an address of Slack", { detail: "no answer from https://hooks.slack.com/services/T/B/s3cret in time" }],
		["a token in a query", { url: "https://chat.example/v1/x?key=a&access_token=s3cret&y=1" }],
		["a token in a text", { detail: "sent Bearer s3cretword to it" }],
		["an error's message", { error: new Error("bad https://u:s3cret@host") }],
		["an error's cause", { error: new Error("bad", { cause: new Error("Bearer s3cretword") }) }],
	])("hides %s", (_name, given) => {
		const { log, lines } = bench();
		log.info(given, "told");
		expect(lines[0]).toContain("[hidden]");
		expect(lines[0]).not.toContain("s3cret");
	});

	test("hides secrets in the fields of every line", () => {
		const { log, lines } = bench({ fields: { token: "s3cret" } });
		log.info({}, "told");
		expect(lines[0]).not.toContain("s3cret");
	});

	test.each<[string, object]>([
		["names of Secrets", { secretRef: { name: "chat" }, tokenCount: 3, missing: undefined }],
		["plain values", { weight: 20, ok: true, none: null, list: [1, "two"] }],
		["an address without secrets", { url: "https://prometheus:9090/api/v1/query?query=up" }],
	])("shows %s", (_name, given) => {
		const { log, fields } = bench();
		log.info(given, "told");
		expect(fields()).toMatchObject(JSON.parse(JSON.stringify(given)));
	});

	test("has an error's type, message and stack, and the same of its cause", () => {
		const { log, fields } = bench();
		log.error({ error: new TypeError("bad", { cause: new RangeError("worse") }) }, "failed");
		expect(fields().error).toEqual({
			type: "TypeError",
			message: "bad",
			stack: expect.stringContaining("TypeError: bad"),
			cause: expect.objectContaining({ type: "RangeError", message: "worse" }),
		});
	});

	test("survives what goes in circles and what is huge", () => {
		const circle: Record<string, unknown> = { text: "x".repeat(100_000), list: Array(1_000).fill(0) };
		circle.self = circle;
		const { log, lines } = bench();
		log.info(circle, "told");
		expect(lines[0]?.length).toBeLessThan(100_000);
	});

	test("can be read by eyes", () => {
		const { log, lines } = bench({ format: "console" });
		log.info({ name: "cart", why: "two words", nested: { a: 1 }, token: "s3cret" }, "a step was reached");
		expect(lines[0]).toMatch(
			/^\S+Z INFO {2}a step was reached name=cart why="two words" nested=\{"a":1\} token=\[hidden\]\n$/,
		);
		log.error({ error: new Error("bad") }, "failed");
		expect(lines[1]).toMatch(/^\S+Z ERROR failed error=\{"type":"Error","message":"bad"\}\nError: bad\n +at /);
	});
});
