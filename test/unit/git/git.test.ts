import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, describe, expect, test } from "vitest";
import type { FileChange } from "../../../src/domain/file-change.ts";
import { silentLog } from "../../../src/domain/log.ts";
import { GitFailure } from "../../../src/git/failure.ts";
import { createGit, type GitOptions } from "../../../src/git/git.ts";
import { BareRepository, PATIENCE_MS, StillTimers } from "./bare-repository.ts";

const signal = new AbortController().signal;
const author = { name: "Haldane", email: "haldane@acme.example" };
const open: BareRepository[] = [];

afterEach(() => {
	for (const repository of open.splice(0)) repository[Symbol.dispose]();
});

function server(files: Readonly<Record<string, string>> = { "apps/app.yaml": "tag: 1.0.0\n" }): BareRepository {
	const repository = new BareRepository(files);
	open.push(repository);
	return repository;
}

function client(repository: BareRepository, options: Partial<GitOptions> = {}) {
	const timers = new StillTimers();
	const git = createGit(
		{ timers, random: () => 0.5, log: silentLog },
		{ folder: repository.folder, protocols: ["file"], ...options },
	);
	return { git, timers };
}

function tagged(repository: BareRepository, tag: string, more: Partial<FileChange> = {}): FileChange {
	return {
		repository: repository.address,
		branch: "main",
		author,
		path: "apps/app.yaml",
		edit: (text) => {
			const after = text.replace(/^tag: .*$/m, `tag: ${tag}`);
			return after === text ? { kind: "same" } : { kind: "changed", text: after, message: `Update app to ${tag}\n` };
		},
		...more,
	};
}

async function failure(asked: Promise<unknown>): Promise<GitFailure> {
	const thrown = await asked.then(
		() => undefined,
		(reason: unknown) => reason,
	);
	if (!(thrown instanceof GitFailure)) throw new Error(`this was to fail: ${thrown}`);
	return thrown;
}

describe("a change of a file", { timeout: PATIENCE_MS }, () => {
	test("becomes one commit on the branch, and nothing else changes", async () => {
		const repository = server({
			"apps/app.yaml": "tag: 1.0.0\n",
			"other/file.txt": "as it is\r\n",
			"run.sh": "#!/bin/sh\n",
		});
		const before = repository.head();
		const { git, timers } = client(repository);
		const done = await git.change(tagged(repository, "1.1.0"), signal);
		expect(done).toEqual({ kind: "pushed", commit: repository.head(), branch: "main" });
		expect(repository.git("rev-parse", "main^")).toBe(before);
		expect(repository.git("diff", "--name-only", before, "main")).toBe("apps/app.yaml");
		expect(repository.read("apps/app.yaml")).toBe("tag: 1.1.0\n");
		expect(repository.git("log", "-1", "--format=%an <%ae> %cn <%ce> %aI%n%B", "main").split("\n").slice(0, 2)).toEqual(
			[
				"Haldane <haldane@acme.example> Haldane <haldane@acme.example> 2027-01-04T10:00:00+00:00",
				"Update app to 1.1.0",
			],
		);
		expect(timers.held).toBe(0);
	});

	test("is by one person, whatever is in the name", async () => {
		const repository = server();
		const odd = { name: "A\0nn <root@x>\n", email: "ann@acme.example\n" };
		await client(repository).git.change(tagged(repository, "1.1.0", { author: odd }), signal);
		expect(repository.git("log", "-1", "--format=%an <%ae>", "main")).toBe("A nn  root@x <ann@acme.example>");
	});

	test("leaves a byte order mark where it is", async () => {
		const repository = server({ "apps/app.yaml": "\uFEFF# first\ntag: 1.0.0\r\n" });
		await client(repository).git.change(tagged(repository, "1.1.0"), signal);
		expect(repository.read("apps/app.yaml")).toBe("\uFEFF# first\ntag: 1.1.0\r\n");
	});

	test("is no commit when the file says so already", async () => {
		const repository = server();
		const { git } = client(repository);
		await git.change(tagged(repository, "1.1.0"), signal);
		const head = repository.head();
		expect(await git.change(tagged(repository, "1.1.0"), signal)).toEqual({
			kind: "upToDate",
			commit: head,
			branch: "main",
		});
		expect(repository.head()).toBe(head);
	});

	test("is made again on top of what somebody else pushed meanwhile", async () => {
		const repository = server();
		const { git, timers } = client(repository);
		let asked = 0;
		const { edit } = tagged(repository, "1.1.0");
		const change = tagged(repository, "1.1.0", {
			edit: (text) => {
				asked += 1;
				if (asked <= 2) repository.commit({ "other.txt": `${asked}` });
				return edit(text);
			},
		});
		expect((await git.change(change, signal)).kind).toBe("pushed");
		expect(repository.log()).toEqual(["Update app to 1.1.0", "something", "something", "something"]);
		expect(timers.waits).toEqual([200, 400]);
	});

	test("is given up when others are first each time", async () => {
		const repository = server();
		const { git } = client(repository, { triesMax: 2 });
		const { edit } = tagged(repository, "1.1.0");
		let asked = 0;
		const change = tagged(repository, "1.1.0", {
			edit: (text) => {
				asked += 1;
				repository.commit({ "other.txt": `${asked}` });
				return edit(text);
			},
		});
		expect(await failure(git.change(change, signal))).toMatchObject({ trouble: "moved", remedy: "retry" });
		expect(asked).toBe(2);
	});

	test("waits for the one before it in the same repository", async () => {
		const repository = server({
			"apps/a.yaml": "tag: 1.0.0\n",
			"apps/b.yaml": "tag: 1.0.0\n",
			"apps/c.yaml": "tag: 1.0.0\n",
		});
		const { git, timers } = client(repository);
		const changes = ["a", "b", "c"].map((name) => tagged(repository, `1.1.0-${name}`, { path: `apps/${name}.yaml` }));
		const done = await Promise.all(changes.map((change) => git.change(change, signal)));
		expect(done.map(({ kind }) => kind)).toEqual(["pushed", "pushed", "pushed"]);
		expect(repository.log()).toHaveLength(4);
		expect(timers.waits).toEqual([]);
	});

	test("copies the commit and the file, and no more", async () => {
		const repository = server({ "apps/app.yaml": "tag: 1.0.0\n", "big.bin": "x".repeat(300_000) });
		repository.commit({ "big.bin": "y".repeat(300_000) });
		const { git } = client(repository);
		await git.change(tagged(repository, "1.1.0"), signal);
		const [copy = ""] = readdirSync(join(repository.folder, "repositories"));
		const objects = readdirSync(join(repository.folder, "repositories", copy), { recursive: true, encoding: "utf8" });
		expect(objects.length).toBeGreaterThan(5);
		const held = objects
			.filter((file) => file.endsWith(".pack"))
			.map((file) => readFileSync(join(repository.folder, "repositories", copy, file)).length);
		expect(held.reduce((sum, bytes) => sum + bytes, 0)).toBeLessThan(2_000);
	});
});

