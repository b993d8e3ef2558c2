import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { KubeObject } from "../../../src/domain/kube-object.ts";
import { askedByAnnotations } from "../../../src/updater/annotations.ts";
import type { UpdateRule } from "../../../src/updater/rule.ts";
import { plainRule } from "../../../src/updater/rules.ts";
import { type WorkloadParts, workloadOf } from "./manifests.ts";

type Strings = Readonly<Record<string, string>>;

const HOUR = 3_600_000;
const asked = (parts: WorkloadParts) => askedByAnnotations(workloadOf(parts), { schedule: "@every 1m" });

/** The one rule of all images. */
function ruleOf(annotations: Strings, labels: Strings = {}): UpdateRule {
	const answer = asked({ annotations, labels });
	if (answer.kind !== "rules" || answer.images[0] === undefined) throw new Error(JSON.stringify(answer));
	return answer.images[0].rule;
}
const notesOf = (annotations: Strings, parts: WorkloadParts = {}): readonly string[] => {
	const answer = asked({ ...parts, annotations });
	return answer.kind === "rules" ? answer.notes : [answer.kind];
};

describe("as keel does: the policy", () => {
	test.each<[string, Partial<UpdateRule>]>([
		["all", { policy: "all", settings: {} }],
		["major", { policy: "major", settings: { prereleases: "same" } }],
		["minor", { policy: "minor", settings: { prereleases: "same" } }],
		["patch", { policy: "patch", settings: { prereleases: "same" } }],
		["force", { policy: "force", settings: {} }],
		["glob:release-*", { policy: "glob", settings: { pattern: "release-*" } }],
		["regexp:^build-(?P<compare>[0-9]+)$", { policy: "regexp", settings: { pattern: "^build-(?P<compare>[0-9]+)$" } }],
		["never", { policy: "never", settings: {} }],
	])("%s", (text, rule) => {
		expect(ruleOf({ "keel.sh/policy": text })).toEqual({ ...plainRule, ...rule });
	});

	test.each<[string, Strings, Strings, Partial<UpdateRule>]>([
		["is read from a label", {}, { "keel.sh/policy": "all" }, { policy: "all" }],
		[
			"is rather read from an annotation",
			{ "keel.sh/policy": "all" },
			{ "keel.sh/policy": "force" },
			{ policy: "all" },
		],
		["is read by its old name", { "keel.observer/policy": "all" }, {}, { policy: "all" }],
		[
			"is rather read by its new name",
			{ "keel.sh/policy": "all", "keel.observer/policy": "force" },
			{},
			{ policy: "all" },
		],
		[
			"counts by any prerelease",
			{ "keel.sh/policy": "minor", "keel.sh/matchPreRelease": "false" },
			{},
			{ settings: { prereleases: "any" } },
		],
		[
			"takes anything but true for false",
			{ "keel.sh/policy": "minor", "keel.sh/matchPreRelease": "True" },
			{},
			{ settings: { prereleases: "any" } },
		],
		["keeps the tag", { "keel.sh/policy": "force", "keel.sh/matchTag": "true" }, {}, { settings: { sameTag: true } }],
		[
			"keeps the tag by its old name",
			{ "keel.sh/policy": "force", "keel.sh/match-tag": "true" },
			{},
			{ settings: { sameTag: true } },
		],
		["keeps the tag by true alone", { "keel.sh/policy": "force", "keel.sh/matchTag": "yes" }, {}, { settings: {} }],
		[
			"keeps the tag only by the map it is from itself",
			{ "keel.sh/policy": "force" },
			{ "keel.sh/matchTag": "true" },
			{ settings: {} },
		],
	])("%s", (_claim, annotations, labels, rule) => {
		expect(ruleOf(annotations, labels)).toMatchObject(rule);
		if (rule.settings !== undefined) expect(ruleOf(annotations, labels).settings).toEqual(rule.settings);
	});

	test.each<[string, Strings]>([
		["is none", {}],
		["is empty", { "keel.sh/policy": "" }],
	])("asks for nothing when it %s", (_claim, annotations) => {
		expect(asked({ annotations })).toEqual({ kind: "none" });
	});
});

