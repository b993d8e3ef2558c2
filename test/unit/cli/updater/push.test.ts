import { describe, expect, test } from "vitest";
import { push } from "../../../../src/cli/updater/commands/push.ts";
import { webhookAddress, webhookSecret } from "../../../../src/cli/updater/commands/webhook-secret.ts";
import { webhookUrl } from "../../../../src/cli/updater/commands/webhook-url.ts";
import type { OutboundAnswer, OutboundRequest } from "../../../../src/http/request.ts";
import { prove } from "../../../../src/server/webhooks/proof.ts";
import { native } from "../../../../src/updater/triggers/native.ts";
import { digestOf, NOW } from "./cluster.ts";

const secret = "correct horse battery staple";
const asked = { image: "ghcr.io/acme/app:1.3.0", digest: undefined, url: "https://haldane.example", secret };

function answering(answer: OutboundAnswer) {
	const sent: OutboundRequest[] = [];
	const send = async (request: OutboundRequest) => {
		sent.push(request);
		return answer;
	};
	return { ports: { send, now: () => NOW, signal: new AbortController().signal }, sent };
}
const says = (status: number, body = ""): OutboundAnswer => ({
	kind: "answer",
	status,
	headers: {},
	body,
	truncated: false,
});

describe("a push", () => {
	test("proves itself to the operator, and is read as what it says", async () => {
		const { ports, sent } = answering(says(200));
		expect(await push(ports, { ...asked, digest: digestOf("a") })).toContain(
			"ghcr.io/acme/app:1.3.0: the operator was told",
		);
		const [request] = sent;
		expect(request?.url).toBe("https://haldane.example/v1/webhooks/native");
		const { headers = {}, body = "" } = request ?? {};
		const claim = { trigger: "native", token: undefined, headers, body: new TextEncoder().encode(body) };
		expect(prove(claim, [secret], NOW)).toEqual({ kind: "proven", fresh: true });
		expect(prove(claim, ["another secret altogether"], NOW)).toEqual({ kind: "unproven" });
		expect(native.read(JSON.parse(body))).toEqual({
			kind: "hints",
			hints: [{ image: "ghcr.io/acme/app", tag: "1.3.0", digest: digestOf("a") }],
			leftOut: 0,
		});
	});

	test("takes the digest from the image", async () => {
		const { ports, sent } = answering(says(200));
		await push(ports, { ...asked, image: `app:1.3.0@${digestOf("b")}` });
		expect(JSON.parse(sent[0]?.body ?? "")).toEqual({ name: "app", tag: "1.3.0", digest: digestOf("b") });
	});

	test.each([
		["an image without a tag", { image: "ghcr.io/acme/app" }, "has no tag"],
		["what is no image", { image: "http://x" }, "write IMAGE:TAG"],
		["what is no digest", { digest: "abc" }, "--digest"],
		["what is no address", { url: "haldane.example" }, "--url"],
	])("of %s is not sent", async (_what, given, words) => {
		const { ports, sent } = answering(says(200));
		await expect(push(ports, { ...asked, ...given })).rejects.toThrow(words);
		expect(sent).toEqual([]);
	});

	test.each([
		["in the operator's words", says(400, '{"error":"tag: is missing"}'), "answered HTTP 400: tag: is missing"],
		["with what to compare", says(401, '{"error":"no"}'), "is the secret one of those"],
		["with what to do", says(503), "answered HTTP 503; try again"],
		["with what to look at", says(404, "<html>"), "does --url name the port"],
		["when nobody answers", { kind: "unreachable", detail: "POST https://haldane.example: no answer" }, "was not told"],
	] as const)("that was not taken is said %s, without the secret", async (_how, answer, words) => {
		const { ports } = answering(answer);
		const thrown = await push(ports, asked).catch((error: Error) => error.message);
		expect(thrown).toContain(words);
		expect(thrown).not.toContain(secret);
	});

	test("shows a terminal nothing that it would obey", async () => {
		const { ports } = answering(says(400, JSON.stringify({ error: "a\u001b[2Jb" })));
		await expect(push(ports, asked)).rejects.toThrow("HTTP 400: a [2Jb");
	});
});

describe("the address of a webhook", () => {
	test.each([
		"https://h.example/x",
		"https://h.example/x/",
		"https://h.example/x/v1/webhooks/native",
		"https://h.example/x/v1/webhooks?a#b",
	])("is found from %s", (url) => {
		expect(webhookAddress(url, "quay/t")).toBe("https://h.example/x/v1/webhooks/quay/t");
	});

	test("is believed for its own trigger alone", () => {
		const token = webhookUrl("quay", { url: "https://h.example", secret }).split("/").at(-1);
		const claim = { token, headers: {}, body: new Uint8Array() };
		expect(prove({ ...claim, trigger: "quay" }, [secret], NOW).kind).toBe("proven");
		expect(prove({ ...claim, trigger: "azure" }, [secret], NOW).kind).toBe("unproven");
	});

	test("is for a trigger that there is", () => {
		expect(() => webhookUrl("constructor", { url: "https://h.example", secret })).toThrow("take one of native,");
	});
});

describe("the secret", () => {
	test("is taken from the environment, without the line break that files end with", () => {
		expect(webhookSecret(undefined, { HALDANE_WEBHOOK_SECRET: `${secret}\n` })).toBe(secret);
	});
	test.each([
		["that is not there", {}, "--secret-file"],
		["that nobody takes", { HALDANE_WEBHOOK_SECRET: "short" }, "fewer than 16 characters"],
	])("%s is refused, and not quoted", (_what, env, words) => {
		expect(() => webhookSecret(undefined, env)).toThrow(words);
		expect(() => webhookSecret(undefined, env)).not.toThrow("short");
	});
});
