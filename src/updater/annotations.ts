import { RECORDS_MAX } from "../api/image-record.ts";
import type { KubeObject } from "../domain/kube-object.ts";
import { everythingSaid, KEEL_PREFIX, PREFIXES, type Said, saidBy } from "./annotations/read-key.ts";
import { readPolicy } from "./annotations/read-policy.ts";
import { parseImageReference } from "./image-reference.ts";
import { policyOf } from "./policies/registry.ts";
import type { UpdateRule } from "./rule.ts";
import { type AskedFor, plainRule } from "./rules.ts";
import { parseSchedule } from "./schedule.ts";
import { readPattern } from "./selection/pattern.ts";
import { imagesOf, type WorkloadImage } from "./workload.ts";

/** Keys that are read, behind keel's prefix and behind ours. */
const READ = [
	...["policy", "matchTag", "matchPreRelease", "trigger", "pollSchedule", "approvals", "approvalDeadline"],
	...["notify", "releaseNotes", "imagePullSecret", "initContainers", "imageVolumes", "monitorContainers"],
];
const IN_ANY_CASE = ["imagepullsecret", "monitorcontainers"];
/** What else stands behind them: an old name, and what keel writes itself; what we write, and what people say to us. */
const ELSEWISE: Readonly<Record<(typeof PREFIXES)[number], readonly string[]>> = {
	"keel.sh/": ["match-tag", "digest", "update-time"],
	"haldane.dev/": ["command", "image-record", "image-notices", "canary", "revision", "created"],
};
const UNKNOWN_MAX = 10;
const APPROVALS_MAX = 100;
const APPROVAL_HOURS_MAX = 8_760;
const HOUR_MS = 3_600_000;
const annotationsFirst = ["annotations", "labels"] as const;
const labelsFirst = ["labels", "annotations"] as const;

/**
 * What the workload asks for by its own annotations and labels: `keel.sh/…` as keel reads them, and `haldane.dev/…` of the
 * same names, which win key by key. `defaults.schedule` is in the standard dialect. What can't be read is told and nothing
 * is done, where keel would do something else than was asked for. Notes are about the reading; how tags are chosen otherwise
 * than by keel, `differencesFor` in `keel-differences.ts` says of each rule.
 */
export function askedByAnnotations(workload: KubeObject, defaults: { readonly schedule: string }): AskedFor {
	const policy = saidBy(workload, { name: "policy", in: annotationsFirst, formerly: "keel.observer/policy" });
	if (policy === undefined || policy.value.trim() === "") return { kind: "none" };
	const problems: string[] = [];
	const notes: string[] = [];
	const rule: UpdateRule = {
		...plainRule,
		...policyIn(workload, policy, problems),
		...approvalsIn(workload, problems),
		...whereabouts(workload, problems, notes),
	};
	const schedule = scheduleIn(workload, policy, defaults.schedule, problems, notes);
	const images = imagesIn(workload, problems, notes);
	notes.push(...unread(workload));
	if (problems.length > 0) return { kind: "invalid", problems };
	const timed = { ...rule, schedule: rule.policy === "never" ? undefined : schedule };
	return { kind: "rules", images: images.map((container) => ({ container, rule: timed })), notes };
}

function policyIn(workload: KubeObject, policy: Said, problems: string[]): Partial<UpdateRule> {
	const beside = (name: string, formerly?: string) =>
		saidBy(workload, { name, in: [policy.from], ...(formerly !== undefined && { formerly }) })?.value;
	const matchTag = beside("matchTag", `${KEEL_PREFIX}match-tag`);
	const read = readPolicy(policy.value.trim(), { matchTag, matchPreRelease: beside("matchPreRelease") });
	if (!read.ok) {
		problems.push(`${policy.key}: ${read.problem}`);
		return {};
	}
	problems.push(
		...policyOf(read.policy)
			.problems(read.settings)
			.map((problem) => `${policy.key}: ${problem}`),
	);
	return { policy: read.policy, settings: read.settings };
}

function approvalsIn(workload: KubeObject, problems: string[]): Partial<UpdateRule> {
	const whole = (name: string, least: number, most: number): number | undefined => {
		const said = saidBy(workload, { name, in: labelsFirst });
		if (said === undefined) return undefined;
		const number = Number(said.value.trim());
		if (/^\d{1,6}$/.test(said.value.trim()) && number >= least && number <= most) return number;
		problems.push(`${said.key}: '${said.value.slice(0, 60)}' is not a whole number from ${least} to ${most}`);
		return undefined;
	};
	const hours = whole("approvalDeadline", 1, APPROVAL_HOURS_MAX);
	return {
		approvals: whole("approvals", 0, APPROVALS_MAX) ?? plainRule.approvals,
		approvalDeadlineMs: hours === undefined ? plainRule.approvalDeadlineMs : hours * HOUR_MS,
	};
}

