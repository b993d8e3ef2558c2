import type { ImageRecord } from "../../api/image-record.ts";
import { type Instant, instantOf } from "../../domain/instant.ts";
import { describeRef, type KubeObject, refOf } from "../../domain/kube-object.ts";
import { isPending } from "../decide/chosen.ts";
import type { ImageSituation, Knowledge, Situation } from "../decide/situation.ts";
import { type ImageReference, parseImageReference } from "../image-reference.ts";
import { bestCredentials } from "../image-registry/credentials.ts";
import type { Repository } from "../image-registry/image-registry.ts";
import type { UpdateRule } from "../rule.ts";
import { type Freshness, isSlow, type Look, lookId } from "../scanner/freshness.ts";
import type { Scanner, Wanted } from "../scanner/scanner.ts";
import { watchKey } from "../scanner/watch-key.ts";
import { parseSchedule } from "../schedule.ts";
import { looksAtContent } from "../select.ts";
import { imagesOf, type WorkloadImage } from "../workload.ts";
import { votesFor } from "./approvals/votes.ts";
import type { UpdaterCluster, WorkloadName } from "./cluster.ts";
import type { FoundCredentials } from "./pull-credentials.ts";
import { recordOf } from "./records.ts";
import { rolloutSeen } from "./rollout-seen.ts";

/** An image and the rule it is kept up to date by. */
export interface RuledImage {
	readonly container: WorkloadImage;
	readonly rule: UpdateRule;
}

export interface Seen {
	readonly situation: Situation;
	/** What the scanner is to look at for these images. */
	readonly wanted: readonly Wanted[];
	/** Of the situation's images, in their order; undefined for those without a schedule. */
	readonly looks: readonly (Pick<Look, "id" | "isSlow"> | undefined)[];
	/** Images whose reference nobody can read, with why. */
	readonly problems: readonly string[];
}

export interface Observing {
	readonly cluster: Pick<UpdaterCluster, "canaryOn" | "primaryOf" | "approvals" | "nodePlatforms" | "hostsOf">;
	readonly named: WorkloadName;
	readonly workload: KubeObject;
	readonly images: readonly RuledImage[];
	readonly records: readonly ImageRecord[];
	readonly credentials: readonly FoundCredentials[];
	/** Told what is wanted before it is asked what is known. */
	readonly scanner: Pick<Scanner, "want" | "knowledge">;
	readonly key: string;
	/** Absent: nobody keeps when was looked but records. */
	readonly freshness?: Pick<Freshness, "lastScanAt"> | undefined;
	/** Images go into a repository. */
	readonly writesBack: boolean;
	/** Since when the API server vouches for what people say; undefined: nothing that they say counts. */
	readonly vouchedSince: Instant | undefined;
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
	freshness,
	writesBack,
	vouchedSince,
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
		const fitting = forHosts(cluster.hostsOf(registry), credentials);
		// Where they were found must not tell two watches apart.
		const held = fitting.map(({ origin: _, ...one }) => one);
		const watched: Repository = { registry, repository, credentials: held };
		const origin = bestCredentials({ host: registry, path: repository }, fitting)?.origin;
		const record = recordOf(container, records);
		const parsedSchedule = rule.schedule === undefined ? undefined : parseSchedule(rule.schedule, "standard");
		const schedule = parsedSchedule?.ok ? parsedSchedule.schedule : undefined;
		const look =
			freshness === undefined || schedule === undefined
				? undefined
				: {
						id: lookId({ workload: key, container, rule, record }),
						isSlow: isSlow(schedule, rule.timeZone, now),
					};
		const watch = watchKey(watched);
		return [{ container, rule, written: parsed.reference, watched, watch, record, origin, schedule, look }];
	});
	const wanted = read.map(({ rule, written, watched, watch, record, schedule, look }): Wanted => {
		const lastScanAt = look === undefined ? instantOf(record.lastScan) : freshness?.lastScanAt(look.id);
		return {
			key: watch,
			repository: watched,
			schedule,
			timeZone: rule.timeZone,
			onlyTag: looksAtContent(rule) ? written.tag : undefined,
			// What is on its way is not to wait for the next look.
			lastScanAt: record.chosen !== undefined && isPending(record.chosen) ? undefined : lastScanAt,
		};
	});
	scanner.want(key, wanted);
	const approvals = named.namespace;
	const situations = read.map(
		({ container, rule, written, watch, record, origin }): ImageSituation => ({
			image: container,
			written,
			serving: servingOf(container, serving) ?? written,
			rule,
			watch,
			record,
			knowledge: asWhom(scanner.knowledge(watch), origin),
			votes:
				record.chosen === undefined || vouchedSince === undefined
					? undefined
					: votesFor(
							{ chosen: record.chosen, written, workload: named, vouchedSince },
							cluster.approvals(approvals, record.chosen.digest),
						),
		}),
	);
	return {
		situation: {
			workload: describeRef(refOf(workload)),
			images: situations,
			rollout: rolloutSeen(canary, workload),
			writesBack,
			nodePlatforms: cluster.nodePlatforms(workload),
			now,
		},
		wanted,
		looks: read.map(({ look }) => look),
		problems,
	};
}

/** The same image in the primary, if that can be read. */
function servingOf({ role, name }: WorkloadImage, serving: readonly WorkloadImage[]): ImageReference | undefined {
	const same = serving.find((image) => image.role === role && image.name === name);
	const parsed = same && parseImageReference(same.image);
	return parsed?.ok ? parsed.reference : undefined;
}

/** Credentials that have to do with these hosts: others must not tell two watches apart. */
function forHosts(hosts: readonly string[], credentials: readonly FoundCredentials[]): readonly FoundCredentials[] {
	return credentials.filter(
		({ scope }) => scope.includes("*") || hosts.some((host) => scope === host || scope.startsWith(`${host}/`)),
	);
}

/** A problem says whose credentials it was met with: they may be what is wrong. */
function asWhom(knowledge: Knowledge, origin: string | undefined): Knowledge {
	if (knowledge.kind === "unknown" || origin === undefined) return knowledge;
	const said = (problem: string) => `${problem} (asked with ${origin})`;
	if (knowledge.kind === "problem") return { kind: "problem", detail: said(knowledge.detail) };
	return knowledge.problem === undefined ? knowledge : { ...knowledge, problem: said(knowledge.problem) };
}
