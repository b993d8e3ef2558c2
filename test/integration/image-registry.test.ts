import { pipeline } from "node:stream/promises";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { outbound } from "../../src/http/outbound.ts";
import { systemTimers } from "../../src/http/timers.ts";
import { createIdentity } from "../../src/sandbox/api-server/http/identity.ts";
import { createRegistryClient } from "../../src/updater/image-registry/client.ts";
import type { Credentials, Repository } from "../../src/updater/image-registry/image-registry.ts";
import type { RegistrySetting } from "../../src/updater/image-registry/settings.ts";
import {
	findDockerRegistry,
	knownUser,
	type RunningRegistry,
	startDockerRegistry,
} from "../support/image-registry/docker-registry.ts";
import { type Front, type Rule, startFront } from "../support/image-registry/front.ts";
import { deleteImage, pushImage, pushIndex, tagAs } from "../support/image-registry/push.ts";

const command = findDockerRegistry();
const never = new AbortController().signal;
const created = "2026-11-01T10:00:00Z";
const createdAt = Date.parse(created);

const open: Front[] = [];
afterEach(async () => {
	for (const front of open.splice(0)) await front.stop();
});
async function front(rule: Rule, options: Parameters<typeof startFront>[1] = {}): Promise<Front> {
	const started = await startFront(rule, options);
	open.push(started);
	return started;
}

function clientFor(...hosts: readonly string[]) {
	return clientWith(...hosts.map((host) => setting(host)));
}
/** How far the clients' clock is ahead: waiting for a registry takes no time here. */
let aheadMs = 0;
function clientWith(...registries: readonly RegistrySetting[]) {
	const timers = { ...systemTimers, now: () => systemTimers.now() + aheadMs };
	const ports = { send: outbound(), now: timers.now, timers };
	return createRegistryClient(ports, { registries });
}
function setting(host: string, change: Partial<RegistrySetting> = {}): RegistrySetting {
	return { host, plainHttp: true, insecureSkipVerify: false, requestsPerSecond: 1_000, ...change };
}
function repository(registry: string, path: string, ...credentials: readonly Credentials[]): Repository {
	return { registry, repository: path, credentials };
}

