import type { Notice } from "../../api/canary-status.ts";
import { type ImageRecord, RECORD_ANNOTATION, recordsText } from "../../api/image-record.ts";
import type { Instant } from "../../domain/instant.ts";
import { describeRef, type KubeObject, refOf } from "../../domain/kube-object.ts";
import type { Log } from "../../domain/log.ts";
import { decide } from "../decide/decide.ts";
import type { Decision } from "../decide/situation.ts";
import type { Scanner } from "../scanner/scanner.ts";
import { type UpdaterCluster, type WorkloadKey, workloadNamed } from "./cluster.ts";
import { IMAGE_COMMAND_ANNOTATION, pendingImageCommand, withoutForgotten } from "./commands.ts";
import { complaintOf, keptNotices, NOTICES_ANNOTATION, noticesIn, noticesOf } from "./notices.ts";
import { observe, type RuledImage } from "./observe.ts";
import { type News, policyStatus } from "./policy-status.ts";
import { isBlank, lasting, recordsIn, withOthers } from "./records.ts";
import { type Source, sourceOf } from "./sources.ts";

/** What the updater's loop reaches the world by. */
export interface UpdaterPorts {
	readonly cluster: UpdaterCluster;
	readonly scanner: Scanner;
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

/** A source that can be read, with the workload that it is about. */
interface Subject {
	readonly key: WorkloadKey;
	readonly workload: KubeObject;
	readonly source: Exclude<Source, { kind: "none" | "unreadable" }>;
}

/** What messages are about. */
function aboutOf({ workload, source }: Subject): KubeObject {
	return source.kind === "policy" ? source.policy : workload;
}

export function createUpdater(ports: UpdaterPorts, options: UpdaterOptions): Updater {
	const { cluster, scanner, log, now } = ports;
	/** With what is not worth a write to a workload. */
	const latest = new Map<WorkloadKey, readonly ImageRecord[]>();
	/** What was last complained of, by workload: said once. */
	const complaints = new Map<WorkloadKey, string>();
	/** Workloads whose recorded notices were told, or told again, by this process. */
	const caughtUp = new Set<WorkloadKey>();

	async function reconcile(key: WorkloadKey, signal: AbortSignal) {
		const named = workloadNamed(key);
		const workload = cluster.workload(named);
		const policies = cluster.policiesOn(named);
		if (workload === undefined || !isLookedAfter(workload)) {
			forget(key);
			for (const policy of policies)
				await refuse(key, policy, [`spec.targetRef: there is no ${named.kind} ${named.name}`], signal);
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
		if (source.kind === "none") {
			forget(key);
			return IDLE;
		}
		if (source.kind === "unreadable") return refused(key, source.policy, source.problems, signal);
		if (await obeyed({ key, workload, source }, signal)) return AT_ONCE;
		const { asked } = source;
		if (asked.kind === "none") {
			forget(key);
			return IDLE;
		}
		const about = source.kind === "policy" ? source.policy : workload;
		if (asked.kind === "invalid") return refused(key, about, asked.problems, signal);
		const known = recordsIn(source, workload);
		if (known.problems.length > 0) return refused(key, about, known.problems, signal);
		return pass({ key, workload, source }, asked.images, known.records, signal);
	}

	/** What a person asks for is done before anything else, in one write with the word that it is done. */
	async function obeyed({ workload, source }: Subject, signal: AbortSignal): Promise<boolean> {
		const about = source.kind === "policy" ? source.policy : workload;
		const handled = source.kind === "policy" ? source.policy.status?.lastHandledCommand : undefined;
		const command = pendingImageCommand(about, handled);
		const known = recordsIn(source, workload);
		if (command === undefined || known.problems.length > 0) return false;
		const records = withoutForgotten(known.records, command);
		log.info({ audit: true, object: describeRef(refOf(about)), command: command.id }, "tags are forgotten");
		if (source.kind === "policy") {
			await settle(source, { records, problems: [], handled: command.id }, signal);
		} else {
			const kept = records.map(lasting).filter((one) => !isBlank(one));
			const text = kept.length === 0 ? null : recordsText(kept);
			await cluster.annotate(workload, { [RECORD_ANNOTATION]: text, [IMAGE_COMMAND_ANNOTATION]: null }, signal);
		}
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
		const { credentials, problems: unread } = await cluster.credentials(workload, pullSecrets, signal);
		const records = source.kind === "policy" ? durable : completed(durable, latest.get(key) ?? []);
		const { situation, problems } = observe({
			cluster,
			named: workloadNamed(key),
			workload,
			images,
			records,
			credentials,
			scanner,
			key,
			now: now(),
		});
		complain(key, aboutOf(subject), [...problems, ...unread]);
		return act(subject, decide(situation), [...problems, ...unread], signal);
	}

	async function act(subject: Subject, decision: Decision, problems: readonly string[], signal: AbortSignal) {
		const { key, workload, source } = subject;
		switch (decision.do) {
			case "record": {
				const notices = noticesOf(decision.told, now());
				// Whether a write that fails was done is not known: the next pass tells what was recorded.
				caughtUp.delete(key);
				await record(subject, { records: decision.records, notices }, problems, signal);
				caughtUp.add(key);
				ports.tell(aboutOf(subject), notices);
				return AT_ONCE;
			}
			case "write":
				log.info({ workload: key, images: decision.images.map(({ image }) => image) }, "an image is updated");
				await cluster.writeImages(workload, decision.images, decision.changeCause, signal);
				return AT_ONCE;
			case "ask":
				for (const { watch, tags } of decision.questions) scanner.ask(watch, tags);
				return IDLE;
			case "rest": {
				if (source.kind === "policy") await settle(source, { problems }, signal);
				const { lookAgainAt } = decision;
				return lookAgainAt === undefined ? IDLE : { wakeAfterMs: Math.max(0, lookAgainAt - now()) };
			}
		}
	}

	async function record(
		{ key, workload, source }: Subject,
		{ records, notices: added }: { readonly records: readonly ImageRecord[]; readonly notices: readonly Notice[] },
		problems: readonly string[],
		signal: AbortSignal,
	) {
		const notices = keptNotices([...noticesIn(source, workload), ...added], now());
		const before = recordsIn(source, workload).records;
		const all = withOthers(records, before, workload);
		if (source.kind === "policy") {
			await settle(source, { records: all, notices, problems }, signal);
			return;
		}
		const after = all.map(lasting).filter((one) => !isBlank(one));
		if (JSON.stringify(before) !== JSON.stringify(after)) {
			const text = after.length === 0 ? null : recordsText(after);
			const told = notices.length === 0 ? null : JSON.stringify(notices);
			await cluster.annotate(workload, { [RECORD_ANNOTATION]: text, [NOTICES_ANNOTATION]: told }, signal);
		}
		latest.set(key, records);
	}

	/** Writes the status if it says something new. */
	async function settle({ policy }: Extract<Source, { kind: "policy" }>, news: Omit<News, "now">, signal: AbortSignal) {
		const status = policyStatus(policy, { ...news, now: now() });
		if (status !== undefined) await cluster.replaceStatus({ ...policy, status }, signal);
	}

	async function refused(key: WorkloadKey, about: KubeObject, problems: readonly string[], signal: AbortSignal) {
		forget(key);
		await refuse(key, about, problems, signal);
		return IDLE;
	}

	/** Says what is wrong where the one who wrote it looks: in a policy's status, and in one Event. */
	async function refuse(key: WorkloadKey, about: KubeObject, problems: readonly string[], signal: AbortSignal) {
		if (about.kind === "ImagePolicy") {
			const status = policyStatus(about, { problems, invalid: true, now: now() });
			if (status !== undefined) await cluster.replaceStatus({ ...about, status }, signal);
		}
		complain(`${key} ${about.kind}/${about.metadata.name}`, about, problems);
	}

	function complain(id: string, about: KubeObject, problems: readonly string[]): void {
		const text = problems.join("; ");
		if ((complaints.get(id) ?? "") === text) return;
		if (text === "") complaints.delete(id);
		else {
			complaints.set(id, text);
			ports.tell(about, [complaintOf(text, about, now())]);
		}
	}

	function forget(key: WorkloadKey): void {
		scanner.want(key, []);
		latest.delete(key);
		caughtUp.delete(key);
		for (const id of complaints.keys()) if (id === key) complaints.delete(id);
	}

	/** Not in its last hours, not in a namespace that is left alone, and not what a Canary keeps as its primary. */
	function isLookedAfter({ metadata }: KubeObject): boolean {
		const { deletionTimestamp, namespace = "default", ownerReferences = [] } = metadata;
		const isPrimary = ownerReferences.some(({ kind, controller }) => kind === "Canary" && controller === true);
		return deletionTimestamp === undefined && !isPrimary && cluster.isInScope(namespace);
	}

	return { reconcile, seen: (key) => latest.get(key) ?? [] };
}

/** What the annotation keeps, with what memory adds. */
function completed(durable: readonly ImageRecord[], latest: readonly ImageRecord[]): readonly ImageRecord[] {
	const same = (one: ImageRecord) => (other: ImageRecord) =>
		other.container === one.container && other.role === one.role;
	const passing = latest.map((one) => {
		const { chosen: _chosen, failed: _failed, rejected: _rejected, ...rest } = one;
		return { ...rest, ...durable.find(same(one)) };
	});
	return [...passing, ...durable.filter((one) => !latest.some(same(one)))];
}
