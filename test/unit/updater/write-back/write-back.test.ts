import { describe, expect, test } from "vitest";
import { GitWriteBack } from "../../../../src/api/image-policy/git-write-back.ts";
import { Failure, type Remedy } from "../../../../src/domain/failure.ts";
import type { FileChange, FileChanged } from "../../../../src/domain/file-change.ts";
import type { NewImage } from "../../../../src/updater/write-back/edit.ts";
import { createWriteBack } from "../../../../src/updater/write-back/write-back.ts";

const signal = new AbortController().signal;
const workload = { kind: "Deployment", namespace: "shop", name: "cart" } as const;
const images: readonly NewImage[] = [
	{
		...{ role: "container", name: "app", image: "ghcr.io/acme/cart:1.1.0", from: "ghcr.io/acme/cart:1.0.0" },
		...{ tag: "1.1.0", digest: "sha256:abc", why: "newer" },
	},
];

function spec(more: object = {}): GitWriteBack {
	const values = [{ container: "app", tag: "tag" }];
	return GitWriteBack.parse({
		repository: "https://git.example/acme/deploy",
		path: "charts",
		helm: { values },
		...more,
	});
}

class Trouble extends Failure {
	readonly remedy: Remedy;

	constructor(remedy: Remedy) {
		super("https://git.example/acme/deploy: is in trouble");
		this.remedy = remedy;
	}
}

/** A repository of one file, its Secrets, and what goes wrong with it. */
class World {
	text = "tag: 1.0.0\n";
	readonly secrets = new Map<string, Readonly<Record<string, string>>>();
	readonly asked: FileChange[] = [];
	readonly messages: string[] = [];
	trouble: Error | undefined;
	/** Why no Secret can be read. */
	unreadable: Error | undefined;
	time = 1_000;
	readonly writeBack = createWriteBack({
		repositories: { change: (change) => this.#change(change) },
		readSecret: async ({ namespace, name }) => {
			if (this.unreadable !== undefined) throw this.unreadable;
			return this.secrets.get(`${namespace}/${name}`);
		},
		now: () => this.time,
	});

	write(more: object = {}) {
		return this.writeBack.write({ spec: spec(more), workload, images }, signal);
	}

	async #change(change: FileChange): Promise<FileChanged> {
		this.asked.push(change);
		if (this.trouble !== undefined) throw this.trouble;
		const edit = change.edit(this.text);
		if (edit.kind === "refused") return edit;
		if (edit.kind === "same") return { kind: "upToDate", commit: "head", branch: change.branch };
		this.text = edit.text;
		this.messages.push(edit.message);
		return { kind: "pushed", commit: "new", branch: change.branch };
	}
}

describe("writing back", () => {
	test("edits the file in its folder, once", async () => {
		const world = new World();
		expect(await world.write()).toEqual({ kind: "pushed", commit: "new", branch: "main" });
		expect(world.text).toBe("tag: 1.1.0\n");
		expect(world.asked[0]).toMatchObject({
			...{ repository: "https://git.example/acme/deploy", branch: "main", path: "charts/values.yaml" },
			author: { name: "Haldane" },
		});
		expect(world.messages).toEqual(["Update shop/cart app to 1.1.0\n\nghcr.io/acme/cart:1.1.0: newer\n"]);
		expect(await world.write()).toEqual({ kind: "upToDate", commit: "head", branch: "main" });
	});

	test("is by whom the policy says, and signed off", async () => {
		const world = new World();
		world.secrets.set("shop/deploy-key", { identity: "key" });
		const author = { name: "Ann", email: "ann@acme.example" };
		await world.write({ author, signOff: true, secretRef: { name: "deploy-key" }, messageTemplate: "{{to}}" });
		expect(world.messages).toEqual(["1.1.0\n\nSigned-off-by: Ann <ann@acme.example>\n"]);
		expect(world.asked[0]).toMatchObject({ author, secret: { identity: "key" } });
	});

	test("needs the Secret that it names", async () => {
		const world = new World();
		expect(await world.write({ secretRef: { name: "deploy-key" } })).toMatchObject({
			kind: "refused",
			problem: "spec.writeBack.git.secretRef: there is no Secret shop/deploy-key",
		});
		expect(world.asked).toEqual([]);
	});

	test("says what is wrong with the file, by repository and path", async () => {
		const world = new World();
		world.text = "image: {}\n";
		expect(await world.write()).toMatchObject({
			kind: "refused",
			problem: "https://git.example/acme/deploy: charts/values.yaml, tag is not there; add it once by hand",
		});
	});

	test.each<[Remedy, string, number]>([
		["edit", "refused", 300_000],
		["retry", "retry", 30_000],
	])("what helps by %s is %s, and not tried again for a while", async (remedy, kind, waitMs) => {
		const world = new World();
		world.trouble = new Trouble(remedy);
		const result = { kind, problem: "https://git.example/acme/deploy: is in trouble", againAt: 1_000 + waitMs };
		expect(await world.write()).toEqual(result);
		world.time += waitMs - 1;
		world.trouble = undefined;
		expect(await world.write()).toEqual(result);
		expect(world.asked).toHaveLength(1);
		world.time += 1;
		expect(await world.write()).toMatchObject({ kind: "pushed" });
	});

	test("what went wrong is tried at once with another Secret or another policy", async () => {
		const world = new World();
		const secretRef = { name: "deploy-key" };
		world.trouble = new Trouble("edit");
		world.secrets.set("shop/deploy-key", { password: "wrong" });
		await world.write({ secretRef });
		world.secrets.set("shop/deploy-key", { password: "right" });
		await world.write({ secretRef });
		await world.write({ secretRef, branch: "prod" });
		expect(world.asked).toHaveLength(3);
	});

	test("a Secret that cannot be read is said, and read anew in a while", async () => {
		const world = new World();
		world.secrets.set("shop/deploy-key", { password: "right" });
		world.unreadable = new Trouble("edit");
		expect(await world.write({ secretRef: { name: "deploy-key" } })).toEqual({
			kind: "retry",
			problem:
				"spec.writeBack.git.secretRef: Secret shop/deploy-key could not be read: https://git.example/acme/deploy: is in trouble",
			againAt: 31_000,
		});
		expect(world.asked).toEqual([]);
		world.unreadable = new TypeError("x is not a function");
		await expect(world.write({ secretRef: { name: "deploy-key" } })).rejects.toThrow(TypeError);
		world.unreadable = undefined;
		expect(await world.write({ secretRef: { name: "deploy-key" } })).toMatchObject({ kind: "pushed" });
	});

	test("a bug is not taken for trouble", async () => {
		const world = new World();
		world.trouble = new TypeError("x is not a function");
		await expect(world.write()).rejects.toThrow(TypeError);
	});
});
