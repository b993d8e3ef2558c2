import { policyOf } from "../policies/registry.ts";
import type { Candidate, PolicySettings } from "../policies/tag-policy.ts";
import type { PolicyType } from "../rule.ts";
import { compareTextRanks, type TextRank, textRank } from "./judge-text.ts";
import { compareText } from "./natural-order.ts";

/** A tag that was not chosen, and why, as the end of "1.3.0 …". */
export interface PassedOver {
	readonly tag: string;
	readonly why: string;
}

export const PASSED_OVER_MAX = 10;

export interface RankedTags {
	/** From best to worst. */
	readonly eligible: readonly Candidate[];
	/** Those of which a fact must be known before they can be judged; in the order of names, highest first. */
	readonly unknown: readonly Candidate[];
	/** Those a person would have expected rather than others, at most `PASSED_OVER_MAX`. */
	readonly passedOver: readonly PassedOver[];
	/** Why not the current tag, if it is among the candidates. */
	readonly ofCurrent: string | undefined;
}

/** How a policy sees all candidates. Settings have no problems. */
export function rankTags({
	policy: type,
	settings,
	candidates,
	current,
}: {
	readonly policy: PolicyType;
	readonly settings: PolicySettings;
	readonly candidates: readonly Candidate[];
	readonly current: Candidate | undefined;
}): RankedTags {
	const policy = policyOf(type);
	const eligible: { readonly candidate: Candidate; readonly rank: unknown }[] = [];
	const unknown: Candidate[] = [];
	const passedOver = new Foremost();
	let ofCurrent: string | undefined;
	for (const candidate of candidates) {
		const judgement = policy.judge(candidate, current, settings);
		if (judgement.kind === "eligible") eligible.push({ candidate, rank: judgement.rank });
		else if (judgement.kind === "unknown") unknown.push(candidate);
		else if (candidate.tag === current?.tag) ofCurrent = judgement.why;
		else passedOver.add(candidate, judgement.why);
	}
	const isCurrent = ({ tag }: Candidate) => Number(tag === current?.tag);
	eligible.sort(
		(one, other) =>
			policy.compare(other.rank, one.rank) ||
			isCurrent(other.candidate) - isCurrent(one.candidate) ||
			compareText(one.candidate.tag, other.candidate.tag),
	);
	return {
		eligible: eligible.map(({ candidate }) => candidate),
		unknown: highestFirst(unknown),
		passedOver: passedOver.list(),
		ofCurrent,
	};
}

/** The highest by version and name of however many were passed over. */
export class Foremost {
	private readonly kept: { readonly rank: TextRank; readonly passedOver: PassedOver }[] = [];

	add({ tag, text }: Pick<Candidate, "tag" | "text">, why: string): void {
		const rank = textRank(text);
		const last = this.kept[PASSED_OVER_MAX - 1];
		if (last !== undefined && compareTextRanks(rank, last.rank) <= 0) return;
		this.kept.push({ rank, passedOver: { tag, why } });
		this.kept.sort(
			(one, other) => compareTextRanks(other.rank, one.rank) || compareText(one.passedOver.tag, other.passedOver.tag),
		);
		this.kept.splice(PASSED_OVER_MAX);
	}

	list(): readonly PassedOver[] {
		return this.kept.map(({ passedOver }) => passedOver);
	}
}

function highestFirst(candidates: readonly Candidate[]): readonly Candidate[] {
	return candidates
		.map((candidate) => ({ candidate, rank: textRank(candidate.text) }))
		.sort((one, other) => compareTextRanks(other.rank, one.rank) || compareText(one.candidate.tag, other.candidate.tag))
		.map(({ candidate }) => candidate);
}
