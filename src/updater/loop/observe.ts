import type { ImageRecord } from "../../api/image-record.ts";
import { type Instant, instantOf } from "../../domain/instant.ts";
import { describeRef, type KubeObject, refOf } from "../../domain/kube-object.ts";
import { isPending } from "../decide/advance.ts";
import type { ImageSituation, Situation } from "../decide/situation.ts";
import { type ImageReference, parseImageReference } from "../image-reference.ts";
import type { Credentials, Repository } from "../image-registry/image-registry.ts";
import type { UpdateRule } from "../rule.ts";
import type { Scanner, Wanted } from "../scanner/scanner.ts";
import { watchKey } from "../scanner/watch-key.ts";
import { parseSchedule } from "../schedule.ts";
import { looksAtContent } from "../select.ts";
import { imagesOf, type WorkloadImage } from "../workload.ts";
import type { UpdaterCluster, WorkloadName } from "./cluster.ts";
import { recordOf } from "./records.ts";
import { rolloutSeen } from "./rollout-seen.ts";
import { votesFor } from "./votes.ts";

/** An image and the rule it is kept up to date by. */
export interface RuledImage {
	readonly container: WorkloadImage;
	readonly rule: UpdateRule;
}

export interface Seen {
	readonly situation: Situation;
	/** What the scanner is to look at for these images. */
	readonly wanted: readonly Wanted[];
	/** Images whose reference nobody can read, with why. */
	readonly problems: readonly string[];
}

export interface Observing {
	readonly cluster: Pick<UpdaterCluster, "canaryOn" | "primaryOf" | "approvals" | "nodePlatforms">;
	readonly named: WorkloadName;
	readonly workload: KubeObject;
	readonly images: readonly RuledImage[];
	readonly records: readonly ImageRecord[];
	readonly credentials: readonly Credentials[];
	/** Told what is wanted before it is asked what is known. */
	readonly scanner: Pick<Scanner, "want" | "knowledge">;
	readonly key: string;
	readonly now: Instant;
}

/** What there is to know about a workload's images, from caches and the scanner's memory alone. */
export function observe({
	cluster,
	named,
	workload,
	images,
	records,
	credentials,
	scanner,
	key,
	now,
}: Observing): Seen {
	const canary = cluster.canaryOn(named);
	const primary = canary && cluster.primaryOf(canary);
	const serving = primary === undefined ? [] : imagesOf(primary);
	const problems: string[] = [];
	const read = images.flatMap(({ container, rule }) => {
		const parsed = parseImageReference(container.image);
		if (!parsed.ok) {
			problems.push(`${container.role} ${container.name}: its image ${parsed.problem}`);
			return [];
		}
		const { registry, repository } = parsed.reference;
		const watched: Repository = { registry, repository, credentials: forRegistry(registry, credentials) };
		const record = recordOf(container, records);
		return [{ container, rule, written: parsed.reference, watched, watch: watchKey(watched), record }];
	});
	const wanted = read.map(({ rule, written, watched, watch, record }): Wanted => {
		const schedule = rule.schedule === undefined ? undefined : parseSchedule(rule.schedule, "standard");
		return {
			key: watch,
			repository: watched,
			schedule: schedule?.ok ? schedule.schedule : undefined,
			timeZone: rule.timeZone,
			onlyTag: looksAtContent(rule) ? written.tag : undefined,
			// What is on its way is not to wait for the next look.
			lastScanAt: record.chosen !== undefined && isPending(record.chosen) ? undefined : instantOf(record.lastScan),
		};
	});
	scanner.want(key, wanted);
	const approvals = named.namespace;
	const situations = read.map(
		({ container, rule, written, watch, record }): ImageSituation => ({
			image: container,
			written,
			serving: servingOf(container, serving) ?? written,
			rule,
			watch,
			record,
			knowledge: scanner.knowledge(watch),
			votes:
				record.chosen === undefined
					? []
					: votesFor(record.chosen, written, cluster.approvals(approvals, record.chosen.digest)),
		}),
	);
	return {
		situation: {
			workload: describeRef(refOf(workload)),
			images: situations,
			rollout: rolloutSeen(canary, workload),
			nodePlatforms: cluster.nodePlatforms(),
			now,
		},
		wanted,
		problems,
	};
}

/** The same image in the primary, if that can be read. */
function servingOf({ role, name }: WorkloadImage, serving: readonly WorkloadImage[]): ImageReference | undefined {
	const same = serving.find((image) => image.role === role && image.name === name);
	const parsed = same && parseImageReference(same.image);
	return parsed?.ok ? parsed.reference : undefined;
}

/** Credentials that have to do with the registry: others must not tell two watches apart. */
function forRegistry(registry: string, credentials: readonly Credentials[]): readonly Credentials[] {
	return credentials.filter(
		({ scope }) => scope === registry || scope.startsWith(`${registry}/`) || scope.includes("*"),
	);
}
