import { describe, expect, test } from "vitest";
import type { NewImage } from "../../../../src/updater/write-back/edit.ts";
import { messageOf, templateProblems } from "../../../../src/updater/write-back/message.ts";

const workload = { kind: "Deployment", namespace: "shop", name: "podinfo" } as const;
const app: NewImage = {
	...{ role: "container", name: "app", from: "ghcr.io/acme/app:1.2.0", image: "ghcr.io/acme/app:1.3.0" },
	...{ tag: "1.3.0", digest: "sha256:abc", why: "the newest minor\nversion" },
};
const worker: NewImage = { ...app, name: "worker" };
const author = { name: "Ann", email: "ann@acme.example" };

describe("the message of a commit", () => {
	test.each<[string, string | undefined, readonly NewImage[], string]>([
		[
			"says what changed unless told otherwise",
			undefined,
			[app],
			"Update shop/podinfo app to 1.3.0\n\nghcr.io/acme/app:1.3.0: the newest minor version\n",
		],
		[
			"is the template's",
			"{{ workload }} {{container}} {{image}} {{from}} {{to}} {{digest}} {{why}}",
			[app],
			"shop/podinfo app ghcr.io/acme/app:1.3.0 ghcr.io/acme/app:1.2.0 1.3.0 sha256:abc the newest minor version\n",
		],
		[
			"names several, and once what they have in common",
			"{{container}} to {{to}}",
			[app, worker],
			"app, worker to 1.3.0\n",
		],
		["does not read values as templates", "{{why}}", [{ ...app, why: "{{to}} $& $1" }], "{{to}} $& $1\n"],
	])("%s", (_what, template, images, message) => {
		expect(messageOf(template, { workload, images }, undefined)).toBe(message);
	});

	test.each<[string, string, string]>([
		["after a subject", "Update", "Update\n\nSigned-off-by: Ann <ann@acme.example>\n"],
		["after other trailers", "Update\n\nRefs: 1\n", "Update\n\nRefs: 1\nSigned-off-by: Ann <ann@acme.example>\n"],
	])("is signed off %s", (_where, template, message) => {
		expect(messageOf(template, { workload, images: [app] }, author)).toBe(message);
	});

	test("has unknown placeholders named", () => {
		expect(templateProblems("{{to}} {{ tag }} {{constructor}}")).toEqual([
			expect.stringMatching(/^has no \{\{tag\}\}; there are \{\{workload\}\}, .*\{\{why\}\}$/),
			expect.stringMatching(/^has no \{\{constructor\}\}/),
		]);
		expect(templateProblems("{{to}} and {{ why }}")).toEqual([]);
	});
});
