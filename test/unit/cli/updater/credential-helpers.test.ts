import { describe, expect, test } from "vitest";
import { credentialHelpers } from "../../../../src/cli/updater/credential-helpers.ts";
import { DOCKER_CONFIG_MS, dockerConfigCredentials } from "../../../../src/cli/updater/docker-config.ts";
import type { Program, ProgramEnd } from "../../../../src/programs/run-program.ts";

const signal = new AbortController().signal;
const ended = (said: unknown, code = 0): ProgramEnd => ({
	kind: "ended",
	code,
	output: typeof said === "string" ? said : JSON.stringify(said),
});
const PAIR = { ServerURL: "ghcr.io", Username: "ada", Secret: "open-sesame" };

/** Helpers whose answers are written down; each is asked for once. */
function scripted(...ends: readonly ProgramEnd[]) {
	const ran: Program[] = [];
	const clock = { now: 0 };
	const environment = { PATH: "/bin", AWS_REGION: "eu-central-1", SLACK_TOKEN: "xoxb", HOME: undefined };
	const run = credentialHelpers({
		runProgram: async (program) => {
			const end = ends[ran.length];
			ran.push(program);
			if (end === undefined) throw new Error("was run too often");
			return end;
		},
		environment,
		now: () => clock.now,
	});
	return { run, ran, clock };
}

describe("a credential helper", () => {
	test("is run as docker runs it, and sees who we are to the clouds and nothing else", async () => {
		const { run, ran } = scripted(ended(PAIR));
		expect(await run({ name: "ecr-login", server: "ghcr.io" }, signal)).toEqual({
			username: "ada",
			password: "open-sesame",
		});
		expect(ran).toEqual([
			{
				name: "docker-credential-ecr-login",
				args: ["get"],
				environment: { PATH: "/bin", AWS_REGION: "eu-central-1" },
				input: "ghcr.io",
				deadlineMs: 10_000,
				outputBytesMax: 65_536,
			},
		]);
	});

	test("may give an identity token", async () => {
		const { run } = scripted(ended({ ...PAIR, Username: "<token>" }));
		expect(await run({ name: "a", server: "ghcr.io" }, signal)).toEqual({
			username: "",
			password: "",
			identityToken: "open-sesame",
		});
	});

	test("that has nothing has nothing", async () => {
		const { run } = scripted(ended("credentials not found in native keychain\n", 1));
		expect(await run({ name: "a", server: "ghcr.io" }, signal)).toBeUndefined();
	});

	test("is run once in ten minutes for a server, however many ask", async () => {
		const { run, ran, clock } = scripted(ended(PAIR), ended(PAIR), ended(PAIR));
		const ask = (server: string) => run({ name: "a", server }, signal);
		await Promise.all([ask("ghcr.io"), ask("ghcr.io")]);
		clock.now = 599_999;
		await ask("ghcr.io");
		expect(ran.length).toBe(1);
		await ask("quay.io");
		expect(ran.length).toBe(2);
		clock.now = 600_000;
		await ask("ghcr.io");
		expect(ran.length).toBe(3);
	});

	test("that failed is run again after a minute", async () => {
		const { run, ran, clock } = scripted(ended("oops", 2), ended(PAIR));
		const ask = () => run({ name: "a", server: "ghcr.io" }, signal);
		await expect(ask()).rejects.toThrow("docker-credential-a: ended with 2 for ghcr.io");
		await expect(ask()).rejects.toThrow("ended with 2");
		expect(ran.length).toBe(1);
		clock.now = 60_000;
		expect(await ask()).toMatchObject({ username: "ada" });
	});

	test("that was given up is run again at once: that says nothing of it", async () => {
		const { run, ran } = scripted({ kind: "failed", detail: "program docker-credential-a: given up" }, ended(PAIR));
		const helper = { name: "a", server: "ghcr.io" };
		await expect(run(helper, AbortSignal.abort())).rejects.toThrow("given up");
		expect(await run(helper, signal)).toMatchObject({ username: "ada" });
		expect(ran.length).toBe(2);
	});

	test.each<[string, ProgramEnd]>([
		["no JSON", ended("open-sesame")],
		["JSON of another shape", ended(["open-sesame"])],
		["no secret", ended({ Username: "open-sesame" })],
		["a failure", ended("open-sesame", 1)],
		["nothing, as it never ended", { kind: "failed", detail: "program docker-credential-a: did not end within 10 s" }],
	])("that says %s is complained of without its words", async (_what, end) => {
		const { run } = scripted(end);
		const thrown = await run({ name: "a", server: "ghcr.io" }, signal).catch((error: unknown) => error);
		expect(thrown).toMatchObject({ remedy: "retry", message: expect.stringContaining("docker-credential-a") });
		expect(String(thrown)).not.toContain("open-sesame");
	});
});

describe("a docker configuration", () => {
	const auth = (password: string) => Buffer.from(`ada:${password}`).toString("base64");
	const config = (password: string) => JSON.stringify({ auths: { "ghcr.io": { auth: auth(password) } } });
	const name = { registry: "ghcr.io", repository: "acme/app" };
	const noHelper = () => Promise.reject(new Error("there is no helper"));

	test("is read anew twice a minute at most", async () => {
		let now = 0;
		let text = config("one");
		const ask = dockerConfigCredentials("/config.json", {
			readFile: async () => text,
			runHelper: noHelper,
			now: () => now,
		});
		const password = async () => (await ask(name, signal)).credentials[0]?.password;
		expect(await password()).toBe("one");
		text = config("two");
		now = DOCKER_CONFIG_MS - 1;
		expect(await password()).toBe("one");
		now = DOCKER_CONFIG_MS;
		expect(await password()).toBe("two");
	});

	test("may be given as it is", async () => {
		const ports = { readFile: noHelper, runHelper: noHelper, now: () => 0 };
		const { credentials, problems } = await dockerConfigCredentials(config("one"), ports)(name, signal);
		expect(credentials).toEqual([
			{ scope: "ghcr.io", username: "ada", password: "one", origin: "the docker configuration" },
		]);
		expect(problems).toEqual([]);
	});

	test("that cannot be read, and a helper that fails, are said", async () => {
		const missing = Object.assign(new Error("no such file"), { code: "ENOENT" });
		const ports = { readFile: () => Promise.reject(missing), runHelper: noHelper, now: () => 0 };
		expect(await dockerConfigCredentials("/config.json", ports)(name, signal)).toEqual({
			credentials: [],
			problems: ["the docker configuration /config.json: cannot be read (ENOENT)"],
		});
		const helped = JSON.stringify({ credHelpers: { "ghcr.io": "a" } });
		expect(await dockerConfigCredentials(helped, ports)(name, signal)).toEqual({
			credentials: [],
			problems: ["the docker configuration: for ghcr.io: there is no helper"],
		});
	});
});
