import { spawn } from "node:child_process";
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { FileChange } from "../../../src/domain/file-change.ts";
import { silentLog } from "../../../src/domain/log.ts";
import { GitFailure } from "../../../src/git/failure.ts";
import { createGit } from "../../../src/git/git.ts";
import { BareRepository, PATIENCE_MS, StillTimers } from "./bare-repository.ts";

const signal = new AbortController().signal;
const PASSWORD = "s3cret-pass/word+x";
const BASIC = Buffer.from(`ann:${PASSWORD}`).toString("base64");
let repository: BareRepository;

beforeEach(() => {
	repository = new BareRepository({ "app.yaml": "tag: 1\n" });
});
afterEach(() => repository[Symbol.dispose]());

/** A program in the path of git before all others. */
function program(name: string, script: string): string {
	const folder = join(repository.root, "bin");
	mkdirSync(folder, { recursive: true });
	writeFileSync(join(folder, name), `#!/bin/sh\n${script}\n`);
	chmodSync(join(folder, name), 0o755);
	return `${folder}:/usr/local/bin:/usr/bin:/bin`;
}

async function failing(asked: Partial<FileChange>, path?: string): Promise<GitFailure> {
	const git = createGit(
		{ timers: new StillTimers(), random: () => 0.5, log: silentLog },
		{
			folder: repository.folder,
			protocols: ["http", "ssh", "file"],
			...(path === undefined ? {} : { environment: { PATH: path } }),
		},
	);
	const author = { name: "Haldane", email: "haldane@acme.example" };
	const edit: FileChange["edit"] = () => ({ kind: "refused", problem: "not wanted" });
	const whole: FileChange = {
		repository: repository.address,
		branch: "main",
		author,
		path: "app.yaml",
		edit,
		...asked,
	};
	const thrown = await git.change(whole, signal).catch((reason: unknown) => reason);
	if (thrown instanceof GitFailure) return thrown;
	throw new Error(`this was to fail: ${JSON.stringify(thrown)}`);
}

test("git sees its own settings, and nothing of the machine's", async () => {
	const seen = join(repository.root, "environment");
	await failing({}, program("git", `env > ${seen}; exit 1`));
	const lines = readFileSync(seen, "utf8")
		.split("\n")
		.filter((line) => line !== "" && !/^(PWD|SHLVL|_|OLDPWD)=/.test(line));
	const environment = Object.fromEntries(lines.map((line) => [line.split("=")[0], line.slice(line.indexOf("=") + 1)]));
	const names = Object.keys(environment)
		.filter((name) => !name.startsWith("GIT_"))
		.sort();
	expect(names).toEqual(["HOME", "LC_ALL", "PATH"]);
	expect(environment).toMatchObject({
		...{ GIT_ALLOW_PROTOCOL: "http:ssh:file", GIT_TERMINAL_PROMPT: "0", GIT_CONFIG_NOSYSTEM: "1" },
		...{ GIT_CONFIG_GLOBAL: "/dev/null", GIT_LITERAL_PATHSPECS: "1", GIT_ATTR_NOSYSTEM: "1" },
	});
	const settings = Array.from({ length: Number(environment.GIT_CONFIG_COUNT) }, (_, index) => [
		environment[`GIT_CONFIG_KEY_${index}`],
		environment[`GIT_CONFIG_VALUE_${index}`],
	]);
	expect(Object.fromEntries(settings)).toMatchObject({
		...{ "core.hooksPath": "/dev/null", "core.symlinks": "false", "credential.helper": "" },
		...{ "http.followRedirects": "false", "submodule.recurse": "false", "gc.auto": "0" },
	});
});

const listening: Server[] = [];
afterEach(() => {
	for (const server of listening.splice(0)) server.close();
});

/** A server that gives that answer to whatever it is asked; with what it was asked with. */
async function answering(status: number, headers: Readonly<Record<string, string>> = {}, body = "") {
	const asked: (string | undefined)[] = [];
	const server = createServer((request, response) => {
		asked.push(request.headers.authorization);
		response.writeHead(status, headers).end(body);
	});
	listening.push(server);
	await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
	return { asked, address: `http://127.0.0.1:${(server.address() as AddressInfo).port}/acme/deploy.git` };
}

