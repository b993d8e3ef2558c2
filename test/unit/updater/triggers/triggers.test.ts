import { describe, expect, test } from "vitest";
import { type TriggerName, triggers } from "../../../../src/updater/triggers/registry.ts";
import {
	HINTS_MAX,
	type ReadHints,
	type Trigger,
	type TriggerSettings,
} from "../../../../src/updater/triggers/trigger.ts";
import { DIGEST, headersOf, images, payloads } from "./payloads.ts";

const names = Object.keys(triggers) as TriggerName[];

function read(name: TriggerName, body: unknown, settings: TriggerSettings = {}, headers = headersOf[name] ?? {}) {
	const trigger: Trigger = triggers[name];
	return trigger.read(body, headers, settings);
}

/** A copy of the sender's payload in which the field at `path` is something else; undefined takes it out. */
function changed(name: TriggerName, path: string, value: unknown): unknown {
	const copy = structuredClone(payloads[name]) as Record<string, unknown>;
	const keys = path.split(".");
	const last = keys.pop() ?? "";
	const holder = keys.reduce((object, key) => object[key] as Record<string, unknown>, copy);
	holder[last] = value;
	return JSON.parse(JSON.stringify(copy));
}

/** `image:tag@digest` of each hint, or why there is none. */
function said(answer: ReadHints): readonly string[] | string {
	switch (answer.kind) {
		case "hints":
			return answer.hints.map(({ image, tag, digest }) => `${image}:${tag}${digest === undefined ? "" : `@${digest}`}`);
		case "irrelevant":
			return `irrelevant: ${answer.why}`;
		case "malformed":
			return answer.problem;
	}
}

describe.each(names)("%s", (name) => {
	test("says what was pushed", () => {
		expect(read(name, payloads[name])).toEqual({
			kind: "hints",
			hints: [{ ...images[name], tag: "1.2.0" }],
			leftOut: 0,
		});
	});

	test.each([null, 7, "push", [], {}])("says which field is wrong in %j", (body) => {
		expect(read(name, body).kind).toBe("malformed");
		expect(said(read(name, body))).toMatch(/^[\w[\]. ]+: ./);
	});
});

test.each<[string, TriggerName, string, unknown, string]>([
	[
		"a host with its scheme",
		"native",
		"host",
		"https://registry.example.com/",
		`registry.example.com/team/app:1.2.0@${DIGEST}`,
	],
	["a name that has the host already", "native", "host", undefined, `team/app:1.2.0@${DIGEST}`],
	["an empty digest", "native", "digest", "", "registry.example.com/team/app:1.2.0"],
	["an official image", "dockerhub", "repository.repo_name", "nginx", "nginx:1.2.0"],
	["time as text", "dockerhub", "push_data.pushed_at", "2026-01-01", "acme/app:1.2.0"],
	["tags as an object", "quay", "updated_tags", { "1.2.0": "b750fe79" }, "quay.io/acme/app:1.2.0"],
	["no action", "azure", "action", undefined, `acme.azurecr.io/team/app:1.2.0@${DIGEST}`],
	["an update of a package", "github", "action", "updated", `ghcr.io/acme/app:1.2.0@${DIGEST}`],
	[
		"a package without address",
		"github",
		"package.package_version.package_url",
		undefined,
		`ghcr.io/acme/app:1.2.0@${DIGEST}`,
	],
	[
		"a package with half an address",
		"github",
		"package.package_version.package_url",
		"ghcr.io/acme/other:",
		`ghcr.io/acme/other:1.2.0@${DIGEST}`,
	],
	[
		"an Enterprise Server",
		"github",
		"package.package_version.package_url",
		"containers.ghe.example.com/acme/app:1.2.0",
		`containers.ghe.example.com/acme/app:1.2.0@${DIGEST}`,
	],
	["Harbor 1", "harbor", "type", "pushImage", `harbor.example.com/team/app:1.2.0@${DIGEST}`],
	[
		"a URL with its scheme",
		"harbor",
		"event_data.resources.0.resource_url",
		"https://harbor.example.com:8443/team/app:1.2.0",
		`harbor.example.com:8443/team/app:1.2.0@${DIGEST}`,
	],
	["a promotion", "jfrog", "event_type", "promoted", `acme.jfrog.io/docker-local/team/app:1.2.0@${DIGEST}`],
	["no type", "jfrog", "event_type", undefined, `acme.jfrog.io/docker-local/team/app:1.2.0@${DIGEST}`],
	["a checksum that is none", "jfrog", "data.sha256", "sample_checksum", "acme.jfrog.io/docker-local/team/app:1.2.0"],
	[
		"a push of the registry's own",
		"registry",
		"events.0.request",
		{},
		`registry.example.com:5000/team/app:1.2.0@${DIGEST}`,
	],
])("reads %s (%s)", (_what, name, path, value, image) => {
	expect(said(read(name, changed(name, path, value)))).toEqual([image]);
});

