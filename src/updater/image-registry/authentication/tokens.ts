import { createHash } from "node:crypto";
import { z } from "zod";
import type { Instant } from "../../../domain/instant.ts";
import { type Exchange, jsonOf, type Refusal } from "../exchange.ts";
import type { Credentials } from "../image-registry.ts";
import type { Site } from "../settings.ts";
import type { Challenge } from "./challenge.ts";

/** What a token is asked for, and by whom. */
export interface TokenRequest {
	readonly site: Site;
	readonly challenge: Extract<Challenge, { readonly kind: "bearer" }>;
	/** When the challenge names no scope. */
	readonly scope: string;
	/** Anonymous without. */
	readonly credentials: Credentials | undefined;
}

export interface Tokens {
	/** A kept one as long as it holds; otherwise the token server is asked. */
	get(
		request: TokenRequest,
		signal: AbortSignal,
	): Promise<{ readonly kind: "token"; readonly token: string } | Refusal>;
	/** The registry did not take it. */
	forget(request: TokenRequest): void;
}

const TOKENS_MAX = 4_096;
const BODY_BYTES_MAX = 256 * 1_024;
/** What a token holds that does not say (the specification's words). */
const LIFE_SECONDS = 60;
const LIFE_SECONDS_MAX = 24 * 3_600;
/** A token is not used in its last seconds: it has a way to go. */
const MARGIN_SECONDS = 10;

const Printable = z.string().regex(/^[\x21-\x7e]+$/);
/** Some servers send both words and leave one empty, or null where they know no time: what cannot be read is not there. */
const TokenAnswer = z.object({
	token: Printable.optional().catch(undefined),
	access_token: Printable.optional().catch(undefined),
	expires_in: z.number().optional().catch(undefined),
});

/** Tokens of registries' token servers, kept while they hold and never written anywhere. */
export function tokens({ exchange, now }: { readonly exchange: Exchange; readonly now: () => Instant }): Tokens {
	const kept = new Map<string, { readonly token: string; readonly until: Instant }>();

	return {
		get: async (request, signal) => {
			const key = keyOf(request);
			const known = kept.get(key);
			if (known !== undefined && known.until > now()) return { kind: "token", token: known.token };
			kept.delete(key);
			const answer = await fetched(request, signal);
			if (answer.kind !== "token") return answer;
			const lifeSeconds = Math.min(answer.lifeSeconds, LIFE_SECONDS_MAX) - MARGIN_SECONDS;
			if (lifeSeconds > 0) {
				const [oldest] = kept.keys();
				if (kept.size >= TOKENS_MAX && oldest !== undefined) kept.delete(oldest);
				kept.set(key, { token: answer.token, until: now() + lifeSeconds * 1_000 });
			}
			return { kind: "token", token: answer.token };
		},
		forget: (request) => {
			kept.delete(keyOf(request));
		},
	};

	async function fetched(
		request: TokenRequest,
		signal: AbortSignal,
	): Promise<{ readonly kind: "token"; readonly token: string; readonly lifeSeconds: number } | Refusal> {
		const { site, challenge, credentials } = request;
		const { realm } = challenge;
		const server = `the token server ${realm.host} of ${site.host}`;
		if (
			realm.protocol === "http:" &&
			!site.setting.plainHttp &&
			!site.setting.insecureSkipVerify &&
			!isLoopback(realm)
		) {
			return { kind: "refused", detail: `${server} is asked by http, which nobody protects: it must be https` };
		}
		const answer = await exchange(
			{ site, topic: "token", bodyBytesMax: BODY_BYTES_MAX, ...requestFor(request) },
			signal,
		);
		if (answer.kind !== "answer") return answer;
		if ([400, 401, 403].includes(answer.status)) {
			return { kind: "refused", detail: `${server} refuses ${whose(credentials)} (${answer.status})` };
		}
		if (answer.status !== 200 || answer.truncated) {
			return { kind: "malformed", detail: `${server} answered ${answer.status} instead of a token` };
		}
		const read = TokenAnswer.safeParse(jsonOf(answer.body));
		const token = read.data?.token ?? read.data?.access_token;
		if (token === undefined) return { kind: "malformed", detail: `${server} answered without a token` };
		const lifeSeconds = read.data?.expires_in ?? LIFE_SECONDS;
		return { kind: "token", token, lifeSeconds: lifeSeconds > 0 ? lifeSeconds : LIFE_SECONDS };
	}
}

/** `the credentials for ghcr.io/acme`, or `us without credentials`: never what they are. */
export function whose(credentials: Credentials | undefined): string {
	return credentials === undefined ? "us without credentials" : `the credentials for ${credentials.scope}`;
}

/** The value of a Basic `Authorization` header. */
export function basicAuthorization({ username, password }: Credentials): string {
	return `Basic ${Buffer.from(`${username}:${password}`).toString("base64")}`;
}

/** By GET and the user's name and password, or by POST and a refresh token where there is one (OAuth 2). */
function requestFor(request: TokenRequest) {
	const { challenge, credentials } = request;
	const { realm, service } = challenge;
	const scopes = scopesOf(request);
	const url = new URL(realm);
	[url.username, url.password, url.hash] = ["", "", ""];
	if (credentials?.identityToken !== undefined) {
		const form = new URLSearchParams({ grant_type: "refresh_token", client_id: "haldane", scope: scopes.join(" ") });
		if (service !== undefined) form.set("service", service);
		form.set("refresh_token", credentials.identityToken);
		const headers = { accept: "application/json", "content-type": "application/x-www-form-urlencoded" };
		return { method: "POST", url: url.href, headers, body: form.toString() } as const;
	}
	if (service !== undefined) url.searchParams.set("service", service);
	for (const scope of scopes) url.searchParams.append("scope", scope);
	const proof = credentials === undefined ? {} : { authorization: basicAuthorization(credentials) };
	return { method: "GET", url: url.href, headers: { accept: "application/json", ...proof } } as const;
}

function scopesOf({ challenge, scope }: TokenRequest): readonly string[] {
	return challenge.scopes.length > 0 ? challenge.scopes : [scope];
}

function keyOf(request: TokenRequest): string {
	const { challenge, credentials } = request;
	const identity =
		credentials === undefined ? [] : [credentials.username, credentials.password, credentials.identityToken ?? null];
	const parts = [challenge.realm.href, challenge.service ?? null, scopesOf(request), identity];
	return createHash("sha256").update(JSON.stringify(parts)).digest("hex");
}

function isLoopback({ hostname }: URL): boolean {
	return hostname === "localhost" || hostname === "[::1]" || /^127\.\d+\.\d+\.\d+$/.test(hostname);
}
