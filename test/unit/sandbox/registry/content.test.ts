import { describe, expect, test } from "vitest";
import { defaultBounds, RegistryContent } from "../../../../src/sandbox/registry/content.ts";
import { tinyImage } from "../../../../src/sandbox/registry/tiny-image.ts";

function pushing(bounds: Partial<typeof defaultBounds>) {
	const content = new RegistryContent({ ...defaultBounds, ...bounds });
	return {
		content,
		push(repository: string, tag: string, as = tag) {
			const { blobs, manifest } = tinyImage({ name: `${repository}:${as}`, created: 0 });
			for (const { digest, body } of blobs) content.putBlob(repository, digest, Buffer.from(body));
			content.putManifest(repository, tag, manifest.mediaType, Buffer.from(manifest.body));
		},
	};
}

describe("what the sandbox's registry holds", () => {
	test.each<[string, Partial<typeof defaultBounds>, string]>([
		["repositories", { repositories: 1 }, "there are 1 repositories, the most it holds"],
		["bytes", { bytes: 1_000 }, "the registry holds 1000 bytes, and no more"],
	])("has a bound of %s, beyond which what is there stays", (_what, bounds, message) => {
		const { content, push } = pushing(bounds);
		push("one", "1.0.0");
		expect(() => push("two", "1.0.0")).toThrow(message);
		expect(content.tags("one")).toEqual(["1.0.0"]);
		expect(() => content.manifest("two", "1.0.0")).toThrow();
	});

	test("has a bound of tags, of which those that are there may be pushed anew", () => {
		const { content, push } = pushing({ tags: 2 });
		for (const tag of ["a", "b"]) push("one", tag);
		expect(() => push("one", "c")).toThrow("one has 2 tags, the most it holds");
		push("one", "a", "another");
		push("one", "a", "a third");
		expect(() => push("one", "a", "a fourth")).toThrow("one has 4 manifests, the most it holds");
		expect(content.tags("one")).toEqual(["a", "b"]);
	});

	test.each<[string, Partial<typeof defaultBounds>, string]>([
		["a manifest", { manifestBytes: 10 }, "a manifest may have 10 bytes"],
		["a blob", { blobBytes: 5 }, "a blob may have 5 bytes"],
	])("has a bound of %s", (_what, bounds, message) => {
		expect(() => pushing(bounds).push("one", "1.0.0")).toThrow(message);
	});

	test("gives room back for a manifest that is deleted", () => {
		const { blobs, manifest } = tinyImage({ name: "one:1.0.0", created: 0 });
		const bytes = [...blobs, manifest].reduce((sum, { body }) => sum + body.length, 0);
		const { content, push } = pushing({ bytes });
		push("one", "1.0.0");
		content.deleteManifest("one", content.manifest("one", "1.0.0").digest);
		push("one", "1.0.0");
		expect(content.tags("one")).toEqual(["1.0.0"]);
	});
});
