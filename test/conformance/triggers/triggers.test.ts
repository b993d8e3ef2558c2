import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { isDigest, isTag, parseImageReference } from "../../../src/updater/image-reference.ts";
import { type TriggerName, triggers } from "../../../src/updater/triggers/registry.ts";
import { HINTS_MAX, type ReadHints, type Trigger } from "../../../src/updater/triggers/trigger.ts";
import { headersOf, payloads } from "../../unit/updater/triggers/payloads.ts";

const text = fc.oneof(
	fc.constantFrom(
		"",
		"push",
		"PUSH_ARTIFACT",
		"INSERT",
		"1.2.0",
		"latest",
		"-x",
		"a:b",
		"acme/app",
		"https://",
		"..",
		"@",
	),
	fc.constantFrom("quay.io/acme/app", "\u0000", "\ud800", "x".repeat(5_000), "__proto__", "sha256:abc", "package"),
	fc.string({ unit: "binary", maxLength: 30 }),
);
const tags = fc.nat(250).map((count) => Array.from({ length: count }, (_, minor) => `1.${minor}.0`));
const value = fc.oneof(text, fc.jsonValue({ maxDepth: 3 }), fc.array(text, { maxLength: 20 }), tags);

/** Where leaves and branches of a JSON value are. */
function pathsIn(json: unknown): readonly (readonly string[])[] {
	if (typeof json !== "object" || json === null) return [[]];
	return [[], ...Object.entries(json).flatMap(([key, inner]) => pathsIn(inner).map((path) => [key, ...path]))];
}

/** The same with another value at `path`; what is no object on the way there becomes one. */
function put(json: unknown, [key, ...rest]: readonly string[], inner: unknown): unknown {
	if (key === undefined) return inner;
	if (Array.isArray(json)) return json.map((entry, index) => (String(index) === key ? put(entry, rest, inner) : entry));
	const holder = typeof json === "object" && json !== null ? (json as Readonly<Record<string, unknown>>) : {};
	return { ...holder, [key]: put(holder[key], rest, inner) };
}

/** The sender's own payload with up to three things in it replaced: near enough to be read far. */
function damaged(payload: object) {
	return fc
		.array(fc.tuple(fc.constantFrom(...pathsIn(payload)), value), { minLength: 1, maxLength: 3 })
		.map((changes) => changes.reduce<unknown>((body, [path, inner]) => put(body, path, inner), payload));
}

/** What holds of every answer, whatever was sent. */
function expectSound(answer: ReadHints): void {
	if (answer.kind !== "hints") {
		expect(answer.kind === "malformed" ? answer.problem : answer.why).toMatch(/^.{5,300}$/);
		return;
	}
	expect(answer.hints.length).toBeGreaterThan(0);
	expect(answer.hints.length).toBeLessThanOrEqual(HINTS_MAX);
	for (const { image, tag, digest } of answer.hints) {
		const named = parseImageReference(image);
		expect(named.ok && named.reference.name === image && isTag(tag)).toBe(true);
		expect(digest === undefined || isDigest(digest)).toBe(true);
		expect(parseImageReference(`${image}:${tag}`).ok).toBe(true);
	}
	const keys = answer.hints.map(({ image, tag, digest }) => `${image}:${tag}@${digest}`);
	expect(new Set(keys).size).toBe(keys.length);
}

describe.each(Object.entries(triggers) as [TriggerName, Trigger][])("trigger %s", (name, trigger) => {
	const headers = headersOf[name] ?? {};

	test("reads a push of its sender", () => {
		const answer = trigger.read(payloads[name], headers, {});
		expect(answer.kind).toBe("hints");
		expectSound(answer);
	});

	test("never throws, and hints only at what is a name, a tag and a digest", () => {
		fc.assert(
			fc.property(value, fc.constantFrom(headers, {}), (body, sent) => expectSound(trigger.read(body, sent, {}))),
			{ numRuns: 200 },
		);
	});

	test("holds the same for payloads that are nearly right", () => {
		fc.assert(
			fc.property(damaged(payloads[name]), (body) =>
				expectSound(trigger.read(JSON.parse(JSON.stringify(body)), headers, {})),
			),
			{ numRuns: 300 },
		);
	});

	test("quotes nothing that was sent", () => {
		const marked = JSON.parse(JSON.stringify(payloads[name]), (_key, inner) =>
			typeof inner === "string" ? "Hush Hush" : inner,
		);
		for (const path of pathsIn(payloads[name])) {
			const bodies = [marked, put(payloads[name], path, "Hush Hush"), put(payloads[name], path, { "Hush Hush": 1 })];
			for (const body of bodies) expect(JSON.stringify(trigger.read(body, headers, {}))).not.toContain("Hush");
		}
	});
});
