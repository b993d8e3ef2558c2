import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { outbound } from "../../../../src/http/outbound.ts";
import { type RunningRegistry, startRegistry } from "../../../../src/sandbox/registry/start-registry.ts";
import { createRegistryClient } from "../../../../src/updater/image-registry/client.ts";
import { FakeClock } from "../../../support/fake-clock.ts";
import { deleteImage, pushImage, pushIndex } from "../../../support/image-registry/push.ts";

const never = new AbortController().signal;
const created = "2026-11-01T10:00:00Z";
const createdAt = Date.parse(created);

const reported: unknown[] = [];
let registry: RunningRegistry;
beforeEach(async () => {
	registry = await startRegistry({ port: 0, now: () => createdAt, report: (thrown) => void reported.push(thrown) });
});
afterEach(async () => {
	await registry.stop();
	expect(reported.splice(0)).toEqual([]);
});

function client() {
	const clock = new FakeClock();
	const own = { host: registry.host, plainHttp: true, insecureSkipVerify: false, requestsPerSecond: 1_000 };
	const ports = { send: outbound(), now: () => clock.now(), timers: clock };
	return createRegistryClient(ports, { registries: [own] });
}
const target = (repository: string) => ({ url: registry.url, repository });
const named = (repository: string) => ({ registry: registry.host, repository, credentials: [] });
const ask = (path: string, init: RequestInit = {}) => fetch(`${registry.url}${path}`, init);
async function codeOf(answer: Response): Promise<unknown> {
	return ((await answer.json()) as { errors: { code: string }[] }).errors.map(({ code }) => code);
}

describe("the sandbox's registry, asked by the updater's client", () => {
	test("tells of what was pushed in the process", async () => {
		const digest = registry.push("podinfo", "1.0.0");
		expect(await client().tags(named("podinfo"), undefined, never)).toMatchObject({ kind: "found", value: ["1.0.0"] });
		expect(await client().digest(named("podinfo"), "1.0.0", never)).toEqual({ kind: "found", value: digest });
		const value = { digest, createdAt, platforms: ["linux/amd64"] };
		expect(await client().facts(named("podinfo"), "1.0.0", never)).toEqual({ kind: "found", value });
	});

	test("tells of what was pushed over HTTP, and of an index", async () => {
		const amd64 = await pushImage(target("team/shop"), { created }, "1.0.0-amd64");
		const arm64 = await pushImage(target("team/shop"), { platform: "linux/arm64/v8" });
		const index = await pushIndex(target("team/shop"), [amd64, arm64], "1.0.0");
		const value = { digest: index.digest, createdAt, platforms: ["linux/amd64", "linux/arm64/v8"] };
		expect(await client().facts(named("team/shop"), "1.0.0", never)).toEqual({ kind: "found", value });
		expect(await client().tags(named("team/shop"), undefined, never)).toMatchObject({
			value: ["1.0.0", "1.0.0-amd64"],
		});
	});

	test("tells a tag's new digest after another push of it", async () => {
		registry.push("podinfo", "latest");
		const other = await pushImage(target("podinfo"), { content: "other" }, "latest");
		expect(await client().digest(named("podinfo"), "latest", never)).toEqual({ kind: "found", value: other.digest });
	});

	test("tells more tags than one page has, page by page", async () => {
		const tags = Array.from({ length: 1_001 }, (_, i) => `1.${String(i).padStart(4, "0")}.0`);
		for (const tag of tags) registry.push("busy", tag);
		expect(await client().tags(named("busy"), undefined, never)).toMatchObject({ kind: "found", value: tags });
	});

	test("has neither tags nor repositories that nobody pushed, or that were deleted", async () => {
		const pushed = await pushImage(target("podinfo"), {}, "1.0.0", "latest");
		expect(await client().facts(named("podinfo"), "2.0.0", never)).toMatchObject({
			kind: "missing",
			detail: expect.stringContaining("404"),
		});
		expect(await client().tags(named("nothing"), undefined, never)).toMatchObject({
			kind: "missing",
			detail: expect.stringContaining("404 NAME_UNKNOWN"),
		});
		await deleteImage(target("podinfo"), pushed);
		expect(await client().digest(named("podinfo"), "1.0.0", never)).toMatchObject({ kind: "missing" });
		expect(await client().tags(named("podinfo"), undefined, never)).toMatchObject({ kind: "found", value: [] });
	});
});

