import { RECORD_ANNOTATION } from "../../../../api/image-record.ts";
import { timestamp } from "../../../../domain/instant.ts";
import { describeRef, type KubeObject, refOf } from "../../../../domain/kube-object.ts";
import { silentLog } from "../../../../domain/log.ts";
import type { Timers } from "../../../../http/timers.ts";
import type { KubeClient } from "../../../../kube/client.ts";
import { saidBy } from "../../../../updater/annotations/read-key.ts";
import type { ImageSituation, Knowledge } from "../../../../updater/decide/situation.ts";
import type { RegistryClient } from "../../../../updater/image-registry/image-registry.ts";
import { workloadKey, workloadNamed } from "../../../../updater/loop/cluster.ts";
import { IMAGE_COMMAND_ANNOTATION } from "../../../../updater/loop/commands.ts";
import { NOTICES_ANNOTATION } from "../../../../updater/loop/notices.ts";
import { observe } from "../../../../updater/loop/observe.ts";
import { recordsIn } from "../../../../updater/loop/records.ts";
import { type Source, sourceOf } from "../../../../updater/loop/sources.ts";
import type { RuledImage } from "../../../../updater/rules.ts";
import { createWatch } from "../../../../updater/scanner/repository-watch.ts";
import type { Wanted } from "../../../../updater/scanner/scanner.ts";
import { RefusedError } from "../../../usage-error.ts";
import { hinderedBy } from "../images.ts";
import { DEFAULTS, type NamedWorkload, readWorkload } from "../workloads.ts";
import { type AskRegistry, explainImage, type ImageExplanation } from "./explanation.ts";
import { knowledgeOf, withNamesOnly } from "./given-tags.ts";
import { snapshotAround } from "./snapshot.ts";

export interface ExplainPorts {
	readonly client: KubeClient;
	readonly registry: RegistryClient;
	readonly timers: Timers;
	readonly namespace: string;
	readonly signal: AbortSignal;
}

export interface AskedExplain {
	readonly workload: NamedWorkload;
	readonly container: string | undefined;
	/** `ask` the registry, or choose among these tags by their names, or say what is recorded alone. */
	readonly tags: "ask" | "none" | readonly string[];
}

/** Why the images of a workload are as they are. */
export interface Explanation {
	readonly workload: string;
	/** Who asks for updates; `none` when nobody does. */
	readonly askedBy: string;
	/** Annotations and labels as written on the workload, where they are what asks. */
	readonly said: readonly { readonly key: string; readonly value: string }[];
	/** What was read in another way than it may have been meant. */
	readonly notes: readonly string[];
	/** Why nothing is done; empty when something is. */
	readonly problems: readonly string[];
	readonly at: string;
	readonly images: readonly ImageExplanation[];
}

/** Explains by the operator's own functions, with the rights of whoever asks. */
export async function explain(ports: ExplainPorts, asked: AskedExplain): Promise<Explanation> {
	const { client, namespace, timers } = ports;
	const { workload, policies } = await readWorkload(client, namespace, asked.workload);
	const source = sourceOf(workload, policies, DEFAULTS);
	const start = {
		workload: describeRef(refOf(workload)),
		askedBy: askedBy(source),
		said: source.kind === "annotations" ? saidOn(workload) : [],
		at: timestamp(timers.now()),
		images: [],
	};
	const otherPolicies = policies
		.slice(1)
		.map(({ metadata }) => `ImagePolicy ${metadata.name} names the workload too, and is not obeyed: the oldest is`);
	const refused = (problems: readonly string[]) => ({ ...start, notes: otherPolicies, problems });
	if (source.kind === "none") return refused([]);
	if (source.kind === "unreadable") return refused(source.problems);
	if (source.asked.kind === "none") return refused([`ImagePolicy ${policies[0]?.metadata.name} is suspended`]);
	if (source.asked.kind === "invalid") return refused(source.asked.problems);
	const { records, problems: unreadable } = recordsIn(source, workload);
	if (unreadable.length > 0) return refused(unreadable);
	const images = chosenBy(source.asked.images, asked.container, start.workload);
	const writesBack = source.kind === "policy" && source.policy.spec.writeBack !== undefined;
	const seen = await lookAround(ports, { workload, images, records, writesBack, isOnline: asked.tags === "ask" });
	const isKeels = saidBy(workload, {
		name: "policy",
		in: ["annotations", "labels"],
		formerly: "keel.observer/policy",
	})?.isKeels;
	const explained = await Promise.all(
		seen.situation.images.map(async (image, index) => {
			const wanted = seen.wanted[index];
			const { first, ask } = wanted === undefined ? nobody : await looker(ports, asked, { image, wanted });
			const known = { ...image, knowledge: first };
			const named = asked.tags === "ask" ? known : withNamesOnly(known);
			return explainImage(named, seen.situation, { ask, isKeels: source.kind === "annotations" && isKeels === true });
		}),
	);
	const { hindered } = hinderedBy(source);
	const hindrance = hindered === undefined ? [] : [`the operator says: ${hindered.message}`];
	const notes = [...source.asked.notes, ...otherPolicies, ...hindrance, ...seen.notes];
	return { ...start, images: explained, notes, problems: seen.problems };
}

