import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Announcement } from "../../../src/notify/announcement.ts";
import type { NotifierSettings } from "../../../src/notify/notifiers/notifier.ts";
import { notifiers } from "../../../src/notify/notifiers/registry.ts";
import { slack, slackLimits } from "../../../src/notify/notifiers/slack.ts";
import { CLOUD_EVENT_BYTES_MAX, webhook } from "../../../src/notify/notifiers/webhook.ts";
import { reasons, type Severity } from "../../../src/notify/reasons.ts";
import type { Fact } from "../../../src/notify/subject.ts";

const SECRETS = {
	address: "https://hooks.example.com/services/T0/B0/aS3cretPath",
	token: "xoxb-aS3cretToken",
} as const;

/** Words that chats give a meaning, and characters that cost more to send than to read. */
const hostile = fc.oneof(
	fc.constantFrom(
		"<!channel>",
		"<@U0123>",
		"<https://evil.example|click>",
		"&lt;",
		"@here",
		"*bold*",
		"```",
		"]]>",
		'"}',
		"\\",
		"",
	),
	fc.constantFrom("\u0000", "\u001b[31m", "\u202e", "\ud800", "🎉", "e\u0301", "\u2028", " ", "\n", "\t", "–"),
	fc.string({ unit: "binary", maxLength: 20 }),
);
const pieces = fc.array(hostile, { maxLength: 12 }).map((texts) => texts.join(""));
/** Now and then far longer than any limit. */
const text = fc.oneof(
	{ weight: 3, arbitrary: pieces },
	fc.tuple(pieces, fc.integer({ min: 1, max: 9_000 })).map(([piece, times]) => piece.repeat(times).slice(0, 70_000)),
);
const maybe = fc.option(text, { nil: undefined });

const announcements: fc.Arbitrary<Announcement> = fc.record({
	id: text,
	about: fc.record({ kind: fc.constantFrom("Canary", "ImagePolicy", "CronJob"), namespace: text, name: text }),
	target: fc.record({ kind: text, name: text }),
	reason: fc.oneof(fc.constantFrom(...Object.keys(reasons)), text),
	type: fc.constantFrom("Normal" as const, "Warning" as const),
	severity: fc.constantFrom<Severity>("info", "warn", "error"),
	message: text,
	at: fc.oneof(fc.constant("2026-05-01T10:00:00.000Z"), text),
	revision: maybe,
	facts: fc.array(fc.tuple(text, text) as fc.Arbitrary<Fact>, { maxLength: 60 }),
	clusterName: maybe,
});
const settings: fc.Arbitrary<NotifierSettings> = fc.record({
	address: fc.constant(SECRETS.address),
	token: fc.constantFrom(SECRETS.token, undefined),
	channel: fc.constantFrom("#shop", undefined),
	username: fc.constantFrom("haldane", undefined),
});
/** Shrinking a failure among texts of this size would take minutes. */
const runs = { numRuns: 60, interruptAfterTimeLimit: 5_000 };

const cart: Announcement = {
	id: "u-1.lq2k9f-12",
	about: { kind: "Canary", namespace: "shop", name: "cart" },
	target: { kind: "Deployment", name: "cart" },
	reason: "RollingBack",
	type: "Warning",
	severity: "error",
	message: "rolling back: success rate <99 & falling",
	at: "2026-05-01T10:00:00.000Z",
	revision: "6c9f",
	facts: [
		["Step", "2 of 5"],
		["Next", "all traffic goes back to the primary"],
	],
	clusterName: "eu-1",
};

describe.each(Object.entries(notifiers))("notifier %s", (_name, { render }) => {
	test("posts to the address; secrets are in address and headers, and nowhere in the body", () => {
		fc.assert(
			fc.property(announcements, settings, (announcement, given) => {
				const { url, headers, body } = render(announcement, given);
				expect(url).toBe(SECRETS.address);
				expect(Object.values(headers).includes(`Bearer ${SECRETS.token}`)).toBe(given.token !== undefined);
				expect(JSON.stringify(body)).not.toContain("aS3cret");
			}),
			runs,
		);
	});

	test("says the same of the same, and survives being sent: well-formed JSON within 64 KiB", () => {
		fc.assert(
			fc.property(announcements, settings, (announcement, given) => {
				const json = JSON.stringify(render(announcement, given).body);
				expect(JSON.stringify(render(announcement, given).body)).toBe(json);
				expect(json).not.toMatch(/\\ud[89a-f]/i);
				expect(Buffer.byteLength(json)).toBeLessThanOrEqual(CLOUD_EVENT_BYTES_MAX);
			}),
			runs,
		);
	});

	test("leaves out what there is too much of", () => {
		const facts = Array.from(
			{ length: 1_000 },
			(_, index): Fact => [`fact ${index} ${"x".repeat(1_000)}`, "y".repeat(9_000)],
		);
		const { body } = render({ ...cart, message: "z".repeat(100_000), facts }, SECRETS);
		const json = JSON.stringify(body);
		expect(Buffer.byteLength(json)).toBeLessThanOrEqual(CLOUD_EVENT_BYTES_MAX);
		expect(json).toContain("fact 0 ");
		expect(json).not.toContain("fact 999 ");
	});

	test("changes nothing that it is given", () => {
		const frozen = { ...cart, about: Object.freeze(cart.about), facts: Object.freeze(cart.facts) };
		expect(() => render(Object.freeze(frozen), Object.freeze({ ...SECRETS }))).not.toThrow();
	});

	test("says what, where, why and what comes next", () => {
		const { body } = render(cart, SECRETS);
		const json = JSON.stringify(body);
		for (const word of [
			"cart",
			"shop",
			"rolling back: success rate",
			"2 of 5",
			"all traffic goes back",
			"6c9f",
			"eu-1",
		]) {
			expect(json).toContain(word);
		}
	});
});