/** The repository over http, by git's own server, for whoever has the password. */
async function serving(basic: string): Promise<string> {
	repository.git("config", "http.receivepack", "true");
	const server = createServer((request, response) => {
		if (request.headers.authorization !== `Basic ${basic}`) {
			response.writeHead(401, { "www-authenticate": "Basic realm=x" }).end();
			return;
		}
		const url = new URL(request.url ?? "/", "http://localhost");
		const environment = {
			...{ PATH: "/usr/local/bin:/usr/bin:/bin", GIT_PROJECT_ROOT: repository.root, GIT_HTTP_EXPORT_ALL: "1" },
			...{ PATH_INFO: url.pathname, QUERY_STRING: url.search.slice(1), REQUEST_METHOD: request.method ?? "" },
			...{ CONTENT_TYPE: request.headers["content-type"] ?? "", REMOTE_ADDR: "127.0.0.1", REMOTE_USER: "ann" },
			...{
				HTTP_CONTENT_ENCODING: request.headers["content-encoding"] ?? "",
				GIT_PROTOCOL: `${request.headers["git-protocol"] ?? ""}`,
			},
			...(request.headers["content-length"] && { CONTENT_LENGTH: request.headers["content-length"] }),
		};
		const backend = spawn("git", ["http-backend"], { env: environment, stdio: ["pipe", "pipe", "ignore"] });
		request.pipe(backend.stdin);
		const parts: Buffer[] = [];
		backend.stdout.on("data", (part: Buffer) => parts.push(part));
		backend.on("close", () => {
			const answer = Buffer.concat(parts);
			const end = answer.indexOf("\r\n\r\n");
			const headers = answer
				.subarray(0, end)
				.toString()
				.split("\r\n")
				.map((line) => line.split(": ") as [string, string]);
			const status = Number(headers.find(([name]) => name === "Status")?.[1].slice(0, 3) ?? 200);
			response.writeHead(status, Object.fromEntries(headers)).end(answer.subarray(end + 4));
		});
	});
	listening.push(server);
	await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
	return `http://127.0.0.1:${(server.address() as AddressInfo).port}/server.git`;
}

describe("over http", { timeout: PATIENCE_MS }, () => {
	const secret = { username: "ann", password: PASSWORD };

	test("the password goes to the server and nowhere else", async () => {
		const { asked, address } = await answering(401, { "www-authenticate": "Basic realm=x" }, `no ${PASSWORD} ${BASIC}`);
		const path = program("git", `echo "$@" >> ${repository.root}/arguments; exec /usr/bin/git "$@"`);
		const thrown = await failing({ repository: address, secret }, path);
		expect(thrown).toMatchObject({ trouble: "auth", remedy: "edit" });
		expect(thrown.message).toContain(address);
		expect(asked[0]).toBe(`Basic ${BASIC}`);
		const args = readFileSync(join(repository.root, "arguments"), "utf8");
		expect(args).toContain("fetch");
		for (const held of [PASSWORD, BASIC, "ann:"]) {
			expect(thrown.message).not.toContain(held);
			expect(args).not.toContain(held);
		}
		const written = readdirSync(repository.folder, { recursive: true, encoding: "utf8", withFileTypes: true });
		const texts = written
			.filter((one) => one.isFile())
			.map((one) => readFileSync(join(one.parentPath, one.name), "utf8"));
		expect(texts.length).toBeGreaterThan(0);
		expect(texts.filter((text) => text.includes(PASSWORD) || text.includes(BASIC))).toEqual([]);
	});

	test("the server's own git takes the change of whoever has the password", async () => {
		const address = await serving(BASIC);
		const git = createGit(
			{ timers: new StillTimers(), random: () => 0.5, log: silentLog },
			{ folder: repository.folder, protocols: ["http"] },
		);
		const author = { name: "Haldane", email: "haldane@acme.example" };
		const edit: FileChange["edit"] = () => ({ kind: "changed", text: "tag: 2\n", message: "Update to 2" });
		const change = { repository: address, branch: "main", author, path: "app.yaml", edit };
		expect(await git.change({ ...change, secret }, signal)).toMatchObject({
			kind: "pushed",
			commit: repository.head(),
		});
		expect(repository.read("app.yaml")).toBe("tag: 2\n");
		await expect(git.change({ ...change, secret: { ...secret, password: "x" } }, signal)).rejects.toMatchObject({
			trouble: "auth",
		});
	});

	test("a token is enough", async () => {
		const { asked, address } = await answering(403);
		expect(await failing({ repository: address, secret: { token: "t0ken" } })).toMatchObject({ trouble: "auth" });
		expect(asked[0]).toBe(`Basic ${Buffer.from("git:t0ken").toString("base64")}`);
	});

	test("a password is not taken elsewhere by a redirection", async () => {
		const elsewhere = await answering(401);
		const { address } = await answering(302, { location: `${elsewhere.address}/info/refs?service=git-upload-pack` });
		expect(await failing({ repository: address, secret })).toMatchObject({ remedy: "edit" });
		expect(elsewhere.asked).toEqual([]);
	});

	test.each<[number, Partial<GitFailure>]>([
		[404, { trouble: "repository", remedy: "edit" }],
		[500, { trouble: "unreachable", remedy: "retry" }],
		[429, { trouble: "unreachable", remedy: "retry" }],
	])("a server that answers %d", async (status, expected) => {
		const { address } = await answering(status);
		expect(await failing({ repository: address })).toMatchObject(expected);
	});

	test("a server that is not there", async () => {
		const thrown = await failing({ repository: "http://127.0.0.1:1/acme/deploy.git" });
		expect(thrown).toMatchObject({ trouble: "unreachable", remedy: "retry" });
	});
});

