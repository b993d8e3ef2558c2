import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { GitFailure } from "./failure.ts";
import type { Protocol } from "./names.ts";

/** What git is told so that the server lets it in. */
export interface Access {
	/** Settings of git, by the environment: arguments can be read by every user of the machine. */
	readonly settings: readonly (readonly [string, string])[];
	readonly environment: Readonly<Record<string, string>>;
	/** What must not be repeated, should the server do so. */
	readonly secrets: readonly string[];
	/** Removes what was written to the disk. */
	close(): Promise<void>;
}

/** A Secret's data, decoded: `username` and `password` or `token`, `identity` or `ssh-privatekey` with `known_hosts`, `ca.crt`. */
export type SecretData = Readonly<Record<string, string>>;

interface Asked {
	/** Its address, for messages. */
	readonly repository: string;
	readonly protocol: Protocol;
	/** Undefined: whoever asks is nobody. */
	readonly secret: SecretData | undefined;
	/** Where keys may be written for as long as they are needed. */
	readonly folder: string;
}

/** Throws GitFailure when the Secret lacks what the protocol needs. */
export async function accessBy(asked: Asked): Promise<Access> {
	const { protocol, secret = {}, folder } = asked;
	if (protocol === "ssh") return overSsh(secret, asked);
	return protocol === "file" ? nothing : overHttp(secret, folder);
}

const nothing: Access = { settings: [], environment: {}, secrets: [], close: async () => {} };

async function overHttp(secret: SecretData, folder: string): Promise<Access> {
	const password = secret.password ?? secret.token;
	const authority = secret["ca.crt"];
	if (password === undefined && authority === undefined) return nothing;
	// Servers that take a token as the password do not look at the name, but want one.
	const basic = Buffer.from(`${secret.username ?? "git"}:${password}`).toString("base64");
	const files = await written(folder, authority === undefined ? {} : { authority });
	return {
		settings: [
			...(password === undefined ? [] : [["http.extraHeader", `Authorization: Basic ${basic}`] as const]),
			...(files.paths.authority === undefined ? [] : [["http.sslCAInfo", files.paths.authority] as const]),
		],
		environment: {},
		secrets: password === undefined ? [] : [password, basic],
		close: files.close,
	};
}

async function overSsh(secret: SecretData, { folder, repository }: Asked): Promise<Access> {
	const identity = secret.identity ?? secret["ssh-privatekey"];
	const { known_hosts: knownHosts } = secret;
	if (identity === undefined || knownHosts === undefined) {
		throw new GitFailure(
			"auth",
			`${repository}: ssh needs a private key as identity (or ssh-privatekey) and the server's key as known_hosts in the Secret`,
		);
	}
	// ssh refuses a key whose last line has no end.
	const files = await written(folder, { identity: `${identity.trimEnd()}\n`, knownHosts });
	const options = [
		`-i ${quoted(files.paths.identity)}`,
		...["IdentitiesOnly=yes", "IdentityAgent=none", "BatchMode=yes", "StrictHostKeyChecking=yes", "ConnectTimeout=15"],
		...[`UserKnownHostsFile=${quoted(files.paths.knownHosts)}`, "GlobalKnownHostsFile=/dev/null", "ForwardAgent=no"],
	].map((option) => (option.startsWith("-i") ? option : `-o ${option}`));
	return {
		settings: [],
		environment: { GIT_SSH_COMMAND: `ssh -F /dev/null ${options.join(" ")}`, GIT_SSH_VARIANT: "ssh" },
		secrets: identity.split("\n").filter((line) => line.length > 8 && !line.startsWith("-----")),
		close: files.close,
	};
}

/** As a shell reads it: git hands the command to one. */
function quoted(path: string | undefined): string {
	return `'${path?.replaceAll("'", "'\\''")}'`;
}

/** Files that nobody else can read, in a folder of their own until it is closed. */
async function written<Name extends string>(folder: string, contents: Readonly<Partial<Record<Name, string>>>) {
	const names = Object.keys(contents) as Name[];
	if (names.length === 0) return { paths: {} as Partial<Record<Name, string>>, close: async () => {} };
	const held = await mkdtemp(join(folder, "access-"));
	const close = () => rm(held, { recursive: true, force: true });
	const paths: Partial<Record<Name, string>> = {};
	try {
		for (const name of names) {
			const path = join(held, name);
			await writeFile(path, contents[name] ?? "", { mode: 0o600 });
			paths[name] = path;
		}
	} catch (thrown) {
		await close();
		throw thrown;
	}
	return { paths, close };
}
