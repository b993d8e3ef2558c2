import type { ChosenImage, ImageRecord, PassedOver } from "../../../../api/image-record.ts";
import { timestamp } from "../../../../domain/instant.ts";
import { choiceOf, knownAs } from "../../../../updater/decide/advance.ts";
import { gateOf } from "../../../../updater/decide/gates.ts";
import type { ImageSituation, Knowledge, Situation, Vote } from "../../../../updater/decide/situation.ts";
import { differencesFor, type KeelDifference } from "../../../../updater/keel-differences.ts";
import type { UpdateRule } from "../../../../updater/rule.ts";
import { mayChange } from "../../../../updater/schedule.ts";
import { type Selection, select } from "../../../../updater/select.ts";

/** What would be done about one image if the operator looked now, and why. Times are RFC 3339 in UTC. */
export interface ImageExplanation {
	readonly container: string;
	readonly role: string;
	readonly image: string;
	/** What the Canary's primary serves, when that is another. */
	readonly serving: string | undefined;
	readonly rule: UpdateRule;
	/** Where keel would choose otherwise; none for an ImagePolicy. */
	readonly differences: readonly KeelDifference[];
	readonly choice: Choice;
	readonly heldBy: Hold | undefined;
	readonly recorded: Pick<ImageRecord, "chosen" | "failed" | "rejected">;
	readonly votes: readonly Vote[];
}

export type Choice =
	| {
			readonly kind: "update";
			readonly tag: string;
			readonly digest: string;
			readonly why: string;
			readonly passedOver: readonly PassedOver[];
	  }
	| {
			readonly kind: "keep";
			readonly why: string;
			readonly passedOver: readonly PassedOver[];
			readonly lookAgainAt?: string | undefined;
	  }
	/** Nobody could be asked, or nobody was. */
	| { readonly kind: "unknown"; readonly why: string };

/** What stands between the choice and the workload; undefined when nothing does. */
export interface Hold {
	readonly state: ChosenImage["state"];
	readonly until: string | undefined;
	readonly why: string;
}

/** Has the registry asked for facts of these tags; the situation after that. */
export type AskRegistry = (tags: readonly string[]) => Promise<Knowledge>;

/** Rounds of questions: more than a choice with bounded questions can need. */
const ROUNDS_MAX = 64;

/** The choice and its gate by the operator's own functions. `ask` is called until the choice needs no more. */
export async function explainImage(
	given: ImageSituation,
	situation: Situation,
	{ ask, isKeels }: { readonly ask: AskRegistry; readonly isKeels: boolean },
): Promise<ImageExplanation> {
	let image = given;
	let selection = selectionOf(image, situation);
	for (let round = 0; selection?.kind === "ask" && round < ROUNDS_MAX; round++) {
		image = { ...image, knowledge: await ask(selection.tags) };
		selection = selectionOf(image, situation);
	}
	const { written, serving, rule, record, votes } = image;
	const { chosen, failed, rejected } = record;
	return {
		container: image.image.name,
		role: image.image.role,
		image: image.image.image,
		serving:
			serving.tag === written.tag && serving.digest === written.digest ? undefined : (serving.tag ?? serving.digest),
		rule,
		differences: isKeels ? differencesFor(rule, written.tag) : [],
		choice: choiceFrom(selection, image.knowledge),
		heldBy: selection?.kind === "update" ? holdOf(selection, image, situation) : undefined,
		recorded: { chosen, failed, rejected },
		votes: votes ?? [],
	};
}

function selectionOf(image: ImageSituation, situation: Situation): Selection | undefined {
	return image.knowledge.kind === "known" ? select(choiceOf(image, image.knowledge, situation)) : undefined;
}

function choiceFrom(selection: Selection | undefined, knowledge: Knowledge): Choice {
	switch (selection?.kind) {
		case "update": {
			const { tag, digest, why, passedOver } = selection;
			return { kind: "update", tag, digest, why, passedOver };
		}
		case "keep": {
			const { why, passedOver, lookAgainAt } = selection;
			return {
				kind: "keep",
				why,
				passedOver,
				...(lookAgainAt !== undefined && { lookAgainAt: timestamp(lookAgainAt) }),
			};
		}
		case "ask":
			return { kind: "unknown", why: "the registry answers no question about its tags" };
		default:
			return {
				kind: "unknown",
				why: knowledge.kind === "problem" ? knowledge.detail : "no registry was asked, and no tags were given",
			};
	}
}

function holdOf(
	{ tag, digest, why }: Extract<Selection, { kind: "update" }>,
	image: ImageSituation,
	situation: Situation,
): Hold | undefined {
	const { record, rule } = image;
	if (record.chosen?.state === "RollingOut" && !rule.supersede)
		return {
			state: "AwaitingRollout",
			until: undefined,
			why: `${record.chosen.tag} is being rolled out, and it is waited for`,
		};
	const found = { tag, digest, why };
	const gate = gateOf(found, knownAs(found, record), image, situation);
	if (gate.kind === "ask" || gate.state === "Writing") return undefined;
	const until = gate.lookAgainAt === undefined ? undefined : timestamp(gate.lookAgainAt);
	return { state: gate.state, until, why: whyHeld(gate.state, image, situation) };
}

function whyHeld(
	state: ChosenImage["state"],
	{ rule, votes = [] }: Pick<ImageSituation, "rule" | "votes">,
	{ now }: Pick<Situation, "now">,
): string {
	const users = (decision: Vote["decision"]) =>
		votes.filter((one) => one.decision === decision).map(({ user }) => user);
	switch (state) {
		case "AwaitingApproval": {
			const approving = users("approve");
			const names = approving.length === 0 ? "" : ` (${approving.join(", ")})`;
			return `${approving.length} of ${rule.approvals} approvals${names}`;
		}
		case "AwaitingRollout":
			return "a rollout is under way, and it is waited for";
		case "AwaitingWindow": {
			const window = mayChange(rule.windows, rule.freezes, now);
			return window.now ? "its change windows" : window.why;
		}
		case "Rejected":
			return `${users("reject").join(", ")} rejected it`;
		case "Expired":
			return "it was not approved in time";
		default:
			return state;
	}
}
