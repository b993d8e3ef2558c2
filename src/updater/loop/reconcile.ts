import type { Notice } from "../../api/canary-status.ts";
import type { GitWriteBack } from "../../api/image-policy/git-write-back.ts";
import type { ImageRecord } from "../../api/image-record.ts";
import { Failure, messageOf } from "../../domain/failure.ts";
import type { Instant } from "../../domain/instant.ts";
import { invariant } from "../../domain/invariant.ts";
import { describeRef, type KubeObject, refOf } from "../../domain/kube-object.ts";
import type { Log } from "../../domain/log.ts";
import { isPending } from "../decide/chosen.ts";
import { decide, pushed } from "../decide/decide.ts";
import type { Decision, Situation } from "../decide/situation.ts";
import { type Freshness, looksIn } from "../scanner/freshness.ts";
import type { Scanner } from "../scanner/scanner.ts";
import type { NewImage } from "../write-back/edit.ts";
import type { WriteBack } from "../write-back/write-back.ts";
import { spentApprovals } from "./approvals/votes.ts";
import { VOUCHED_MS_MAX } from "./approvals/vouching.ts";
import { type UpdaterCluster, type WorkloadKey, type WorkloadName, workloadNamed } from "./cluster.ts";
import { pendingImageCommand } from "./commands.ts";
import { createComplaints, LOOKING, topicOf, WRITING, WRITING_BACK } from "./complaints.ts";
import { aboutOf, createKeeper, type Subject, type Trouble } from "./keeper.ts";
import { keptNotices, noticesIn, noticesOf } from "./notices.ts";
import { observe, type RuledImage } from "./observe.ts";
import { recordsIn } from "./records.ts";
import { sourceOf, stillToComeMs, whyNotLookedAfter } from "./sources.ts";

/** What the updater's loop reaches the world by. */
export interface UpdaterPorts {
	readonly cluster: UpdaterCluster;
	readonly scanner: Scanner;
	/** Absent: after a restart all images are looked at at once. */
	readonly freshness?: Freshness;
	/** For policies whose images go into a repository. */
	readonly writeBack: WriteBack;
	readonly log: Log;
	readonly now: () => Instant;
	/** Tells people, once the record that says so is kept, and again after a restart. `subject` is what the messages are about. */
	tell(subject: KubeObject, notices: readonly Notice[]): void;
}

export interface UpdaterOptions {
	/** When registries are asked where nobody says when. */
	readonly schedule: string;
}

/** One pass over one workload at a time; level-triggered, like the loop of Canaries. */
export interface Updater {
	reconcile(key: WorkloadKey, signal: AbortSignal): Promise<{ readonly wakeAfterMs: number | undefined }>;
	/** The records of a workload's images as of the last pass. */
	seen(key: WorkloadKey): readonly ImageRecord[];
}

const IDLE = { wakeAfterMs: undefined } as const;
const AT_ONCE = { wakeAfterMs: 0 } as const;
/** A workload with a problem is looked at again so often at least. */
const TROUBLED_MS = 600_000;
/** Old approvals that one pass deletes. */
const SWEPT_MAX = 10;

