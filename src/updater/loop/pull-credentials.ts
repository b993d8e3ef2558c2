import { messageOf } from "../../domain/failure.ts";
import type { Instant } from "../../domain/instant.ts";
import { type KubeObject, keyOf } from "../../domain/kube-object.ts";
import { readDockerConfig } from "../image-registry/docker-config.ts";
import type { Credentials } from "../image-registry/image-registry.ts";
import { pullSecretsOf, serviceAccountOf } from "../workload.ts";

/** What is needed of the cluster to find what a workload's images are pulled with. */
export interface CredentialPorts {
	/** The Secret's data, decoded; undefined when there is none. Throws when it cannot be read. */
	readSecret(ref: Named, signal: AbortSignal): Promise<Readonly<Record<string, string>> | undefined>;
	/** Version of the Secret as a watch has it; undefined when that is not known. */
	secretVersion(ref: Named): string | undefined;
	serviceAccount(ref: Named, signal: AbortSignal): Promise<KubeObject | undefined>;
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

/** Reads pull secrets once a version, and keeps what it read in memory while it is fresh. Problems name the Secret and quote nothing. */
export function pullCredentials({ readSecret, secretVersion, serviceAccount, now }: CredentialPorts) {
	const secrets = new Map<string, Kept<{ credentials: readonly Credentials[]; problems: readonly string[] }>>();
	const accounts = new Map<string, Kept<readonly string[]>>();

	return async (workload: KubeObject, names: readonly string[], signal: AbortSignal) => {
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
		const all = [...new Set([...names, ...(own.length > 0 ? own : ofAccount)])];
		const read = await Promise.all(all.map((name) => secretOf({ namespace, name }, signal)));
		return {
			credentials: read.flatMap(({ credentials }) => credentials),
			problems: [...problems, ...read.flatMap((one) => one.problems)],
		};
	};

	async function accountSecrets(ref: Named, signal: AbortSignal): Promise<readonly string[]> {
		const kept = fresh(accounts.get(keyOf(ref)), undefined);
		if (kept !== undefined) return kept;
		const account = await serviceAccount(ref, signal);
		const listed = (account?.imagePullSecrets ?? []) as readonly { readonly name?: unknown }[];
		const names = listed.flatMap(({ name }) => (typeof name === "string" ? [name] : []));
		keep(accounts, keyOf(ref), { version: undefined, at: now(), value: names });
		return names;
	}

	async function secretOf(ref: Named, signal: AbortSignal) {
		const version = secretVersion(ref);
		const known = fresh(secrets.get(keyOf(ref)), version);
		if (known !== undefined) return known;
		const value = await readOf(ref, signal);
		keep(secrets, keyOf(ref), { version, at: now(), value });
		return value;
	}

	async function readOf(ref: Named, signal: AbortSignal) {
		const says = (problem: string) => ({ credentials: [], problems: [`Secret ${keyOf(ref)}: ${problem}`] });
		try {
			const data = await readSecret(ref, signal);
			if (data === undefined) return says("there is no such Secret");
			const key = CONFIG_KEYS.find((one) => data[one] !== undefined);
			if (key === undefined) return says(`has neither ${CONFIG_KEYS.join(" nor ")}, so it is no pull secret`);
			const { credentials, problems } = readDockerConfig(data[key] ?? "");
			return { credentials, problems: problems.map((problem) => `Secret ${keyOf(ref)}: ${problem}`) };
		} catch (thrown) {
			return says(`could not be read: ${messageOf(thrown)}`);
		}
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
