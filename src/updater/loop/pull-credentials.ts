import { messageOf } from "../../domain/failure.ts";
import type { Instant } from "../../domain/instant.ts";
import { type KubeObject, keyOf } from "../../domain/kube-object.ts";
import { parseImageReference } from "../image-reference.ts";
import { bestCredentials, covers } from "../image-registry/credentials.ts";
import { readDockerConfig } from "../image-registry/docker-config.ts";
import type { Credentials, Repository } from "../image-registry/image-registry.ts";
import { type RegistrySettings, sitesOf } from "../image-registry/settings.ts";
import { pullSecretsOf, serviceAccountOf } from "../workload.ts";

/** Credentials, and where they were found, for people: `Secret shop/pull`. */
export interface FoundCredentials extends Credentials {
	readonly origin: string;
}

export interface Found {
	readonly credentials: readonly FoundCredentials[];
	/** What could not be read; names where, and quotes nothing. */
	readonly problems: readonly string[];
}

/** A repository as its registry, or the mirror of that, is asked for it. */
export type RepositoryName = Pick<Repository, "registry" | "repository">;

/** Of what the operator itself was given for the repository. */
export type ConfiguredCredentials = (name: RepositoryName, signal: AbortSignal) => Promise<Found>;

/** Whose credentials are looked for. */
export interface CredentialQuestion {
	readonly workload: KubeObject;
	/** Names of Secrets beside those that the workload and its ServiceAccount name. */
	readonly pullSecrets: readonly string[];
	/** Images that registries will be asked about. */
	readonly images: readonly string[];
}

/** What is needed of the cluster to find what a workload's images are pulled with. */
export interface CredentialPorts {
	/** The Secret's data, decoded; undefined when there is none. Throws when it cannot be read. */
	readSecret(ref: Named, signal: AbortSignal): Promise<Readonly<Record<string, string>> | undefined>;
	/** Version of the Secret as a watch has it; undefined when that is not known. */
	secretVersion(ref: Named): string | undefined;
	serviceAccount(ref: Named, signal: AbortSignal): Promise<KubeObject | undefined>;
	/** Which registries have a mirror or a Secret of their own. */
	readonly registries: RegistrySettings;
	/** Where those Secrets are; undefined when nobody knows. */
	readonly ownNamespace: string | undefined;
	/** Asked last. */
	readonly configured: ConfiguredCredentials;
	now(): Instant;
}

interface Named {
	readonly namespace: string;
	readonly name: string;
}

/** What was read is believed so long where no watch says that it changed. */
const AGE_MS_MAX = 600_000;
const KEPT_MAX = 2_000;
const CONFIG_KEYS = [".dockerconfigjson", ".dockercfg"] as const;

interface Kept<T> {
	readonly version: string | undefined;
	readonly at: Instant;
	readonly value: T;
}

const NONE: Found = { credentials: [], problems: [] };

/**
 * Flow: the Secrets that are named and the workload's own; for a repository that none of them is for, the Secret of its registry's
 * settings; then what the operator was given.
 *
 * Guarantees: a Secret is read once a version, and what was read stays in memory while it is fresh; what is not the workload's own
 * is given for that very repository alone.
 */