describe.skipIf(command === undefined)("a real registry", () => {
	let registry: RunningRegistry;
	beforeAll(async () => {
		registry = await startDockerRegistry({ command: command ?? "" });
	});
	afterAll(() => registry?.stop());
	const target = (path: string) => ({ url: registry.url, repository: path });

	test("tells tags, digest and facts of an image, and what is gone is missing", async () => {
		const client = clientFor(registry.host);
		const shop = repository(registry.host, "team/shop");
		expect(await client.tags(shop, undefined, never)).toMatchObject({
			kind: "missing",
			detail: expect.stringContaining("404 NAME_UNKNOWN"),
		});
		const pushed = await pushImage(target("team/shop"), { created, platform: "linux/arm64/v8" }, "1.0.0", "latest");
		const tags = await client.tags(shop, undefined, never);
		expect(tags.kind === "found" ? [...tags.value].sort() : tags).toEqual(["1.0.0", "latest"]);
		expect(await client.digest(shop, "1.0.0", never)).toEqual({ kind: "found", value: pushed.digest });
		const facts = { digest: pushed.digest, createdAt, platforms: ["linux/arm64/v8"] };
		expect(await client.facts(shop, "latest", never)).toEqual({ kind: "found", value: facts });
		expect(await client.digest(shop, "2.0.0", never)).toMatchObject({ kind: "missing" });
		await deleteImage(target("team/shop"), pushed);
		expect(await client.facts(shop, "latest", never)).toMatchObject({ kind: "missing" });
	});

	test("tells the facts of an index, without its attestations", async () => {
		const amd64 = await pushImage(target("team/many"), { created });
		const arm64 = await pushImage(target("team/many"), { platform: "linux/arm64" });
		const index = await pushIndex(target("team/many"), [amd64, arm64], "1.0.0");
		expect(await clientFor(registry.host).facts(repository(registry.host, "team/many"), "1.0.0", never)).toEqual({
			kind: "found",
			value: { digest: index.digest, createdAt, platforms: ["linux/amd64", "linux/arm64"] },
		});
	});

	test("tells 2,000 tags, at once by itself and page by page through a server that has pages", async () => {
		const tags = Array.from({ length: 2_000 }, (_, i) => `1.${String(i).padStart(4, "0")}.0`);
		await tagAs(target("team/busy"), await pushImage(target("team/busy"), {}, "1.0000.0"), ...tags);
		const paged = await front(async (request, response) => {
			const url = new URL(request.url ?? "", "http://front");
			const all = (await (await fetch(`${registry.url}${url.pathname}`)).json()) as { tags: string[] };
			const from = all.tags.indexOf(url.searchParams.get("last") ?? "") + 1;
			const page = all.tags.slice(from, from + 300);
			const last = page.at(-1);
			if (from + 300 < all.tags.length) response.setHeader("link", `<${url.pathname}?last=${last}&n=300>; rel="next"`);
			response.end(JSON.stringify({ name: "team/busy", tags: page }));
		});
		const client = clientFor(registry.host, paged.host);
		for (const host of [registry.host, paged.host]) {
			const answered = await client.tags(repository(host, "team/busy"), undefined, never);
			expect(answered.kind === "found" ? [...answered.value].sort() : answered).toEqual(tags);
		}
		expect(paged.requests.length).toBe(7);
	});

	test("behind one that asks for tokens is asked with a token, got once", async () => {
		await pushImage(target("team/safe"), { created }, "1.0.0");
		const expected = `Basic ${btoa(`${knownUser.username}:${knownUser.password}`)}`;
		const tokenServer = await front(({ headers }, response) => {
			if (headers.authorization !== expected) response.statusCode = 401;
			response.end(JSON.stringify({ token: "the-token", expires_in: 300 }));
		});
		const guarded = await front(
			async ({ headers }, response, pass) => {
				if (headers.authorization === "Bearer the-token") return pass();
				const realm = `Bearer realm="http://${tokenServer.host}/token",service="test",scope="repository:team/safe:pull"`;
				response.writeHead(401, { "www-authenticate": realm }).end();
			},
			{ behind: registry.url },
		);
		const client = clientFor(guarded.host);
		const held = { scope: guarded.host, ...knownUser };
		const safe = repository(guarded.host, "team/safe", held);
		expect(await client.tags(safe, undefined, never)).toMatchObject({ kind: "found", value: ["1.0.0"] });
		expect(await client.facts(safe, "1.0.0", never)).toMatchObject({ kind: "found", value: { createdAt } });
		expect(tokenServer.requests).toEqual(["GET /token?service=test&scope=repository%3Ateam%2Fsafe%3Apull"]);
		expect(guarded.requests.length).toBe(6);
		const wrong = repository(guarded.host, "team/safe", { ...held, password: "wrong-password" });
		expect(await client.tags(wrong, undefined, never)).toMatchObject({
			kind: "refused",
			detail: expect.stringContaining(`refuses the credentials for ${guarded.host} (401)`),
		});
	});

	test("behind one that is busy is left alone until it says", async () => {
		await pushImage(target("team/calm"), {}, "1.0.0");
		let isBusy = true;
		const busy = await front(
			async (_request, response, pass) => {
				if (!isBusy) return pass();
				response.writeHead(429, { "retry-after": "30" }).end("slow down");
			},
			{ behind: registry.url },
		);
		const client = clientFor(busy.host, registry.host);
		const calm = repository(busy.host, "team/calm");
		const before = systemTimers.now() + aheadMs;
		const first = await client.tags(calm, undefined, never);
		expect(first).toMatchObject({ kind: "throttled", detail: `${busy.host} has had too many requests (429)` });
		const retryAt = first.kind === "throttled" ? first.retryAt : 0;
		expect(retryAt).toBeGreaterThanOrEqual(before + 30_000);
		expect(await client.tags(calm, undefined, never)).toMatchObject({ kind: "throttled" });
		expect(busy.requests.length).toBe(1);
		expect(await client.tags(repository(registry.host, "team/calm"), undefined, never)).toMatchObject({
			kind: "found",
		});
		isBusy = false;
		aheadMs += 20_000;
		expect(await client.tags(calm, undefined, never)).toMatchObject({ kind: "throttled" });
		aheadMs += 20_000;
		expect(await client.tags(calm, undefined, never)).toMatchObject({ kind: "found", value: ["1.0.0"] });
	});

	test("that sends us to storage is followed there, without our proof", async () => {
		const pushed = await pushImage(target("team/far"), { created }, "1.0.0");
		const proofs: unknown[] = [];
		const storage = await front(
			async ({ headers }, _response, pass) => {
				proofs.push(headers.authorization);
				await pass();
			},
			{ behind: registry.url },
		);
		const near = await front(
			async ({ url = "", headers }, response, pass) => {
				if (headers.authorization === undefined) response.writeHead(401, { "www-authenticate": "Basic" }).end();
				else if (url.includes("/blobs/")) response.writeHead(307, { location: `http://${storage.host}${url}` }).end();
				else await pass();
			},
			{ behind: registry.url },
		);
		const far = repository(near.host, "team/far", { scope: near.host, ...knownUser });
		expect(await clientFor(near.host).facts(far, "1.0.0", never)).toMatchObject({
			kind: "found",
			value: { digest: pushed.digest, createdAt },
		});
		expect(proofs).toEqual([undefined]);
	});

	test("behind a certificate of its own authority is asked where that is named, and nowhere else", async () => {
		await pushImage(target("team/tls"), {}, "1.0.0");
		const { authority: ca, certificate: cert, key } = await createIdentity(systemTimers.now());
		const secure = await front((_request, _response, pass) => pass(), { behind: registry.url, tls: { key, cert } });
		const tls = repository(secure.host, "team/tls");
		const https = setting(secure.host, { plainHttp: false });
		expect(await clientWith({ ...https, ca }).tags(tls, undefined, never)).toMatchObject({ kind: "found" });
		expect(await clientWith({ ...https, insecureSkipVerify: true }).tags(tls, undefined, never)).toMatchObject({
			kind: "found",
		});
		expect(await clientWith(https).tags(tls, undefined, never)).toMatchObject({ kind: "unreachable" });
	});
});

