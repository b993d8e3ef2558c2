import type { TriggerName } from "../../../../src/updater/triggers/registry.ts";

export const DIGEST = `sha256:${"0123456789abcdef".repeat(4)}`;

const distributionEvent = {
	id: "320678d8-ca14-430f-8bb6-4ca139cd83f7",
	timestamp: "2026-03-09T14:44:26.402973972-08:00",
	action: "push",
	target: {
		mediaType: "application/vnd.oci.image.index.v1+json",
		size: 708,
		digest: DIGEST,
		length: 708,
		repository: "team/app",
		url: `https://registry.example.com:5000/v2/team/app/manifests/${DIGEST}`,
		tag: "1.2.0",
	},
	request: {
		id: "6df24a34-0959-4923-81ca-14f09767db19",
		addr: "10.0.0.7:42961",
		host: "registry.example.com:5000",
		method: "PUT",
		useragent: "docker/28.0",
	},
	actor: {},
	source: { addr: "registry-0:5000", instanceID: "a53db899-3b4b-4a62-a067-8dd013beaca4" },
};

const githubPackage = {
	id: 10696678,
	name: "app",
	namespace: "Acme",
	description: "",
	ecosystem: "CONTAINER",
	package_type: "CONTAINER",
	html_url: "https://github.com/orgs/Acme/packages/container/package/app",
	package_version: {
		id: 21_000_001,
		version: DIGEST,
		name: DIGEST,
		container_metadata: { tag: { name: "1.2.0", digest: DIGEST }, labels: {}, manifest: {} },
		package_url: "ghcr.io/acme/app:1.2.0",
		created_at: "2026-03-09T14:44:26Z",
	},
};

/** A push of `1.2.0`, in the shape that the sender documents. Change a copy of it for other cases. */
export const payloads = {
	native: { name: "team/app", tag: "1.2.0", digest: DIGEST, host: "registry.example.com" },
	dockerhub: {
		callback_url: "https://registry.hub.docker.com/u/acme/app/hook/2141b5bi5i5b02bec211i4eeih0242eg11000a/",
		push_data: { images: [], pushed_at: 1.417566161e9, pusher: "acme", tag: "1.2.0" },
		repository: {
			comment_count: "0",
			date_created: 1.417494799e9,
			description: "",
			is_private: true,
			name: "app",
			namespace: "acme",
			owner: "acme",
			repo_name: "acme/app",
			repo_url: "https://registry.hub.docker.com/r/acme/app/",
			star_count: 0,
			status: "Active",
		},
	},
	quay: {
		name: "app",
		repository: "acme/app",
		namespace: "acme",
		docker_url: "quay.io/acme/app",
		homepage: "https://quay.io/repository/acme/app",
		updated_tags: ["1.2.0"],
	},
	azure: {
		id: "cb8c3971-9adc-488b-bdd8-43cbb4974ff5",
		timestamp: "2026-11-17T16:52:01.343145347Z",
		action: "push",
		target: {
			mediaType: "application/vnd.docker.distribution.manifest.v2+json",
			size: 524,
			digest: DIGEST,
			length: 524,
			repository: "team/app",
			tag: "1.2.0",
		},
		request: {
			id: "3cbb6949-7549-4fa1-86cd-a6d5451dffc7",
			host: "acme.azurecr.io",
			method: "PUT",
			useragent: "docker/28",
		},
	},
	github: {
		action: "published",
		package: githubPackage,
		repository: { full_name: "Acme/shop" },
		sender: { login: "acme-ci" },
	},
	harbor: {
		type: "PUSH_ARTIFACT",
		occur_at: 1_586_922_308,
		operator: "admin",
		event_data: {
			resources: [{ digest: DIGEST, tag: "1.2.0", resource_url: "harbor.example.com/team/app:1.2.0" }],
			repository: {
				date_created: 1_586_922_308,
				name: "app",
				namespace: "team",
				repo_full_name: "team/app",
				repo_type: "private",
			},
		},
	},
	jfrog: {
		domain: "docker",
		event_type: "pushed",
		data: {
			repo_key: "docker-local",
			path: "team/app/1.2.0/list.manifest.json",
			name: "list.manifest.json",
			sha256: DIGEST.slice("sha256:".length),
			size: 1206,
			image_name: "team/app",
			tag: "1.2.0",
			platforms: [{ architecture: "amd64", os: "linux" }],
		},
		subscription_key: "haldane",
		jpd_origin: "https://acme.jfrog.io/",
		source: "jfrog/ci",
	},
	registry: { events: [distributionEvent] },
	gitlab: {
		object_kind: "pipeline",
		object_attributes: { id: 31, ref: "1.2.0", tag: true, sha: "bcbb5ec3", status: "success", source: "push" },
		project: { id: 1, path_with_namespace: "Acme/shop", web_url: "https://gitlab.com/Acme/shop" },
		builds: [],
	},
	gitea: {
		action: "created",
		package: {
			id: 7,
			owner: { id: 2, login: "Acme" },
			type: "container",
			name: "team/app",
			version: "1.2.0",
			html_url: "https://git.example.com:3000/Acme/-/packages/container/team%2Fapp/1.2.0",
		},
		sender: { login: "acme-ci" },
	},
	gcr: {
		message: {
			data: Buffer.from(
				JSON.stringify({
					action: "INSERT",
					digest: `europe-docker.pkg.dev/acme/shop/app@${DIGEST}`,
					tag: "europe-docker.pkg.dev/acme/shop/app:1.2.0",
				}),
			).toString("base64"),
			messageId: "136969346945",
			publishTime: "2026-03-09T14:44:26Z",
		},
		subscription: "projects/acme/subscriptions/haldane",
	},
} as const satisfies Record<TriggerName, object>;

/** What is sent beside the body. */
export const headersOf: Partial<Record<TriggerName, Readonly<Record<string, string>>>> = {
	github: { "x-github-event": "package" },
	gitea: { "x-gitea-event": "package" },
};

/** What each of the payloads says, where it says so. */
export const images = {
	native: { image: "registry.example.com/team/app", digest: DIGEST },
	dockerhub: { image: "acme/app" },
	quay: { image: "quay.io/acme/app" },
	azure: { image: "acme.azurecr.io/team/app", digest: DIGEST },
	github: { image: "ghcr.io/acme/app", digest: DIGEST },
	harbor: { image: "harbor.example.com/team/app", digest: DIGEST },
	jfrog: { image: "acme.jfrog.io/docker-local/team/app", digest: DIGEST },
	registry: { image: "registry.example.com:5000/team/app", digest: DIGEST },
	gitlab: { image: "registry.gitlab.com/acme/shop" },
	gitea: { image: "git.example.com:3000/acme/team/app" },
	gcr: { image: "europe-docker.pkg.dev/acme/shop/app", digest: DIGEST },
} as const satisfies Record<TriggerName, object>;
