import { type Announcement, headline } from "../announcement.ts";
import type { Severity } from "../reasons.ts";
import type { Fact } from "../subject.ts";
import type { Notifier } from "./notifier.ts";
import { clip, printable } from "./text.ts";

/** Slack's limits, https://docs.slack.dev/reference/block-kit/blocks. Texts are measured as they are sent, escaped. */
export const slackLimits = {
	blocks: 50,
	headerText: 150,
	sectionText: 3000,
	sectionFields: 10,
	fieldText: 2000,
	contextText: 2000,
	fallbackText: 4000,
} as const;

const FACTS_MAX = 40;
const FACT_LENGTH_MAX = 400;

const colours = { info: "#2eb67d", warn: "#ecb22e", error: "#e01e5a" } as const satisfies Record<Severity, string>;

/** Slack's words for why chat.postMessage refused, https://docs.slack.dev/reference/methods/chat.postMessage. */
const refusals = new Set([
	"account_inactive",
	"channel_not_found",
	"invalid_auth",
	"invalid_blocks",
	"is_archived",
	"missing_scope",
	"msg_blocks_too_long",
	"no_text",
	"not_authed",
	"not_in_channel",
	"ratelimited",
	"restricted_action",
	"token_expired",
	"token_revoked",
]);

/**
 * Slack, by an incoming webhook's URL, or by `https://slack.com/api/chat.postMessage` with a bot token. What, where and
 * why in Block Kit; the numbers beside a colour bar; a plain text for notifications.
 */
export const slack = {
	render: (announcement, { address, token, channel, username }) => ({
		url: address,
		headers: token === undefined ? {} : { Authorization: `Bearer ${token}` },
		body: {
			...(channel === undefined ? {} : { channel }),
			...(username === undefined ? {} : { username }),
			text: safe(`${headline(announcement)}: ${announcement.message}`, slackLimits.fallbackText),
			blocks: [
				{ type: "header", text: plain(headline(announcement), slackLimits.headerText) },
				{ type: "section", text: markup(safe(announcement.message, slackLimits.sectionText)) },
			],
			attachments: [
				{ color: colours[announcement.severity], blocks: [...factBlocks(announcement), context(announcement)] },
			],
		},
	}),
	refusal: (answer) => {
		if (!answer.includes('"ok":false')) return undefined;
		const [, word = ""] = /"error":"([a-z_]+)"/.exec(answer) ?? [];
		return refusals.has(word) ? word : "refused";
	},
} satisfies Notifier;

function factBlocks({ target, facts }: Announcement): readonly object[] {
	const all: readonly Fact[] = [["Target", `${target.kind} ${target.name}`], ...facts.slice(0, FACTS_MAX)];
	const blocks: object[] = [];
	for (let from = 0; from < all.length; from += slackLimits.sectionFields) {
		const fields = all.slice(from, from + slackLimits.sectionFields).map(field);
		blocks.push({ type: "section", fields });
	}
	return blocks;
}

function field([title, value]: Fact): object {
	return markup(`*${safe(title, FACT_LENGTH_MAX)}*\n${safe(value, FACT_LENGTH_MAX)}`);
}

function context({ severity, at, clusterName, revision }: Announcement): object {
	const parts = [severity, ...(revision === undefined ? [] : [`revision ${revision}`])];
	const where = clusterName === undefined ? [] : [`cluster ${clusterName}`];
	const text = safe([...parts, ...where, at].join(" · "), slackLimits.contextText);
	return { type: "context", elements: [markup(text)] };
}

/** `verbatim`: what looks like a channel, a person or an address stays text. */
function markup(text: string): object {
	return { type: "mrkdwn", text, verbatim: true };
}

function plain(text: string, lengthMax: number): object {
	return { type: "plain_text", text: safe(text, lengthMax), emoji: false };
}

/** Printable, escaped, and no longer than that once escaped; no entity is cut in two. */
function safe(text: string, lengthMax: number): string {
	return escaped(clip(printable(text), lengthMax, (character) => escaped(character).length));
}

/** Slack's three control characters, https://docs.slack.dev/messaging/formatting-message-text#escaping. */
function escaped(text: string): string {
	return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}
