import type { Condition, Notice } from "../../api/canary-status.ts";
import type { ImagePolicyStatus } from "../../api/image-policy.ts";
import type { ImageRecord } from "../../api/image-record.ts";
import { type Instant, timestamp } from "../../domain/instant.ts";
import type { KubeObject } from "../../domain/kube-object.ts";
import { isOnItsWay } from "../decide/chosen.ts";

/** What a status does not say yet. */
export interface News {
	/** Undefined leaves the records as they are. */
	readonly records?: readonly ImageRecord[] | undefined;
	/** Undefined leaves them as they are. */
	readonly notices?: readonly Notice[] | undefined;
	readonly problems: readonly string[];
	/** What the problems are of, unless they are of the registry. */
	readonly trouble?: "RegistryProblem" | "ApprovalsProblem" | "WriteProblem" | "WriteBackProblem" | undefined;
	/** The policy cannot be acted on until somebody edits it. */
	readonly invalid?: boolean;
	/** Id of the command that was obeyed. */
	readonly handled?: string;
	readonly now: Instant;
}

/** The status with what is new, conditions by the rules of kstatus; undefined when it says so already. */
export function policyStatus(
	policy: KubeObject,
	{ records, notices, problems, invalid = false, handled, now, trouble = "RegistryProblem" }: News,
): ImagePolicyStatus | undefined {
	const before = (policy.status ?? {}) as ImagePolicyStatus;
	const images = records ?? before.images ?? [];
	const lastScan = images
		.map(({ lastScan }) => lastScan)
		.filter((at) => at !== undefined)
		.sort()
		.at(-1);
	const after: ImagePolicyStatus = {
		...before,
		...(images.length === 0 ? {} : { images: [...images] }),
		...(lastScan === undefined ? {} : { lastScan }),
		...(handled === undefined ? {} : { lastHandledCommand: handled }),
		...(notices === undefined ? {} : { notices: [...notices] }),
		conditions: conditionsOf(before.conditions ?? [], {
			images,
			problems,
			invalid,
			now,
			trouble,
			generation: policy.metadata.generation,
		}),
		...(policy.metadata.generation === undefined ? {} : { observedGeneration: policy.metadata.generation }),
	};
	return JSON.stringify(after) === JSON.stringify(before) ? undefined : after;
}

interface State {
	readonly images: readonly ImageRecord[];
	readonly problems: readonly string[];
	readonly invalid: boolean;
	readonly trouble: string;
	readonly now: Instant;
	readonly generation: number | undefined;
}

function conditionsOf(
	before: readonly Condition[],
	{ images, problems, invalid, now, trouble, generation }: State,
): Condition[] {
	const troubles = [
		...problems,
		...images.flatMap(({ container, problem }) => (problem === undefined ? [] : [`${container}: ${problem}`])),
	];
	const onTheWay = images.filter(({ chosen }) => chosen !== undefined && isOnItsWay(chosen));
	const saying = onTheWay.map(({ container, chosen }) => `${container} ${chosen?.tag}: ${chosen?.state}`).join(", ");
	const message = troubles.join("; ");
	const make = (type: string, status: boolean, reason: string, text: string): Condition => {
		const known = before.find((one) => one.type === type);
		const value = status ? "True" : "False";
		return {
			type,
			status: value,
			reason,
			message: text.slice(0, MESSAGE_LENGTH_MAX),
			lastTransitionTime: known?.status === value ? known.lastTransitionTime : timestamp(now),
			...(generation === undefined ? {} : { observedGeneration: generation }),
		};
	};
	const isFine = troubles.length === 0;
	const ready = isFine ? (saying === "" ? "every image is as its policy wants it" : saying) : message;
	const reason = invalid ? "Invalid" : isFine ? (onTheWay.length === 0 ? "UpToDate" : "Updating") : trouble;
	return [
		make("Ready", isFine && onTheWay.length === 0, reason, ready),
		make("Reconciling", !invalid && onTheWay.length > 0, onTheWay.length > 0 ? "Updating" : "Idle", saying),
		make("Stalled", invalid, invalid ? "Invalid" : "NotStalled", invalid ? message : ""),
	];
}

const MESSAGE_LENGTH_MAX = 1_024;
