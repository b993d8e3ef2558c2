import { z } from "zod";
import { type Challenge, parseChallenge } from "./authentication/challenge.ts";
import { basicAuthorization, type TokenRequest, type Tokens, whose } from "./authentication/tokens.ts";
import { bestCredentials } from "./credentials.ts";
import { type Answer, type Exchange, jsonOf, type Refusal } from "./exchange.ts";
import type { Topic } from "./host-budget.ts";
import type { Credentials, Repository } from "./image-registry.ts";
import type { Site } from "./settings.ts";

/** One question to one site. */
export interface Question {
	readonly site: Site;
	readonly repository: Repository;
	readonly topic: Topic;
	/** As in `Pace`. */
	readonly first?: boolean | undefined;
	readonly method: "GET" | "HEAD";
	/** Of the site, or of where an earlier answer came from. */
	readonly url: string;
	readonly accept: string;
	readonly etag?: string | undefined;
	readonly bodyBytesMax: number;
}

/** An answer of 200, or 304 where an ETag was sent, and where it came from in the end. */
export type Asked = (Answer & { readonly url: string }) | Refusal;

/** Asks as whoever has credentials for it, and follows where the registry sends us. */
export type Ask = (question: Question, signal: AbortSignal) => Promise<Asked>;

const REDIRECTS_MAX = 3;
const REDIRECTS = new Set([301, 302, 303, 307, 308]);
const CHALLENGES_MAX = 4_096;

/** The specification's words for what is wrong; no others are repeated, for a registry may write anything. */
const ErrorCode = z.enum([
	"BLOB_UNKNOWN",
	"DENIED",
	"MANIFEST_INVALID",
	"MANIFEST_UNKNOWN",
	"NAME_INVALID",
	"NAME_UNKNOWN",
	"PAGINATION_NUMBER_INVALID",
	"TAG_INVALID",
	"TOOMANYREQUESTS",
	"UNAUTHORIZED",
	"UNSUPPORTED",
]);
const Errors = z.object({ errors: z.array(z.object({ code: ErrorCode })).min(1) });

/** How a request proves who we are. */
type Proof = { readonly kind: "none" } | { readonly kind: "shown"; readonly header: string };

/**
 * Flow: as the registry wanted it the last time; on 401 as it wants it now; a second 401 is final. Redirections are followed by
 * hand, at most three.
 *
 * Guarantees: our proof goes to the registry and its token server only; nobody leads us from https to http, unless the registry
 * is set to be asked insecurely.
 */
