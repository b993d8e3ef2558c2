import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { OutboundRequest } from "../../../../src/http/request.ts";
import type { RegistryAnswer } from "../../../../src/updater/image-registry/image-registry.ts";
import { answer, clientOf, ghcr, never, repository, setting } from "./scripted.ts";

const mine = repository("ghcr.io", "acme/shop", ghcr);
const anonymous = repository("ghcr.io", "acme/shop");
const challenge = {
	"www-authenticate":
		'Bearer realm="https://auth.example.com/token",service="ghcr.io",scope="repository:acme/shop:pull"',
};
const basicOf = (user: string, password: string) => `Basic ${btoa(`${user}:${password}`)}`;

/** A registry that wants the latest token, and its token server. */
function guarded(expiresIn?: number) {
	const state = { token: "token-1", given: 0 };
	const rule = ({ url, headers }: OutboundRequest) => {
		if (url.startsWith("https://auth.example.com/")) {
			state.given++;
			return answer(200, { token: state.token, ...(expiresIn === undefined ? {} : { expires_in: expiresIn }) });
		}
		return headers.authorization === `Bearer ${state.token}`
			? answer(200, { tags: ["1"] })
			: answer(401, "", challenge);
	};
	return { state, rule };
}

describe("a token", () => {
	test("is got by the credentials for the repository, and kept: the next question is one request", async () => {
		const { rule, state } = guarded(300);
		const { client, requests, lines, clock } = clientOf(rule);
		expect(await client.tags(mine, undefined, never)).toMatchObject({ kind: "found" });
		expect(lines()).toEqual([
			"GET https://ghcr.io/v2/acme/shop/tags/list?n=1000",
			"GET https://auth.example.com/token?service=ghcr.io&scope=repository%3Aacme%2Fshop%3Apull",
			"GET https://ghcr.io/v2/acme/shop/tags/list?n=1000",
		]);
		expect(requests[1]?.headers.authorization).toBe(basicOf("someone", "open-sesame"));
		await clock.advance(289_000);
		expect(await client.tags(mine, undefined, never)).toMatchObject({ kind: "found" });
		expect(requests.length).toBe(4);
		await clock.advance(2_000);
		state.token = "token-2";
		expect(await client.tags(mine, undefined, never)).toMatchObject({ kind: "found" });
		expect(lines().slice(4)).toEqual([lines()[1], lines()[0]]);
	});

	test("is anonymous where there are no credentials, and never shared with those who have some", async () => {
		const { rule, state } = guarded(300);
		const { client, requests } = clientOf(rule);
		await client.tags(anonymous, undefined, never);
		expect(requests[1]?.headers).not.toHaveProperty("authorization");
		await client.tags(mine, undefined, never);
		await client.tags(repository("ghcr.io", "acme/shop", { ...ghcr, password: "another" }), undefined, never);
		expect(state.given).toBe(3);
		await client.tags(anonymous, undefined, never);
		expect(state.given).toBe(3);
	});

	test("that is no longer taken is got anew, once", async () => {
		const { rule, state } = guarded(300);
		const { client } = clientOf(rule);
		await client.tags(mine, undefined, never);
		state.token = "token-2";
		expect(await client.tags(mine, undefined, never)).toMatchObject({ kind: "found" });
		expect(state.given).toBe(2);
	});

	test.each<[string, object, string]>([
		["under its other name, with the first left empty", { token: "", access_token: "t" }, "found"],
		["with the other name left empty", { token: "t", access_token: "" }, "found"],
		["with the other name null, and no time", { token: "t", access_token: null, expires_in: null }, "found"],
		["with a time in words", { token: "t", expires_in: "300" }, "found"],
		["that is none", { token: "", access_token: null }, "malformed"],
		["with a line break in it", { token: "t\r\nx-evil: 1" }, "malformed"],
	])("is got %s", async (_what, said, kind) => {
		const { client } = clientOf(({ url, headers }) => {
			if (url.startsWith("https://auth.example.com/")) return answer(200, said);
			return headers.authorization === "Bearer t" ? answer(200, { tags: [] }) : answer(401, "", challenge);
		});
		expect(await client.tags(mine, undefined, never)).toMatchObject({ kind });
	});

	test("is asked for without what its server's address says of users, and kept for a day at the most", async () => {
		const realm = 'Bearer realm="https://someone:word@auth.example.com/token#part"';
		const { client, requests, lines, clock } = clientOf(({ url, headers }) => {
			if (url.startsWith("https://auth.example.com/")) return answer(200, { token: "t", expires_in: 1e12 });
			return headers.authorization === "Bearer t"
				? answer(200, { tags: [] })
				: answer(401, "", { "www-authenticate": realm });
		});
		await client.tags(anonymous, undefined, never);
		expect(lines()[1]).toBe("GET https://auth.example.com/token?scope=repository%3Aacme%2Fshop%3Apull");
		await clock.advance(24 * 3_600_000);
		await client.tags(anonymous, undefined, never);
		expect(requests).toHaveLength(5);
	});

	test("is got by POST with a refresh token", async () => {
		const { client, requests } = clientOf(({ url, headers }) => {
			if (url === "https://auth.example.com/token") return answer(200, { access_token: "t" });
			return headers.authorization === "Bearer t" ? answer(200, { tags: [] }) : answer(401, "", challenge);
		});
		const held = { ...ghcr, username: "", password: "", identityToken: "refresh-me" };
		expect(await client.tags(repository("ghcr.io", "acme/shop", held), undefined, never)).toMatchObject({
			kind: "found",
		});
		expect(requests[1]).toMatchObject({
			method: "POST",
			headers: { "content-type": "application/x-www-form-urlencoded" },
		});
		expect(Object.fromEntries(new URLSearchParams(requests[1]?.body))).toEqual({
			grant_type: "refresh_token",
			client_id: "haldane",
			service: "ghcr.io",
			scope: "repository:acme/shop:pull",
			refresh_token: "refresh-me",
		});
	});

	test.each<[string, string, boolean, string]>([
		["by http", "http://auth.example.com/token", false, "refused"],
		["by http on this machine", "http://127.0.0.1:5001/token", false, "found"],
		["by http where the registry is set so", "http://auth.example.com/token", true, "found"],
	])("server that is asked %s", async (_what, realm, plainHttp, kind) => {
		const { client, requests } = clientOf(
			({ url, headers }) => {
				if (url.startsWith(realm)) return answer(200, { token: "t" });
				return headers.authorization === "Bearer t"
					? answer(200, { tags: [] })
					: answer(401, "", { "www-authenticate": `Bearer realm="${realm}"` });
			},
			{ registries: [setting("ghcr.io", { plainHttp })] },
		);
		expect(await client.tags(mine, undefined, never)).toMatchObject({ kind });
		expect(requests.length).toBe(kind === "refused" ? 1 : 3);
	});

	test.each<[string, ReturnType<typeof answer>, string, RegExp]>([
		[
			"refuses",
			answer(401, "no: open-sesame"),
			"refused",
			/the token server auth.example.com of ghcr.io refuses the credentials for ghcr.io\/acme \(401\)/,
		],
		["answers no JSON", answer(200, "open-sesame"), "malformed", /answered without a token/],
		["answers a token that is no header", answer(200, { token: "a\nb" }), "malformed", /answered without a token/],
		["is busy", answer(429, "", { "retry-after": "9" }), "throttled", /auth.example.com has had too many/],
		["fails", answer(503), "unreachable", /auth.example.com failed \(503\)/],
		["is not there", answer(404), "malformed", /answered 404 instead of a token/],
	])("server that %s", async (_what, given, kind, detail) => {
		const { client } = clientOf(({ url }) => (url.includes("auth.") ? given : answer(401, "", challenge)));
		expect(await client.tags(mine, undefined, never)).toMatchObject({ kind, detail: expect.stringMatching(detail) });
	});

	test("that the registry does not take is final, and not kept", async () => {
		const { client, requests } = clientOf(({ url }) =>
			url.includes("auth.") ? answer(200, { token: "t", expires_in: 300 }) : answer(401, "", challenge),
		);
		const refused = {
			kind: "refused",
			detail:
				"ghcr.io/acme/shop: ghcr.io refuses the credentials for ghcr.io/acme (401): may they pull it, and does it exist?",
		};
		expect(await client.tags(mine, undefined, never)).toEqual(refused);
		expect(requests.length).toBe(3);
		expect(await client.tags(mine, undefined, never)).toEqual(refused);
		expect(requests.filter(({ url }) => url.includes("auth.")).length).toBeGreaterThan(1);
	});
});