describe.skipIf(command === undefined)("a real registry with passwords", () => {
	let registry: RunningRegistry;
	beforeAll(async () => {
		registry = await startDockerRegistry({ command: command ?? "", basicAuth: true });
	});
	afterAll(() => registry?.stop());

	test("answers those who know one, and refuses the others by name of what they showed", async () => {
		await pushImage({ url: registry.url, repository: "team/shop", ...knownUser }, { created }, "1.0.0");
		const client = clientFor(registry.host);
		const as = (...held: Credentials[]) => repository(registry.host, "team/shop", ...held);
		const right = { scope: `${registry.host}/team`, ...knownUser };
		expect(await client.facts(as(right), "1.0.0", never)).toMatchObject({ kind: "found", value: { createdAt } });
		expect(await client.tags(as({ ...right, password: "wrong-password" }), undefined, never)).toEqual({
			kind: "refused",
			detail: expect.stringContaining(`refuses the credentials for ${registry.host}/team (401 UNAUTHORIZED)`),
		});
		expect(await client.tags(as(), undefined, never)).toMatchObject({ kind: "refused" });
	});
});

describe("what only claims to be a registry", () => {
	test.each<[string, string, RegExp]>([
		["tells no JSON", "<html>It works!</html>", /list of tags is not what the OCI distribution API has/],
		[
			"tells something else",
			JSON.stringify({ tags: { latest: 1 } }),
			/list of tags is not what the OCI distribution API has/,
		],
	])("and %s is malformed", async (_what, body, detail) => {
		const { host } = await front((_request, response) => void response.end(body));
		const answered = await clientFor(host).tags(repository(host, "a"), undefined, never);
		expect(answered).toEqual({ kind: "malformed", detail: expect.stringMatching(detail) });
	});

	test("and has tags without end is left at 100,000", async () => {
		let page = 0;
		const { host, requests } = await front((_request, response) => {
			page++;
			const tags = Array.from({ length: 1_000 }, (_, i) => `p${page}-${i}`);
			response.setHeader("link", `</v2/a/tags/list?page=${page}>; rel="next"`).end(JSON.stringify({ tags }));
		});
		const answered = await clientFor(host).tags(repository(host, "a"), undefined, never);
		expect(answered).toMatchObject({ kind: "malformed", detail: expect.stringContaining("more than 100000 tags") });
		expect(requests.length).toBe(101);
	});

	test.each<[string, boolean, string]>([
		["with its size", true, "its manifest is 100 MiB; the most that is read is 4 MiB"],
		["without a size", false, "its manifest is larger; the most that is read is 4 MiB"],
	])("and has a manifest of 100 MiB is read for 4 MiB of it, sent %s", async (_what, hasLength, detail) => {
		const bytes = 100 * 1_048_576;
		let sent = 0;
		const { host } = await front(async (request, response) => {
			if (request.method === "HEAD") return void response.end();
			response.writeHead(200, hasLength ? { "content-length": bytes } : {});
			const chunk = Buffer.alloc(262_144, " ");
			const chunks = function* () {
				for (; sent < bytes; sent += chunk.length) yield chunk;
			};
			// Whoever has had enough hangs up, which is what is looked at below.
			await pipeline(chunks, response).catch(() => {});
		});
		const answered = await clientFor(host).digest(repository(host, "a"), "1.0.0", never);
		expect(answered).toEqual({ kind: "malformed", detail: `${host}/a: ${detail}` });
		expect(sent).toBeLessThan(32 * 1_048_576);
	});
});
