import type { Notice } from "../../api/canary-status.ts";
import { type ImageRecord, RECORD_ANNOTATION, recordsText } from "../../api/image-record.ts";
import type { Instant } from "../../domain/instant.ts";
import type { KubeObject } from "../../domain/kube-object.ts";
import type { UpdaterCluster, WorkloadKey } from "./cluster.ts";
import { type ForgetCommand, IMAGE_COMMAND_ANNOTATION, withoutForgotten } from "./commands.ts";
import { keptNotices, NOTICES_ANNOTATION, noticesIn } from "./notices.ts";
import { type News, policyStatus } from "./policy-status.ts";
import { isBlank, lasting, recordsIn, withOthers } from "./records.ts";
import type { Source } from "./sources.ts";

/** A source that can be read, with the workload that it is about. */
export interface Subject {
	readonly key: WorkloadKey;
	readonly workload: KubeObject;
	readonly source: Exclude<Source, { kind: "none" | "unreadable" }>;
}

/** What messages about it are about. */
export function aboutOf({ workload, source }: Subject): KubeObject {
	return source.kind === "policy" ? source.policy : workload;
}

/** Keeps what is believed of images where their owner looks: in an ImagePolicy's status, or in annotations of the workload. */
export interface Keeper {
	/** What is known of the workload's images: what is kept, and with annotations what memory adds. */
	records(subject: Subject, durable: readonly ImageRecord[]): readonly ImageRecord[];
	keep(subject: Subject, news: Kept, signal: AbortSignal): Promise<void>;
	/** Writes a policy's status if it says something new. */
	settle(policy: KubeObject, news: Omit<News, "now">, signal: AbortSignal): Promise<void>;
	/** Forgets as a person asked, in one write with the word that it is done. */
	obey(subject: Subject, command: ForgetCommand, signal: AbortSignal): Promise<void>;
	/** As of the last pass. */
	latest(key: WorkloadKey): readonly ImageRecord[];
	forget(key: WorkloadKey): void;
}

/** What stands in the way, as the condition `Ready` says it. */
export type Trouble = Pick<News, "problems" | "trouble">;

interface Kept extends Trouble {
	readonly records: readonly ImageRecord[];
	readonly notices: readonly Notice[];
}

export function createKeeper({
	cluster,
	now,
}: {
	readonly cluster: Pick<UpdaterCluster, "annotate" | "replaceStatus">;
	now(): Instant;
}): Keeper {
	/** With what is not worth a write to a workload. */
	const latest = new Map<WorkloadKey, readonly ImageRecord[]>();

	async function settle(policy: KubeObject, news: Omit<News, "now">, signal: AbortSignal): Promise<void> {
		const status = policyStatus(policy, { ...news, now: now() });
		if (status !== undefined) await cluster.replaceStatus({ ...policy, status }, signal);
	}

	return {
		settle,
		records: ({ key, source }, durable) =>
			source.kind === "policy" ? durable : completed(durable, latest.get(key) ?? []),
		async keep({ key, workload, source }, { records, notices: added, ...trouble }, signal) {
			const notices = keptNotices([...noticesIn(source, workload), ...added], now());
			const before = recordsIn(source, workload).records;
			const all = withOthers(records, before, workload);
			if (source.kind === "policy") return settle(source.policy, { ...trouble, records: all, notices }, signal);
			const after = all.map(lasting).filter((one) => !isBlank(one));
			if (JSON.stringify(before) !== JSON.stringify(after)) {
				const told = notices.length === 0 ? null : JSON.stringify(notices);
				const annotations = { [RECORD_ANNOTATION]: textOf(after), [NOTICES_ANNOTATION]: told };
				await cluster.annotate(workload, annotations, signal);
			}
			latest.set(key, records);
		},
		async obey({ workload, source }, command, signal) {
			const records = withoutForgotten(recordsIn(source, workload).records, command);
			if (source.kind === "policy")
				return settle(source.policy, { records, problems: [], handled: command.id }, signal);
			const kept = records.map(lasting).filter((one) => !isBlank(one));
			const annotations = { [RECORD_ANNOTATION]: textOf(kept), [IMAGE_COMMAND_ANNOTATION]: null };
			await cluster.annotate(workload, annotations, signal);
		},
		latest: (key) => latest.get(key) ?? [],
		forget: (key) => void latest.delete(key),
	};
}

function textOf(records: readonly ImageRecord[]): string | null {
	return records.length === 0 ? null : recordsText(records);
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
