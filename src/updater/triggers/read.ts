import type { z } from "zod";
import { isDigest, isTag, parseImageReference } from "../image-reference.ts";
import { HINTS_MAX, type ImageHint, type ReadHints } from "./trigger.ts";

/** What a body says was pushed, before any of it is believed. */
export interface Push {
	/** Where the body says so, for complaints: `events[0].target`. Empty for the body itself. */
	readonly at: string;
	readonly image: string;
	readonly tag: string;
	/** Empty is none. */
	readonly digest?: string | undefined;
}

export function irrelevant(why: string): ReadHints {
	return { kind: "irrelevant", why };
}

export function malformed(problem: string): ReadHints {
	return { kind: "malformed", problem };
}

/** Reads the fields that matter, or says which of them is wrong; never what it holds. */
export function readAs<Fields>(
	schema: z.ZodType<Fields>,
	body: unknown,
	read: (fields: Fields) => ReadHints,
): ReadHints {
	const fields = schema.safeParse(body);
	return fields.success ? read(fields.data) : malformed(complaint("", fields.error));
}

/** Reads one entry after the other up to the first that is wrong; undefined passes an entry over. */
export function readEach<Fields>(
	schema: z.ZodType<Fields>,
	entries: readonly unknown[],
	list: string,
	read: (fields: Fields, at: string) => Push | undefined,
): ReadHints {
	const pushes: Push[] = [];
	for (const [index, entry] of entries.entries()) {
		const at = `${list}[${index}]`;
		const fields = schema.safeParse(entry);
		if (!fields.success) return malformed(complaint(at, fields.error));
		const push = read(fields.data, at);
		if (push !== undefined) pushes.push(push);
	}
	return hintsOf(pushes);
}

/** Hints of what is a name, a tag and a digest; malformed with the field named if anything of it is not. */
export function hintsOf(pushes: readonly Push[]): ReadHints {
	const hints = new Map<string, ImageHint>();
	for (const { at, image, tag, digest } of pushes) {
		const named = parseImageReference(image);
		const of = (what: string) => (at === "" ? what : `${at}: ${what}`);
		if (!named.ok || named.reference.name !== image) {
			return malformed(of("the name is not that of an image (host and path in small letters, no https:// and no tag)"));
		}
		if (!isTag(tag)) return malformed(of("the tag is not one (letters, digits, _, . and -, at most 128)"));
		const pinned = digest === "" ? undefined : digest;
		if (pinned !== undefined && !isDigest(pinned)) return malformed(of("the digest is not one (sha256:…)"));
		hints.set(`${image}:${tag}@${pinned}`, { image, tag, ...(pinned === undefined ? {} : { digest: pinned }) });
	}
	if (hints.size === 0) return irrelevant("it names no tag");
	const all = [...hints.values()];
	return { kind: "hints", hints: all.slice(0, HINTS_MAX), leftOut: Math.max(0, all.length - HINTS_MAX) };
}

/** Host and port of an address, or undefined. */
export function hostOf(address: string | undefined): string | undefined {
	return address === undefined ? undefined : (URL.parse(address)?.host ?? undefined);
}

/** As names of images begin: without `https://` and without a slash at the end. */
export function bareHost(host: string): string {
	return host.replace(/^https?:\/\//, "").replace(/\/+$/, "");
}

function complaint(at: string, { issues }: z.ZodError): string {
	const [issue] = issues;
	const path = (issue?.path ?? []).map((key) => (typeof key === "number" ? `[${key}]` : `.${String(key)}`)).join("");
	const field = `${at}${path}`.replace(/^\./, "");
	return `${field === "" ? "the body" : field}: ${issue?.message ?? "is not as expected"}`;
}