export function asking({ exchange, tokens }: { readonly exchange: Exchange; readonly tokens: Tokens }): Ask {
	/** What each repository asked for at last, so that the next question needs one request. */
	const challenges = new Map<string, Challenge>();

	return async (question, signal) => {
		const { site, repository, topic } = question;
		const path = `${site.prefix}${repository.repository}`;
		const credentials = bestCredentials({ host: site.host, path }, repository.credentials);
		const key = `${site.origin}/${path} ${topic}`;
		const asked = await attempt(challenges.get(key));
		if (asked.kind !== "answer" || asked.status !== 401) return judged(question, asked, credentials);
		if (!isFrom(site, asked.url)) {
			const detail = `${site.host}/${path}: sends us to ${new URL(asked.url).host}, which asks for credentials`;
			return { kind: "refused", detail };
		}
		const challenge = parseChallenge(asked.headers["www-authenticate"]);
		if (challenge === undefined) {
			return { kind: "refused", detail: `${site.host}/${path}: asks for credentials in no way that is known` };
		}
		const before = challenges.get(key);
		challenges.delete(key);
		if (before?.kind === "basic" && challenge.kind === "basic") return judged(question, asked, credentials);
		if (before?.kind === "bearer") tokens.forget(tokenRequest(before));
		const [oldest] = challenges.keys();
		if (challenges.size >= CHALLENGES_MAX && oldest !== undefined) challenges.delete(oldest);
		challenges.set(key, challenge);
		const again = await attempt(challenge);
		if (again.kind === "answer" && again.status === 401 && challenge.kind === "bearer") {
			tokens.forget(tokenRequest(challenge));
		}
		return judged(question, again, credentials);

		function tokenRequest(bearer: Extract<Challenge, { readonly kind: "bearer" }>): TokenRequest {
			return { site, challenge: bearer, scope: `repository:${path}:pull`, credentials };
		}

		async function attempt(wanted: Challenge | undefined): Promise<Asked> {
			const proof = await proofFor(wanted);
			if (proof.kind !== "none" && proof.kind !== "shown") return proof;
			return follow(question, proof, signal);
		}

		async function proofFor(wanted: Challenge | undefined): Promise<Proof | Refusal> {
			if (wanted === undefined) return { kind: "none" };
			if (wanted.kind === "basic") {
				if (credentials !== undefined) return { kind: "shown", header: basicAuthorization(credentials) };
				return {
					kind: "refused",
					detail: `${site.host}/${path}: asks for a user and a password, and there are none for it`,
				};
			}
			const answer = await tokens.get(tokenRequest(wanted), signal);
			return answer.kind === "token" ? { kind: "shown", header: `Bearer ${answer.token}` } : answer;
		}
	};

	async function follow(question: Question, proof: Proof, signal: AbortSignal): Promise<Asked> {
		const { site, topic, first, method, accept, etag, bodyBytesMax } = question;
		let url = question.url;
		for (let hop = 0; ; hop++) {
			const headers = {
				accept,
				...(etag === undefined ? {} : { "if-none-match": etag }),
				...(proof.kind === "shown" && isFrom(site, url) ? { authorization: proof.header } : {}),
			};
			const answer = await exchange({ site, topic, first, method, url, headers, bodyBytesMax }, signal);
			if (answer.kind !== "answer") return answer;
			if (!REDIRECTS.has(answer.status)) return { ...answer, url };
			const to = URL.parse(answer.headers.location ?? "", url);
			const problem = unfollowable(site, to, hop);
			if (to === null || problem !== undefined) return { kind: "malformed", detail: `${nameOf(question)}: ${problem}` };
			[to.username, to.password, to.hash] = ["", "", ""];
			url = to.href;
		}
	}
}

function unfollowable({ host, setting }: Site, to: URL | null, hop: number): string | undefined {
	if (hop >= REDIRECTS_MAX) return `${host} sends us on more than ${REDIRECTS_MAX} times`;
	if (to === null || !/^https?:$/.test(to.protocol)) return `${host} sends us to what is no address`;
	if (to.protocol === "http:" && !setting.plainHttp && !setting.insecureSkipVerify) {
		return `${host} sends us from https to http`;
	}
	return undefined;
}

function isFrom(site: Site, url: string): boolean {
	return URL.parse(url)?.origin === URL.parse(site.origin)?.origin;
}

/** `docker.io/library/nginx`. */
export function nameOf({ site, repository }: Pick<Question, "site" | "repository">): string {
	return `${site.host}/${site.prefix}${repository.repository}`;
}

function judged(question: Question, asked: Asked, credentials: Credentials | undefined): Asked {
	if (asked.kind !== "answer") return asked;
	const { status } = asked;
	if (status === 200 || (status === 304 && question.etag !== undefined)) return asked;
	const code = Errors.safeParse(jsonOf(asked.body)).data?.errors[0]?.code;
	const answered = code === undefined ? String(status) : `${status} ${code}`;
	const name = nameOf(question);
	switch (status) {
		case 401:
		case 403: {
			const mend =
				credentials === undefined
					? "does it exist, and is it public? Otherwise name an image pull secret"
					: "may they pull it, and does it exist?";
			return {
				kind: "refused",
				detail: `${name}: ${question.site.host} refuses ${whose(credentials)} (${answered}): ${mend}`,
			};
		}
		case 404:
			return { kind: "missing", detail: `${name}: is not there (${answered})` };
		default:
			return { kind: "malformed", detail: `${name}: answered ${answered}, which is no answer to this question` };
	}
}