describe("Basic", () => {
	const wanted = { "www-authenticate": 'Basic realm="Registry"' };
	const takes = (authorization: string) => (request: OutboundRequest) =>
		request.headers.authorization === authorization ? answer(200, { tags: [] }) : answer(401, "", wanted);

	test("is shown when asked for, and from then on at once", async () => {
		const { client, requests } = clientOf(takes(basicOf("someone", "open-sesame")));
		expect(await client.tags(mine, undefined, never)).toMatchObject({ kind: "found" });
		expect(await client.tags(mine, undefined, never)).toMatchObject({ kind: "found" });
		expect(requests.map(({ headers }) => "authorization" in headers)).toEqual([false, true, true]);
	});

	test("that is wrong is refused, with the scope that was used", async () => {
		const { client, requests } = clientOf(takes("Basic other"));
		for (const count of [2, 3]) {
			expect(await client.tags(mine, undefined, never)).toMatchObject({
				kind: "refused",
				detail: expect.stringContaining("ghcr.io refuses the credentials for ghcr.io/acme (401)"),
			});
			expect(requests.length).toBe(count);
		}
	});

	test("without credentials is refused", async () => {
		const { client } = clientOf(takes("Basic other"));
		expect(await client.tags(anonymous, undefined, never)).toMatchObject({
			kind: "refused",
			detail: expect.stringContaining("there are none for it"),
		});
	});

	test("is of the longest scope that covers the repository", async () => {
		const all = [
			"ghcr.io",
			"ghcr.io/acme/shop",
			"ghcr.io/acme",
			"ghcr.io/acme/sho",
			"*.io/acme/shop/more",
			"docker.io",
		].map((scope) => ({
			scope,
			username: scope,
			password: "p",
		}));
		const { client } = clientOf(takes(basicOf("ghcr.io/acme/shop", "p")));
		expect(await client.tags(repository("ghcr.io", "acme/shop", ...all), undefined, never)).toMatchObject({
			kind: "found",
		});
	});
});