describe("what git is not given, or does not get", { timeout: PATIENCE_MS }, () => {
	const rows: readonly [string, Partial<FileChange>, Partial<GitFailure>, RegExp][] = [
		["a branch that is not there", { branch: "prod" }, { trouble: "branch", remedy: "edit" }, /prod/],
		[
			"a file that is not there",
			{ path: "apps/none.yaml" },
			{ trouble: "file", remedy: "edit" },
			/main has no file apps\/none.yaml/,
		],
		["a folder", { path: "apps" }, { trouble: "file", remedy: "edit" }, /apps is a folder/],
		["a symbolic link", { path: "link.yaml" }, { trouble: "file", remedy: "edit" }, /link.yaml is a symbolic link/],
		["a link on the way", { path: "linked/app.yaml" }, { trouble: "file", remedy: "edit" }, /no file/],
		["a file that is no text", { path: "bytes.yaml" }, { trouble: "file", remedy: "edit" }, /UTF-8/],
		["a file that is too long", { path: "long.yaml" }, { trouble: "file", remedy: "edit" }, /long.yaml/],
		["a path that leads out", { path: "../server.git/config" }, { trouble: "request", remedy: "edit" }, /not a file/],
		["a path into git's own", { path: ".GIT/config" }, { trouble: "request", remedy: "edit" }, /not a file/],
		[
			"a branch that is an option",
			{ branch: "--upload-pack=touch x" },
			{ trouble: "request", remedy: "edit" },
			/name of a branch/,
		],
		[
			"an address that is an option",
			{ repository: "--upload-pack=x" },
			{ trouble: "request", remedy: "edit" },
			/address/,
		],
		[
			"an address that runs a program",
			{ repository: "ext::sh -c x" },
			{ trouble: "request", remedy: "edit" },
			/address/,
		],
		[
			"a protocol that is not allowed",
			{ repository: "http://git.example/x" },
			{ trouble: "request", remedy: "edit" },
			/http is not allowed/,
		],
		[
			"a repository that is not there",
			{ repository: "file:///nowhere/at/all" },
			{ trouble: "repository", remedy: "edit" },
			/nowhere/,
		],
	];
	test("is said, and nothing is changed", async () => {
		const repository = server();
		repository.commit({
			"long.yaml": "#".repeat(1_100_000),
			"bytes.yaml": Buffer.from([0xff, 0xfe, 0x00]),
			"link.yaml": { link: "apps/app.yaml" },
			linked: { link: "apps" },
		});
		const head = repository.head();
		const { git, timers } = client(repository);
		for (const [what, more, expected, message] of rows) {
			const thrown = await failure(git.change(tagged(repository, "1.1.0", more), signal));
			expect(thrown, what).toMatchObject(expected);
			expect(thrown.message, what).toMatch(message);
		}
		expect(repository.head()).toBe(head);
		expect(timers.held).toBe(0);
	});

	test("a branch that the server protects", async () => {
		const repository = server();
		repository.hook("pre-receive", "echo main is protected, open a merge request >&2; exit 1");
		const { git } = client(repository);
		const thrown = await failure(git.change(tagged(repository, "1.1.0"), signal));
		expect(thrown).toMatchObject({ trouble: "refused", remedy: "edit" });
		expect(thrown.message).toMatch(/branch main .*pre-receive hook declined: main is protected, open a merge request/);
	});

	test("an edit that is refused", async () => {
		const repository = server();
		const { git } = client(repository);
		const refusing = tagged(repository, "1.1.0", { edit: () => ({ kind: "refused", problem: "no such container" }) });
		expect(await git.change(refusing, signal)).toEqual({ kind: "refused", problem: "no such container" });
	});
});