describe("ours: the policy", () => {
	test.each<[string, Partial<UpdateRule>]>([
		["semver:>=1.4 <2", { policy: "semver", settings: { range: ">=1.4 <2" } }],
		["newest", { policy: "newest", settings: {} }],
		["numeric", { policy: "numeric", settings: {} }],
		["calver:YYYY.0M.0D", { policy: "calver", settings: { format: "YYYY.0M.0D" } }],
		["digest", { policy: "digest", settings: {} }],
	])("%s", (text, rule) => {
		for (const key of ["haldane.dev/policy", "keel.sh/policy"]) expect(ruleOf({ [key]: text })).toMatchObject(rule);
	});

	test("wins, wherever it stands", () => {
		expect(ruleOf({ "keel.sh/policy": "all" }, { "haldane.dev/policy": "never" }).policy).toBe("never");
	});

	test("takes what keel is told beside it, key by key", () => {
		const annotations = { "haldane.dev/policy": "patch", "keel.sh/policy": "all", "keel.sh/matchPreRelease": "false" };
		expect(ruleOf(annotations)).toMatchObject({ policy: "patch", settings: { prereleases: "any" } });
	});
});

describe("the registry is asked", () => {
	const policy = { "keel.sh/policy": "all" };
	test.each<[string, Strings, string | undefined]>([
		["never by keel's keys alone: its default is to be told", policy, undefined],
		["when keel is to poll", { ...policy, "keel.sh/trigger": "poll" }, "@every 1m"],
		["not by another trigger", { ...policy, "keel.sh/trigger": "pubsub" }, undefined],
		["when our key asks", { "haldane.dev/policy": "all" }, "@every 1m"],
		["not when our key asks to be told", { "haldane.dev/policy": "all", "haldane.dev/trigger": "default" }, undefined],
		[
			"seconds first by keel's schedule",
			{ ...policy, "keel.sh/trigger": "poll", "keel.sh/pollSchedule": "0 */10 * * * *" },
			"*/10 * * * *",
		],
		[
			"minutes first by ours",
			{ ...policy, "keel.sh/trigger": "poll", "haldane.dev/pollSchedule": "*/10 * * * *" },
			"*/10 * * * *",
		],
		["by our schedule, which asks by itself", { ...policy, "haldane.dev/pollSchedule": "@every 5m" }, "@every 5m"],
		["not for a policy that never changes anything", { "haldane.dev/policy": "never" }, undefined],
	])("%s", (_claim, annotations, schedule) => {
		expect(ruleOf(annotations).schedule).toBe(schedule);
	});

	test("by an annotation before a label, and by no schedule in a label", () => {
		expect(ruleOf({ ...policy, "keel.sh/trigger": "x" }, { "keel.sh/trigger": "poll" }).schedule).toBeUndefined();
		expect(ruleOf(policy, { "keel.sh/trigger": "poll", "keel.sh/pollSchedule": "5m" }).schedule).toBe("@every 1m");
	});
});

describe("beside the policy", () => {
	const policy = { "keel.sh/policy": "all" };
	test.each<[string, Strings, Strings, Partial<UpdateRule>]>([
		["approvals are none", {}, {}, { approvals: 0, approvalDeadlineMs: 24 * HOUR }],
		[
			"approvals are read",
			{ "keel.sh/approvals": "2", "keel.sh/approvalDeadline": "5" },
			{},
			{ approvals: 2, approvalDeadlineMs: 5 * HOUR },
		],
		[
			"approvals are rather read from a label",
			{ "keel.sh/approvals": "2" },
			{ "keel.sh/approvals": "3" },
			{ approvals: 3 },
		],
		[
			"ours are rather read than keel's",
			{ "haldane.dev/approvals": "2" },
			{ "keel.sh/approvals": "3" },
			{ approvals: 2 },
		],
		["a pull secret is read in any case", { "keel.sh/imagepullsecret": "regcred" }, {}, { pullSecrets: ["regcred"] }],
		[
			"a pull secret is rather read from a label",
			{ "keel.sh/imagePullSecret": "a" },
			{ "keel.sh/imagePullSecret": "b" },
			{ pullSecrets: ["b"] },
		],
		[
			"release notes are read",
			{ "keel.sh/releaseNotes": "https://example.com/notes" },
			{},
			{ releaseNotes: "https://example.com/notes" },
		],
	])("%s", (_claim, annotations, labels, rule) => {
		expect(ruleOf({ ...policy, ...annotations }, labels)).toMatchObject(rule);
	});
});

