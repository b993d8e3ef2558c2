import { createHmac } from "node:crypto";

/**
 * What of a spec may be shown to somebody who has no right to read the object: values of environment variables and all of
 * an address but its host are hidden. A hidden value carries a mark that tells whether two of them are equal, made with a
 * key that nobody else has.
 */
export function veil(part: unknown, key: string): unknown {
	const hidden = (text: string) => `hidden (${createHmac("sha256", key).update(text).digest("hex").slice(0, 8)})`;
	const address = (text: string) => {
		const { origin, href } = new URL(text);
		return href === `${origin}/` ? origin : `${origin}/${hidden(text)}`;
	};
	const veiled = (value: unknown, isEnv: boolean): unknown => {
		if (typeof value === "string") return isAddress(value) ? address(value) : value;
		if (Array.isArray(value)) return value.map((one) => veiled(one, isEnv));
		if (typeof value !== "object" || value === null) return value;
		return Object.fromEntries(
			Object.entries(value).map(([name, held]) => [
				name,
				isEnv && name === "value" && typeof held === "string" ? hidden(held) : veiled(held, name === "env"),
			]),
		);
	};
	return veiled(part, false);
}

function isAddress(text: string): boolean {
	return /^https?:\/\//i.test(text) && URL.canParse(text);
}
