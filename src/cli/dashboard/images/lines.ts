import type { ImagePolicy } from "../../../api/image-policy.ts";
import type { ImageRecord } from "../../../api/image-record.ts";
import { timestamp } from "../../../domain/instant.ts";
import type { KubeObject } from "../../../domain/kube-object.ts";
import type { ImageLine, ImageState } from "../../../server/dashboard/wire.ts";
import { isOnItsWay } from "../../../updater/decide/chosen.ts";
import { parseImageReference } from "../../../updater/image-reference.ts";
import { votesFor } from "../../../updater/loop/approvals/votes.ts";
import { type WorkloadKey, workloadNamed } from "../../../updater/loop/cluster.ts";
import { recordOf, recordsIn } from "../../../updater/loop/records.ts";
import { sourceOf } from "../../../updater/loop/sources.ts";
import type { UpdateRule } from "../../../updater/rule.ts";
import { type AskedFor, rulesOf } from "../../../updater/rules.ts";
import { mayChange } from "../../../updater/schedule.ts";

/** What is known of one workload that may be kept up to date. */
export interface ImageSubject {
	readonly key: WorkloadKey;
	readonly workload: KubeObject | undefined;
	/** Those that name the workload, the oldest first. */
	readonly policies: readonly KubeObject[];
	/** The name of the Canary whose target it is. */
	readonly canary: string | undefined;
	/** Of its namespace. */
	readonly approvals: readonly KubeObject[];
	/** What the updater knows beside what is written down. */
	readonly seen: readonly ImageRecord[];
	readonly now: number;
}

/** What the updater takes when nobody says when. */
const DEFAULTS = { schedule: "@every 1m" };

type Base = Pick<ImageLine, "kind" | "namespace" | "name" | "askedBy" | "canary">;

/** The workload's images that are kept up to date, as the page tells them; what can't be read is a line with the problem. */
export function linesOf(subject: ImageSubject): readonly ImageLine[] {
	const { key, workload, policies, canary, seen } = subject;
	const { kind, namespace, name } = workloadNamed(key);
	const [policy] = policies;
	const askedBy = policy === undefined ? { kind, name } : { kind: "ImagePolicy", name: policy.metadata.name };
	const base: Base = { kind, namespace, name, askedBy, ...(canary === undefined ? {} : { canary }) };
	if (workload === undefined) {
		return policy === undefined ? [] : [problemLine(base, `spec.targetRef: there is no ${kind} ${name}`)];
	}
	const source = sourceOf(workload, policies, DEFAULTS);
	if (source.kind === "none") return [];
	if (source.kind === "unreadable") return [problemLine(base, source.problems.join("; "))];
	const isSuspended = source.kind === "policy" && source.policy.spec.suspend === true;
	const asked = isSuspended ? askedWhenResumed(source.policy, workload) : source.asked;
	if (asked.kind === "none") return [];
	if (asked.kind === "invalid") return [problemLine(base, asked.problems.join("; "))];
	const known = recordsIn(source, workload);
	if (known.problems.length > 0) return [problemLine(base, known.problems.join("; "))];
	return asked.images.map(({ container: image, rule }) => {
		// What is written down lasts; of what must, memory may be behind.
		const { chosen: _chosen, failed: _failed, rejected: _rejected, ...passing } = recordOf(image, seen);
		const record = { ...passing, ...recordOf(image, known.records) };
		return lineOf({ base, image: image.image, record, rule, isSuspended, subject });
	});
}

/** A suspended policy asks for nothing; what it would ask for is shown all the same. */
function askedWhenResumed(policy: ImagePolicy, workload: KubeObject): AskedFor {
	const { suspend: _suspend, ...spec } = policy.spec;
	return rulesOf({ ...policy, spec }, workload);
}

interface Ruled {
	readonly base: Base;
	readonly image: string;
	readonly record: ImageRecord;
	readonly rule: UpdateRule;
	readonly isSuspended: boolean;
	readonly subject: ImageSubject;
}