describe("the images are", () => {
	const parts = {
		containers: { app: "acme/app:1.0.0", proxy: "acme/proxy:1.0.0" },
		initContainers: { migrate: "acme/migrate:1.0.0" },
		volumes: { docs: "acme/docs:1.0.0" },
	};
	const namesIn = (annotations: Strings, labels: Strings = {}) => {
		const answer = asked({ ...parts, annotations: { "keel.sh/policy": "all", ...annotations }, labels });
		return answer.kind === "rules" ? answer.images.map(({ container }) => container.name) : answer;
	};
	test.each<[string, Strings, Strings, readonly string[]]>([
		["those of all containers", {}, {}, ["app", "proxy"]],
		["those of init containers too when wanted", { "keel.sh/initContainers": "true" }, {}, ["app", "proxy", "migrate"]],
		["those of volumes too when wanted", {}, { "keel.sh/imageVolumes": "true" }, ["app", "proxy", "docs"]],
		[
			"wanted by annotation or label",
			{ "keel.sh/imageVolumes": "false" },
			{ "keel.sh/imageVolumes": "true" },
			["app", "proxy", "docs"],
		],
		[
			"not wanted when we are told so",
			{ "haldane.dev/imageVolumes": "false" },
			{ "keel.sh/imageVolumes": "true" },
			["app", "proxy"],
		],
		["wanted by true alone", { "keel.sh/initContainers": "yes" }, {}, ["app", "proxy"]],
		["those whose name matches somewhere", { "keel.sh/monitorContainers": "rox" }, {}, ["proxy"]],
		[
			"those that the label says",
			{ "keel.sh/monitorContainers": "app" },
			{ "keel.sh/monitorContainers": "^p" },
			["proxy"],
		],
		[
			"those that a key in any case says",
			{ "keel.sh/MONITORCONTAINERS": "^(app|docs)$", "keel.sh/imageVolumes": "true" },
			{},
			["app", "docs"],
		],
	])("%s", (_claim, annotations, labels, names) => {
		expect(namesIn(annotations, labels)).toEqual(names);
	});
});

describe("otherwise than keel: it is refused, and said so,", () => {
	const policy = { "keel.sh/policy": "all" };
	test.each<[string, Strings, string]>([
		[
			"that a policy is unknown",
			{ "keel.sh/policy": "lates" },
			"keel.sh/policy: 'lates' is no policy; write one of all, ",
		],
		[
			"that a policy is in the wrong case",
			{ "keel.sh/policy": "Major" },
			"keel.sh/policy: 'Major' is no policy; write one of all, ",
		],
		[
			"that a policy lacks what it looks for",
			{ "keel.sh/policy": "glob" },
			"keel.sh/policy: 'glob' needs a colon and what to look for",
		],
		[
			"that nothing is behind the colon",
			{ "haldane.dev/policy": "semver: " },
			"haldane.dev/policy: 'semver:' says nothing after the colon",
		],
		["that major has nothing to look for", { "keel.sh/policy": "major:1" }, "keel.sh/policy: 'major:1' is no policy"],
		[
			"that a glob has a second colon",
			{ "keel.sh/policy": "glob:a:b" },
			"keel.sh/policy: 'glob:a:b' can match nothing, for no tag has a colon in it",
		],
		[
			"that a regular expression is none",
			{ "keel.sh/policy": "regexp:(" },
			"keel.sh/policy: the regular expression has a ( without its )",
		],
		["that a range is none", { "haldane.dev/policy": "semver:new ones" }, "haldane.dev/policy: "],
		[
			"that a policy is endless",
			{ "keel.sh/policy": `glob:${"x".repeat(600)}` },
			"keel.sh/policy: is longer than 512 characters",
		],
		[
			"that a schedule is empty",
			{ ...policy, "keel.sh/trigger": "poll", "keel.sh/pollSchedule": "" },
			"keel.sh/pollSchedule: is empty; write five fields",
		],
		[
			"that a schedule is none",
			{ ...policy, "keel.sh/trigger": "poll", "keel.sh/pollSchedule": "5m" },
			"keel.sh/pollSchedule: '5m' has 1 fields; write six",
		],
		[
			"that approvals are no number",
			{ ...policy, "keel.sh/approvals": "two" },
			"keel.sh/approvals: 'two' is not a whole number from 0 to 100",
		],
		[
			"that a deadline is over at once",
			{ ...policy, "keel.sh/approvalDeadline": "0" },
			"keel.sh/approvalDeadline: '0' is not a whole number from 1 to 8760",
		],
		[
			"that a Secret has no such name",
			{ ...policy, "keel.sh/imagePullSecret": "../x" },
			"keel.sh/imagePullSecret: '../x' is no name of a Secret",
		],
		[
			"that containers are chosen by nothing",
			{ ...policy, "keel.sh/monitorContainers": "[" },
			"keel.sh/monitorContainers: the pattern has a [ without its ]; keel would take all containers instead",
		],
		[
			"that no container is chosen",
			{ ...policy, "keel.sh/monitorContainers": "web" },
			"keel.sh/monitorContainers: 'web' matches none of the containers (app)",
		],
	])("%s", (_claim, annotations, problem) => {
		const answer = asked({ annotations });
		expect(answer.kind).toBe("invalid");
		expect(answer.kind === "invalid" && answer.problems[0]).toContain(problem);
	});

	test("that there are more images than can be kept in mind", () => {
		const containers = Object.fromEntries([...Array(17).keys()].map((number) => [`c${number}`, "acme/app:1"]));
		expect(asked({ annotations: policy, containers })).toEqual({
			kind: "invalid",
			problems: ["17 images are meant, and the most of one workload is 16; choose by haldane.dev/monitorContainers"],
		});
	});
});

