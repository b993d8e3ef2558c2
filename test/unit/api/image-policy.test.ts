import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { ImagePolicySpec, ImageRule, parseImagePolicy, TagChoice } from "../../../src/api/image-policy.ts";
import { imagePolicyOf, imagePolicyRefusals, wholeImagePolicy } from "./image-manifests.ts";

describe("an ImagePolicy", () => {
	test.each(imagePolicyRefusals)("is refused for %s", (_claim, object, problem) => {
		expect(parseImagePolicy(object)).toEqual({ ok: false, problems: [problem] });
	});

	test("is read with all that it can say", () => {
		expect(parseImagePolicy(wholeImagePolicy)).toEqual({ ok: true, policy: wholeImagePolicy });
	});

	test("is completed where it says little", () => {
		expect(parseImagePolicy(imagePolicyOf({ approvals: {} }))).toMatchObject({
			ok: true,
			policy: { spec: { schedule: "@every 1m", approvals: { required: 1, deadline: "24h" } } },
		});
	});

	test.each([
		["git@github.com:acme/shop.git"],
		["ssh://git@git.example.com:2222/acme/shop.git"],
		["https://git.example.com/acme/shop"],
	])("may write to %s", (repository) => {
		const git = { repository, kustomize: {} };
		expect(parseImagePolicy(imagePolicyOf({ writeBack: { git } }))).toMatchObject({
			ok: true,
			policy: { spec: { writeBack: { git: { branch: "main", kustomize: { file: "kustomization.yaml" } } } } },
		});
	});

	test("keeps its status, whose records are completed", () => {
		const object = { ...imagePolicyOf(), status: { images: [{ container: "app" }], observedGeneration: 2 } };
		expect(parseImagePolicy(object)).toMatchObject({
			ok: true,
			policy: { status: { images: [{ container: "app", role: "container" }], observedGeneration: 2 } },
		});
	});

	test("with a status that can't be read is refused: what failed must not be forgotten", () => {
		const object = { ...imagePolicyOf(), status: { images: [{ container: "app", failed: "all of them" }] } };
		expect(parseImagePolicy(object)).toEqual({
			ok: false,
			problems: ["status.images[0].failed: 'all of them' is not a list"],
		});
	});
});

describe("docs/image-policy.md", () => {
	const page = readFileSync(join(import.meta.dirname, "../../../docs/image-policy.md"), "utf8");

	test("tells every field and every policy", () => {
		const fields = [ImagePolicySpec, ImageRule, TagChoice].flatMap(({ shape }) => Object.keys(shape));
		const told = [...fields, ...TagChoice.shape.type.options].filter((name) => name !== "images" && name !== "tags");
		expect(told.length).toBeGreaterThan(30);
		expect(told.filter((name) => !new RegExp(`[\`.]${name}[\`:.]`).test(page))).toEqual([]);
	});
});