function askedBy(source: Source): string {
	if (source.kind === "none") return "none";
	if (source.kind === "annotations") return "annotations";
	return `ImagePolicy ${source.policy.metadata.name}`;
}

/** All that could be meant for the updater, ours and keel's. */
function saidOn({ metadata }: KubeObject): Explanation["said"] {
	const OURS = /^(keel\.(sh|observer)|haldane\.dev)\//;
	const OF_THE_OPERATOR: readonly string[] = [RECORD_ANNOTATION, NOTICES_ANNOTATION, IMAGE_COMMAND_ANNOTATION];
	return (["annotations", "labels"] as const).flatMap((map) =>
		Object.entries(metadata[map] ?? {})
			.filter(([key]) => OURS.test(key) && !OF_THE_OPERATOR.includes(key))
			.map(([key, value]) => ({ key: map === "labels" ? `${key} (label)` : key, value: String(value) })),
	);
}

function chosenBy(
	images: readonly RuledImage[],
	container: string | undefined,
	workload: string,
): readonly RuledImage[] {
	const meant = images.filter(({ container: one }) => container === undefined || one.name === container);
	if (meant.length > 0) return meant;
	const names = images.map(({ container: one }) => one.name).join(", ");
	throw new RefusedError(`${workload}: no image of ${container} is kept up to date, only those of ${names}`);
}

interface Around {
	readonly workload: KubeObject;
	readonly images: readonly RuledImage[];
	readonly records: Parameters<typeof observe>[0]["records"];
	readonly writesBack: boolean;
	readonly isOnline: boolean;
}

/** The situation as the operator would see it, before any registry was asked. */
async function lookAround(
	{ client, timers, signal }: ExplainPorts,
	{ workload, images, records, writesBack, isOnline }: Around,
) {
	const snapshot = await snapshotAround(workload, client, () => timers.now());
	const pullSecrets = [...new Set(images.flatMap(({ rule }) => rule.pullSecrets))];
	const { credentials, problems: unread } = isOnline
		? await snapshot.cluster.credentials(
				{ workload, pullSecrets, images: images.map(({ container }) => container.image) },
				signal,
			)
		: { credentials: [], problems: [] };
	const key = workloadKey(workload);
	const { situation, wanted, problems } = observe({
		cluster: snapshot.cluster,
		named: workloadNamed(key),
		workload,
		images,
		records,
		credentials,
		scanner: { want: () => {}, knowledge: () => ({ kind: "unknown" }) },
		key,
		writesBack,
		vouchedSince: 0,
		now: timers.now(),
	});
	return { situation, wanted, problems, notes: [...snapshot.notes, ...unread] };
}

const nobody: Looker = { first: { kind: "unknown" }, ask: async () => ({ kind: "unknown" }) };

interface Looker {
	readonly first: Knowledge;
	readonly ask: AskRegistry;
}

/** Who answers what the choice needs to know: the registry, or the tags that were given. */
async function looker(
	{ registry, timers, signal }: ExplainPorts,
	{ tags }: AskedExplain,
	{ image, wanted }: { readonly image: ImageSituation; readonly wanted: Wanted },
): Promise<Looker> {
	if (tags === "none") return nobody;
	if (tags !== "ask") {
		const first = knowledgeOf(tags, image, timers.now());
		return { first, ask: async () => first };
	}
	// Whoever asks here looks himself.
	const watch = createWatch({ client: registry, timers, log: silentLog, look: () => {} }, wanted.repository);
	watch.want([wanted.onlyTag]);
	await watch.look(true, signal);
	return {
		first: watch.knowledge(),
		async ask(asked) {
			watch.ask(asked);
			await watch.look(false, signal);
			return watch.knowledge();
		},
	};
}