test.each<[string, TriggerName, string, unknown]>([
	["another action", "azure", "action", "delete"],
	["a push without tag", "azure", "target.tag", undefined],
	["a build", "quay", "updated_tags", undefined],
	["no tags", "quay", "updated_tags", []],
	["another package", "github", "package.ecosystem", "npm"],
	["a deleted package", "github", "action", "deleted"],
	["a version without tag", "github", "package.package_version.container_metadata.tag.name", ""],
	["a scan", "harbor", "type", "SCANNING_COMPLETED"],
	["a push without tag", "harbor", "event_data.resources.0.tag", DIGEST],
	["a deleted tag", "jfrog", "event_type", "deleted"],
	["a pull", "registry", "events.0.action", "pull"],
	["a layer", "registry", "events.0.target.tag", undefined],
	["a deleted repository", "registry", "events.0.target", null],
	["no events", "registry", "events", []],
	["a running pipeline", "gitlab", "object_attributes.status", "running"],
	["a pipeline of a branch", "gitlab", "object_attributes.tag", false],
	["a Git tag with a slash", "gitlab", "object_attributes.ref", "app/1.2.0"],
	["another event", "gitlab", "object_kind", "tag_push"],
	["a deleted package", "gitea", "action", "deleted"],
	["another package", "gitea", "package.type", "npm"],
	["a version without tag", "gitea", "package.version", DIGEST],
])("forgets %s (%s)", (_what, name, path, value) => {
	expect(read(name, changed(name, path, value)).kind).toBe("irrelevant");
});

test.each<[TriggerName, string, unknown, string]>([
	["native", "tag", undefined, "tag: Invalid input: expected string, received undefined"],
	["native", "tag", 1.1, "tag: Invalid input: expected string, received number"],
	["native", "tag", "1.2.0 ", "the tag is not one"],
	["native", "name", "team/app:1.2.0", "the name is not that of an image"],
	["native", "name", "Team/../App", "the name is not that of an image"],
	["native", "digest", "sha256:abc", "the digest is not one"],
	["dockerhub", "push_data", undefined, "push_data: "],
	["dockerhub", "repository.repo_name", undefined, "repository.repo_name: "],
	["quay", "updated_tags", ["1.2.0", "-x"], "updated_tags[1]: the tag is not one"],
	["quay", "docker_url", undefined, "docker_url: "],
	["azure", "request.host", undefined, "request.host: "],
	["github", "package", undefined, "package: is missing"],
	["github", "package.package_version", undefined, "package.package_version: is missing"],
	["harbor", "event_data", undefined, "event_data: "],
	["harbor", "event_data.resources.0.resource_url", 7, "event_data.resources[0].resource_url: "],
	["harbor", "event_data.resources.0.resource_url", "::", "event_data.resources[0]: the name"],
	["jfrog", "data.image_name", undefined, "data.image_name: "],
	["registry", "events.0.target.repository", undefined, "events[0].target.repository: "],
	["registry", "events.0.action", undefined, "events[0].action: "],
	[
		"gitlab",
		"project.web_url",
		"https://git.example.com/acme/shop",
		"project.web_url: this GitLab's registry is not known",
	],
	["gitea", "package.html_url", "nowhere", "package.html_url: is not an address"],
	["gcr", "message.data", "e30", "action: "],
	["gcr", "message.data", "{}", "message.data: is not JSON in base64"],
])("%s with %s = %j is refused, and the field is named", (name, path, value, problem) => {
	const answer = read(name, changed(name, path, value));
	expect(answer.kind).toBe("malformed");
	expect(said(answer)).toContain(problem);
	expect(said(answer)).not.toContain("Team/../App");
});

