import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { MetricProvider } from "../../../src/analysis/providers/metric-provider.ts";
import { isMetricProviderName, metricProviders } from "../../../src/analysis/providers/registry.ts";
import type { MetricSource } from "../../../src/analysis/question.ts";
import { type Recorded, recorded } from "./recorded.ts";

const suites = Object.entries(metricProviders).map(([name, provider]): [string, MetricProvider, Recorded] => {
	if (!isMetricProviderName(name)) throw new Error(`${name} is in the registry and not known`);
	return [name, provider, recorded[name]];
});

describe.each(suites)("metric provider %s", (name, provider, { recordings, answerOf, secrets }) => {
	const source: MetricSource = {
		provider: name as MetricSource["provider"],
		address: "https://metrics.example.com/base/",
		headers: { "X-Plain": ["plain"] },
		secret: undefined,
		insecureSkipVerify: true,
	};
	const asking = (query: string, secret: Readonly<Record<string, string>> | undefined) => {
		const asked = provider.ask({ query, source, secret, timeoutMs: 1_234 });
		if (asked.kind === "refused") throw new Error(asked.detail);
		return asked.request;
	};

	test.each(recordings.map((recording) => [recording.name, recording] as const))(
		"reads %s",
		(_name, { answer, reading }) => {
			expect(provider.read(answer)).toMatchObject(reading);
		},
	);

	test("says why, whenever it has no value", () => {
		for (const { answer } of recordings) {
			const reading = provider.read(answer);
			if (reading.kind !== "value") expect(reading.detail).toMatch(/\S/);
		}
	});

	test("reads back every number that it is told", () => {
		const number = fc.double({ noNaN: true, noDefaultInfinity: true }).map((value) => value + 0); // -0 is written as 0
		fc.assert(
			fc.property(number, (value) => {
				expect(provider.read({ status: 200, body: answerOf(String(value)) })).toEqual({ kind: "value", value });
			}),
		);
	});

	test("takes nothing but digits for a number", () => {
		const words = fc.oneof(
			fc.string(),
			fc.constantFrom("NaN", "+Inf", "-Inf", "Infinity", "", " ", "1 2", "1,5", "null", "1e999"),
		);
		fc.assert(
			fc.property(words, (text) => {
				const reading = provider.read({ status: 200, body: answerOf(text) });
				if (reading.kind !== "value") return;
				expect(text).toMatch(/^[+-]?[\d.]+(e[+-]?\d+)?$/i);
				expect(Number.isFinite(reading.value)).toBe(true);
			}),
			{ numRuns: 1_000 },
		);
	});

	test("never throws, whatever the JSON, and never makes a number of it", () => {
		fc.assert(
			fc.property(fc.jsonValue(), fc.integer({ min: 100, max: 599 }), (body, status) => {
				expect(provider.read({ status, body }).kind).not.toBe("value");
			}),
			{ numRuns: 1_000 },
		);
	});

	test("never throws on its own answers, broken anywhere, and takes no error for a number", () => {
		const places = (value: unknown, path: readonly string[] = []): (readonly string[])[] =>
			typeof value !== "object" || value === null
				? [path]
				: [path, ...Object.entries(value).flatMap(([key, inner]) => places(inner, [...path, key]))];
		const broken = (value: unknown, [key, ...rest]: readonly string[], scrap: unknown): unknown => {
			if (key === undefined) return scrap;
			const copy: Record<string, unknown> | unknown[] = Array.isArray(value) ? [...value] : { ...(value as object) };
			const inner = (copy as Record<string, unknown>)[key];
			(copy as Record<string, unknown>)[key] = broken(inner, rest, scrap);
			return copy;
		};
		const answers = recordings.filter(({ answer }) => answer.body !== undefined).map(({ answer }) => answer);
		const damage = fc.constantFrom(...answers).chain(({ status, body }) =>
			fc.record({
				status: fc.constant(status),
				body: fc
					.tuple(fc.constantFrom(...places(body)), fc.jsonValue())
					.map(([path, scrap]) => broken(body, path, scrap)),
			}),
		);
		fc.assert(
			fc.property(damage, (answer) => {
				const reading = provider.read(answer);
				if (reading.kind === "value") expect(Number.isFinite(reading.value)).toBe(true);
				if (answer.status >= 300) expect(reading.kind).not.toBe("value");
			}),
			{ numRuns: 1_000 },
		);
	});

	test("describes a request within bounds, to the source's address", () => {
		const request = asking("up", undefined);
		expect(request.url.startsWith("https://metrics.example.com/base/")).toBe(true);
		expect(request).toMatchObject({ timeoutMs: 1_234, insecureSkipVerify: true, headers: { "x-plain": "plain" } });
		expect(request.bodyBytesMax).toBeLessThanOrEqual(1_048_576);
	});

	test("keeps any query whole, and out of the URL's path", () => {
		fc.assert(
			fc.property(fc.string({ minLength: 1 }), (query) => {
				const request = asking(query, undefined);
				expect(request.url).toBe(asking("up", undefined).url);
				expect(Object.values(request.query ?? {}).includes(query) || (request.body ?? "").length > 0).toBe(true);
			}),
		);
	});

	test.each(secrets.map((secret) => [Object.keys(secret).join(" and "), secret] as const))(
		"sends %s in a header and nowhere else",
		(_keys, secret) => {
			const { headers, ...rest } = asking("up", secret);
			expect(headers).not.toEqual(asking("up", undefined).headers);
			for (const word of Object.values(secret)) {
				expect(JSON.stringify(rest)).not.toContain(word);
				expect(JSON.stringify(rest)).not.toContain(Buffer.from(word).toString("base64"));
			}
		},
	);

	test("refuses a Secret that holds nothing of use, without quoting it", () => {
		const asked = provider.ask({ query: "up", source, secret: { other: "s3cr3t" }, timeoutMs: 1 });
		expect(asked).toMatchObject({ kind: "refused" });
		expect(JSON.stringify(asked)).not.toContain("s3cr3t");
	});
});
