import type { Notice } from "../../../../src/api/canary-status.ts";
import { FAILED_MAX, type ImageRecord, REJECTED_MAX } from "../../../../src/api/image-record.ts";
import type { KubeObject } from "../../../../src/domain/kube-object.ts";
import { parseImageReference } from "../../../../src/updater/image-reference.ts";
import { mayChange } from "../../../../src/updater/schedule.ts";
import type { WorkloadImage } from "../../../../src/updater/workload.ts";
import type { ModelStatus } from "./canary.ts";
import type { Life } from "./life.ts";
import { imageOf, recordsOf, type Witness } from "./world.ts";

/** What must hold of every write, whatever went wrong before it. */
export class Laws implements Witness {
	readonly #life: Life;
	/** Everything told, as `ImageFound app 1.1.0`. */
	readonly told = new Map<string, number>();
	imagesWritten = 0;
	/** Nobody edits, and no process dies: nothing is told twice. */
	isCalm = false;
	readonly #noted = new Map<string, string>();
	readonly #toldIds = new Set<string>();
	readonly #lastTold = new Map<string, string>();

	constructor(life: Life) {
		this.#life = life;
	}

	images(workload: KubeObject, images: readonly WorkloadImage[]): void {
		const { cluster, rule, clock } = this.#life;
		const now = clock.now();
		const records = recordsOf(this.#life.recorded());
		const canary = cluster.cached.get("Canary/app")?.status as ModelStatus | undefined;
		const failed = canary?.run === undefined && canary?.phase === "Failed";
		if (canary?.run !== undefined && !rule.supersede) throw new Error("an image is written while a rollout runs");
		if (!mayChange(rule.windows, rule.freezes, now).now) throw new Error("an image is written when nothing may change");
		for (const { name, image } of images) {
			this.imagesWritten += 1;
			this.#life.trace?.(`writes ${image}`);
			const record = records.find(({ container }) => container === name);
			const chosen = record?.chosen;
			const wanted = read(image);
			const isSetBack = failed && image === imageOf(cluster.cached.get("Deployment/app-primary"), name);
			if (isSetBack && images.length > 1 && chosen?.state !== "Writing") continue;
			if (chosen?.state !== "Writing" || chosen.tag !== wanted.tag)
				throw new Error(`${image} is written, and ${chosen?.tag} is recorded as ${chosen?.state}`);
			if (rule.pinDigest && wanted.digest !== chosen.digest) throw new Error("another digest is written than recorded");
			for (const { tag, digest } of [...(record?.failed ?? []), ...(record?.rejected ?? [])])
				if (tag === chosen.tag && (digest === undefined || digest === chosen.digest))
					throw new Error(`${tag} is written though it is barred`);
			const serving = failed ? cluster.cached.get("Deployment/app-primary") : workload;
			const before = read(imageOf(serving, name)).tag ?? "";
			const after = wanted.tag ?? "";
			if (rule.policies[name]?.type !== "digest" && order(after) < order(before))
				throw new Error(`${after} is written after ${before}`);
			const people = this.#life.approvedBy(wanted.name, chosen.digest);
			if (people.size < rule.approvals) throw new Error(`${people.size} of ${rule.approvals} approved ${after}`);
		}
	}

	/** Nothing but images and the reason changes. */
	changed(before: KubeObject, after: KubeObject): void {
		const bare = ({ spec, metadata }: KubeObject) => {
			const { "kubernetes.io/change-cause": _cause, ...annotations } = metadata.annotations ?? {};
			return JSON.stringify([spec, metadata.name, metadata.labels, annotations]).replace(/"image":"[^"]*"/g, "");
		};
		if (bare(before) !== bare(after)) throw new Error("a field of somebody else's was changed");
		if (after.metadata.annotations?.["kubernetes.io/change-cause"] === undefined) throw new Error("nobody knows why");
	}

	records(before: readonly ImageRecord[], after: readonly ImageRecord[]): void {
		const told = after.map(
			({ container, chosen }) => `${container} ${chosen?.tag} ${chosen?.digest.slice(-2)} ${chosen?.state}`,
		);
		this.#life.trace?.(`records ${told.join(", ")}`);
		if (JSON.stringify(after).length > 128 * 1_024) throw new Error("the record is too long");
		for (const old of before) {
			const now = after.find(({ container, role }) => container === old.container && role === old.role);
			this.#keeps(old, now, "failed", FAILED_MAX);
			this.#keeps(old, now, "rejected", REJECTED_MAX);
		}
	}

	#keeps(before: ImageRecord, after: ImageRecord | undefined, list: "failed" | "rejected", most: number): void {
		const kept = after?.[list] ?? [];
		if (kept.length > most) throw new Error(`${kept.length} ${list} images are remembered`);
		const { cluster } = this.#life;
		const lost = (before[list] ?? []).filter(
			(one) => !kept.some(({ tag, digest }) => tag === one.tag && digest === one.digest),
		);
		for (const { tag } of lost) {
			// What serves has passed since.
			const isServing = read(imageOf(cluster.cached.get("Deployment/app"), before.container)).tag === tag;
			if (kept.length < most && !(list === "failed" && isServing))
				throw new Error(`the record of ${before.container} forgets that ${tag} ${list}`);
		}
	}

