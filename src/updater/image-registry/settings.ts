import { parse } from "yaml";
import { z } from "zod";
import { problemsOf } from "../../api/problems.ts";
import { DOCKER_HUB } from "../image-reference.ts";

/** Requests each second to one host, unless its settings say otherwise. */
export const REQUESTS_PER_SECOND = 10;
const REGISTRIES_MAX = 1_000;
/** Other names that people have for Docker Hub. */
const HUB_NAMES = new Set(["docker.io", "index.docker.io", "registry-1.docker.io", "registry.hub.docker.com"]);
/** Where Docker Hub's API is answered. */
const HUB_HOST = "registry-1.docker.io";

const HOST = /^(?:[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?|\[[0-9a-f:]+\])(?::[0-9]{1,5})?$/;
const MIRROR_PATH = /^[a-z0-9]+(?:[._-]+[a-z0-9]+)*(?:\/[a-z0-9]+(?:[._-]+[a-z0-9]+)*)*$/;

const Host = z
	.string()
	.transform(normalisedHost)
	.refine((host) => HOST.test(host), "is not a host such as registry.example.com:5000, without scheme and path");
const Mirror = z
	.string()
	.refine(isMirror, "is not a host, or host and path, such as mirror.example.com or harbor.example.com/hub");

const RegistrySettingSchema = z.strictObject({
	host: Host,
	mirror: Mirror.optional(),
	caFile: z.string().min(1).optional(),
	plainHttp: z.boolean().default(false),
	insecureSkipVerify: z.boolean().default(false),
	requestsPerSecond: z.number().min(0.01).max(1_000).default(REQUESTS_PER_SECOND),
	credentialsSecret: z.string().min(1).optional(),
});
const RegistriesFile = z.strictObject({
	registries: z.array(RegistrySettingSchema).max(REGISTRIES_MAX).default([]),
});

/** How one registry is asked. */
export interface RegistrySetting {
	/** As images name it, `docker.io` for Docker Hub. */
	readonly host: string;
	/** Host, or host and path, that is asked first; what it cannot answer the registry itself is asked. Its own settings hold for it. */
	readonly mirror?: string | undefined;
	/** Where a file of certificates lies: whoever composes the settings reads it into `ca`. */
	readonly caFile?: string | undefined;
	/** Certificates in PEM that are trusted beside the well-known ones. */
	readonly ca?: string | undefined;
	/** Asks by http. */
	readonly plainHttp: boolean;
	/** Takes any certificate. */
	readonly insecureSkipVerify: boolean;
	readonly requestsPerSecond: number;
	/** A Secret with a docker configuration, for repositories whose workloads have no credentials. */
	readonly credentialsSecret?: string | undefined;
}

export interface RegistrySettings {
	readonly registries: readonly RegistrySetting[];
}

export type ParsedRegistrySettings =
	| { readonly ok: true; readonly settings: RegistrySettings }
	| { readonly ok: false; readonly problems: readonly string[] };

/** Reads the text of `registries.yaml`. Never throws. */
export function parseRegistrySettings(text: string): ParsedRegistrySettings {
	let document: unknown;
	try {
		document = parse(text, { maxAliasCount: 0 }) ?? {};
	} catch (thrown) {
		const [line = ""] = (thrown as Error).message.split("\n");
		return { ok: false, problems: [`registries: is not YAML: ${line.replace(/:$/, "")}`] };
	}
	const read = RegistriesFile.safeParse(document, { reportInput: true });
	if (!read.success) return { ok: false, problems: problemsOf("registries", read.error) };
	const hosts = read.data.registries.map(({ host }) => host);
	const twice = new Set(hosts.filter((host, i) => hosts.indexOf(host) !== i));
	if (twice.size > 0) return { ok: false, problems: [...twice].map((host) => `registries: '${host}' is there twice`) };
	return { ok: true, settings: read.data };
}

/** Lower case, and one name for Docker Hub. */
export function normalisedHost(host: string): string {
	const lower = host.toLowerCase();
	return HUB_NAMES.has(lower) ? DOCKER_HUB : lower;
}

/** A registry, or the mirror of one, ready to be asked. */
export interface Site {
	/** For people and for the budget: the host as images name it. */
	readonly host: string;
	/** `https://registry-1.docker.io`, without a slash at the end. */
	readonly origin: string;
	/** What comes before the repository: empty, or the path of a mirror. */
	readonly prefix: string;
	readonly setting: RegistrySetting;
}

/** Where to ask for images of the registry: its mirror first, if it has one, and itself at last. */
export function sitesOf(registry: string, { registries }: RegistrySettings): readonly Site[] {
	const settingOf = (host: string): RegistrySetting =>
		registries.find((setting) => setting.host === host) ?? {
			host,
			plainHttp: false,
			insecureSkipVerify: false,
			requestsPerSecond: REQUESTS_PER_SECOND,
		};
	const siteOf = (host: string, prefix: string): Site => {
		const setting = settingOf(host);
		const address = host === DOCKER_HUB ? HUB_HOST : host;
		return { host, origin: `${setting.plainHttp ? "http" : "https"}://${address}`, prefix, setting };
	};
	const own = siteOf(registry, "");
	if (own.setting.mirror === undefined) return [own];
	const [host = "", ...path] = own.setting.mirror.split("/");
	return [siteOf(normalisedHost(host), path.map((part) => `${part}/`).join("")), own];
}

function isMirror(text: string): boolean {
	const slash = text.indexOf("/");
	if (slash < 0) return HOST.test(text.toLowerCase());
	return HOST.test(text.slice(0, slash).toLowerCase()) && MIRROR_PATH.test(text.slice(slash + 1));
}
