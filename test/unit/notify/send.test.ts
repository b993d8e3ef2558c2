import { describe, expect, test } from "vitest";
import type { OutboundAnswer, OutboundRequest } from "../../../src/http/request.ts";
import type { OutboundMessage, SendResult } from "../../../src/notify/notifiers/notifier.ts";
import type { NotifierType } from "../../../src/notify/notifiers/registry.ts";
import { createSendMessage } from "../../../src/notify/send.ts";

const NOW = Date.parse("2026-05-01T10:00:00Z");
const url = "https://hooks.slack.com/services/T0/B0/s3cret";
const message: OutboundMessage = {
	url,
	headers: { Authorization: "Bearer xoxb-s3cret" },
	body: { text: "hello", blocks: [] },
};

const answer = (status: number, body = "", headers = {}): OutboundAnswer => ({
	kind: "answer",
	status,
	headers,
	body,
	truncated: false,
});

/** Sends the message to a server that gives one answer. */
async function send(type: NotifierType, reply: OutboundAnswer, proxy?: string) {
	const requests: OutboundRequest[] = [];
	const signals: AbortSignal[] = [];
	const { signal } = new AbortController();
	const sendMessage = createSendMessage(
		async (request, given) => {
			requests.push(request);
			signals.push(given);
			return reply;
		},
		() => NOW,
	);
	const result = await sendMessage(type, message, { signal, proxy });
	expect(signals).toEqual([signal]);
	return { result, requests };
}

describe.each(["slack", "webhook"] as const)("sending for %s", (type) => {
	test("posts the message once, with a deadline, a limit and no retries of its own", async () => {
		const { result, requests } = await send(type, answer(200, "ok"), "http://proxy:3128");
		expect(result).toEqual({ kind: "sent" });
		expect(requests).toEqual([
			{
				method: "POST",
				url,
				headers: expect.objectContaining({ Authorization: "Bearer xoxb-s3cret" }),
				body: expect.any(String),
				timeoutMs: 5_000,
				retries: 0,
				bodyBytesMax: 16_384,
				insecureSkipVerify: false,
				proxy: "http://proxy:3128",
			},
		]);
		expect(JSON.parse(requests[0]?.body ?? "")).toEqual(message.body);
	});

	test.each<[string, OutboundAnswer, SendResult]>([
		["200", answer(200), { kind: "sent" }],
		["202", answer(202), { kind: "sent" }],
		["204", answer(204), { kind: "sent" }],
		["a redirection", answer(302), { kind: "refused", detail: "answered 302" }],
		["304", answer(304), { kind: "refused", detail: "answered 304" }],
		["403", answer(403, "invalid_token"), { kind: "refused", detail: "answered 403" }],
		["500", answer(500), { kind: "retry", detail: "answered 500", afterMs: undefined }],
		["599", answer(599), { kind: "retry", detail: "answered 599", afterMs: undefined }],
		["a status that is none", answer(700), { kind: "retry", detail: "answered 700", afterMs: undefined }],
		[
			"429 with seconds",
			answer(429, "", { "retry-after": "30" }),
			{ kind: "retry", detail: "answered 429", afterMs: 30_000 },
		],
		[
			"503 with a date",
			answer(503, "", { "retry-after": "Fri, 01 May 2026 10:01:00 GMT" }),
			{ kind: "retry", detail: "answered 503", afterMs: 60_000 },
		],
		[
			"503 with a past date",
			answer(503, "", { "retry-after": "Fri, 01 May 2020 10:01:00 GMT" }),
			{ kind: "retry", detail: "answered 503", afterMs: 0 },
		],
		[
			"429 with nonsense",
			answer(429, "", { "retry-after": "soon" }),
			{ kind: "retry", detail: "answered 429", afterMs: undefined },
		],
		[
			"no answer",
			{ kind: "unreachable", detail: "POST https://hooks.slack.com: ECONNREFUSED" },
			{ kind: "retry", detail: "POST https://hooks.slack.com: ECONNREFUSED" },
		],
		[
			"no answer, and an error that says too much",
			{ kind: "unreachable", detail: "cannot reach /services/T0/B0/s3cret" },
			{ kind: "retry", detail: "unreachable" },
		],
		[
			"no answer, and an error that quotes the token",
			{ kind: "unreachable", detail: "bad header xoxb-s3cret" },
			{ kind: "retry", detail: "unreachable" },
		],
	])("takes %s for what it is", async (_name, reply, result) => {
		expect((await send(type, reply)).result).toEqual(result);
	});
});

test.each<[string, string, SendResult]>([
	["ok", "ok", { kind: "sent" }],
	["chat.postMessage's yes", '{"ok":true,"channel":"C1"}', { kind: "sent" }],
	[
		"a channel that is not there",
		'{"ok":false,"error":"channel_not_found"}',
		{ kind: "refused", detail: "answered 200, channel_not_found" },
	],
	["a limit", '{"ok":false,"error":"ratelimited"}', { kind: "retry", detail: "answered 200, ratelimited" }],
	[
		"a word that may be anything",
		'{"ok":false,"error":"xoxb_secret"}',
		{ kind: "refused", detail: "answered 200, refused" },
	],
	["a no without a word", '{"ok":false}', { kind: "refused", detail: "answered 200, refused" }],
])("Slack's 200 that says %s is read", async (_name, body, result) => {
	expect((await send("slack", answer(200, body))).result).toEqual(result);
});
