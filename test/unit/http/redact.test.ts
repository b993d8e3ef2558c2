import { expect, test } from "vitest";
import { describeTarget, redact } from "../../../src/http/redact.ts";
import type { OutboundRequest } from "../../../src/http/request.ts";

const request = (url: string, headers: Record<string, string> = {}, proxy?: string): OutboundRequest => ({
	method: "GET",
	url,
	headers,
	timeoutMs: 1,
	retries: 0,
	bodyBytesMax: 1,
	insecureSkipVerify: false,
	...(proxy === undefined ? {} : { proxy }),
});
const basic = `Basic ${Buffer.from("admin:open sesame").toString("base64")}`;

test.each([
	[
		"a header's value",
		request("http://a", { "x-key": "open sesame" }),
		"key open sesame is wrong",
		"key [hidden] is wrong",
	],
	[
		"a token without its scheme",
		request("http://a", { authorization: "Bearer tok-en" }),
		"tok-en expired",
		"[hidden] expired",
	],
	["a decoded password", request("http://a", { authorization: basic }), "admin / open sesame", "[hidden] / [hidden]"],
	["the URL's password", request("http://u:p%40ssword@a"), "p@ssword p%40ssword", "[hidden] [hidden]"],
	["the URL's query", request("http://a?token=abcd%20e"), "?token=abcd%20e abcd e", "?[hidden] [hidden]"],
	["the proxy's password", request("http://a", {}, "http://u:hunter22@p"), "407 for hunter22", "407 for [hidden]"],
	[
		"a long secret whole, not only the short one in it",
		request("http://a", { "x-a": "abcd", "x-b": "abcd-efgh" }),
		"abcd-efgh",
		"[hidden]",
	],
	[
		"nothing of a plain header",
		request("http://a", { accept: "application/json" }),
		"not application/json",
		"not application/json",
	],
	["nothing that is too short to be one", request("http://a", { "x-org": "1" }), "HTTP 401", "HTTP 401"],
	["every place where it stands", request("http://a", { "x-key": "abcd" }), "abcd abcd", "[hidden] [hidden]"],
])("hides %s", (_name, sent, text, clean) => {
	expect(redact(text, sent)).toBe(clean);
});

test.each([
	["https://u:p@hooks.example.com:8443/services/T0/B0?x=1#y", "GET https://hooks.example.com:8443"],
	["nonsense with a secret", "GET"],
])("says of %s only where it is", (url, text) => {
	expect(describeTarget({ method: "GET", url })).toBe(text);
});