export function createUpdater(ports: UpdaterPorts, options: UpdaterOptions): Updater {
	const { cluster, scanner, freshness, log, now } = ports;
	const keeper = createKeeper({ cluster, now });
	const complaints = createComplaints({ tell: ports.tell, now });
	/** Workloads whose recorded notices were told, or told again, by this process. */
	const caughtUp = new Set<WorkloadKey>();

	async function reconcile(key: WorkloadKey, signal: AbortSignal) {
		const named = workloadNamed(key);
		const workload = cluster.workload(named);
		const policies = cluster.policiesOn(named);
		// What is left alone may be another operator's, which says what is to be said of it.
		if (!cluster.isInScope(named.namespace)) return nothingAsked(key);
		const why = whyNotLookedAfter(named, workload);
		if (workload === undefined || why !== undefined) {
			if (policies.length === 0) return nothingAsked(key);
			forget(key);
			const wakeAfterMs = workload === undefined ? stillToComeMs(policies, now()) : 0;
			if (wakeAfterMs > 0) return { wakeAfterMs };
			for (const policy of policies) await refuse(key, policy, [`spec.targetRef: ${why}`], signal);
			return IDLE;
		}
		const source = sourceOf(workload, policies, options);
		for (const other of policies.slice(1)) {
			const [first] = policies;
			await refuse(
				key,
				other,
				[`spec.targetRef: ImagePolicy ${first?.metadata.name} looks after ${named.kind} ${named.name} already`],
				signal,
			);
		}
		if (source.kind === "none") return nothingAsked(key);
		if (source.kind === "unreadable") return refused(key, source.policy, source.problems, signal);
		if (await obeyed({ key, workload, source }, signal)) return AT_ONCE;
		const { asked } = source;
		if (asked.kind === "none") return nothingAsked(key);
		const about = source.kind === "policy" ? source.policy : workload;
		if (asked.kind === "invalid") return refused(key, about, asked.problems, signal);
		const known = recordsIn(source, workload);
		if (known.problems.length > 0) return refused(key, about, known.problems, signal);
		return pass({ key, workload, source }, asked.images, known.records, signal);
	}

	/** What a person asks for is done before anything else. */
	async function obeyed(subject: Subject, signal: AbortSignal): Promise<boolean> {
		const { workload, source } = subject;
		const about = aboutOf(subject);
		const command = pendingImageCommand(
			about,
			source.kind === "policy" ? source.policy.status?.lastHandledCommand : undefined,
		);
		if (command === undefined || recordsIn(source, workload).problems.length > 0) return false;
		log.info({ audit: true, object: describeRef(refOf(about)), command: command.id }, "tags are forgotten");
		await keeper.obey(subject, command, signal);
		return true;
	}

	async function pass(
		subject: Subject,
		images: readonly RuledImage[],
		durable: readonly ImageRecord[],
		signal: AbortSignal,
	) {
		const { key, workload, source } = subject;
		if (!caughtUp.has(key)) {
			caughtUp.add(key);
			ports.tell(aboutOf(subject), keptNotices(noticesIn(source, workload), now()));
		}
		const pullSecrets = [...new Set(images.flatMap(({ rule }) => rule.pullSecrets))];
		const asked = { workload, pullSecrets, images: images.map(({ container }) => container.image) };
		const { credentials, problems: unread } = await cluster.credentials(asked, signal);
		const records = keeper.records(subject, durable);
		const vouched = records.some(awaitsApproval) ? await cluster.vouched(signal) : undefined;
		const { situation, problems, looks } = observe({
			cluster,
			named: workloadNamed(key),
			workload,
			images,
			records,
			credentials,
			scanner,
			key,
			freshness,
			writesBack: writeBackOf(source) !== undefined,
			vouchedSince: vouched?.ok ? vouched.since : undefined,
			now: now(),
		});
		const decision = decide(situation);
		freshness?.pass(key, looksIn(situation, decision, looks));
		const all = [...problems, ...unread, ...(vouched === undefined || vouched.ok ? [] : [vouched.problem])];
		const unseen = situation.images.flatMap(({ image, knowledge }) =>
			knowledge.kind === "problem" ? [`${image.name}: ${knowledge.detail}`] : [],
		);
		complaints.say(key, topicOf(aboutOf(subject)), aboutOf(subject), []);
		complaints.say(key, LOOKING, aboutOf(subject), [...all, ...unseen]);
		const isTroubled = problems.length + unread.length + unseen.length > 0;
		const trouble: Trouble = {
			problems: all,
			trouble: vouched?.ok === false && !isTroubled ? "ApprovalsProblem" : "RegistryProblem",
		};
		const { wakeAfterMs } = await orTold(subject, trouble, signal, () =>
			decision.do === "push"
				? push(subject, { situation, ...decision }, trouble, signal)
				: act(subject, decision, trouble, signal),
		);
		await sweep(workloadNamed(key), records, signal);
		if (all.length + unseen.length === 0) return { wakeAfterMs };
		// No watch says when the API server comes to vouch, nor when credentials that it knows nothing of are mended.
		const againMs = vouched?.ok === false ? VOUCHED_MS_MAX : TROUBLED_MS;
		return { wakeAfterMs: Math.min(wakeAfterMs ?? againMs, againMs) };
	}

	/** Deletes what people said long ago and nothing waits for, a few at a time: each that goes wakes the workload again. */
	async function sweep(named: WorkloadName, records: readonly ImageRecord[], signal: AbortSignal) {
		const awaited = new Set(records.flatMap(({ chosen }) => (chosen && isPending(chosen) ? [chosen.digest] : [])));
		const spent = spentApprovals(cluster.approvalsOn(named), { awaited, now: now() });
		for (const approval of spent.slice(0, SWEPT_MAX)) await cluster.deleteApproval(approval, signal);
	}

	/** What the API server refuses until somebody mends it is told where people look; whoever called tries it again, later and later. */
	async function orTold<T>(
		subject: Subject,
		trouble: Trouble,
		signal: AbortSignal,
		work: () => Promise<T>,
	): Promise<T> {
		try {
			return await work();
		} catch (thrown) {
			if (!(thrown instanceof Failure) || thrown.remedy !== "edit" || signal.aborted) throw thrown;
			const { key, source } = subject;
			const problem = messageOf(thrown);
			complaints.say(key, WRITING, aboutOf(subject), [problem]);
			const problems = [...trouble.problems, problem];
			if (source.kind === "policy") await keeper.settle(source.policy, { problems, trouble: "WriteProblem" }, signal);
			throw thrown;
		}
	}

	/** Into the repository, and then into the record: from then on each wake costs nothing. */
	async function push(subject: Subject, { situation, images }: Pushing, trouble: Trouble, signal: AbortSignal) {
		const { key, source } = subject;
		const spec = writeBackOf(source);
		invariant(source.kind === "policy" && spec !== undefined, `${key}: an image is pushed, and nobody says where to`);
		const result = await ports.writeBack.write({ spec, workload: workloadNamed(key), images }, signal);
		if (result.kind === "pushed" || result.kind === "upToDate") {
			const { commit, branch, kind } = result;
			log.info({ workload: key, repository: spec.repository, branch, commit, kind }, "an image is in its repository");
			complaints.say(key, WRITING_BACK, aboutOf(subject), []);
			return act(subject, pushed(situation, { commit, branch, images }), trouble, signal);
		}
		complaints.say(key, WRITING_BACK, source.policy, [result.problem]);
		const problems = [...trouble.problems, result.problem];
		await keeper.settle(source.policy, { problems, trouble: "WriteBackProblem" }, signal);
		return { wakeAfterMs: Math.max(0, result.againAt - now()) };
	}

	async function act(
		subject: Subject,
		decision: Exclude<Decision, { do: "push" }>,
		trouble: Trouble,
		signal: AbortSignal,
	) {
		const { key, workload, source } = subject;
		switch (decision.do) {
			case "record": {
				const notices = noticesOf(decision.told, now());
				// Whether a write that fails was done is not known: the next pass tells what was recorded.
				caughtUp.delete(key);
				await keeper.keep(subject, { ...trouble, records: decision.records, notices }, signal);
				caughtUp.add(key);
				ports.tell(aboutOf(subject), notices);
				return AT_ONCE;
			}
			case "write":
				log.info({ workload: key, images: decision.images.map(({ image }) => image) }, "an image is updated");
				await cluster.writeImages(workload, decision.images, decision.changeCause, signal);
				complaints.say(key, WRITING, aboutOf(subject), []);
				return AT_ONCE;
			case "ask":
				for (const { watch, tags } of decision.questions) scanner.ask(watch, tags);
				return IDLE;
			case "rest": {
				if (source.kind === "policy") await keeper.settle(source.policy, trouble, signal);
				for (const topic of [WRITING, WRITING_BACK]) complaints.say(key, topic, aboutOf(subject), []);
				const { lookAgainAt } = decision;
				return lookAgainAt === undefined ? IDLE : { wakeAfterMs: Math.max(0, lookAgainAt - now()) };
			}
		}
	}

	function nothingAsked(key: WorkloadKey) {
		forget(key);
		complaints.forget(key);
		return IDLE;
	}

	async function refused(key: WorkloadKey, about: KubeObject, problems: readonly string[], signal: AbortSignal) {
		forget(key);
		await refuse(key, about, problems, signal);
		return IDLE;
	}

	/** Says what is wrong where the one who wrote it looks: in a policy's status, and in one Event. */
	async function refuse(key: WorkloadKey, about: KubeObject, problems: readonly string[], signal: AbortSignal) {
		if (about.kind === "ImagePolicy") await keeper.settle(about, { problems, invalid: true }, signal);
		complaints.say(key, topicOf(about), about, problems);
	}

	/** The workload is no business of ours, or not until somebody mends something. */
	function forget(key: WorkloadKey): void {
		scanner.want(key, []);
		freshness?.pass(key, []);
		keeper.forget(key);
		caughtUp.delete(key);
	}

	return { reconcile, seen: (key) => keeper.latest(key) };
}

interface Pushing {
	readonly situation: Situation;
	readonly images: readonly NewImage[];
}

function writeBackOf(source: Subject["source"]): GitWriteBack | undefined {
	return source.kind === "policy" ? source.policy.spec.writeBack?.git : undefined;
}

function awaitsApproval({ chosen }: ImageRecord): boolean {
	return chosen?.state === "AwaitingApproval";
}
