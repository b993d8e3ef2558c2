import { afterEach, describe, expect, test } from "vitest";
import type { FileChange } from "../../../src/domain/file-change.ts";
import { silentLog } from "../../../src/domain/log.ts";
import { createGit, type Git } from "../../../src/git/git.ts";
import { BareRepository, PATIENCE_MS, StillTimers } from "./bare-repository.ts";

const signal = new AbortController().signal;
const author = { name: "Haldane", email: "haldane@acme.example" };
const A = "apps/a.yaml";
const B = "apps/b.yaml";
let repository: BareRepository;
let git: Git;

function given(files: Readonly<Record<string, string>> = { [A]: "tag: 1\n", [B]: "tag: 1\n" }): void {
	repository = new BareRepository(files);
	const ports = { timers: new StillTimers(), random: () => 0.5, log: silentLog };
	git = createGit(ports, { folder: repository.folder, protocols: ["file"] });
}

afterEach(() => repository[Symbol.dispose]());

/** Sets the tag of the file, or of the line that begins with the key. */
function set(path: string, tag: string, key = "tag"): FileChange {
	return {
		...{ repository: repository.address, branch: "main", pushBranch: "haldane/updates", author, path },
		edit: (text) => {
			const after = text.replace(new RegExp(`^${key}: .*$`, "m"), `${key}: ${tag}`);
			return after === text
				? { kind: "same" }
				: { kind: "changed", text: after, message: `${path} ${key} to ${tag}\n` };
		},
	};
}

const change = (asked: FileChange) => git.change(asked, signal);
const log = () => repository.log("haldane/updates");

describe("a branch for review", { timeout: PATIENCE_MS }, () => {
	test("is made from the branch below, which stays as it is", async () => {
		given();
		const before = repository.head();
		const done = await change(set(A, "2"));
		expect(done).toEqual({ kind: "pushed", commit: repository.head("haldane/updates"), branch: "haldane/updates" });
		expect(repository.head()).toBe(before);
		expect(repository.git("rev-parse", "haldane/updates^")).toBe(before);
		expect(await change(set(A, "2"))).toEqual({ ...done, kind: "upToDate" });
	});

	test("is not what says so when the branch below does", async () => {
		given();
		const done = await change(set(A, "1"));
		expect(done).toEqual({ kind: "upToDate", commit: repository.head(), branch: "main" });
		expect(() => repository.head("haldane/updates")).toThrow();
	});

	test("that says so already is named by the commit that the server has, whatever came into the branch below", async () => {
		given();
		await change(set(A, "2"));
		const held = repository.head("haldane/updates");
		repository.commit({ [B]: "tag: 5\n" });
		const done = await change(set(A, "2"));
		expect(done).toEqual({ kind: "upToDate", commit: held, branch: "haldane/updates" });
		expect(repository.head("haldane/updates")).toBe(held);
	});

	test("gathers changes as long as nothing comes into the branch below", async () => {
		given();
		await change(set(A, "2"));
		await change(set(B, "2"));
		await change(set(A, "3"));
		expect(log()).toEqual([`${A} tag to 3`, `${B} tag to 2`, `${A} tag to 2`, "something"]);
	});

	test("is put on top of what came into the branch below, with all that is ours", async () => {
		given({ [A]: "tag: 1\n#\n#\n#\nother: 1\n", [B]: "tag: 1\n" });
		await change(set(A, "2"));
		await change(set(B, "2"));
		const moved = repository.commit({ [A]: "tag: 1\n#\n#\n#\nother: 5\n" });
		await change(set(B, "3"));
		expect(log()).toEqual([`${B} tag to 3`, `${B} tag to 2`, `${A} tag to 2`, "something", "something"]);
		expect(repository.git("merge-base", "main", "haldane/updates")).toBe(moved);
		expect(repository.read(A, "haldane/updates")).toBe("tag: 2\n#\n#\n#\nother: 5\n");
		expect(repository.git("log", "-1", "--format=%cn %B", "haldane/updates~2")).toBe(`Haldane ${A} tag to 2`);
	});

	test("leaves out what was merged in one commit of somebody else's", async () => {
		given();
		await change(set(A, "2"));
		await change(set(B, "2"));
		repository.commit({ [A]: "tag: 2\n" });
		await change(set(B, "3"));
		expect(log()).toEqual([`${B} tag to 3`, `${B} tag to 2`, "something", "something"]);
	});

	test("leaves out what was merged together with something else", async () => {
		given({ [A]: "tag: 1\n#\n#\n#\nother: 1\n", [B]: "tag: 1\n" });
		await change(set(A, "2"));
		repository.commit({ [A]: "tag: 2\n#\n#\n#\nother: 5\n" });
		await change(set(B, "3"));
		expect(log()).toEqual([`${B} tag to 3`, "something", "something"]);
	});

	test("begins anew when it was merged", async () => {
		given();
		await change(set(A, "2"));
		repository.git("update-ref", "refs/heads/main", "refs/heads/haldane/updates");
		repository.commit({ other: "x" });
		await change(set(A, "3"));
		expect(log()).toEqual([`${A} tag to 3`, "something", `${A} tag to 2`, "something"]);
		expect(await change(set(A, "3"))).toMatchObject({ kind: "upToDate" });
	});

	test("is gone on with when somebody else has added to it", async () => {
		given();
		await change(set(A, "2"));
		repository.commit({ notes: "x" }, "haldane/updates");
		await change(set(A, "3"));
		expect(log()).toEqual([`${A} tag to 3`, "something", `${A} tag to 2`, "something"]);
	});

	test("is left alone when somebody else has added to it, and the branch below has moved on", async () => {
		given();
		await change(set(A, "2"));
		const theirs = repository.commit({ notes: "x" }, "haldane/updates");
		repository.commit({ other: "x" });
		await expect(change(set(A, "3"))).rejects.toMatchObject({
			...{ trouble: "refused", remedy: "edit" },
			message: expect.stringMatching(
				/branch haldane\/updates has commits of others, .* main has moved on; merge it or delete it/,
			),
		});
		expect(repository.head("haldane/updates")).toBe(theirs);
	});

	test("is left alone when both changed the same", async () => {
		given();
		await change(set(A, "2"));
		const ours = repository.head("haldane/updates");
		repository.commit({ [A]: "tag: 7\n" });
		await expect(change(set(B, "2"))).rejects.toMatchObject({
			...{ trouble: "refused", remedy: "edit" },
			message: expect.stringMatching(/both changed apps\/a.yaml; merge it or delete it/),
		});
		expect(repository.head("haldane/updates")).toBe(ours);
	});

	test("is not overwritten when somebody was first", async () => {
		given();
		await change(set(A, "2"));
		repository.commit({ other: "x" });
		let asked = 0;
		const { edit, ...rest } = set(A, "3");
		const racing: FileChange = {
			...rest,
			edit: (text) => {
				asked += 1;
				if (asked === 1) repository.git("update-ref", "refs/heads/haldane/updates", repository.head());
				return edit(text);
			},
		};
		expect(await change(racing)).toMatchObject({ kind: "pushed" });
		expect(asked).toBe(2);
		expect(log()).toEqual([`${A} tag to 3`, "something", "something"]);
	});
});