describe("bounds", { timeout: PATIENCE_MS }, () => {
	test("a call that takes too long is ended", async () => {
		const repository = server();
		const { git, timers } = client(repository, { deadlineMs: 5_000 });
		timers.late = 5_000;
		expect(await failure(git.change(tagged(repository, "1.1.0"), signal))).toMatchObject({
			trouble: "unreachable",
			remedy: "retry",
			message: expect.stringMatching(/took longer than 5s/),
		});
		expect(timers.held).toBe(0);
	});

	test("what is stopped leaves nothing behind", async () => {
		const repository = server();
		const stopping = new AbortController();
		const { edit } = tagged(repository, "1.1.0");
		const change = tagged(repository, "1.1.0", {
			edit: (text) => {
				stopping.abort();
				return edit(text);
			},
		});
		const { git, timers } = client(repository);
		await failure(git.change(change, stopping.signal));
		expect(repository.log()).toHaveLength(1);
		expect(timers.held).toBe(0);
		await git.close();
		expect(existsSync(repository.folder)).toBe(false);
	});

	test("only so many copies are kept, and none that is too big", async () => {
		const one = server();
		const two = server();
		const { git } = client(one, { copiesMax: 1 });
		await git.change(tagged(one, "1.1.0"), signal);
		await git.change(tagged(two, "1.1.0"), signal);
		expect(readdirSync(join(one.folder, "repositories"))).toHaveLength(1);
		const { git: small } = client(two, { copyBytesMax: 100 });
		await small.change(tagged(two, "1.2.0"), signal);
		expect(readdirSync(join(two.folder, "repositories"))).toEqual([]);
		expect(two.read("apps/app.yaml")).toBe("tag: 1.2.0\n");
	});

	test("a copy that was left locked is made anew", async () => {
		const repository = server();
		const { git } = client(repository);
		await git.change(tagged(repository, "1.1.0"), signal);
		const [copy = ""] = readdirSync(join(repository.folder, "repositories"));
		writeFileSync(join(repository.folder, "repositories", copy, "shallow.lock"), "");
		expect(await failure(git.change(tagged(repository, "1.2.0"), signal))).toMatchObject({ remedy: "retry" });
		expect(await git.change(tagged(repository, "1.2.0"), signal)).toMatchObject({ kind: "pushed" });
	});

	test("a copy that grows too big is given up while it grows", async () => {
		const repository = server();
		const { git, timers } = client(repository, { copyBytesMax: 10 });
		timers.late = 1_000;
		expect(await failure(git.change(tagged(repository, "1.1.0"), signal))).toMatchObject({
			...{ trouble: "request", remedy: "edit" },
			message: expect.stringMatching(/takes up more than 10 bytes/),
		});
		expect(repository.log()).toHaveLength(1);
		expect(timers.held).toBe(0);
	});

	test("a disk that nothing can be written to is said, and no trouble any more when it can", async () => {
		const repository = server();
		writeFileSync(join(repository.root, "full"), "");
		const { git } = client(repository, { folder: join(repository.root, "full", "copies") });
		const asked = () => git.change(tagged(repository, "1.1.0"), signal);
		expect(await failure(asked())).toMatchObject({
			...{ trouble: "failed", remedy: "retry" },
			message: expect.stringMatching(/no copy of it can be kept on the disk$/),
		});
		rmSync(join(repository.root, "full"));
		expect(await asked()).toMatchObject({ kind: "pushed" });
	});

	test("what is left from before the start is removed", async () => {
		const repository = server();
		const { git } = client(repository);
		await git.change(tagged(repository, "1.1.0"), signal);
		const { git: next } = client(repository);
		mkdirSync(join(repository.folder, "passing/access-left"));
		await next.change(tagged(repository, "1.2.0"), signal);
		expect(readdirSync(join(repository.folder, "passing"))).toEqual([]);
		expect(repository.read("apps/app.yaml")).toBe("tag: 1.2.0\n");
	});
});