describe("over ssh", { timeout: PATIENCE_MS }, () => {
	const ssh = "ssh://git@git.example/acme/deploy.git";
	const KEY = "-----BEGIN OPENSSH PRIVATE KEY-----\nb3BlbnNzaC1rZXktdjEAAAAA\n-----END OPENSSH PRIVATE KEY-----";
	const secret = { identity: KEY, known_hosts: "git.example ssh-ed25519 AAAA" };

	test("key and known hosts are files of our own, for as long as they are needed", async () => {
		const seen = join(repository.root, "seen");
		const path = program(
			"ssh",
			`echo "$@" > ${seen}; for file in "$@"; do case "$file" in
				*/identity) stat -c %a "$file" >> ${seen}; cat "$file" >> ${seen};;
				UserKnownHostsFile=*) cat "\${file#*=}" >> ${seen};; esac; done
			echo "git@git.example: Permission denied (publickey). b3BlbnNzaC1rZXktdjEAAAAA" >&2; exit 255`,
		);
		const thrown = await failing({ repository: ssh, secret }, path);
		expect(thrown).toMatchObject({ trouble: "auth", remedy: "edit" });
		expect(thrown.message).toMatch(/Permission denied \(publickey\)\. \*\*\*/);
		const [args = "", mode, ...rest] = readFileSync(seen, "utf8").split("\n");
		for (const option of ["-F /dev/null", "IdentitiesOnly=yes", "StrictHostKeyChecking=yes", "BatchMode=yes"])
			expect(args).toContain(option);
		expect(args).toContain("git-upload-pack '/acme/deploy.git'");
		expect([mode, rest.join("\n")]).toEqual(["600", `${KEY}\n${secret.known_hosts}`]);
		expect(readdirSync(join(repository.folder, "passing"))).toEqual([]);
	});

	test.each([
		["no key", { known_hosts: "x" }],
		["no known hosts", { identity: KEY }],
		["no Secret", undefined],
	])("%s is said, and no server asked", async (_what, given) => {
		const thrown = await failing({ repository: ssh, secret: given }, program("ssh", `touch ${repository.root}/asked`));
		expect(thrown).toMatchObject({ trouble: "auth", remedy: "edit" });
		expect(thrown.message).toMatch(/^ssh:.*identity .* known_hosts/);
		expect(existsSync(join(repository.root, "asked"))).toBe(false);
	});
});
