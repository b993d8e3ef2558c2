import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { bestCredentials } from "../../../../src/updater/image-registry/credentials.ts";
import {
	credentialsFor,
	type RunHelper,
	readDockerConfig,
	scopeOf,
} from "../../../../src/updater/image-registry/docker-config.ts";
import { never } from "./scripted.ts";

const auth = (pair: string) => Buffer.from(pair).toString("base64");
const entry = (scope: string, username = "u", password = "p") => ({ scope, username, password });

describe("a docker configuration", () => {
	test.each<[string, unknown, unknown]>([
		["auth in base64", { auths: { "ghcr.io": { auth: auth("u:p") } } }, [entry("ghcr.io")]],
		["a password with colons", { auths: { "ghcr.io": { auth: auth("u:p:q:") } } }, [entry("ghcr.io", "u", "p:q:")]],
		["user and password", { auths: { "ghcr.io": { username: "u", password: "p" } } }, [entry("ghcr.io")]],
		[
			"auth before user and password",
			{ auths: { "ghcr.io": { username: "a", password: "b", auth: auth("u:p") } } },
			[entry("ghcr.io")],
		],
		[
			"an identity token",
			{ auths: { "acr.example.com": { auth: auth("0:"), identitytoken: "t" } } },
			[{ ...entry("acr.example.com", "0", ""), identityToken: "t" }],
		],
		[
			"an identity token alone",
			{ auths: { "acr.example.com": { identitytoken: "t" } } },
			[{ ...entry("acr.example.com", "", ""), identityToken: "t" }],
		],
		["the older form", { "https://ghcr.io": { auth: auth("u:p"), email: "a@example.com" } }, [entry("ghcr.io")]],
		["empty entries, as helpers leave behind", { auths: { "ghcr.io": {} }, credsStore: "desktop" }, []],
		["nothing", {}, []],
	])("with %s", (_what, document, credentials) => {
		expect(readDockerConfig(JSON.stringify(document))).toMatchObject({ credentials, problems: [] });
	});

	test.each([
		["https://index.docker.io/v1/", "docker.io"],
		["index.docker.io", "docker.io"],
		["registry-1.docker.io/v2/", "docker.io"],
		["docker.io/acme", "docker.io/acme"],
		["https://Ghcr.io/", "ghcr.io"],
		["http://localhost:5000/v2/acme", "localhost:5000/acme"],
		["gcr.io/v1beta", "gcr.io/v1beta"],
		["*.example.com", "*.example.com"],
		["*.dkr.ecr.*.amazonaws.com", "*.dkr.ecr.*.amazonaws.com"],
		["[::1]:5000", "[::1]:5000"],
		["", undefined],
		["a b", undefined],
		["user:pass@ghcr.io", undefined],
		["ghcr.io/../x", undefined],
	])("has '%s' as a key for %s", (key, scope) => {
		expect(scopeOf(key)).toBe(scope);
	});

	test.each<[string, unknown, string]>([
		[
			"auth that is no base64",
			{ auths: { "ghcr.io": { auth: "hunter2 hunter2" } } },
			"ghcr.io: its auth is not 'user:password' in base64",
		],
		[
			"auth without a colon",
			{ auths: { "ghcr.io": { auth: auth("hunter2") } } },
			"ghcr.io: its auth is not 'user:password' in base64",
		],
		[
			"a user without password",
			{ auths: { "ghcr.io": { username: "hunter2" } } },
			"ghcr.io: has only one of username and password",
		],
		[
			"a number for a password",
			{ auths: { "ghcr.io": { username: "u", password: 2 } } },
			"ghcr.io: is not an object of texts",
		],
		["an entry of text", { auths: { "ghcr.io": "hunter2" } }, "ghcr.io: is not an object of texts"],
		[
			"a key that is no host",
			{ auths: { "hunter2 hunter2": { auth: auth("u:p") } } },
			"entry 1: its key is not a host, or host and path",
		],
		[
			"a token that ends soon",
			{ auths: { "ghcr.io": { registrytoken: "hunter2" } } },
			"ghcr.io: has a registrytoken, which ends soon: use a user and a password, or an identitytoken",
		],
		[
			"a helper with a path",
			{ credHelpers: { "ghcr.io": "../hunter2" } },
			"credential helper 1: is not a host and the name of a program",
		],
		["a list", [], "is not a JSON object as docker writes it"],
		["auths that are a list", { auths: ["hunter2"] }, "is not a JSON object as docker writes it"],
	])("with %s names it and quotes nothing", (_what, document, problem) => {
		const { credentials, problems } = readDockerConfig(JSON.stringify(document));
		expect({ credentials, problems }).toEqual({ credentials: [], problems: [problem] });
		expect(problems.join()).not.toContain("hunter2");
	});

	test("that is no JSON, or too large, says so", () => {
		expect(readDockerConfig("{").problems).toEqual(["is not a JSON object as docker writes it"]);
		expect(readDockerConfig(" ".repeat(1_048_577)).problems).toEqual(["is larger than 1 MiB"]);
	});

	test("with one bad entry gives the good ones", () => {
		const { credentials } = readDockerConfig(
			JSON.stringify({ auths: { "a.io": { auth: "?" }, "b.io": { auth: auth("u:p") } } }),
		);
		expect(credentials).toEqual([entry("b.io")]);
	});

	test("gives back any user and password, and never throws", () => {
		const user = fc.string({ minLength: 1 }).filter((text) => !text.includes(":") && text.isWellFormed());
		const password = fc.string({ minLength: 1 }).filter((text) => !text.endsWith("\0") && text.isWellFormed());
		fc.assert(
			fc.property(user, password, (username, secret) => {
				const text = JSON.stringify({ auths: { "ghcr.io": { auth: auth(`${username}:${secret}`) } } });
				expect(readDockerConfig(text).credentials).toEqual([entry("ghcr.io", username, secret)]);
			}),
		);
		fc.assert(
			fc.property(fc.oneof(fc.json(), fc.string()), (text) => {
				readDockerConfig(text);
			}),
		);
	});
});

