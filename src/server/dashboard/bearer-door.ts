import { createHash } from "node:crypto";
import { messageOf } from "../../domain/failure.ts";
import { type Asking, CANARIES, type Door, LOOPBACK_NAMES, type Refusal, type Wish } from "./door.ts";

/** Who somebody is, in the words of TokenReview, which are those of SubjectAccessReview too. */
export interface Identity {
	readonly username: string;
	readonly uid?: string | undefined;
	readonly groups?: readonly string[] | undefined;
	readonly extra?: Readonly<Record<string, readonly string[]>> | undefined;
}

/** What is asked of the API server, with a deadline each. Throws an Error whose message is a sentence with the mend. */
export interface Reviewer {
	/** Undefined when the token is nobody's. */
	whose(token: string): Promise<Identity | undefined>;
	may(identity: Identity, wish: Wish): Promise<boolean>;
}

export interface BearerDoorOptions {
	readonly reviewer: Reviewer;
	/** Names that we are called by beside those of loopback. */
	readonly hosts: readonly string[];
	readonly readersNeedToken: boolean;
	/** The only one that is shown; all when undefined. */
	readonly namespace: string | undefined;
	/** Whether it is known what Canaries there are. */
	isFilled(): boolean;
	now(): number;
}

/** A token that was taken back is obeyed for so long at most. */
const KNOWN_MS = 30_000;
const KNOWN_MAX = 256;
/** Of one address, tokens that are nobody's or still being asked about. */
const STRANGE = { max: 10, withinMs: 60_000, addressesMax: 1_024 } as const;
const REVIEWS_MAX = 16;

/** Who asks. */
interface Found {
	readonly who: Identity;
	readonly entry: Known;
	readonly token: () => string;
}

interface Known {
	readonly at: number;
	readonly identity: Promise<Identity | undefined>;
	mayRead?: Promise<boolean>;
}

/**
 * Lets everybody read, unless told otherwise, and lets act whom the API server knows by their bearer token (TokenReview)
 * and would let do that (SubjectAccessReview). Answers of TokenReview are kept for half a minute, by the
 * token's digest; whether somebody may act is asked each time.
 */
export function bearerDoor(options: BearerDoorOptions): Door {
	const { reviewer, readersNeedToken, namespace, isFilled, now } = options;
	const names = [...LOOPBACK_NAMES, ...options.hosts.map((name) => name.toLowerCase())];
	const known = new Map<string, Known>();
	const strangers = new Map<string, { readonly since: number; count: number }>();
	let reviews = 0;

	/** Who asks, or why nobody can say. */
	async function knownFrom(asking: Asking, forWhat: string): Promise<Found | Refusal> {
		const [, token] = /^Bearer +([\x21-\x7e]+)$/i.exec(asking.header("Authorization") ?? "") ?? [];
		if (token === undefined) return { status: 401, error: `${forWhat}; ${HOW_TO}`, wantsBearer: true };
		const digest = createHash("sha256").update(token).digest("base64");
		const before = known.get(digest);
		const isFresh = before !== undefined && now() - before.at < KNOWN_MS;
		const entry = isFresh ? before : await introduced(token, digest, asking.address);
		if ("error" in entry) return entry;
		const who = await entry.identity;
		if (who !== undefined) return { who, entry, token: () => token };
		return { status: 401, error: `This token is nobody's, or has expired; ${HOW_TO}`, wantsBearer: true };
	}

	async function introduced(token: string, digest: string, address: string): Promise<Known | Refusal> {
		if (reviews >= REVIEWS_MAX)
			return { status: 503, error: "Too many tokens are being checked; try again in a moment" };
		const stranger = strangerAt(address);
		if (stranger.count >= STRANGE.max) {
			return { status: 429, error: "Too many tokens from your address were nobody's; try again in a minute" };
		}
		stranger.count += 1;
		reviews += 1;
		const entry: Known = { at: now(), identity: reviewer.whose(token) };
		known.delete(digest);
		known.set(digest, entry);
		dropOldest(known, KNOWN_MAX);
		try {
			if ((await entry.identity) !== undefined) stranger.count -= 1;
			return entry;
		} catch (thrown) {
			stranger.count -= 1;
			if (known.get(digest) === entry) known.delete(digest);
			throw thrown;
		} finally {
			reviews -= 1;
		}
	}

	function strangerAt(address: string) {
		const before = strangers.get(address);
		if (before !== undefined && now() - before.since < STRANGE.withinMs) return before;
		const fresh = { since: now(), count: 0 };
		strangers.delete(address);
		strangers.set(address, fresh);
		dropOldest(strangers, STRANGE.addressesMax);
		return fresh;
	}

	return {
		isOurs(host) {
			const [, name] = /^(\[[\da-f:.]+\]|[^:]+)(?::\d{1,5})?$/i.exec(host) ?? [];
			return name !== undefined && names.includes(name.toLowerCase());
		},
		names: `${names.join(", ")}; start the operator with --dashboard-hosts to add a name`,
		origins: (host) => [`http://${host}`, `https://${host}`],
		async refusesReading(asking) {
			if (!isFilled()) {
				return { status: 503, error: "This replica does not know the Canaries yet; try again in a moment" };
			}
			if (!readersNeedToken) return undefined;
			return unlessUnavailable(async () => {
				const found = await knownFrom(asking, "This dashboard is shown to those who bring a bearer token");
				if ("error" in found) return found;
				const { who, entry } = found;
				const wish = { verb: "list", of: CANARIES, namespace } as const;
				entry.mayRead ??= reviewer.may(who, wish).catch((thrown: unknown) => {
					delete entry.mayRead;
					throw thrown;
				});
				return (await entry.mayRead) ? undefined : denied(who, wish);
			});
		},
		admit: (asking, wish) =>
			unlessUnavailable(async () => {
				const found = await knownFrom(asking, "Without a bearer token this dashboard only shows");
				if ("error" in found) return found;
				const { who, token } = found;
				return (await reviewer.may(who, wish)) ? { user: who.username, token } : denied(who, wish);
			}),
		...(readersNeedToken ? { readingAgainMs: 60_000 } : {}),
	};
}

const HOW_TO = "bring one of somebody who may do this, such as kubectl create token NAME --namespace NAMESPACE prints";

function denied({ username }: Identity, { verb, of, namespace, name }: Wish): Refusal {
	const kind = `${of.plural}.${of.group}`;
	const what = name === undefined ? kind : `${kind} ${name}`;
	const where = namespace === undefined ? "in all namespaces" : `in namespace ${namespace}`;
	const role = { list: "view, or ClusterRole haldane-view", patch: "edit, or ClusterRole haldane-edit" };
	return {
		status: 403,
		error: `${username} may not ${verb} ${what} ${where}; ask for a role that allows it (${verb === "create" ? "ClusterRole haldane-approver" : role[verb]}), or bring another token`,
		wantsBearer: true,
	};
}

async function unlessUnavailable<T>(asked: () => Promise<T | Refusal>): Promise<T | Refusal> {
	try {
		return await asked();
	} catch (thrown) {
		return { status: 503, error: messageOf(thrown) };
	}
}

/** Maps keep the order in which their keys came. */
function dropOldest(map: Map<string, unknown>, most: number): void {
	for (const key of map.keys()) {
		if (map.size <= most) return;
		map.delete(key);
	}
}