function lineOf(ruled: Ruled): ImageLine {
	const { base, image, record, rule, isSuspended } = ruled;
	const { container, role, chosen, why = "", passedOver = [], failed = [], rejected = [], problem, lastScan } = record;
	const state = stateOf(record, isSuspended);
	const approvals = approvalsOf(ruled);
	return {
		...base,
		container,
		role,
		policy: policyText(rule),
		image,
		...(chosen === undefined
			? {}
			: { chosen: { tag: chosen.tag, digest: chosen.digest, why: chosen.why, at: chosen.at } }),
		state,
		why,
		passedOver,
		failed,
		rejected,
		...(problem === undefined ? {} : { problem }),
		...(lastScan === undefined ? {} : { lastScan }),
		...(approvals === undefined ? {} : { approvals }),
		...nextOf(state, ruled, approvals),
	};
}

function problemLine(base: Base, problem: string): ImageLine {
	const by = base.askedBy.kind === "ImagePolicy" ? `ImagePolicy ${base.askedBy.name}` : "its annotations";
	return {
		...base,
		container: "",
		role: "container",
		policy: "",
		image: "",
		state: "Problem",
		why: "",
		passedOver: [],
		failed: [],
		rejected: [],
		problem,
		next: `Nothing until somebody mends ${by}`,
	};
}

function stateOf({ chosen, problem, why, lastScan }: ImageRecord, isSuspended: boolean): ImageState {
	if (isSuspended) return "Suspended";
	const isUnderWay = chosen !== undefined && isOnItsWay(chosen);
	if (!isUnderWay && problem !== undefined) return "Problem";
	if (chosen !== undefined) return chosen.state === "RolledOut" ? "UpToDate" : chosen.state;
	return why === undefined && lastScan === undefined ? "NotScanned" : "UpToDate";
}

function approvalsOf({ image, record: { chosen }, rule, subject }: Ruled): ImageLine["approvals"] {
	if (rule.approvals === 0) return undefined;
	const written = parseImageReference(image);
	const votes =
		chosen === undefined || !written.ok
			? []
			: votesFor(
					{ chosen, written: written.reference, workload: workloadNamed(subject.key), vouchedSince: 0 },
					subject.approvals,
				);
	const approving = votes.filter(({ decision }) => decision === "approve").map(({ user }) => user);
	return { given: chosen?.approvedBy ?? approving, required: rule.approvals };
}

function policyText({ policy, settings }: UpdateRule): string {
	const { range, pattern, format } = settings;
	return [policy, range ?? pattern ?? format].filter((word) => word !== undefined).join(" ");
}

type Next = Pick<ImageLine, "next" | "until" | "nextAt">;

function nextOf(state: ImageState, { rule, record, base, subject }: Ruled, approvals: ImageLine["approvals"]): Next {
	switch (state) {
		case "Suspended":
			return { next: "Nothing: suspended by spec.suspend" };
		case "AwaitingApproval": {
			const { given, required } = approvals ?? { given: [], required: 1 };
			const left = Math.max(0, required - given.length);
			const next =
				left === 0 ? "It is approved, and goes on" : `It waits for ${left} of ${required} ${approvalWord(required)}`;
			const until = left === 0 ? undefined : record.chosen?.deadline;
			return until === undefined ? { next } : { next, until };
		}
		case "AwaitingWindow": {
			const window = mayChange(rule.windows, rule.freezes, subject.now);
			if (window.now) return { next: "Its change window is open: it is written next" };
			if (window.at === undefined) return { next: `Nothing: ${window.why}` };
			return { next: "It waits for the change window", nextAt: timestamp(window.at) };
		}
		case "AwaitingRollout":
			return {
				next:
					base.canary === undefined ? "It waits for the end of a rollout" : "It waits until its canary's run has ended",
			};
		case "Writing":
			return { next: "It is written to the workload" };
		case "Pushed":
			return { next: "It is in its repository; whoever takes it from there to the workload is waited for" };
		case "RollingOut":
			return { next: base.canary === undefined ? "The workload's pods are replaced" : "Its canary is running" };
		case "NotScanned":
			return { next: rule.schedule === undefined ? "A webhook tells of a push" : "The registry is asked for its tags" };
		case "Problem":
		case "UpToDate":
		case "RolledBack":
		case "Rejected":
		case "Expired":
			return { next: restingText(rule) };
	}
}

function restingText({ policy, schedule }: UpdateRule): string {
	if (policy === "never") return "Nothing: its policy is never";
	return schedule === undefined ? "A webhook tells of a newer tag" : `The registry is asked again (${schedule})`;
}

function approvalWord(count: number): string {
	return count === 1 ? "approval" : "approvals";
}
