import { createHash } from "node:crypto";
import { describe, expect, test } from "vitest";
import { answer, clientOf, ghcr, never, repository, setting, unreachable } from "./scripted.ts";

const shop = repository("ghcr.io", "acme/shop");
const base = "https://ghcr.io/v2/acme/shop";
const digestOf = (body: string) => `sha256:${createHash("sha256").update(body).digest("hex")}`;
const link = (to: string) => ({ link: `<${to}>; rel="next"` });

describe("tags", () => {
	test("come with the ETag of a list of one page, and are asked for by it", async () => {
		const { client, requests } = clientOf((request) =>
			request.headers["if-none-match"] === '"1"'
				? answer(304)
				: answer(200, { name: "acme/shop", tags: ["1.0.0", "1.1.0"] }, { etag: '"1"' }),
		);
		expect(await client.tags(shop, undefined, never)).toEqual({
			kind: "found",
			value: ["1.0.0", "1.1.0"],
			etag: '"1"',
		});
		expect(await client.tags(shop, '"1"', never)).toEqual({ kind: "unchanged" });
		expect(requests.map(({ url, retries }) => [url, retries])).toEqual(Array(2).fill([`${base}/tags/list?n=1000`, 0]));
	});

	test("come through every page, each once, with no ETag that would speak for the first page alone", async () => {
		const { client, lines } = clientOf((_request, line) => {
			if (line.endsWith("n=1000"))
				return answer(200, { tags: ["a", "b"] }, { etag: "1", ...link("/v2/acme/shop/tags/list?last=b") });
			if (line.endsWith("last=b")) return answer(200, { tags: ["b", "c"] }, link("?last=c"));
			return answer(200, { tags: ["d"] });
		});
		expect(await client.tags(shop, undefined, never)).toEqual({
			kind: "found",
			value: ["a", "b", "c", "d"],
			etag: undefined,
		});
		expect(lines()).toEqual([
			`GET ${base}/tags/list?n=1000`,
			`GET ${base}/tags/list?last=b`,
			`GET ${base}/tags/list?last=c`,
		]);
	});

	test("of a full page have no ETag: the next tag could begin a page of its own", async () => {
		const tags = Array.from({ length: 1_000 }, (_, i) => `t${i}`);
		const { client } = clientOf(() => answer(200, { tags }, { etag: "1" }));
		expect(await client.tags(shop, undefined, never)).toEqual({ kind: "found", value: tags, etag: undefined });
	});

	test("wait for the host's budget, and facts do not wait behind them", async () => {
		const { client, clock, lines } = clientOf((_request, line) =>
			line.includes("/tags/") ? answer(200, { tags: [] }) : answer(404),
		);
		const lists = Array.from({ length: 60 }, () => client.tags(shop, undefined, never));
		await clock.rest();
		const asked = client.facts(shop, "1.0.0", never);
		await clock.rest();
		expect(await asked).toMatchObject({ kind: "missing" });
		expect(lines()).toHaveLength(21);
		await clock.settle(Promise.all(lists));
		expect(lines()).toHaveLength(61);
	});

	test("wait as long as the settings of their registry say, and no other registry's wait with them", async () => {
		const registries = [setting("ghcr.io", { requestsPerSecond: 0.1 })];
		const { client, clock, lines } = clientOf(() => answer(200, { tags: [] }), { registries });
		const lists = Array.from({ length: 22 }, () => client.tags(shop, undefined, never));
		const others = Array.from({ length: 20 }, () => client.tags(repository("quay.io", "acme/shop"), undefined, never));
		await clock.settle(Promise.all(others));
		expect(lines().filter((line) => line.includes("ghcr.io"))).toHaveLength(20);
		await clock.advance(9_999);
		expect(lines()).toHaveLength(40);
		await clock.advance(1);
		expect(lines()).toHaveLength(41);
		await clock.settle(Promise.all(lists));
		expect(lines()).toHaveLength(42);
	});

	test("of a repository without any are none", async () => {
		const { client } = clientOf(() => answer(200, { name: "acme/shop", tags: null }));
		expect(await client.tags(shop, undefined, never)).toMatchObject({ kind: "found", value: [] });
	});

	test("of Docker Hub are asked for where its API is", async () => {
		const { client, lines } = clientOf(() => answer(200, { tags: [] }));
		await client.tags(repository("docker.io", "library/nginx"), undefined, never);
		expect(lines()).toEqual(["GET https://registry-1.docker.io/v2/library/nginx/tags/list?n=1000"]);
	});

	test.each<[string, Parameters<typeof clientOf>[0], string, RegExp]>([
		["no JSON", () => answer(200, "<html>"), "malformed", /list of tags is not what/],
		["tags that are no list", () => answer(200, { tags: "a" }), "malformed", /list of tags is not what/],
		[
			"a tag that is none",
			() => answer(200, { tags: ["a b"] }),
			"malformed",
			/a word in its list of tags is not a tag/,
		],
		["a page that is too large", () => answer(200, "{", {}, { truncated: true }), "malformed", /more than 16 MiB/],
		[
			"a page that leads to itself",
			() => answer(200, { tags: ["a"] }, link("?n=1000")),
			"malformed",
			/repeat themselves/,
		],
		[
			"a page on another host",
			() => answer(200, { tags: ["a"] }, link("https://evil.example.com/")),
			"malformed",
			/another host/,
		],
		[
			"nothing there",
			() => answer(404, { errors: [{ code: "NAME_UNKNOWN" }] }),
			"missing",
			/^ghcr.io\/acme\/shop: is not there \(404 NAME_UNKNOWN\)$/,
		],
		[
			"403",
			() => answer(403, { errors: [{ code: "DENIED" }] }),
			"refused",
			/refuses us without credentials \(403 DENIED\).*name an image pull secret/,
		],
		["401 without challenge", () => answer(401), "refused", /in no way that is known/],
		["500", () => answer(500), "unreachable", /^ghcr.io failed \(500\)$/],
		["an unexpected status", () => answer(418), "malformed", /answered 418/],
		["304 when no ETag was sent", () => answer(304), "malformed", /answered 304/],
		["no answer", () => unreachable, "unreachable", /refused/],
	])("answered by %s", async (_what, rule, kind, detail) => {
		const { client } = clientOf(rule);
		expect(await client.tags(shop, undefined, never)).toEqual({ kind, detail: expect.stringMatching(detail) });
	});

	test("that never end are malformed after so many", async () => {
		let page = 0;
		const { client, clock, requests } = clientOf(
			() => {
				page++;
				return answer(200, { tags: Array.from({ length: 1_000 }, (_, i) => `p${page}-${i}`) }, link(`?page=${page}`));
			},
			{ registries: [setting("ghcr.io", { requestsPerSecond: 1_000 })] },
		);
		const answered = await clock.settle(client.tags(shop, undefined, never));
		expect(answered).toMatchObject({ kind: "malformed", detail: expect.stringContaining("more than 100000 tags") });
		expect(requests.length).toBe(101);
	});

	test("that bring nothing new while there is always a next page are malformed at once", async () => {
		let page = 0;
		const { client, requests } = clientOf(() => answer(200, { tags: ["a"] }, link(`?page=${page++}`)));
		expect(await client.tags(shop, undefined, never)).toMatchObject({ kind: "malformed" });
		expect(requests.length).toBe(2);
	});
});

