import { describe, expect, test } from "vitest";
import { parseImagePolicy } from "../../../src/api/image-policy.ts";
import type { KubeObject } from "../../../src/domain/kube-object.ts";
import { type AskedFor, plainRule, rulesOf } from "../../../src/updater/rules.ts";
import { choosing, imagePolicyOf, wholeImagePolicy } from "../api/image-manifests.ts";
import { workloadOf } from "./manifests.ts";

const HOUR = 3_600_000;

function asked(object: KubeObject, workload: KubeObject = workloadOf()): AskedFor {
	const parsed = parseImagePolicy(object);
	if (!parsed.ok) throw new Error(parsed.problems.join("\n"));
	return rulesOf(parsed.policy, workload);
}

describe("an ImagePolicy asks", () => {
	test("for what its workload has, with defaults", () => {
		expect(asked(imagePolicyOf())).toEqual({
			kind: "rules",
			images: [
				{
					container: { role: "container", name: "app", image: "ghcr.io/acme/app:1.2.0" },
					rule: { ...plainRule, policy: "minor", schedule: "@every 1m" },
				},
			],
			notes: [],
		});
	});

	test("for all that it says", () => {
		const workload = workloadOf({
			containers: { app: "ghcr.io/acme/app:v1.4.0", proxy: "ghcr.io/acme/proxy:build-7", tool: "acme/tool:1" },
			initContainers: { migrate: "ghcr.io/acme/migrate:v1.4.0" },
			volumes: { docs: "ghcr.io/acme/docs:2026.01.02" },
		});
		const answer = asked(wholeImagePolicy, workload);
		if (answer.kind !== "rules") throw new Error(JSON.stringify(answer));
		const [app] = answer.images;
		expect(app?.rule).toEqual({
			policy: "semver",
			settings: { range: ">=1.4 <2", prereleases: "rc", allowDowngrade: false },
			filter: { pattern: "^v(?<version>.+)$", extract: "$version" },
			ignoreTags: ["*-debug"],
			schedule: "*/5 * * * *",
			timeZone: "Europe/Berlin",
			minimumAgeMs: 24 * HOUR,
			platforms: ["linux/amd64", "linux/arm/v7"],
			pinDigest: true,
			windows: [{ cron: "0 9 * * 1-5", durationMs: 8 * HOUR, timeZone: "Europe/Berlin" }],
			freezes: [{ cron: "0 0 20 12 *", durationMs: 336 * HOUR, timeZone: undefined }],
			approvals: 2,
			approvalDeadlineMs: 24 * HOUR,
			supersede: false,
			pullSecrets: ["regcred"],
			releaseNotes: "https://example.com/notes",
		});
		expect(answer.images.map(({ container, rule }) => [container.role, container.name, rule.policy])).toEqual([
			["container", "app", "semver"],
			["initContainer", "migrate", "semver"],
			["container", "proxy", "glob"],
			["imageVolume", "docs", "calver"],
			["container", "tool", "digest"],
		]);
	});

	test("for every container of a repository, however it is written", () => {
		const workload = workloadOf({ containers: { web: "docker.io/library/nginx:1", side: "nginx", app: "acme/app:1" } });
		const answer = asked(choosing({ containers: undefined, image: "nginx" }), workload);
		expect(answer.kind === "rules" && answer.images.map(({ container }) => container.name)).toEqual(["web", "side"]);
	});

	test("for nothing while it is suspended", () => {
		expect(asked(imagePolicyOf({ suspend: true }))).toEqual({ kind: "none" });
	});

	test("more often than it gets, and is told so", () => {
		const answer = asked(imagePolicyOf({ schedule: "@every 1s" }));
		expect(answer).toMatchObject({
			images: [{ rule: { schedule: "@every 10s" } }],
			notes: ["spec.schedule: '@every 1s' is taken as every 10s, the shortest there is"],
		});
	});
});

describe("an ImagePolicy is refused for", () => {
	const policy = { type: "all" };
	test.each<[string, KubeObject, string]>([
		["a schedule that is none", imagePolicyOf({ schedule: "5m" }), "spec.schedule: '5m' has 1 fields; write five"],
		[
			"a zone that is none",
			imagePolicyOf({ timeZone: "Berlin" }),
			"spec.timeZone: 'Berlin' is no time zone; write it like Europe/Berlin",
		],
		[
			"a window that never opens",
			imagePolicyOf({ windows: [{ cron: "0 25 * * *", duration: "1h" }] }),
			"spec.windows[0].cron: '0 25 * * *' is no schedule: ",
		],
		[
			"a window that says only how often",
			imagePolicyOf({ windows: [{ cron: "@every 1h", duration: "1h" }] }),
			"spec.windows[0].cron: '@every 1h' does not say when; write five fields",
		],
		[
			"a freeze in no zone",
			imagePolicyOf({ freezes: [{ cron: "0 2 * * *", duration: "1h", timeZone: "Mars" }] }),
			"spec.freezes[0].timeZone: 'Mars' is no time zone",
		],
		[
			"a container that is not there",
			choosing({ containers: ["web"] }),
			"spec.images[0].containers[0]: the workload has no 'web'; it has app",
		],
		[
			"a repository that is not there",
			choosing({ containers: undefined, image: "acme/web" }),
			"spec.images[0].image: no image of the workload is of acme/web; it has app",
		],
		[
			"a repository with a tag",
			choosing({ containers: undefined, image: "ghcr.io/acme/app:1.2.0" }),
			"spec.images[0].image: name the repository only, without tag and digest",
		],
		["a repository that is none", choosing({ containers: undefined, image: "ACME//" }), "spec.images[0].image: '"],
		[
			"one container with two rules",
			imagePolicyOf({
				images: [
					{ containers: ["app"], policy },
					{ image: "ghcr.io/acme/app", policy },
				],
			}),
			"spec.images[1]: app has a rule already; name each image once",
		],
		["a range that is none", choosing({ policy: { type: "semver", range: "new ones" } }), "spec.images[0].policy: "],
		[
			"prereleases of two channels",
			choosing({ policy: { type: "minor", prereleases: "rc, beta" } }),
			"spec.images[0].policy: prereleases is 'same', 'none', 'any', or one word such as 'rc'",
		],
		[
			"a pattern that is none",
			choosing({ tags: { pattern: "v(" } }),
			"spec.images[0].tags: the filter's pattern has a ( without its )",
		],
		[
			"a group that is not there",
			choosing({ tags: { pattern: "v(.+)", extract: "$version" } }),
			"spec.images[0].tags: the filter extracts $version, and its pattern has no such group",
		],
	])("%s", (_claim, object, problem) => {
		const answer = asked(object);
		expect(answer.kind).toBe("invalid");
		expect(answer.kind === "invalid" && answer.problems[0]).toContain(problem);
	});

	test("a container whose image can't be read", () => {
		const answer = asked(imagePolicyOf(), workloadOf({ containers: { app: "Acme//App" } }));
		expect(answer.kind === "invalid" && answer.problems[0]).toContain(
			"spec.images[0].containers[0]: the image of app ",
		);
	});

	test("more images than can be kept in mind", () => {
		const containers = Object.fromEntries([...Array(17).keys()].map((number) => [`c${number}`, "acme/app:1"]));
		const answer = asked(choosing({ containers: undefined, image: "acme/app" }), workloadOf({ containers }));
		expect(answer).toEqual({
			kind: "invalid",
			problems: ["spec.images: means 17 images; the most of one workload is 16"],
		});
	});
});
