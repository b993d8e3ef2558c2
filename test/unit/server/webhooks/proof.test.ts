import { createHmac } from "node:crypto";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { pathTokenFor, secretsIn } from "../../../../src/server/webhooks/secrets.ts";
import { bench, hex, NEXT, NOW, notice, SECRET } from "./bench.ts";

const body = notice("1.2.0");
const token = pathTokenFor(SECRET, "native");
const basic = (text: string) => `Basic ${Buffer.from(text).toString("base64")}`;
const standard = (time: number, key: string | Buffer = SECRET, signedBody = body) => ({
	"webhook-id": "msg_1",
	"webhook-timestamp": String(time),
	"webhook-signature": `v1,${createHmac("sha256", key).update(`msg_1.${time}.${signedBody}`).digest("base64")}`,
});
const timed = (time: number, signedTime = time) => ({
	"X-Haldane-Timestamp": String(time),
	"X-Hub-Signature-256": `sha256=${hex(`${signedTime}.${body}`)}`,
});

describe("is believed", () => {
	test.each<[string, Readonly<Record<string, string>>]>([
		["as GitHub signs", { "X-Hub-Signature-256": `sha256=${hex(body)}` }],
		["with the other secret", { "X-Hub-Signature-256": `sha256=${hex(body, NEXT)}` }],
		["as Gitea signs", { "X-Gitea-Signature": hex(body) }],
		["as Forgejo signs", { "X-Forgejo-Signature": hex(body) }],
		["as Gogs signs", { "X-Gogs-Signature": hex(body) }],
		["as JFrog signs", { "X-JFrog-Event-Auth": hex(body) }],
		["as JFrog does without signing", { "X-JFrog-Event-Auth": SECRET }],
		["with GitLab's token", { "X-Gitlab-Token": SECRET }],
		["with GitLab's signature", standard(NOW)],
		[
			"with one of several signatures",
			{ ...standard(NOW), "webhook-signature": `v1,AAAA ${standard(NOW)["webhook-signature"]}` },
		],
		["with a bearer token", { Authorization: `Bearer ${SECRET}` }],
		["with bearer in small letters", { Authorization: `bearer ${NEXT}` }],
		["with the password of any user", { Authorization: basic(`ci:${SECRET}`) }],
		["with the secret as the header, as Harbor does", { Authorization: SECRET }],
		["with a time", timed(NOW)],
		["with a time five minutes ago", timed(NOW - 300)],
		["with a clock that is five minutes ahead", timed(NOW + 300)],
	])("%s", async (_how, headers) => {
		const { post, hints } = bench();
		expect((await post("native", body, headers)).status).toBe(200);
		expect(hints).toEqual([{ from: "native", hints: [{ image: "acme/app", tag: "1.2.0" }] }]);
	});

	test("with the token of the path, and no other trigger's", async () => {
		const { post } = bench();
		expect((await post(`native/${token}`, body)).status).toBe(200);
		expect((await post(`native/${pathTokenFor(NEXT, "native")}`, notice("2"))).status).toBe(200);
		expect((await post(`quay/${token}`, body)).status).toBe(401);
	});

	test("with user and password as the secret", async () => {
		const { post } = bench({ secrets: () => ({ kind: "secrets", secrets: ["ci:correct-horse-battery"] }) });
		expect((await post("native", body, { Authorization: basic("ci:correct-horse-battery") })).status).toBe(200);
		expect((await post("native", body, { Authorization: basic("me:correct-horse-battery") })).status).toBe(401);
	});

	test("with a secret in the form of standardwebhooks.com", async () => {
		const key = Buffer.from("0123456789abcdef01234567");
		const { post } = bench({ secrets: () => ({ kind: "secrets", secrets: [`whsec_${key.toString("base64")}`] }) });
		expect((await post("native", body, standard(NOW, key))).status).toBe(200);
	});

	test("without anything only if that was asked for", async () => {
		const { post } = bench({ secrets: () => ({ kind: "allowUnsigned" }) });
		expect((await post("native", body)).status).toBe(200);
	});
});