describe("Slack's limits", () => {
	type Text = { readonly type: string; readonly text: string };
	type Block = { readonly type: string; readonly text?: Text; readonly fields?: Text[]; readonly elements?: Text[] };
	const blocksOf = (announcement: Announcement, given: NotifierSettings = SECRETS) => {
		const { blocks, attachments } = slack.render(announcement, given).body as unknown as {
			readonly blocks: Block[];
			readonly attachments: { readonly color: string; readonly blocks: Block[] }[];
		};
		return { all: [...blocks, ...attachments.flatMap((attachment) => attachment.blocks)], attachments };
	};

	test("are kept, whatever is told", () => {
		fc.assert(
			fc.property(announcements, settings, (announcement, given) => {
				const { all } = blocksOf(announcement, given);
				expect(all.length).toBeLessThanOrEqual(slackLimits.blocks);
				for (const { type, text: own, fields = [], elements = [] } of all) {
					const most = type === "header" ? slackLimits.headerText : slackLimits.sectionText;
					expect(own?.text.length ?? 1).toBeLessThanOrEqual(most);
					expect(own?.text.trim()).not.toBe("");
					expect(fields.length).toBeLessThanOrEqual(slackLimits.sectionFields);
					for (const { text: inner } of [...fields, ...elements]) {
						expect(inner.trim()).not.toBe("");
						expect(inner.length).toBeLessThanOrEqual(slackLimits.fieldText);
					}
				}
				const { text: fallback } = slack.render(announcement, given).body;
				expect(fallback.length).toBeLessThanOrEqual(slackLimits.fallbackText);
				expect(fallback.trim()).not.toBe("");
			}),
			runs,
		);
	});

	test("markup cannot be forged: every < > is escaped, and every & begins an entity that is whole", () => {
		fc.assert(
			fc.property(announcements, (announcement) => {
				const { all } = blocksOf(announcement);
				const texts = all.flatMap(({ text: own, fields = [], elements = [] }) => [
					...(own ? [own] : []),
					...fields,
					...elements,
				]);
				for (const { text: told } of [...texts, slack.render(announcement, SECRETS).body]) {
					expect(told).not.toMatch(/[<>]|&(?!amp;|lt;|gt;)/);
				}
			}),
			runs,
		);
	});

	test("a message reads as it should", () => {
		expect(slack.render(cart, { ...SECRETS, channel: "#shop", username: "haldane" }).body).toEqual({
			channel: "#shop",
			username: "haldane",
			text: "Rolling back: shop/cart: rolling back: success rate &lt;99 &amp; falling",
			blocks: [
				{ type: "header", text: { type: "plain_text", text: "Rolling back: shop/cart", emoji: false } },
				{
					type: "section",
					text: { type: "mrkdwn", text: "rolling back: success rate &lt;99 &amp; falling", verbatim: true },
				},
			],
			attachments: [
				{
					color: "#e01e5a",
					blocks: [
						{
							type: "section",
							fields: [
								{ type: "mrkdwn", text: "*Target*\nDeployment cart", verbatim: true },
								{ type: "mrkdwn", text: "*Step*\n2 of 5", verbatim: true },
								{ type: "mrkdwn", text: "*Next*\nall traffic goes back to the primary", verbatim: true },
							],
						},
						{
							type: "context",
							elements: [
								{
									type: "mrkdwn",
									text: "error · revision 6c9f · cluster eu-1 · 2026-05-01T10:00:00.000Z",
									verbatim: true,
								},
							],
						},
					],
				},
			],
		});
	});

	test("each severity has a colour of its own", () => {
		const colours = (["info", "warn", "error"] as const).map(
			(severity) => blocksOf({ ...cart, severity }).attachments[0]?.color,
		);
		expect(new Set(colours).size).toBe(3);
	});
});

describe("CloudEvents", () => {
	test("an event reads as it should", () => {
		expect(webhook.render(cart, SECRETS)).toEqual({
			url: SECRETS.address,
			headers: {
				"Content-Type": "application/cloudevents+json; charset=utf-8",
				Authorization: `Bearer ${SECRETS.token}`,
			},
			body: {
				specversion: "1.0",
				id: "u-1.lq2k9f-12",
				type: "dev.haldane.rollout.rollingback.v1",
				source: "/clusters/eu-1/namespaces/shop/canaries/cart",
				subject: "6c9f",
				time: cart.at,
				datacontenttype: "application/json",
				data: {
					canary: { namespace: cart.about.namespace, name: cart.about.name },
					target: cart.target,
					reason: "RollingBack",
					type: "Warning",
					severity: "error",
					message: cart.message,
					revision: "6c9f",
					clusterName: "eu-1",
					facts: [
						{ title: "Step", value: "2 of 5" },
						{ title: "Next", value: "all traffic goes back to the primary" },
					],
				},
			},
		});
	});

	test("attributes keep the standard's rules, whatever is told", () => {
		fc.assert(
			fc.property(announcements, (announcement) => {
				const { type, source } = webhook.render(announcement, SECRETS).body;
				expect(type).toMatch(/^dev\.haldane\.(rollout|image)\.[a-z0-9]*\.v1$/);
				expect(source).toMatch(/^(\/clusters\/[^/]*)?\/namespaces\/[^/]*\/[a-z]+\/[^/]*$/);
				expect(new URL(String(source), "https://x.example").pathname.startsWith("/")).toBe(true);
			}),
			runs,
		);
	});

	test("without a cluster's name there is none in the source", () => {
		expect(webhook.render({ ...cart, clusterName: undefined }, SECRETS).body.source).toBe(
			"/namespaces/shop/canaries/cart",
		);
	});
});