describe("a registry that asks for quiet", () => {
	test("is asked nothing until then, and the observer hears of it", async () => {
		const seen: unknown[] = [];
		let isBusy = true;
		const { client, clock, requests } = clientOf(
			() => (isBusy ? answer(429, "", { "retry-after": "30" }) : answer(200, { tags: [] })),
			{ observer: { asked: (what) => seen.push(what), throttled: (host) => seen.push(host) } },
		);
		const retryAt = clock.now() + 30_000;
		const later = { kind: "throttled", retryAt, detail: "ghcr.io has had too many requests (429)" };
		expect(await client.tags(shop, undefined, never)).toEqual(later);
		expect(await client.tags(shop, undefined, never)).toEqual(later);
		expect(requests.length).toBe(1);
		await clock.advance(30_000);
		isBusy = false;
		expect(await client.tags(shop, undefined, never)).toMatchObject({ kind: "found" });
		expect(seen).toEqual([
			{ host: "ghcr.io", outcome: "429" },
			"ghcr.io",
			"ghcr.io",
			{ host: "ghcr.io", outcome: "200" },
		]);
	});

	test("is not thought to fail when it was us who gave up", async () => {
		const givesUp = new AbortController();
		const { client, requests } = clientOf(() => {
			givesUp.abort();
			return requests.length > 1 ? answer(200, { tags: [] }) : unreachable;
		});
		expect(await client.tags(shop, undefined, givesUp.signal)).toEqual({
			kind: "unreachable",
			detail: "ghcr.io: given up",
		});
		expect(await client.tags(shop, undefined, never)).toMatchObject({ kind: "found" });
	});
});