describe("secrets", () => {
	const secret = fc.stringMatching(/^[A-Za-z0-9]{12,40}$/);

	/** A registry that repeats everything it hears, wherever it can. */
	test("are in no detail, whatever the registry repeats", async () => {
		await fc.assert(
			fc.asyncProperty(
				secret,
				secret,
				secret,
				fc.boolean(),
				fc.array(fc.nat({ max: 13 }), { maxLength: 12 }),
				async (password, identity, token, byIdentity, plan) => {
					const held = {
						scope: "ghcr.io",
						username: "u",
						password,
						...(byIdentity ? { identityToken: identity } : {}),
					};
					const words = [password, identity, token, basicOf("u", password)].join(" ");
					const bad = `https://${password}.example.com/${token}?${identity}`;
					const answers = [
						answer(200, { token }),
						answer(200, words),
						answer(200, { tags: [words] }),
						answer(200, { tags: ["a"] }, { link: `<${bad}>; rel="next"` }),
						answer(401, words, challenge),
						answer(401, words, { "www-authenticate": `Bearer realm="${bad}",service="${words}"` }),
						answer(401, words, { "www-authenticate": `Bearer realm="${bad.replace("https", "http")}"` }),
						answer(401, { errors: [{ code: words, message: words }] }, { "www-authenticate": "Basic" }),
						answer(403, { errors: [{ code: password, message: words }] }),
						answer(404, words),
						answer(302, words, { location: bad }),
						answer(429, words, { "retry-after": words }),
						answer(500, words),
						{ kind: "unreachable", detail: words.replaceAll(token, "") } as const,
					];
					let at = 0;
					const { client, clock } = clientOf(() => answers[plan[at++ % Math.max(plan.length, 1)] ?? 4] ?? answer(500));
					const asked = repository("ghcr.io", "acme/shop", held);
					for (let round = 0; round < 3; round++) {
						const said: RegistryAnswer<unknown>[] = await clock.settle(
							Promise.all([
								client.tags(asked, undefined, never),
								client.digest(asked, "1", never),
								client.facts(asked, "1", never),
							]),
						);
						const text = said.map((one) => ("detail" in one ? one.detail : "")).join("\n");
						for (const hidden of [password, identity, btoa(`u:${password}`)]) {
							if (hidden === identity && !byIdentity) continue;
							expect(text.toLowerCase()).not.toContain(hidden.toLowerCase());
						}
						expect(text).not.toContain(token);
						await clock.advance(600_000);
					}
				},
			),
			{ numRuns: 200 },
		);
	});
});