export function pullCredentials(ports: CredentialPorts) {
	const { readSecret, secretVersion, serviceAccount, registries, ownNamespace, configured, now } = ports;
	const secrets = new Map<string, Kept<Found>>();
	const accounts = new Map<string, Kept<readonly string[]>>();

	return async ({ workload, pullSecrets, images }: CredentialQuestion, signal: AbortSignal): Promise<Found> => {
		const namespace = workload.metadata.namespace ?? "default";
		const problems: string[] = [];
		const ofAccount = await accountSecrets({ namespace, name: serviceAccountOf(workload) }, signal).catch(
			(thrown: unknown) => {
				problems.push(`ServiceAccount ${namespace}/${serviceAccountOf(workload)}: ${messageOf(thrown)}`);
				return [];
			},
		);
		// As the kubelet has it: a pod's own secrets take the place of its account's.
		const own = pullSecretsOf(workload);
		const all = [...new Set([...pullSecrets, ...(own.length > 0 ? own : ofAccount)])];
		const named = await Promise.all(all.map((name) => secretOf({ namespace, name }, signal)));
		const theirs = named.flatMap(({ credentials }) => credentials);
		const bare = repositoriesOf(images).filter((name) => !theirs.some(({ scope }) => covers(scope, nameOf(name))));
		const ours = await Promise.all(bare.map((name) => given(name, signal)));
		const read = [...named, ...ours];
		return {
			credentials: read.flatMap(({ credentials }) => credentials),
			problems: [...new Set([...problems, ...read.flatMap((one) => one.problems)])],
		};
	};

	/** Repositories of the images, as each site that may be asked has them. */
	function repositoriesOf(images: readonly string[]): readonly RepositoryName[] {
		const names = images.flatMap((image) => {
			const parsed = parseImageReference(image);
			if (!parsed.ok) return [];
			const { registry, repository } = parsed.reference;
			return sitesOf(registry, registries).map(({ host, prefix }) => `${host}/${prefix}${repository}`);
		});
		return [...new Set(names)].map((name) => {
			const slash = name.indexOf("/");
			return { registry: name.slice(0, slash), repository: name.slice(slash + 1) };
		});
	}

	/** What the operator has for the repository, for nothing else. */
	async function given(name: RepositoryName, signal: AbortSignal): Promise<Found> {
		const secret = registries.registries.find(({ host }) => host === name.registry)?.credentialsSecret;
		const ofRegistry =
			secret === undefined || ownNamespace === undefined
				? NONE
				: await secretOf({ namespace: ownNamespace, name: secret }, signal);
		const fitting = bestCredentials(nameOf(name), ofRegistry.credentials);
		const last = fitting === undefined ? await configured(name, signal) : NONE;
		const best = fitting ?? bestCredentials(nameOf(name), last.credentials);
		return {
			credentials: best === undefined ? [] : [{ ...best, scope: `${name.registry}/${name.repository}` }],
			problems: [...ofRegistry.problems, ...last.problems],
		};
	}

	async function accountSecrets(ref: Named, signal: AbortSignal): Promise<readonly string[]> {
		const kept = fresh(accounts.get(keyOf(ref)), undefined);
		if (kept !== undefined) return kept;
		const account = await serviceAccount(ref, signal);
		const listed = (account?.imagePullSecrets ?? []) as readonly { readonly name?: unknown }[];
		const names = listed.flatMap(({ name }) => (typeof name === "string" ? [name] : []));
		keep(accounts, keyOf(ref), { version: undefined, at: now(), value: names });
		return names;
	}

	async function secretOf(ref: Named, signal: AbortSignal): Promise<Found> {
		const version = secretVersion(ref);
		const known = fresh(secrets.get(keyOf(ref)), version);
		if (known !== undefined) return known;
		const value = await readOf(ref, signal);
		keep(secrets, keyOf(ref), { version, at: now(), value });
		return value;
	}

	async function readOf(ref: Named, signal: AbortSignal): Promise<Found> {
		const origin = `Secret ${keyOf(ref)}`;
		const says = (problem: string): Found => ({ credentials: [], problems: [`${origin}: ${problem}`] });
		try {
			const data = await readSecret(ref, signal);
			if (data === undefined) return says("there is no such Secret");
			const key = CONFIG_KEYS.find((one) => data[one] !== undefined);
			if (key === undefined) return says(`has neither ${CONFIG_KEYS.join(" nor ")}, so it is no pull secret`);
			const { credentials, problems } = readDockerConfig(data[key] ?? "");
			return {
				credentials: credentials.map((one) => ({ ...one, origin })),
				problems: problems.map((problem) => `${origin}: ${problem}`),
			};
		} catch (thrown) {
			return says(`could not be read: ${messageOf(thrown)}`);
		}
	}

	function nameOf({ registry, repository }: RepositoryName) {
		return { host: registry, path: repository };
	}

	function fresh<T>(kept: Kept<T> | undefined, version: string | undefined): T | undefined {
		if (kept === undefined || kept.version !== version) return undefined;
		return version !== undefined || now() - kept.at < AGE_MS_MAX ? kept.value : undefined;
	}

	function keep<T>(map: Map<string, Kept<T>>, key: string, value: Kept<T>): void {
		map.delete(key);
		map.set(key, value);
		const [oldest] = map.keys();
		if (map.size > KEPT_MAX && oldest !== undefined) map.delete(oldest);
	}
}
