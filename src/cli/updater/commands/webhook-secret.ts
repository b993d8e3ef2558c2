import { readFileSync } from "node:fs";
import { messageOf } from "../../../domain/failure.ts";
import { SECRET_LENGTH_MIN } from "../../../server/webhooks/secrets.ts";
import { UsageError } from "../../usage-error.ts";

/** The environment variable that holds what webhooks are signed with. */
export const SECRET_VARIABLE = "HALDANE_WEBHOOK_SECRET";

/** The secret from the file, or from the environment; without line breaks at its end. No complaint quotes it. */
export function webhookSecret(file: string | undefined, env: Readonly<Record<string, string | undefined>>): string {
	const from = file === undefined ? SECRET_VARIABLE : `--secret-file ${file}`;
	const text = file === undefined ? env[SECRET_VARIABLE] : contentOf(file);
	if (text === undefined || text === "")
		throw new UsageError(`name the file with the secret by --secret-file, or set ${SECRET_VARIABLE}`);
	const secret = text.replace(/[\r\n]+$/, "");
	if (secret.length < SECRET_LENGTH_MIN)
		throw new UsageError(
			`${from}: has fewer than ${SECRET_LENGTH_MIN} characters, and the operator takes no such secret`,
		);
	return secret;
}

function contentOf(file: string): string {
	try {
		return readFileSync(file, "utf8");
	} catch (thrown) {
		throw new UsageError(`--secret-file: cannot be read: ${messageOf(thrown)}`);
	}
}

/** The address of a webhook, under the operator's own. `--url` may name either. */
export function webhookAddress(url: string, path: string): string {
	const parsed = URL.parse(url);
	if (parsed === null || !/^https?:$/.test(parsed.protocol))
		throw new UsageError("--url: write an address like https://haldane.example.com");
	const base = url
		.replace(/[?#].*$/s, "")
		.replace(/\/v1\/webhooks(\/.*)?$/, "")
		.replace(/\/+$/, "");
	return `${base}/v1/webhooks/${path}`;
}
