import type { Instant } from "../../domain/instant.ts";
import type { Send } from "../../http/request.ts";
import type { Timers } from "../../http/timers.ts";
import { asking } from "./ask.ts";
import { basicAuthorization, tokens } from "./authentication/tokens.ts";
import { withoutSecrets } from "./credentials.ts";
import { exchanges } from "./exchange.ts";
import { digestOfTag, factsOfTag, type KnownFacts, type Subject } from "./facts.ts";
import { hostBudgets } from "./host-budget.ts";
import type { RegistryAnswer, RegistryClient, Repository } from "./image-registry.ts";
import { type RegistryObserver, unobserved } from "./observed.ts";
import { type RegistrySettings, sitesOf } from "./settings.ts";
import { allTags } from "./tags.ts";

export interface RegistryPorts {
	readonly send: Send;
	readonly now: () => Instant;
	readonly timers: Timers;
	/** From 0 to 1: spreads back-offs out. */
	readonly random?: () => number;
	readonly observer?: RegistryObserver;
}

/**
 * Asks registries by the OCI distribution API. One client for the whole process: budgets, back-offs, tokens and facts are its own.
 *
 * Flow: the mirror first, if the registry has one, then the registry itself, whose answer stands when none has anything.
 *
 * Guarantees: never rejects; no detail holds a password or a token; each host gets its budget of requests and no request while it
 * asked for quiet; every answer has a bound; contents are checked against their digests.
 */
export function createRegistryClient(ports: RegistryPorts, settings: RegistrySettings): RegistryClient {
	const { send, now, timers, random = () => 0.5, observer = unobserved } = ports;
	const exchange = exchanges({ send, budgets: hostBudgets({ timers, random }), observer });
	const ask = asking({ exchange, tokens: tokens({ exchange, now }) });
	const known: KnownFacts = new Map();

	async function fromFirst<T>(
		repository: Repository,
		question: (subject: Subject) => Promise<RegistryAnswer<T>>,
	): Promise<RegistryAnswer<T>> {
		let answer: RegistryAnswer<T> = { kind: "missing", detail: `${repository.registry} has no address` };
		for (const site of sitesOf(repository.registry, settings)) {
			answer = await question({ site, repository });
			if (answer.kind === "found" || answer.kind === "unchanged") break;
		}
		return "detail" in answer ? { ...answer, detail: withoutSecrets(answer.detail, secretsOf(repository)) } : answer;
	}

	return {
		tags: (repository, etag, signal) => fromFirst(repository, (subject) => allTags(ask, subject, etag, signal)),
		digest: (repository, tag, signal) => fromFirst(repository, (subject) => digestOfTag(ask, subject, tag, signal)),
		facts: (repository, tag, signal) =>
			// Facts are asked for when a tag may be chosen, and lists and digests whenever a look is due.
			fromFirst(repository, (subject) => factsOfTag(ask, known, { subject: { ...subject, first: true }, tag }, signal)),
	};
}

function secretsOf({ credentials }: Repository): string[] {
	const secrets = credentials.flatMap((held) => [
		basicAuthorization(held).slice("Basic ".length),
		held.password,
		held.identityToken ?? "",
	]);
	// Longest first: of a header and a word within it, the whole header goes.
	return secrets.sort((one, other) => other.length - one.length);
}