describe("the sandbox's registry over HTTP", () => {
	test("says what it is", async () => {
		const answer = await ask("/v2/");
		expect([answer.status, await answer.text()]).toEqual([200, "{}"]);
		expect(answer.headers.get("docker-distribution-api-version")).toBe("registry/2.0");
	});

	test("answers a HEAD as a GET, without the body", async () => {
		const digest = registry.push("podinfo", "1.0.0");
		const got = await ask("/v2/podinfo/manifests/1.0.0");
		const head = await ask(`/v2/podinfo/manifests/${digest}`, { method: "HEAD" });
		const length = String((await got.text()).length);
		for (const { headers } of [got, head]) {
			expect(headers.get("docker-content-digest")).toBe(digest);
			expect(headers.get("content-type")).toBe("application/vnd.oci.image.manifest.v1+json");
			expect(headers.get("content-length")).toBe(length);
		}
		expect(await head.text()).toBe("");
	});

	test("has pages of tags, of which the last names no other", async () => {
		for (const tag of ["b", "a", "c"]) registry.push("podinfo", tag);
		const first = await ask("/v2/podinfo/tags/list?n=2");
		expect(await first.json()).toEqual({ name: "podinfo", tags: ["a", "b"] });
		expect(first.headers.get("link")).toBe('</v2/podinfo/tags/list?n=2&last=b>; rel="next"');
		const second = await ask("/v2/podinfo/tags/list?n=2&last=b");
		expect(await second.json()).toEqual({ name: "podinfo", tags: ["c"] });
		expect(second.headers.get("link")).toBeNull();
	});

	test.each<[string, string, RequestInit, number, string]>([
		["a blob that is not there", `/v2/podinfo/blobs/sha256:${"0".repeat(64)}`, {}, 404, "BLOB_UNKNOWN"],
		["a manifest that is not there", "/v2/podinfo/manifests/9", {}, 404, "MANIFEST_UNKNOWN"],
		["a page of no number", "/v2/podinfo/tags/list?n=-1", {}, 400, "PAGINATION_NUMBER_INVALID"],
		["a path with a broken character", "/v2/%E0%A4%A/tags/list", {}, 400, "NAME_INVALID"],
		["a path with too many parts", "/v2/podinfo/manifests/2/3", {}, 404, "NAME_UNKNOWN"],
		["a path of no registry", "/v2/podinfo/referrers/x", {}, 404, "NAME_UNKNOWN"],
		["a name in capitals", "/v2/PodInfo/blobs/uploads/", { method: "POST" }, 400, "NAME_INVALID"],
		[
			"an upload that was not begun",
			"/v2/podinfo/blobs/uploads/x?digest=y",
			{ method: "PUT" },
			404,
			"BLOB_UPLOAD_UNKNOWN",
		],
		["an upload in pieces", "/v2/podinfo/blobs/uploads/x", { method: "PATCH" }, 405, "UNSUPPORTED"],
		[
			"a digest of something else",
			`/v2/podinfo/blobs/uploads/?digest=sha256:${"0".repeat(64)}`,
			{ method: "POST", body: "x" },
			400,
			"DIGEST_INVALID",
		],
		["a manifest that is none", "/v2/podinfo/manifests/2", { method: "PUT", body: "{}" }, 400, "MANIFEST_INVALID"],
		[
			"a manifest of a blob that is not there",
			"/v2/podinfo/manifests/2",
			{ method: "PUT", body: '{"config":{"digest":"sha256:1"}}' },
			400,
			"MANIFEST_BLOB_UNKNOWN",
		],
		["a word that is no tag", "/v2/podinfo/manifests/.2", { method: "PUT", body: "{}" }, 400, "TAG_INVALID"],
		[
			"a body without end",
			"/v2/podinfo/manifests/2",
			{ method: "PUT", body: "x".repeat(17 << 20) },
			413,
			"SIZE_INVALID",
		],
	])("refuses %s, and has what it had", async (_what, path, init, status, code) => {
		registry.push("podinfo", "1.0.0");
		const answer = await ask(path, init);
		expect([answer.status, await codeOf(answer)]).toEqual([status, [code]]);
		expect(await (await ask("/v2/podinfo/tags/list")).json()).toEqual({ name: "podinfo", tags: ["1.0.0"] });
	});
});
