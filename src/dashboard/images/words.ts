import type { ImageLine, ImageState, ImageVerb } from "../../server/dashboard/wire.ts";
import { dueText } from "../time.ts";

/** Where an image stands, as people read it, and a sign, so that the colour says nothing alone. */
export const states: Readonly<Record<ImageState, readonly [word: string, sign: string, tone: string]>> = {
	Problem: ["Problem", "⚠", "bad"],
	AwaitingApproval: ["Waits for approval", "◔", "hold"],
	AwaitingWindow: ["Waits for its window", "◔", "hold"],
	AwaitingRollout: ["Waits for a rollout", "◔", "hold"],
	Writing: ["Being written", "✎", "busy"],
	Pushed: ["Pushed", "▶", "busy"],
	RollingOut: ["Rolling out", "▶", "busy"],
	RolledBack: ["Rolled back", "✕", "bad"],
	Rejected: ["Rejected", "✕", "bad"],
	Expired: ["Not approved in time", "✕", "bad"],
	Suspended: ["Suspended", "◌", "quiet"],
	NotScanned: ["Nothing recorded yet", "…", "quiet"],
	UpToDate: ["Up to date", "✓", "good"],
};

const DIGEST_DIGITS = 12;

/** Enough of a digest to tell it from others at a glance. */
export function shortDigest(digest: string): string {
	const [algorithm = "", hex = ""] = digest.split(":");
	return `${algorithm}:${hex.slice(0, DIGEST_DIGITS)}${hex.length > DIGEST_DIGITS ? "…" : ""}`;
}

/** What of an image's name follows its repository, and the repository. */
export function partsOf(image: string): { readonly repository: string; readonly tag: string } {
	const [named = ""] = image.split("@");
	const colon = named.indexOf(":", named.lastIndexOf("/") + 1);
	return colon < 0
		? { repository: named, tag: "" }
		: { repository: named.slice(0, colon), tag: named.slice(colon + 1) };
}

/** What comes next and when: `It waits for 1 of 2 approvals until 14:00 (in 3 h)`. */
export function nextText({ next, until, nextAt }: ImageLine, now: number): string {
	if (until !== undefined) return `${next} until ${momentText(until, now)} (${dueText(until, now)})`;
	if (nextAt !== undefined) return `${next} at ${momentText(nextAt, now)} (${dueText(nextAt, now)})`;
	return next;
}

/** In the reader's own time zone; with the day when it is another one. */
export function momentText(moment: string, now: number): string {
	const at = new Date(moment);
	if (Number.isNaN(at.getTime())) return moment;
	const time = at.toLocaleTimeString(undefined, { hour: "2-digit", minute: "2-digit" });
	const isToday = at.toDateString() === new Date(now).toDateString();
	if (isToday) return time;
	return `${at.toLocaleDateString(undefined, { weekday: "short", day: "numeric", month: "short" })}, ${time}`;
}

/** Every word is somewhere in it, and it stands where it should. */
export function suits(line: ImageLine, words: string, state: ImageState | ""): boolean {
	if (state !== "" && line.state !== state) return false;
	const { namespace, kind, name, container, image, chosen, policy, problem, canary } = line;
	const text = [namespace, kind, name, container, image, chosen?.tag, policy, problem, canary, states[line.state][0]]
		.join(" ")
		.toLowerCase();
	return words
		.toLowerCase()
		.split(/\s+/)
		.every((word) => text.includes(word));
}

/** What will happen, as the confirmation says it. */
export function imageConsequence(
	verb: ImageVerb,
	{ kind, name, image, approvals, canary }: ImageLine,
	{ tag, digest }: { readonly tag: string; readonly digest?: string | undefined },
): string {
	const workload = `${kind} ${name}`;
	const content = digest === undefined ? "" : ` (${shortDigest(digest)})`;
	const forGood = "You are named, and it can't be changed.";
	switch (verb) {
		case "approve": {
			const { given, required } = approvals ?? { given: [], required: 1 };
			const left = required - given.length - 1;
			const then =
				left > 0
					? `Then it takes ${left} more ${left === 1 ? "approval" : "approvals"}.`
					: `Then ${workload} gets it at its next change window${canary === undefined ? "" : `, and Canary ${canary} rolls it out`}.`;
			return `You say that ${workload} may get ${tag}, with exactly this content${content}. ${then} ${forGood}`;
		}
		case "reject":
			return `${workload} stays at ${partsOf(image).tag || image}: ${tag}${content} is not used, whoever else approves it, until it is forgotten or another content gets this tag. ${forGood}`;
		case "forget":
			return `What is remembered of ${tag} is dropped: if the policy still chooses it, ${workload} gets it again, and it may fail again.`;
	}
}
