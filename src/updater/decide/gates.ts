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
/** The same where people approved what the tag pointed at: they did not approve what it may point at by now. */
export const APPROVED_FRESH_MS = 10_000;

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
	if (approval !== undefined && approval.kind === "at") return approval;
	const approved = { kind: "at", told: approval?.told, noted: approval?.noted ?? {} } as const;
	if (rollout.kind === "running" && !rule.supersede) {
		return { state: "AwaitingRollout", lookAgainAt: undefined, ...approved };
	}
	const window = mayChange(rule.windows, rule.freezes, now);
	if (!window.now) return { state: "AwaitingWindow", lookAgainAt: window.at, ...approved };
	const facts = knowledge.kind === "known" ? knowledge.facts.get(found.tag) : undefined;
	const freshMs = rule.approvals > 0 ? APPROVED_FRESH_MS : FRESH_MS;
	if (facts === undefined || now - facts.at > freshMs) return { kind: "ask" };
	return { state: "Writing", lookAgainAt: undefined, ...approved };
}

type Standing = Extract<Gate, { kind: "at" }>;
type Approval = Standing | (Pick<Standing, "told" | "noted"> & { readonly kind: "approved" });

/** Undefined when nobody has to approve. */
function approvalOf(
	known: ChosenImage | undefined,
	{ rule, votes }: ImageSituation,
	now: Instant,
): Approval | undefined {
	if (rule.approvals === 0) return undefined;
	if (known?.approvedBy !== undefined && known.approvedBy.length >= rule.approvals)
		return { kind: "approved", told: undefined, noted: {} };
	const deadline = instantOf(known?.deadline) ?? now + rule.approvalDeadlineMs;
	const said = known === undefined ? [] : (votes ?? []);
	const rejecting = said.find(({ decision }) => decision === "reject");
	if (rejecting !== undefined) {
		const told: Told = { reason: "ImageRejected", message: `was rejected by ${rejecting.user}` };
		return { kind: "at", state: "Rejected", by: rejecting.user, told, noted: {}, lookAgainAt: undefined };
	}
	const approving = said.filter(({ decision }) => decision === "approve").map(({ user }) => user);
	if (approving.length >= rule.approvals) {
		const told: Told = { reason: "ImageApproved", message: `was approved by ${approving.join(", ")}` };
		return { kind: "approved", told, noted: { approvedBy: approving } };
	}
	// What was said in time may come to count when it can be seen who said it.
	if (now >= deadline && votes !== undefined) {
		const told: Told = {
			reason: "ImageApprovalExpired",
			message: `had ${approving.length} of ${rule.approvals} approvals when its deadline came`,
		};
		return { kind: "at", state: "Expired", told, noted: {}, lookAgainAt: undefined };
	}
	const noted = { deadline: timestamp(deadline) };
	if (known !== undefined) {
		const lookAgainAt = votes === undefined ? undefined : deadline;
		return { kind: "at", state: "AwaitingApproval", told: undefined, noted, lookAgainAt };
	}
	const people = rule.approvals === 1 ? "one approval" : `${rule.approvals} approvals`;
	const told: Told = {
		reason: "ImageAwaitsApproval",
		message: `waits for ${people} within ${durationText(rule.approvalDeadlineMs)}`,
	};
	return { kind: "at", state: "AwaitingApproval", noted, told, lookAgainAt: deadline };
}