describe("a digest", () => {
	const manifest = "{}";

	test("is what HEAD says", async () => {
		const { client, requests } = clientOf(() => answer(200, "", { "docker-content-digest": digestOf("x") }));
		expect(await client.digest(shop, "1.0.0", never)).toEqual({ kind: "found", value: digestOf("x") });
		expect(requests).toMatchObject([{ method: "HEAD", url: `${base}/manifests/1.0.0` }]);
		expect(requests[0]?.headers.accept).toContain("application/vnd.oci.image.index.v1+json");
	});

	test.each([
		["says nothing", answer(200)],
		["says what is no digest", answer(200, "", { "docker-content-digest": "latest" })],
		["is not allowed", answer(405)],
	])("is computed where HEAD %s", async (_what, head) => {
		const { client, lines } = clientOf(({ method }) => (method === "HEAD" ? head : answer(200, manifest)));
		expect(await client.digest(shop, "1.0.0", never)).toEqual({ kind: "found", value: digestOf(manifest) });
		expect(lines()).toEqual([`HEAD ${base}/manifests/1.0.0`, `GET ${base}/manifests/1.0.0`]);
	});

	test("is missing when the tag is", async () => {
		const { client, requests } = clientOf(() => answer(404));
		expect(await client.digest(shop, "1.0.0", never)).toMatchObject({ kind: "missing" });
		expect(requests.length).toBe(1);
	});

	test("of a manifest of 100 MiB is malformed, with its size", async () => {
		const large = { "content-length": String(100 * 1_048_576) };
		const { client, requests } = clientOf(({ method }) =>
			method === "HEAD" ? answer(200) : answer(200, "{", large, { truncated: true }),
		);
		expect(await client.digest(shop, "1.0.0", never)).toEqual({
			kind: "malformed",
			detail: "ghcr.io/acme/shop: its manifest is 100 MiB; the most that is read is 4 MiB",
		});
		expect(requests.map(({ bodyBytesMax }) => bodyBytesMax)).toEqual([4_194_304, 4_194_304]);
	});
});

test("each request has the settings of its registry, a deadline, and no other try", async () => {
	const registries = [setting("ghcr.io", { ca: "-----BEGIN", insecureSkipVerify: true })];
	const { client, requests } = clientOf(
		({ url }) => (url.includes("ghcr") ? answer(307, "", { location: "https://cdn.example.com/a" }) : answer(404)),
		{ registries },
	);
	await client.tags(repository("ghcr.io", "acme/shop"), 'W/"weak"', never);
	await client.tags(repository("quay.io", "acme/shop"), undefined, never);
	const common = { timeoutMs: 30_000, retries: 0 };
	const set = { ...common, ca: "-----BEGIN", insecureSkipVerify: true };
	expect(requests).toMatchObject([set, set, { ...common, insecureSkipVerify: false }]);
	expect(requests.map(({ headers }) => headers["if-none-match"])).toEqual(['W/"weak"', 'W/"weak"', undefined]);
	expect(requests[2]).not.toHaveProperty("ca");
});