describe("otherwise than keel: it is noted", () => {
	test.each<[string, Strings, string]>([
		[
			"that a key is unknown",
			{ "keel.sh/policy": "patch", "keel.sh/polcy": "x" },
			"keel.sh/polcy: is not known, and not read",
		],
		[
			"that a key of our own is unknown",
			{ "haldane.dev/policy": "patch", "haldane.dev/approval": "2" },
			"haldane.dev/approval: is not known, and not read",
		],
		[
			"that a key is in the wrong case",
			{ "keel.sh/policy": "patch", "keel.sh/Approvals": "2" },
			"keel.sh/Approvals: is not known, and not read; write keel.sh/approvals",
		],
		[
			"that a schedule is of no use",
			{ "keel.sh/policy": "patch", "keel.sh/pollSchedule": "@daily" },
			"keel.sh/pollSchedule: is of no use without keel.sh/trigger: poll",
		],
		[
			"that release notes are no address",
			{ "keel.sh/policy": "patch", "keel.sh/releaseNotes": "soon" },
			"keel.sh/releaseNotes: is not an http or https address",
		],
	])("%s", (_claim, annotations, note) => {
		expect(notesOf(annotations).join("\n")).toContain(note);
	});

	test("how a schedule was read that begins with seconds", () => {
		const annotations = { "keel.sh/policy": "patch", "keel.sh/trigger": "poll", "keel.sh/pollSchedule": "0 0 9 * *" };
		expect(notesOf(annotations)).toEqual([
			"keel.sh/pollSchedule: '0 0 9 * *' begins with seconds, as keel reads it, and is taken as '0 9 * * *'; if that is not meant, write haldane.dev/pollSchedule",
			"keel.sh/pollSchedule: times are in UTC; keel's are in the time zone of its own pod",
		]);
	});

	test("that an image can't be read, and the others are kept up to date", () => {
		const containers = { app: "acme/app:1.0.0", odd: "Acme//App" };
		const answer = asked({ annotations: { "haldane.dev/policy": "all" }, containers });
		expect(answer).toMatchObject({ kind: "rules", images: [{ container: { name: "app" } }] });
		expect(answer.kind === "rules" && answer.notes[0]).toContain("container odd is left alone: its image ");
	});

	test("nothing of what is read in any case, nor of what keel and we write ourselves", () => {
		const annotations = {
			...{ "keel.sh/policy": "patch", "keel.sh/MONITORcontainers": ".*", "haldane.dev/imagepullsecret": "pull" },
			...{ "keel.sh/digest": "sha256:1", "keel.sh/update-time": "now", "haldane.dev/image-record": "[]" },
			...{ "haldane.dev/command": "{}", "haldane.dev/image-notices": "[]", "haldane.dev/canary": "app" },
		};
		expect(notesOf(annotations)).toEqual([]);
	});

	test("nothing where all is as in keel", () => {
		const annotations = {
			"keel.sh/policy": "minor",
			"keel.sh/trigger": "poll",
			"keel.sh/pollSchedule": "@every 5m",
			"keel.sh/digest": "sha256:0",
		};
		expect(notesOf(annotations)).toEqual([]);
	});
});

test("whatever is written there is read without harm", () => {
	const key = fc
		.tuple(
			fc.constantFrom("keel.sh/", "haldane.dev/"),
			fc.constantFrom(
				"policy",
				"matchTag",
				"trigger",
				"pollSchedule",
				"approvals",
				"monitorContainers",
				"imageVolumes",
			),
		)
		.map(([prefix, name]) => prefix + name);
	const value = fc.oneof(
		fc.string(),
		fc.constantFrom("all", "force", "true", "poll", "@every 1h", "glob:*", "regexp:(a+)+$", "2", "(a|a)*$"),
		fc.jsonValue(),
	);
	const map = fc.oneof(fc.dictionary(key, value), fc.jsonValue());
	fc.assert(
		fc.property(map, map, (annotations, labels) => {
			const workload = { ...workloadOf(), metadata: { name: "cart", annotations, labels } } as unknown as KubeObject;
			const answer = askedByAnnotations(workload, { schedule: "@every 1m" });
			expect(["none", "rules", "invalid"]).toContain(answer.kind);
			if (answer.kind === "invalid") expect(answer.problems.length).toBeGreaterThan(0);
			if (answer.kind === "invalid") for (const problem of answer.problems) expect(problem.length).toBeLessThan(1_200);
		}),
	);
});