describe("is refused, and not told why", () => {
	test.each<[string, Readonly<Record<string, string>>]>([
		["nothing at all", {}],
		["another secret's signature", { "X-Hub-Signature-256": `sha256=${hex(body, "an0ther-secret-altogether")}` }],
		["the signature of another body", { "X-Hub-Signature-256": `sha256=${hex(`${body} `)}` }],
		["a signature without its prefix", { "X-Hub-Signature-256": hex(body) }],
		["SHA-1", { "X-Hub-Signature": `sha1=${createHmac("sha1", SECRET).update(body).digest("hex")}` }],
		["a signature in the wrong header", { "X-Gitlab-Token": hex(body) }],
		["half a signature", { "X-Gitea-Signature": hex(body).slice(0, 32) }],
		["an empty signature", { "X-Hub-Signature-256": "sha256=", "X-Gitea-Signature": "" }],
		["another token", { "X-Gitlab-Token": `${SECRET}x` }],
		["an empty token", { "X-Gitlab-Token": "", Authorization: "Bearer " }],
		["the start of a token", { Authorization: `Bearer ${SECRET.slice(0, -1)}` }],
		["another password", { Authorization: basic("ci:ci") }],
		["basic without a password", { Authorization: basic(":") }],
		["something else's token", { Authorization: "Digest username=x" }],
		["a time that is too old", timed(NOW - 301)],
		["a time that is to come", timed(NOW + 301)],
		["a time that was not signed", timed(NOW, NOW - 3_600)],
		[
			"a time beside an old signature",
			{ "X-Haldane-Timestamp": String(NOW), "X-Hub-Signature-256": `sha256=${hex(body)}` },
		],
		["a time in words", { ...timed(NOW), "X-Haldane-Timestamp": "now" }],
		["GitLab's signature of long ago", standard(NOW - 301)],
		["GitLab's signature of another body", standard(NOW, SECRET, "{}")],
	])("%s", async (_what, headers) => {
		const { post, hints, counts, lines } = bench();
		const answer = await post("native", body, headers);
		expect([answer.status, await answer.json()]).toEqual([401, { error: expect.stringContaining("not signed") }]);
		expect([hints, counts, lines.length]).toEqual([[], ["native unproven"], 1]);
	});

	test("a wrong token in the path", async () => {
		const { post } = bench();
		expect((await post(`native/${token.slice(0, -1)}`, body)).status).toBe(401);
		expect((await post(`native/${SECRET}`, body)).status).toBe(401);
	});

	test.each([[[]], [[""]], [["short"]]])("everything where the secrets are %j", async (secrets) => {
		const { post } = bench({ secrets: () => ({ kind: "secrets", secrets }) });
		const [secret = ""] = secrets;
		expect((await post("native", body, { Authorization: `Bearer ${secret}`, "X-Gitlab-Token": secret })).status).toBe(
			401,
		);
		expect((await post(`native/${pathTokenFor(secret, "native")}`, body)).status).toBe(401);
	});
});

test("a Secret's values lose their line breaks, and short ones are refused by their keys", () => {
	expect(secretsIn({ old: `${SECRET}\r\n`, b: "short", a: NEXT, empty: "" })).toEqual({
		secrets: [NEXT, SECRET],
		refused: ["key b has fewer than 16 characters", "key empty has fewer than 16 characters"],
	});
	const many = secretsIn(
		Object.fromEntries(Array.from({ length: 18 }, (_, index) => [`k${index + 10}`, `${SECRET}${index}`])),
	);
	expect([many.secrets.length, many.refused]).toEqual([
		16,
		["key k26 is one more than the 16 that are tried", "key k27 is one more than the 16 that are tried"],
	]);
});

test("nothing of a secret, a signature or a token is in any answer, line or count", async () => {
	const hidden = [SECRET, NEXT, token, hex(body), hex(body).slice(0, 16), token.slice(0, 16)];
	const place = fc.constantFrom(...hidden, body, "", `sha256=${hex(body)}`, `Bearer ${SECRET}`, `Bearer ${NEXT}x`);
	const header = fc.constantFrom(
		...["X-Hub-Signature-256", "X-Gitlab-Token", "Authorization", "X-Gitea-Signature", "X-GitHub-Event"],
		...["X-GitHub-Delivery", "X-Haldane-Timestamp", "webhook-signature", "webhook-id", "Content-Type"],
	);
	const sent = fc.oneof(
		place,
		place.map((text) => JSON.stringify({ name: text, tag: text })),
		place.map((text) => JSON.stringify({ name: "acme/app", tag: "1", digest: text })),
		place.map((text) => JSON.stringify({ [text]: text, event_data: { [text]: text }, events: [{ action: text }] })),
	);
	const name = fc.constantFrom("native", "github", "harbor", "registry", "nobody", "__proto__", token, SECRET);
	await fc.assert(
		fc.asyncProperty(name, fc.option(place), fc.dictionary(header, place), sent, async (to, last, headers, text) => {
			const { post, counts, lines } = bench();
			const answer = await post(last ? `${to}/${encodeURIComponent(last)}` : encodeURIComponent(to), text, headers);
			const said = [await answer.text(), ...lines, ...counts, ...answer.headers.values()].join("\n");
			for (const secret of hidden) expect(said).not.toContain(secret);
			expect(answer.status).toBeLessThan(500);
		}),
		{ numRuns: 300 },
	);
});