/** Where images are pulled with, and where to read about them. */
function whereabouts(workload: KubeObject, problems: string[], notes: string[]): Partial<UpdateRule> {
	const secret = saidBy(workload, { name: "imagePullSecret", in: labelsFirst, inAnyCase: true });
	const name = secret?.value.trim() ?? "";
	if (name !== "" && !/^[a-z0-9][a-z0-9.-]{0,252}$/.test(name))
		problems.push(`${secret?.key}: '${name.slice(0, 60)}' is no name of a Secret`);
	const releaseNotes = saidBy(workload, { name: "releaseNotes", in: ["annotations"] });
	const isAddress = releaseNotes !== undefined && /^https?:\/\/\S{1,2048}$/.test(releaseNotes.value.trim());
	if (releaseNotes !== undefined && !isAddress)
		notes.push(`${releaseNotes.key}: is not an http or https address, so messages have no link to it`);
	return {
		pullSecrets: name === "" ? [] : [name],
		releaseNotes: isAddress ? releaseNotes.value.trim() : undefined,
	};
}

/** In the standard dialect; undefined when the registry is not to be polled. */
function scheduleIn(
	workload: KubeObject,
	policy: Said,
	byDefault: string,
	problems: string[],
	notes: string[],
): string | undefined {
	const trigger = saidBy(workload, { name: "trigger", in: annotationsFirst });
	const said = saidBy(workload, { name: "pollSchedule", in: ["annotations"] });
	// Who asks by our own name is polled for; keel waits to be told, unless it is told to poll.
	const polls = trigger === undefined ? !policy.isKeels || said?.isKeels === false : trigger.value.trim() === "poll";
	if (!polls) {
		if (said !== undefined)
			notes.push(`${said.key}: is of no use without ${said.isKeels ? KEEL_PREFIX : "haldane.dev/"}trigger: poll`);
		return undefined;
	}
	if (said === undefined) return byDefault;
	const parsed = parseSchedule(said.value, said.isKeels ? "keel" : "standard");
	if (!parsed.ok) {
		problems.push(`${said.key}: ${parsed.problem}`);
		return undefined;
	}
	if (parsed.note !== undefined) notes.push(`${said.key}: ${parsed.note}`);
	if (said.isKeels && parsed.schedule.kind === "cron")
		notes.push(`${said.key}: times are in UTC; keel's are in the time zone of its own pod`);
	return parsed.standard;
}

function imagesIn(workload: KubeObject, problems: string[], notes: string[]): readonly WorkloadImage[] {
	const said = saidBy(workload, { name: "monitorContainers", in: labelsFirst, inAnyCase: true });
	const read = readPattern(said?.value ?? ".*");
	if (!read.ok) {
		problems.push(`${said?.key}: the pattern ${read.problem}; keel would take all containers instead`);
		return [];
	}
	const roles = ["container", ...(isOn(workload, "initContainers") ? ["initContainer"] : [])];
	if (isOn(workload, "imageVolumes")) roles.push("imageVolume");
	const found = imagesOf(workload).filter(({ role }) => roles.includes(role));
	const wanted = found.filter(({ name }) => read.pattern.matches(name));
	if (wanted.length === 0) {
		const names = found.map(({ name }) => name).join(", ");
		problems.push(
			said === undefined
				? "the workload has no containers"
				: `${said.key}: '${said.value}' matches none of the containers (${names})`,
		);
	}
	if (wanted.length > RECORDS_MAX)
		problems.push(
			`${wanted.length} images are meant, and the most of one workload is ${RECORDS_MAX}; choose by haldane.dev/monitorContainers`,
		);
	return wanted.filter(({ name, image }) => {
		const parsed = parseImageReference(image);
		if (!parsed.ok) notes.push(`container ${name} is left alone: its image ${parsed.problem}`);
		return parsed.ok;
	});
}

/** keel takes it from annotation or label, whichever says so. */
function isOn(workload: KubeObject, name: string): boolean {
	const [first, ...others] = everythingSaid(workload, { name, in: annotationsFirst });
	if (first?.isKeels === false) return first.value === "true";
	return [first, ...others].some((one) => one?.value === "true");
}

/** What is said to keel or to us and is not known here; a name in the wrong case is not, as in keel. */
function unread(workload: KubeObject): readonly string[] {
	const keys = new Set(annotationsFirst.flatMap((map) => Object.keys(workload.metadata[map] ?? {})));
	const notes = [...keys].flatMap((key) => {
		const prefix = PREFIXES.find((one) => key.startsWith(one));
		const name = prefix === undefined ? "" : key.slice(prefix.length);
		const isKnown = READ.includes(name) || IN_ANY_CASE.includes(name.toLowerCase());
		if (prefix === undefined || isKnown || ELSEWISE[prefix].includes(name)) return [];
		const meant = READ.find((one) => one.toLowerCase() === name.toLowerCase());
		return [`${key}: is not known, and not read${meant === undefined ? "" : `; write ${prefix}${meant}`}`];
	});
	return notes.slice(0, UNKNOWN_MAX);
}
