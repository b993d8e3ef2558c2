import { describe, expect, test } from "vitest";
import { WebhookType } from "../../../src/api/canary-analysis.ts";
import { hooks } from "../../../src/hooks/call.ts";
import { type Hook, hooksOf } from "../../../src/hooks/hook.ts";
import { eventBody, hookBody } from "../../../src/hooks/payload.ts";
import type { OutboundAnswer, OutboundRequest } from "../../../src/http/request.ts";
import { canaryWith } from "../analysis/canary.ts";

const hook: Hook = {
	name: "gate",
	type: "confirm-rollout",
	url: "https://gate.example.com/ask?key=k3y",
	timeoutMs: 10_000,
	retries: 0,
	insecureSkipVerify: false,
	muteAlert: false,
	metadata: {},
	secret: undefined,
};
const call = { canary: { namespace: "shop", name: "cart" }, phase: "Progressing", checksum: "abc" } as const;
const secret = { namespace: "shop", name: "gate-auth" };
const never = new AbortController().signal;

describe("a Canary's hooks", () => {
	const webhooks = [
		...WebhookType.options.map((type) => ({ name: `of ${type}`, type, url: "http://gate" })),
		{ name: "second", type: "rollout", url: "http://gate" },
		{ name: "plain", url: "http://gate" },
		{ name: "empty", type: "", url: "http://gate" },
	];
	const canary = canaryWith({ webhooks });

	test.each(WebhookType.options.map((type) => [type]))("of type %s are found in the order of the list", (type) => {
		const more = type === "rollout" ? ["second", "plain", "empty"] : [];
		expect(hooksOf(canary, type).map(({ name }) => name)).toEqual([`of ${type}`, ...more]);
	});

	test("are none without an analysis", () => {
		expect(hooksOf(canaryWith({}), "rollout")).toEqual([]);
	});

	test("come with Flagger's defaults", () => {
		const [plain] = hooksOf(canaryWith({ webhooks: [{ name: "plain", url: "http://gate" }] }), "rollout");
		expect(plain).toEqual({ ...hook, name: "plain", type: "rollout", url: "http://gate" });
	});

	test("carry along all that is given", () => {
		const given = {
			name: "load",
			type: "pre-rollout",
			url: "https://load",
			timeout: "5m",
			retries: 3,
			disableTLS: true,
			muteAlert: true,
			metadata: { cmd: "hey" },
			secretRef: { name: "gate-auth" },
		};
		expect(hooksOf(canaryWith({ webhooks: [given] }), "pre-rollout")).toEqual([
			{
				name: "load",
				type: "pre-rollout",
				url: "https://load",
				timeoutMs: 300_000,
				retries: 3,
				insecureSkipVerify: true,
				muteAlert: true,
				metadata: { cmd: "hey" },
				secret,
			},
		]);
	});

	test("have a deadline even when they ask for none", () => {
		const [hasty] = hooksOf(canaryWith({ webhooks: [{ name: "h", url: "http://gate", timeout: "0s" }] }), "rollout");
		expect(hasty?.timeoutMs).toBe(10_000);
	});
});

describe("what a hook is told", () => {
	const who = { name: "cart", namespace: "shop", phase: "Progressing", checksum: "abc" };

	test.each([
		["who asks, and in which phase", {}, who],
		["its own metadata besides", { cmd: "hey" }, { ...who, metadata: { cmd: "hey" } }],
	])("is %s", (_name, metadata, body) => {
		expect(hookBody({ metadata }, call)).toEqual(body);
	});

	test("of an event cannot be forged by metadata", () => {
		const metadata = { cmd: "hey", eventMessage: "mine", eventType: "mine", timestamp: "mine" };
		const event = { message: "Promotion completed", type: "Normal", at: 1_700_000_000_000 } as const;
		expect(eventBody({ metadata }, call, event)).toEqual({
			...who,
			metadata: { cmd: "hey", eventMessage: "Promotion completed", eventType: "Normal", timestamp: "1700000000000" },
		});
	});
});