describe("a mirror", () => {
	const registries = [
		setting("docker.io", { mirror: "harbor.example.com/hub" }),
		setting("harbor.example.com", { plainHttp: true }),
	];
	const nginx = repository("docker.io", "library/nginx", { scope: "docker.io", username: "u", password: "of the hub" });

	test("is asked first, by its own settings and without the credentials of the origin", async () => {
		const { client, requests } = clientOf(() => answer(200, { tags: ["1"] }), { registries });
		expect(await client.tags(nginx, undefined, never)).toMatchObject({ kind: "found", value: ["1"] });
		expect(requests).toMatchObject([{ url: "http://harbor.example.com/v2/hub/library/nginx/tags/list?n=1000" }]);
		expect(requests[0]?.headers).not.toHaveProperty("authorization");
	});

	test.each([
		["has nothing", answer(404)],
		["fails", answer(500)],
		["cannot be reached", unreachable],
		["refuses", answer(403)],
		["talks nonsense", answer(200, "?")],
	])("that %s gives way to the origin", async (_what, of) => {
		const { client, lines } = clientOf(
			(_request, line) => (line.includes("harbor") ? of : answer(200, { tags: ["1"] })),
			{ registries },
		);
		expect(await client.tags(nginx, undefined, never)).toMatchObject({ kind: "found", value: ["1"] });
		expect(lines().length).toBe(2);
	});

	test("that has nothing either leaves the origin's answer", async () => {
		const { client } = clientOf((_request, line) => (line.includes("harbor") ? unreachable : answer(404)), {
			registries,
		});
		expect(await client.tags(nginx, undefined, never)).toMatchObject({
			kind: "missing",
			detail: expect.stringContaining("docker.io/library/nginx"),
		});
	});
});

describe("a redirection", () => {
	const mine = repository("ghcr.io", "acme/shop", ghcr);
	const to = (location: string) => answer(307, "", { location });
	const basic = answer(401, "", { "www-authenticate": "Basic" });

	test("is followed without our proof, which stays with the registry", async () => {
		const { client, requests } = clientOf(({ url, headers }) => {
			if (url.startsWith("https://cdn.example.com")) return answer(200, { tags: ["1"] });
			return headers.authorization === undefined
				? basic
				: to("https://someone:word@cdn.example.com/a?signature=1#part");
		});
		expect(await client.tags(mine, undefined, never)).toMatchObject({ kind: "found", value: ["1"] });
		expect(requests.map(({ url, headers }) => [new URL(url).host, "authorization" in headers])).toEqual([
			["ghcr.io", false],
			["ghcr.io", true],
			["cdn.example.com", false],
		]);
		expect(requests.at(-1)?.url).toBe("https://cdn.example.com/a?signature=1");
	});

	test.each<[string, string, string, RegExp]>([
		["to another port has no proof either", "https://ghcr.io:8443/a", "found", /^$/],
		["from https to http is not followed", "http://cdn.example.com/a", "malformed", /sends us from https to http/],
		["to what is no address is not followed", "ftp://cdn.example.com/a", "malformed", /what is no address/],
		["to nowhere is not followed", "", "malformed", /more than 3 times/],
	])("%s", async (_what, location, kind, detail) => {
		const { client, requests } = clientOf(({ url, headers }) => {
			if (url === location) return answer(200, { tags: [] });
			return headers.authorization === undefined && url.startsWith("https://ghcr.io/") ? basic : to(location);
		});
		const answered = await client.tags(mine, undefined, never);
		expect(answered).toMatchObject(kind === "found" ? { kind } : { kind, detail: expect.stringMatching(detail) });
		const elsewhere = requests.filter(({ url }) => !url.startsWith("https://ghcr.io/"));
		expect(elsewhere.filter(({ headers }) => "authorization" in headers)).toEqual([]);
	});

	test("to http is followed where the registry is set to be asked so", async () => {
		const { client } = clientOf(
			({ url }) => (url.includes("store") ? answer(200, { tags: [] }) : to("http://store.local/a")),
			{
				registries: [setting("ghcr.io", { plainHttp: true })],
			},
		);
		expect(await client.tags(shop, undefined, never)).toMatchObject({ kind: "found" });
	});

	test("is followed three times", async () => {
		const { client, requests } = clientOf(() => to(`/again/${requests.length}`));
		expect(await client.tags(shop, undefined, never)).toMatchObject({ kind: "malformed" });
		expect(requests.length).toBe(4);
	});

	test("to a host that asks for credentials is refused, and our own are not shown", async () => {
		const { client, requests } = clientOf(({ url }) =>
			url.includes("ghcr.io") ? to("https://other.example.com/") : basic,
		);
		expect(await client.tags(mine, undefined, never)).toMatchObject({
			kind: "refused",
			detail: "ghcr.io/acme/shop: sends us to other.example.com, which asks for credentials",
		});
		expect(requests.some(({ headers }) => "authorization" in headers)).toBe(false);
	});
});
