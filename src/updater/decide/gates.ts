import { durationText } from "../../domain/duration.ts";
import { type Instant, instantOf, timestamp } from "../../domain/instant.ts";
import { mayChange } from "../schedule.ts";
import type { ChosenImage, ImageSituation, Situation, Told } from "./situation.ts";

/** A tag and what it points at, with why it is the one. */
export interface RegistryTag {
	readonly tag: string;
	readonly digest: string;
	readonly why: string;
}

/** How old what the registry said of a tag may be when the tag is written: it may point at something else by now. */
export const FRESH_MS = 60_000;

/** Where a chosen tag stands. `by` is whoever rejected it; absent when the deadline did. */
export type Gate =
	| {
			readonly kind: "at";
			readonly state: ChosenImage["state"];
			readonly told: Told | undefined;
			readonly by?: string | undefined;
			/** What goes into the record with the state. */
			readonly noted: Partial<Pick<ChosenImage, "deadline" | "approvedBy">>;
			readonly lookAgainAt: Instant | undefined;
	  }
	| { readonly kind: "ask" };

/** The gate at which what was found stands, in their order: approval, the rollout under way, change windows, the registry's last word. */
export function gateOf(
	found: RegistryTag,
	known: ChosenImage | undefined,
	image: ImageSituation,
	situation: Situation,
): Gate {
	const { rule, knowledge } = image;
	const { rollout, now } = situation;
	const approval = approvalOf(known, image, now);
	if (approval !== undefined && approval.state !== "Approved") return { kind: "at", noted: {}, told: undefined, lookAgainAt: undefined, ...approval };
	const approved = { told: approval?.told, noted: approval?.noted ?? {} };
	if (rollout.kind === "running" && !rule.supersede) {
		return { kind: "at", state: "AwaitingRollout", lookAgainAt: undefined, ...approved };
	}
	const window = mayChange(rule.windows, rule.freezes, now);
	if (!window.now) return { kind: "at", state: "AwaitingWindow", lookAgainAt: window.at, ...approved };
	const facts = knowledge.kind === "known" ? knowledge.facts.get(found.tag) : undefined;
	if (facts === undefined || now - facts.at > FRESH_MS) return { kind: "ask" };
	return { kind: "at", state: "Writing", lookAgainAt: undefined, ...approved };
}

type Approval = Partial<Omit<Extract<Gate, { kind: "at" }>, "state">> & {
	readonly state: ChosenImage["state"] | "Approved";
};

/** Undefined when nobody has to approve. */
function approvalOf(known: ChosenImage | undefined, { rule, votes }: ImageSituation, now: Instant): Approval | undefined {
	if (rule.approvals === 0) return undefined;
	if (known?.approvedBy !== undefined && known.approvedBy.length >= rule.approvals) return { state: "Approved" };
	const deadline = instantOf(known?.deadline) ?? now + rule.approvalDeadlineMs;
	const rejecting = known && votes.find(({ decision }) => decision === "reject");
	if (rejecting !== undefined) {
		const told: Told = { reason: "ImageRejected", message: `was rejected by ${rejecting.user}` };
		return { state: "Rejected", by: rejecting.user, told };
	}
	const approving = known === undefined ? [] : votes.filter(({ decision }) => decision === "approve").map(({ user }) => user);
	if (approving.length >= rule.approvals) {
		const told: Told = { reason: "ImageApproved", message: `was approved by ${approving.join(", ")}` };
		return { state: "Approved", told, noted: { approvedBy: approving } };
	}
	if (now >= deadline) {
		const told: Told = {
			reason: "ImageApprovalExpired",
			message: `had ${approving.length} of ${rule.approvals} approvals when its deadline came`,
		};
		return { state: "Expired", told };
	}
	const noted = { deadline: timestamp(deadline) };
	if (known !== undefined) return { state: "AwaitingApproval", noted, lookAgainAt: deadline };
	const people = rule.approvals === 1 ? "one approval" : `${rule.approvals} approvals`;
	const told: Told = {
		reason: "ImageAwaitsApproval",
		message: `waits for ${people} within ${durationText(rule.approvalDeadlineMs)}`,
	};
	return { state: "AwaitingApproval", noted, told, lookAgainAt: deadline };
}