describe("the best credentials", () => {
	test.each<[string, readonly string[], [host: string, path: string], string | undefined]>([
		["of the host", ["ghcr.io", "docker.io"], ["docker.io", "library/nginx"], "docker.io"],
		[
			"of the longest path",
			["ghcr.io", "ghcr.io/acme/shop", "ghcr.io/acme"],
			["ghcr.io", "acme/shop"],
			"ghcr.io/acme/shop",
		],
		["of whole components", ["ghcr.io/acm", "ghcr.io/acme/sho"], ["ghcr.io", "acme/shop"], undefined],
		[
			"of a host written out before a wildcard",
			["*.example.com", "r.example.com"],
			["r.example.com", "a"],
			"r.example.com",
		],
		["of a wildcard within one part", ["*.example.com"], ["a.b.example.com", "x"], undefined],
		["of a wildcard in a part", ["r*y.example.com"], ["registry.example.com", "x"], "r*y.example.com"],
		["of a wildcard that has no room", ["ab*ba.example.com"], ["aba.example.com", "x"], undefined],
		["of two wildcards in a part", ["*a*b*.example.com"], ["xaxbx.example.com", "x"], "*a*b*.example.com"],
		["of the same port", ["r.example.com", "r.example.com:5000"], ["r.example.com:5000", "x"], "r.example.com:5000"],
		["of no other port", ["r.example.com:5000"], ["r.example.com:5001", "x"], undefined],
		["of a wildcard and a port", ["*.example.*:5000"], ["r.example.com:5000", "x"], "*.example.*:5000"],
		["of a wildcard without its port", ["*.example.*"], ["r.example.com:5000", "x"], undefined],
	])("are those %s", (_what, scopes, [host, path], scope) => {
		expect(
			bestCredentials(
				{ host, path },
				scopes.map((each) => entry(each)),
			)?.scope,
		).toBe(scope);
	});

	test("of two for the same scope are the first", () => {
		expect(
			bestCredentials({ host: "ghcr.io", path: "a" }, [entry("ghcr.io", "one"), entry("ghcr.io", "two")])?.username,
		).toBe("one");
	});
});

describe("credential helpers", () => {
	const asked: unknown[] = [];
	const runs: RunHelper = async (helper) => {
		asked.push(helper);
		return { username: "helped", password: helper.name };
	};
	const config = readDockerConfig(
		JSON.stringify({
			auths: { "a.io": { auth: auth("u:p") } },
			credHelpers: { "ecr.example.com": "ecr-login" },
			credsStore: "desktop",
		}),
	);
	const of = (registry: string, run: RunHelper | undefined = runs) =>
		credentialsFor(config, { registry, repository: "x" }, run, never);

	test("are values", () => {
		expect(config.helpers).toEqual([
			{ name: "ecr-login", scope: "ecr.example.com" },
			{ name: "desktop", scope: undefined },
		]);
	});

	test("are asked for their own host, and the store for what is not written down", async () => {
		expect(await of("ecr.example.com")).toEqual([entry("ecr.example.com", "helped", "ecr-login")]);
		expect(await of("docker.io")).toEqual([entry("docker.io", "helped", "desktop")]);
		expect(await of("a.io")).toEqual([entry("a.io")]);
		expect(asked).toEqual([
			{ name: "ecr-login", server: "ecr.example.com" },
			{ name: "desktop", server: "https://index.docker.io/v1/" },
		]);
	});

	test("that nobody runs, or that have nothing, leave what is written down", async () => {
		expect(await credentialsFor(config, { registry: "ecr.example.com", repository: "x" }, undefined, never)).toEqual(
			[],
		);
		expect(await of("ecr.example.com", async () => undefined)).toEqual([]);
	});
});
