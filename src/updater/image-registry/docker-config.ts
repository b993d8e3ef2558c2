import { z } from "zod";
import { covers } from "./credentials.ts";
import { jsonOf } from "./exchange.ts";
import type { Credentials, Repository } from "./image-registry.ts";
import { normalisedHost } from "./settings.ts";

/** A program `docker-credential-<name>` that knows the credentials of a host. */
export interface CredentialHelper {
	readonly name: string;
	/** As in a credential's scope; undefined for the one that keeps all of them. */
	readonly scope: string | undefined;
}

/** What a docker configuration holds. Secret, but for the problems: they name keys and quote no value. */
export interface DockerConfig {
	readonly credentials: readonly Credentials[];
	readonly helpers: readonly CredentialHelper[];
	readonly problems: readonly string[];
}

/** Runs `docker-credential-<name> get` for a server, as docker calls it; undefined when it has nothing for it. */
export type RunHelper = (
	helper: { readonly name: string; readonly server: string },
	signal: AbortSignal,
) => Promise<Pick<Credentials, "username" | "password" | "identityToken"> | undefined>;

const TEXT_LENGTH_MAX = 1_024 * 1_024;
const ENTRIES_MAX = 1_000;
/** It becomes a part of a program's name. */
const HELPER_NAME = /^[a-z0-9](?:[a-z0-9._-]{0,62}[a-z0-9])?$/;
const SCOPE =
	/^(?:[a-z0-9*](?:[a-z0-9.*-]*[a-z0-9*])?|\[[0-9a-f:]+\])(?::[0-9]{1,5})?(?:\/[a-z0-9]+(?:[._-]+[a-z0-9]+)*)*$/;
/** What docker calls Docker Hub when it asks a helper. */
const HUB_SERVER = "https://index.docker.io/v1/";

const Text = z.string().nullish();
const Entry = z.object({
	auth: Text,
	username: Text,
	password: Text,
	identitytoken: Text,
	registrytoken: Text,
});
const Entries = z.record(z.string(), z.unknown());
const Config = z.object({
	auths: Entries.nullish(),
	credHelpers: z.record(z.string(), z.unknown()).nullish(),
	credsStore: z.unknown().optional(),
});

/**
 * Reads `.dockerconfigjson` and the older `.dockercfg`, which is a map of hosts by itself: one may stand for the other, as the key
 * of a Secret is easily mistaken. Entries without anything in them, as helpers leave behind, are none. Never throws.
 */
export function readDockerConfig(text: string): DockerConfig {
	const nothing = (problem: string): DockerConfig => ({ credentials: [], helpers: [], problems: [problem] });
	if (text.length > TEXT_LENGTH_MAX) return nothing("is larger than 1 MiB");
	const document = jsonOf(text);
	const read = Config.safeParse(document);
	if (!read.success || Array.isArray(document)) return nothing("is not a JSON object as docker writes it");
	const { auths, credHelpers, credsStore } = read.data;
	const isConfig = ["auths", "credHelpers", "credsStore"].some((key) => Object.hasOwn(document as object, key));
	const entries = Object.entries(isConfig ? (auths ?? {}) : (document as Record<string, unknown>));
	if (entries.length > ENTRIES_MAX) return nothing(`has more than ${ENTRIES_MAX} entries`);

	const problems: string[] = [];
	const credentials = entries.flatMap(([key, value], i): Credentials[] => {
		const scope = scopeOf(key);
		// A key that is no host may be anything, a secret in the wrong place too.
		if (scope === undefined) problems.push(`entry ${i + 1}: its key is not a host, or host and path`);
		const entry = credentialsIn(value);
		if (typeof entry === "string") problems.push(`${scope === undefined ? `entry ${i + 1}` : scope}: ${entry}`);
		return scope === undefined || typeof entry !== "object" ? [] : [{ scope, ...entry }];
	});
	const helpers = [
		...Object.entries(credHelpers ?? {}).map(([key, name]) => ({ name, scope: scopeOf(key), isNamed: true })),
		...(credsStore ? [{ name: credsStore, scope: undefined, isNamed: false }] : []),
	].flatMap(({ name, scope, isNamed }, i): CredentialHelper[] => {
		if (typeof name === "string" && HELPER_NAME.test(name) && (scope !== undefined || !isNamed))
			return [{ name, scope }];
		problems.push(`credential helper ${i + 1}: is not a host and the name of a program`);
		return [];
	});
	return { credentials, helpers, problems };
}

/**
 * The configuration's credentials for a repository: those written down, and before them what the helper of its host says, if
 * there is one and someone runs it. The helper that keeps everything is asked when nothing is written down.
 */
export async function credentialsFor(
	{ credentials, helpers }: DockerConfig,
	{ registry, repository }: Pick<Repository, "registry" | "repository">,
	runHelper: RunHelper | undefined,
	signal: AbortSignal,
): Promise<readonly Credentials[]> {
	const name = { host: registry, path: repository };
	const written = credentials.filter(({ scope }) => covers(scope, name));
	const own = helpers.find(({ scope }) => scope !== undefined && covers(scope, name));
	const helper = own ?? (written.length === 0 ? helpers.find(({ scope }) => scope === undefined) : undefined);
	if (helper === undefined || runHelper === undefined) return written;
	const server = registry === "docker.io" ? HUB_SERVER : registry;
	const said = await runHelper({ name: helper.name, server }, signal);
	return said === undefined ? written : [{ scope: helper.scope ?? registry, ...said }, ...written];
}

/** `docker.io`, `ghcr.io/acme`, `*.example.com:5000` of what people write as keys; undefined when it is no host. */
export function scopeOf(key: string): string | undefined {
	const bare = key
		.trim()
		.toLowerCase()
		.replace(/^https?:\/\//, "")
		.replace(/\/+$/, "");
	const slash = bare.indexOf("/");
	const host = normalisedHost(slash < 0 ? bare : bare.slice(0, slash));
	// `/v1` and `/v2` are the API's, not a repository's: kubelet leaves them out too.
	const path = (slash < 0 ? "" : bare.slice(slash)).replace(/^\/v[12](?=\/|$)/, "");
	const scope = `${host}${path}`;
	return scope.length <= 512 && SCOPE.test(scope) ? scope : undefined;
}

/** What proves who we are in an entry, what is wrong with it, or undefined when it is empty. */
function credentialsIn(value: unknown): Omit<Credentials, "scope"> | string | undefined {
	const read = Entry.safeParse(value);
	if (!read.success) return "is not an object of texts";
	const { auth, username, password, identitytoken, registrytoken } = read.data;
	const identity = identitytoken ? { identityToken: identitytoken } : {};
	if (auth) {
		const pair = pairIn(auth);
		if (pair !== undefined) return { ...pair, ...identity };
		return "its auth is not 'user:password' in base64";
	}
	if (username && password) return { username, password, ...identity };
	if (identitytoken) return { username: username ?? "", password: "", ...identity };
	if (username || password) return "has only one of username and password";
	return registrytoken
		? "has a registrytoken, which ends soon: use a user and a password, or an identitytoken"
		: undefined;
}

function pairIn(auth: string): Pick<Credentials, "username" | "password"> | undefined {
	if (!/^[A-Za-z0-9+/_-]+={0,2}$/.test(auth.trim())) return undefined;
	const text = Buffer.from(auth.trim(), "base64").toString("utf8").replace(/\0+$/, "");
	const colon = text.indexOf(":");
	return colon < 1 ? undefined : { username: text.slice(0, colon), password: text.slice(colon + 1) };
}
