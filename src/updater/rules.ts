import type { ImagePolicy, ImagePolicySpec, ImageRule } from "../api/image-policy.ts";
import { RECORDS_MAX } from "../api/image-record.ts";
import { durationMs } from "../domain/duration.ts";
import type { KubeObject } from "../domain/kube-object.ts";
import { parseImageReference, repositoryKey } from "./image-reference.ts";
import { policyOf } from "./policies/registry.ts";
import type { ChangeWindow, UpdateRule } from "./rule.ts";
import { isTimeZone, parseSchedule } from "./schedule.ts";
import { readFilter } from "./selection/tag-filter.ts";
import { imagesOf, type WorkloadImage } from "./workload.ts";
import { templateProblems } from "./write-back/message.ts";

/** One image, and how it is to be kept up to date. */
export interface RuledImage {
	readonly container: WorkloadImage;
	readonly rule: UpdateRule;
}

/** What a workload's owner asks for; problems are sentences that name the field and the mend, notes say what was read differently. */
export type AskedFor =
	/** Nothing: the workload is none of ours. */
	| { readonly kind: "none" }
	| { readonly kind: "rules"; readonly images: readonly RuledImage[]; readonly notes: readonly string[] }
	| { readonly kind: "invalid"; readonly problems: readonly string[] };

/** What holds where nobody says otherwise. */
export const plainRule: UpdateRule = Object.freeze({
	policy: "never",
	settings: {},
	filter: undefined,
	ignoreTags: [],
	schedule: undefined,
	timeZone: undefined,
	minimumAgeMs: 0,
	platforms: "nodes",
	pinDigest: false,
	windows: [],
	freezes: [],
	approvals: 0,
	approvalDeadlineMs: 24 * 3_600_000,
	supersede: false,
	pullSecrets: [],
	releaseNotes: undefined,
});

/** How an ImagePolicy wants the images of its workload. Names of containers come before the order of its list. */
export function rulesOf({ spec }: ImagePolicy, workload: KubeObject): AskedFor {
	if (spec.suspend === true) return { kind: "none" };
	const problems: string[] = [];
	const notes: string[] = [];
	const common = commonRule(spec, problems, notes);
	const found = imagesOf(workload);
	const images: RuledImage[] = [];
	for (const [index, entry] of spec.images.entries()) {
		const field = `spec.images[${index}]`;
		const rule = { ...common, ...ruleOf(entry, field, problems) };
		for (const container of chosenBy(entry, found, field, problems)) {
			const taken = images.some(({ container: one }) => one === container);
			if (taken) problems.push(`${field}: ${container.name} has a rule already; name each image once`);
			else images.push({ container, rule });
		}
	}
	for (const problem of templateProblems(spec.writeBack?.git.messageTemplate ?? ""))
		problems.push(`spec.writeBack.git.messageTemplate: ${problem}`);
	if (images.length > RECORDS_MAX)
		problems.push(`spec.images: means ${images.length} images; the most of one workload is ${RECORDS_MAX}`);
	return problems.length > 0 ? { kind: "invalid", problems } : { kind: "rules", images, notes };
}

function commonRule(spec: ImagePolicySpec, problems: string[], notes: string[]): UpdateRule {
	const schedule = parseSchedule(spec.schedule, "standard");
	if (!schedule.ok) problems.push(`spec.schedule: ${schedule.problem}`);
	else if (schedule.note !== undefined) notes.push(`spec.schedule: ${schedule.note}`);
	problems.push(...zoneProblems(spec.timeZone, "spec.timeZone"));
	return {
		...plainRule,
		schedule: schedule.ok ? schedule.standard : undefined,
		timeZone: spec.timeZone,
		windows: windowsOf(spec.windows, "spec.windows", problems),
		freezes: windowsOf(spec.freezes, "spec.freezes", problems),
		approvals: spec.approvals?.required ?? plainRule.approvals,
		approvalDeadlineMs: durationMs(spec.approvals?.deadline ?? "") ?? plainRule.approvalDeadlineMs,
		supersede: spec.supersede ?? plainRule.supersede,
		pullSecrets: (spec.pullSecrets ?? []).map(({ name }) => name),
		releaseNotes: spec.releaseNotes,
	};
}

function ruleOf({ policy: { type, ...settings }, ...entry }: ImageRule, field: string, problems: string[]) {
	const filter = readFilter(entry.tags);
	if (!filter.ok) problems.push(`${field}.tags: ${filter.problem}`);
	problems.push(
		...policyOf(type)
			.problems(settings)
			.map((problem) => `${field}.policy: ${problem}`),
	);
	return {
		policy: type,
		settings,
		filter: entry.tags,
		ignoreTags: entry.ignoreTags ?? plainRule.ignoreTags,
		minimumAgeMs: durationMs(entry.minimumAge ?? "") ?? plainRule.minimumAgeMs,
		platforms: entry.platforms ?? plainRule.platforms,
		pinDigest: entry.pinDigest ?? plainRule.pinDigest,
	} satisfies Partial<UpdateRule>;
}

function windowsOf(windows: ImagePolicySpec["windows"], field: string, problems: string[]): readonly ChangeWindow[] {
	return (windows ?? []).map(({ cron, duration, timeZone }, index) => {
		const parsed = parseSchedule(cron, "standard");
		if (!parsed.ok) problems.push(`${field}[${index}].cron: ${parsed.problem}`);
		else if (parsed.schedule.kind === "every")
			problems.push(`${field}[${index}].cron: '${cron}' does not say when; write five fields`);
		problems.push(...zoneProblems(timeZone, `${field}[${index}].timeZone`));
		return { cron, durationMs: durationMs(duration) ?? 0, timeZone };
	});
}

function chosenBy(
	{ containers, image }: ImageRule,
	found: readonly WorkloadImage[],
	field: string,
	problems: string[],
): readonly WorkloadImage[] {
	if (containers !== undefined) {
		return containers.flatMap((name, index) => {
			const named = found.filter((one) => one.name === name);
			if (named.length === 0)
				problems.push(`${field}.containers[${index}]: the workload has no '${name}'; it has ${namesOf(found)}`);
			return named.filter((one) => readable(one, `${field}.containers[${index}]`, problems));
		});
	}
	const parsed = parseImageReference(image ?? "");
	if (!parsed.ok) {
		problems.push(`${field}.image: ${parsed.problem}`);
		return [];
	}
	if (parsed.reference.tag !== undefined || parsed.reference.digest !== undefined) {
		problems.push(`${field}.image: name the repository only, without tag and digest`);
		return [];
	}
	const wanted = repositoryKey(parsed.reference);
	const matching = found.filter((one) => {
		const other = parseImageReference(one.image);
		return other.ok && repositoryKey(other.reference) === wanted;
	});
	if (matching.length === 0)
		problems.push(`${field}.image: no image of the workload is of ${image}; it has ${namesOf(found)}`);
	return matching;
}

function readable({ name, image }: WorkloadImage, field: string, problems: string[]): boolean {
	const parsed = parseImageReference(image);
	if (!parsed.ok) problems.push(`${field}: the image of ${name} ${parsed.problem}`);
	return parsed.ok;
}

function zoneProblems(timeZone: string | undefined, field: string): readonly string[] {
	if (timeZone === undefined || isTimeZone(timeZone)) return [];
	return [`${field}: '${timeZone}' is no time zone; write it like Europe/Berlin`];
}

function namesOf(images: readonly WorkloadImage[]): string {
	return images.length === 0 ? "none" : images.map(({ name }) => name).join(", ");
}
