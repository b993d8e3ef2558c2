import { createHash } from "node:crypto";
import { describe, expect, test } from "vitest";
import type { OutboundAnswer } from "../../../../src/http/request.ts";
import { answer, clientOf, never, repository } from "./scripted.ts";

const shop = repository("ghcr.io", "acme/shop");
const base = "https://ghcr.io/v2/acme/shop";
const digestOf = (body: string) => `sha256:${createHash("sha256").update(body).digest("hex")}`;
const OCI = "application/vnd.oci.image";
const created = "2026-11-01T10:00:00Z";
const at = Date.parse(created);

/** A registry with these manifests and blobs by digest, and the last manifest under the tag. */
function holding(...contents: readonly unknown[]) {
	const bodies = contents.map((content) => (typeof content === "string" ? content : JSON.stringify(content)));
	const byDigest = new Map(bodies.map((body) => [digestOf(body), body]));
	const latest = bodies.at(-1) ?? "";
	const gone = new Set<string>();
	const rule = ({ method, url }: { method: string; url: string }): OutboundAnswer => {
		const reference = decodeURIComponent(url.slice(url.lastIndexOf("/") + 1));
		const body = reference === "1.0.0" ? latest : byDigest.get(reference);
		if (body === undefined || gone.has(reference)) return answer(404);
		return answer(200, method === "HEAD" ? "" : body, { "docker-content-digest": digestOf(body) });
	};
	return { rule, gone, digest: digestOf(latest) };
}

const config = (of: object = {}) => ({ os: "linux", architecture: "amd64", created, ...of });
const descriptor = (of: unknown, more: object = {}) => ({
	mediaType: `${OCI}.manifest.v1+json`,
	digest: digestOf(JSON.stringify(of)),
	size: 1,
	...more,
});
const manifestOf = (of: unknown, more: object = {}) => ({
	schemaVersion: 2,
	config: descriptor(of, { mediaType: `${OCI}.config.v1+json` }),
	layers: [],
	...more,
});
const indexOf = (...manifests: readonly object[]) => ({ schemaVersion: 2, manifests });
const amd64 = { platform: { os: "linux", architecture: "amd64" } };
const arm = { platform: { os: "linux", architecture: "arm", variant: "v7" } };
const attestation = { platform: { os: "unknown", architecture: "unknown" } };

describe("the facts of a tag", () => {
	const image = manifestOf(config());
	test.each<[string, readonly unknown[], { createdAt: number | undefined; platforms: readonly string[] }]>([
		["of an image", [config(), image], { createdAt: at, platforms: ["linux/amd64"] }],
		[
			"of Docker's own kind of image",
			[
				config(),
				{ ...image, config: { ...image.config, mediaType: "application/vnd.docker.container.image.v1+json" } },
			],
			{ createdAt: at, platforms: ["linux/amd64"] },
		],
		[
			"of an image for a variant",
			[config({ variant: "v8" }), manifestOf(config({ variant: "v8" }))],
			{ createdAt: at, platforms: ["linux/amd64/v8"] },
		],
		[
			"of an image that is the same each time",
			[config({ created: "1970-01-01T00:00:00Z" }), manifestOf(config({ created: "1970-01-01T00:00:00Z" }))],
			{ createdAt: undefined, platforms: ["linux/amd64"] },
		],
		[
			"of an image that says so by annotation alone",
			[{}, manifestOf({}, { annotations: { "org.opencontainers.image.created": created } })],
			{ createdAt: at, platforms: [] },
		],
		[
			"of what is no image",
			[
				manifestOf("chart", {
					config: { mediaType: "application/vnd.cncf.helm.config.v1+json", digest: digestOf("c"), size: 1 },
				}),
			],
			{ createdAt: undefined, platforms: [] },
		],
		[
			"of an index, by its first image, attestations left out",
			[
				config(),
				image,
				indexOf(
					descriptor("attestation", attestation),
					descriptor(image, amd64),
					descriptor("other", arm),
					descriptor("again", arm),
				),
			],
			{ createdAt: at, platforms: ["linux/amd64", "linux/arm/v7"] },
		],
		[
			"of an index whose annotation says when",
			[{ ...indexOf(descriptor("a", amd64)), annotations: { "org.opencontainers.image.created": created } }],
			{ createdAt: at, platforms: ["linux/amd64"] },
		],
		[
			"of an index whose first image was not copied along",
			[config(), image, indexOf(descriptor("a", arm), descriptor(image, amd64))],
			{ createdAt: at, platforms: ["linux/arm/v7", "linux/amd64"] },
		],
		[
			"of an index of attestations alone",
			[indexOf(descriptor("a", attestation))],
			{ createdAt: undefined, platforms: [] },
		],
	])("%s", async (_what, contents, facts) => {
		const { rule, digest } = holding(...contents);
		const { client } = clientOf(rule);
		expect(await client.facts(shop, "1.0.0", never)).toEqual({ kind: "found", value: { digest, ...facts } });
	});

	test("are kept by digest: what is known takes one request", async () => {
		const { rule, digest } = holding(config(), image);
		const { client, lines } = clientOf(rule);
		const first = await client.facts(shop, "1.0.0", never);
		expect(lines()).toEqual([
			`HEAD ${base}/manifests/1.0.0`,
			`GET ${base}/manifests/${encodeURIComponent(digest)}`,
			`GET ${base}/blobs/${image.config.digest}`,
		]);
		expect(await client.facts(shop, "1.0.0", never)).toEqual(first);
		expect(lines().slice(3)).toEqual([`HEAD ${base}/manifests/1.0.0`]);
	});

	test.each<[string, readonly unknown[], RegExp]>([
		["is no JSON", ["<html>"], /its manifest is no JSON object/],
		["is a list", ["[]"], /its manifest is not what OCI and Docker have/],
		["is of the first schema", [{ schemaVersion: 1, fsLayers: [] }], /of Docker's schema 1, push it anew/],
		["has an index of nonsense", [{ manifests: [1] }], /its index is not what/],
		[
			"has an index within an index",
			[indexOf(), indexOf(descriptor(indexOf(), amd64))],
			/names another index as an image/,
		],
		["has a configuration that is none", [1, manifestOf(1)], /its configuration is not what images have/],
		[
			"has a configuration without digest",
			[{ ...image, config: { ...image.config, digest: "../../etc" } }],
			/its configuration has no digest/,
		],
	])("are malformed where the manifest %s", async (_what, contents, detail) => {
		const { client } = clientOf(holding(...contents).rule);
		expect(await client.facts(shop, "1.0.0", never)).toEqual({
			kind: "malformed",
			detail: expect.stringMatching(detail),
		});
	});

	test("are not believed where the content is not what the digest says", async () => {
		const { rule } = holding(config(), image);
		const { client } = clientOf((request) => {
			const real = rule(request);
			return request.url.includes("/blobs/") && real.kind === "answer" ? { ...real, body: `${real.body} ` } : real;
		});
		expect(await client.facts(shop, "1.0.0", never)).toEqual({
			kind: "malformed",
			detail: "ghcr.io/acme/shop: its configuration is not what its digest says",
		});
	});

	test("are missing where the configuration is", async () => {
		const { rule, gone } = holding(config(), image);
		gone.add(image.config.digest);
		const { client } = clientOf(rule);
		expect(await client.facts(shop, "1.0.0", never)).toMatchObject({ kind: "missing" });
	});
});