	/** What was recorded to be told. */
	noted(notices: readonly Notice[]): void {
		for (const { id, message } of notices) if (!this.#toldIds.has(id)) this.#noted.set(id, message);
	}

	tells(notices: readonly Notice[]): void {
		for (const { id, reason, message } of notices) {
			this.#noted.delete(id);
			this.#toldIds.add(id);
			this.#life.trace?.(`tells ${reason}: ${message.slice(0, 100)}`);
			const container = /: (\w+)/.exec(message)?.[1] ?? "";
			const key = `${reason} ${container} ${/\d+\.\d+\.\d+/.exec(message)?.[0]}`;
			this.told.set(key, (this.told.get(key) ?? 0) + 1);
			const last = `${reason} ${container}`;
			// What gave way to something better may be found anew.
			if (this.isCalm && this.#lastTold.get(last) === key) throw new Error(`told again: ${message}`);
			this.#lastTold.set(last, key);
			// Another choice makes all that follows from it new.
			if (reason === "ImageFound")
				for (const other of this.#lastTold.keys())
					if (other.endsWith(` ${container}`) && other !== last) this.#lastTold.delete(other);
		}
	}

	/** Of a world that is well, what is still to come: undefined when the best that is allowed serves. */
	unrest(): string | undefined {
		const { cluster, rule, registry, canary } = this.#life;
		const records = recordsOf(this.#life.recorded());
		const status = canary.status();
		if (status?.run !== undefined) return "a rollout never ended";
		const target = cluster.get("Deployment/app");
		const serving = status === undefined ? target : cluster.get("Deployment/app-primary");
		for (const [container, { type }] of Object.entries(rule.policies)) {
			const record = records.find((one) => one.container === container);
			const state = record?.chosen?.state;
			const isOver = state === undefined || ["RolledOut", "RolledBack", "Rejected", "Expired"].includes(state);
			if (!isOver) return `${container} rests in ${state}`;
			const written = read(imageOf(target, container));
			const serves = read(imageOf(serving, container));
			const barred = [...(record?.failed ?? []), ...(record?.rejected ?? [])];
			if (type === "digest") {
				// Of what serves under another tag nobody knows the content.
				if (status?.phase === "Failed" && serves.tag !== written.tag) continue;
				const there = registry.of(written.repository).get(written.tag ?? "");
				const runs = written.digest ?? record?.chosen?.digest;
				const isBarred = barred.some(({ digest }) => digest === undefined || digest === there?.digest);
				if (there !== undefined && there.digest !== runs && !isBarred)
					return `${container} rests with other content than ${written.tag} has: ${JSON.stringify(record)}`;
				continue;
			}
			const base = status?.phase === "Failed" ? serves : written;
			const better = [...registry.of(written.repository)].filter(
				([tag, { digest }]) =>
					suits(type, base.tag ?? "", tag) &&
					order(tag) > order(base.tag ?? "") &&
					!barred.some((one) => one.tag === tag && (one.digest === undefined || one.digest === digest)),
			);
			if (better.length > 0)
				return `${container} rests at ${base.tag}, and there is ${better.map(([tag]) => tag)}: ${JSON.stringify(record)}`;
			if (record?.problem !== undefined) return `a problem stays: ${record.problem}`;
		}
		const [untold] = this.#noted.values();
		return untold === undefined ? undefined : `nobody was told: ${untold}`;
	}
}

/** Tags are versions of small numbers. */
export function order(tag: string): number {
	return tag.split(".").reduce((sum, part) => sum * 1_000 + Number(part), 0);
}

export function suits(policy: string, from: string, to: string): boolean {
	const [fromMajor, fromMinor] = from.split(".");
	const [toMajor, toMinor] = to.split(".");
	if (policy === "patch") return fromMajor === toMajor && fromMinor === toMinor;
	if (policy === "minor") return fromMajor === toMajor;
	return true;
}

export function read(image: string) {
	const parsed = parseImageReference(image);
	if (!parsed.ok) throw new Error(parsed.problem);
	return parsed.reference;
}
