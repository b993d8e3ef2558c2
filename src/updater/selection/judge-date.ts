import type { Instant } from "../../domain/instant.ts";
import type { Candidate, Judgement, PolicySettings } from "../policies/tag-policy.ts";

/** Whatever was built after the current image; a current one that says no date stands in nothing's way. */
export function judgeDate(
	{ tag, createdAt }: Candidate,
	current: Candidate | undefined,
	{ allowDowngrade }: PolicySettings,
): Judgement<Instant> {
	if (createdAt === undefined) return { kind: "unknown", fact: "createdAt" };
	const since = current?.createdAt;
	if (allowDowngrade === true || since === undefined || createdAt > since) return { kind: "eligible", rank: createdAt };
	return {
		kind: "passedOver",
		why: tag === current?.tag ? "is what runs" : `was not built later than ${current?.tag}`,
	};
}

/** New content under the current tag. */
export function judgeContent(candidate: Candidate, current: Candidate | undefined): Judgement<Instant> {
	if (current === undefined) return { kind: "passedOver", why: "is not looked at: there is no current tag" };
	if (candidate.tag !== current.tag) return { kind: "passedOver", why: "is not the current tag" };
	if (candidate.digest === undefined) return { kind: "unknown", fact: "digest" };
	if (current.digest === undefined) return { kind: "passedOver", why: "may be what runs: its digest is not known" };
	if (candidate.digest === current.digest) return { kind: "passedOver", why: "points at what runs" };
	return { kind: "eligible", rank: 0 };
}

export function compareDates(one: Instant, other: Instant): number {
	return one - other;
}
