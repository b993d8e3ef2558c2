import { createHmac } from "node:crypto";
import { same } from "../same.ts";
import { pathTokenFor, SECRET_LENGTH_MIN, SECRETS_MAX } from "./secrets.ts";

/** How far a sender's clock may be off, and how long what it signed with a time is good. */
export const CLOCK_SKEW_MS = 5 * 60_000;

/** A request as far as it can prove who sent it. */
export interface Claim {
	readonly trigger: string;
	/** From the path. */
	readonly token: string | undefined;
	/** Names in lower case. */
	readonly headers: Readonly<Record<string, string>>;
	readonly body: Uint8Array;
}

/** `fresh`: the signature covers a time, and it is now. */
export type Proof = { readonly kind: "proven"; readonly fresh: boolean } | { readonly kind: "unproven" };

/** Believes a request if any one secret proves it in any one way; compares all of them however early one fits. */
export function prove(claim: Claim, secrets: readonly string[], now: number): Proof {
	let kind: Proof["kind"] = "unproven";
	let fresh = false;
	for (const secret of secrets.filter(({ length }) => length >= SECRET_LENGTH_MIN).slice(0, SECRETS_MAX)) {
		const timed = isSignedWithTime(claim, secret, now);
		const others = [isSigned(claim, secret), isShown(claim, secret), isAddressed(claim, secret)];
		if (timed || others.includes(true)) kind = "proven";
		if (timed) fresh = true;
	}
	return kind === "proven" ? { kind, fresh } : { kind };
}

/** The body, signed as GitHub, Gitea, Forgejo, Gogs and JFrog do. */
function isSigned({ headers, body }: Claim, secret: string): boolean {
	// With a time beside it a signature has to cover it: else an old one would never be too old.
	if (headers["x-haldane-timestamp"] !== undefined) return false;
	const expected = createHmac("sha256", secret).update(body).digest("hex");
	const given = [
		unprefixed(headers["x-hub-signature-256"]),
		headers["x-gitea-signature"],
		headers["x-forgejo-signature"],
		headers["x-gogs-signature"],
		headers["x-jfrog-event-auth"],
	];
	return anyIs(given, expected);
}

/** `TIME.BODY` as our snippets sign it (seconds since 1970), or `ID.TIME.BODY` as GitLab and others do by standardwebhooks.com. */
function isSignedWithTime({ headers, body }: Claim, secret: string, now: number): boolean {
	const ours = headers["x-haldane-timestamp"];
	if (ours !== undefined && isNow(ours, now)) {
		const expected = createHmac("sha256", secret).update(`${ours}.`).update(body).digest("hex");
		if (anyIs([unprefixed(headers["x-hub-signature-256"])], expected)) return true;
	}
	const { "webhook-id": id, "webhook-timestamp": time, "webhook-signature": signatures } = headers;
	if (id === undefined || time === undefined || signatures === undefined || !isNow(time, now)) return false;
	const key = secret.startsWith("whsec_") ? Buffer.from(secret.slice("whsec_".length), "base64") : secret;
	const expected = createHmac("sha256", key).update(`${id}.${time}.`).update(body).digest("base64");
	return anyIs(signatures.split(" ").slice(0, SECRETS_MAX), `v1,${expected}`);
}

/** The secret itself, in a header: bearer, basic, the bare header (Harbor), GitLab's token, JFrog's without signing. */
function isShown({ headers }: Claim, secret: string): boolean {
	const authorization = headers.authorization ?? "";
	const [, scheme = "", rest = ""] = /^(\w+) +(\S.*)$/.exec(authorization) ?? [];
	const basic = scheme.toLowerCase() === "basic" ? Buffer.from(rest, "base64").toString("utf8") : undefined;
	return anyIs(
		[
			headers["x-gitlab-token"],
			headers["x-jfrog-event-auth"],
			authorization,
			scheme.toLowerCase() === "bearer" ? rest : undefined,
			// The secret is the password of any user, or user and password together.
			basic,
			basic?.slice(basic.indexOf(":") + 1),
		],
		secret,
	);
}

function isAddressed({ trigger, token }: Claim, secret: string): boolean {
	return anyIs([token], pathTokenFor(secret, trigger));
}

function isNow(seconds: string, now: number): boolean {
	return /^\d{1,12}$/.test(seconds) && Math.abs(now - Number(seconds) * 1_000) <= CLOCK_SKEW_MS;
}

function unprefixed(signature: string | undefined): string | undefined {
	return signature?.startsWith("sha256=") ? signature.slice("sha256=".length) : undefined;
}

function anyIs(given: readonly (string | undefined)[], expected: string): boolean {
	return given.map((text) => text !== undefined && same(text, expected)).includes(true);
}