function calling(answer: OutboundAnswer, secretData?: Record<string, string>) {
	const sent: OutboundRequest[] = [];
	const ports = hooks({
		send: async (request) => {
			sent.push(request);
			return answer;
		},
		readSecret: async (ref) =>
			ref.name === secret.name && ref.namespace === secret.namespace ? secretData : undefined,
	});
	return { ...ports, sent };
}

const answering = (status: number, body = ""): OutboundAnswer => ({
	kind: "answer",
	status,
	headers: {},
	body,
	truncated: false,
});

describe("calling a hook", () => {
	test("posts the body as JSON, within the hook's own bounds", async () => {
		const { ask, sent } = calling(answering(200));
		await ask({ ...hook, retries: 2, timeoutMs: 1_000, insecureSkipVerify: true, metadata: { a: "b" } }, call, never);
		expect(sent).toEqual([
			{
				method: "POST",
				url: hook.url,
				headers: { "content-type": "application/json" },
				body: '{"name":"cart","namespace":"shop","phase":"Progressing","checksum":"abc","metadata":{"a":"b"}}',
				timeoutMs: 1_000,
				retries: 2,
				bodyBytesMax: 8_192,
				insecureSkipVerify: true,
			},
		]);
	});

	test("tells an event hook what happened", async () => {
		const { tell, sent } = calling(answering(204));
		const event = { message: "Rolled back", type: "Warning", at: 5 } as const;
		expect(await tell(hook, { call, event }, never)).toEqual({ kind: "yes" });
		expect(JSON.parse(sent[0]?.body ?? "")).toMatchObject({
			metadata: { eventMessage: "Rolled back", timestamp: "5" },
		});
	});

	test.each<[string, OutboundAnswer, object]>([
		["200 is a yes", answering(200, "no way"), { kind: "yes" }],
		["202 is a yes", answering(202), { kind: "yes" }],
		["204 is a yes", answering(204), { kind: "yes" }],
		["206 is a yes", answering(206), { kind: "yes" }],
		["299 is a yes", answering(299), { kind: "yes" }],
		["302 is a no", answering(302), { kind: "no", detail: "HTTP 302" }],
		["304 is a no", answering(304), { kind: "no", detail: "HTTP 304" }],
		[
			"403 is a no in the receiver's words",
			answering(403, " closed\n\tby  ops\u0007 "),
			{ kind: "no", detail: "HTTP 403: closed by ops" },
		],
		["500 is a no too", answering(500, "tests failed"), { kind: "no", detail: "HTTP 500: tests failed" }],
		["a long no is cut", answering(403, "é".repeat(300)), { kind: "no", detail: `HTTP 403: ${"é".repeat(200)}…` }],
		[
			"a no is cut between characters",
			answering(403, "😀".repeat(300)),
			{ kind: "no", detail: `HTTP 403: ${"😀".repeat(200)}…` },
		],
		["silence is neither", { kind: "unreachable", detail: "no answer" }, { kind: "unreachable", detail: "no answer" }],
	])("%s", async (_name, answer, expected) => {
		expect(await calling(answer).ask(hook, call, never)).toEqual(expected);
	});

	test("sends every key of its Secret as a header, and shows none of them", async () => {
		const { ask, sent } = calling(answering(401, "bad Bearer tok-en from x-key v4lue, k3y"), {
			Authorization: "Bearer tok-en\n",
			"X-Key": "v4lue",
			"Content-Type": "text/plain",
		});
		expect(await ask({ ...hook, secret, url: "https://gate?key=long-key" }, call, never)).toEqual({
			kind: "no",
			detail: "HTTP 401: bad [hidden] from x-key [hidden], k3y",
		});
		expect(sent[0]?.headers).toEqual({
			authorization: "Bearer tok-en",
			"x-key": "v4lue",
			"content-type": "application/json",
		});
	});

	test.each([
		["a Secret that does not exist", undefined, "Secret shop/gate-auth does not exist"],
		[
			"a Secret that would send the call elsewhere",
			{ Host: "evil", a: "b" },
			"Secret shop/gate-auth: no hook may send the header Host",
		],
	])("calls nobody with %s", async (_name, data, detail) => {
		const { ask, sent } = calling(answering(200), data);
		expect(await ask({ ...hook, secret }, call, never)).toEqual({ kind: "unreachable", detail });
		expect(sent).toEqual([]);
	});
});