describe("github", () => {
	const registryPackage = (version: object) => ({
		action: "published",
		registry_package: { name: "app", namespace: "Acme", package_type: "CONTAINER", package_version: version },
		repository: { full_name: "Acme/shop" },
	});
	const registry = { "x-github-event": "registry_package" };

	test("forgets a ping, and every event that it does not know", () => {
		for (const event of ["ping", "push", "workflow_run"]) {
			expect(read("github", { zen: "Design for failure." }, {}, { "x-github-event": event }).kind).toBe("irrelevant");
		}
	});

	test("asks for the header that says what it is", () => {
		expect(said(read("github", payloads.github, {}, {}))).toBe("header X-GitHub-Event: is missing");
	});

	test("reads registry_package as GitHub sends it", () => {
		const body = registryPackage(payloads.github.package.package_version);
		expect(said(read("github", body, {}, registry))).toEqual([`ghcr.io/acme/app:1.2.0@${DIGEST}`]);
	});

	test("reads registry_package with the tag as its version, and no namespace", () => {
		const body = registryPackage({ version: "1.2.0" });
		expect(said(read("github", body, {}, registry))).toEqual(["ghcr.io/acme/app:1.2.0"]);
		const { namespace: _, ...nameless } = body.registry_package;
		expect(said(read("github", { ...body, registry_package: nameless }, {}, registry))).toEqual([
			"ghcr.io/acme/shop:1.2.0",
		]);
	});
});

test("harbor's CloudEvents say the same", () => {
	const { resources, repository } = payloads.harbor.event_data;
	const body = {
		specversion: "1.0",
		id: "66e18103-09c1-41f6-982f-37df223f3eeb",
		source: "/projects/2/webhook/policies/15",
		type: "harbor.artifact.pushed",
		datacontenttype: "application/json",
		time: "2026-04-03T06:04:46Z",
		data: { resources, repository },
		operator: "ci",
	};
	expect(read("harbor", body)).toEqual(read("harbor", payloads.harbor));
});

test("jfrog takes the registry it is told, and Docker Hub's names where it can know nothing", () => {
	expect(said(read("jfrog", payloads.jfrog, { privateRegistry: "docker.example.com" }))).toEqual([
		`docker.example.com/team/app:1.2.0@${DIGEST}`,
	]);
	expect(said(read("jfrog", changed("jfrog", "jpd_origin", undefined)))).toEqual([`team/app:1.2.0@${DIGEST}`]);
});

test("gitlab takes the registry it is told, and its registry's own notifications", () => {
	const elsewhere = changed("gitlab", "project.web_url", "https://git.example.com/acme/shop");
	for (const gitlabRegistry of ["registry.example.com", "https://registry.example.com/"])
		expect(said(read("gitlab", elsewhere, { gitlabRegistry }))).toEqual(["registry.example.com/acme/shop:1.2.0"]);
	expect(said(read("gitlab", elsewhere))).toContain("name it by --webhook-gitlab-registry");
	expect(read("gitlab", payloads.registry)).toEqual(read("registry", payloads.registry));
});

test("a registry's pushes are read beside whatever else it tells, and a push that cannot be read is refused", () => {
	const [event] = payloads.registry.events;
	const others = [
		{ action: "delete", target: { repository: null } },
		{ action: "pull", target: 7, request: [] },
	];
	expect(read("registry", { events: [...others, event] })).toEqual(read("registry", payloads.registry));
	expect(read("registry", { events: others }).kind).toBe("irrelevant");
	expect(read("registry", { events: [{ ...event, target: 7 }] }).kind).toBe("malformed");
	expect(read("registry", { events: [{ target: 7 }] }).kind).toBe("malformed");
});

test("gitea forgets what is not about packages", () => {
	expect(read("gitea", { ref: "refs/heads/main" }, {}, { "x-gitea-event": "push" }).kind).toBe("irrelevant");
});

test("gcr reads notices without an envelope, forgets deletes, and needs no digest", () => {
	const notice = { action: "INSERT", tag: "gcr.io/acme/app:1.2.0" };
	expect(said(read("gcr", notice))).toEqual(["gcr.io/acme/app:1.2.0"]);
	expect(read("gcr", { ...notice, action: "DELETE" }).kind).toBe("irrelevant");
	expect(read("gcr", { action: "INSERT", digest: `gcr.io/acme/app@${DIGEST}` }).kind).toBe("irrelevant");
	expect(said(read("gcr", { ...notice, tag: "gcr.io/acme/app" }))).toContain("tag: is not the name");
});

test("a body says at most a hundred, each once, and how many more it has", () => {
	const [event] = payloads.registry.events;
	const pushes = Array.from({ length: 2 * HINTS_MAX }, (_, index) => ({
		...event,
		target: { ...event.target, tag: `1.${index % 150}.0` },
	}));
	const answer = read("registry", { events: pushes });
	expect(said(answer)).toHaveLength(HINTS_MAX);
	expect(answer).toMatchObject({ leftOut: 50 });
});
