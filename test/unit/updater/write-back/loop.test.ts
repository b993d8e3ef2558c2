import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { parseAllDocuments } from "yaml";
import type { ImagePolicyStatus } from "../../../../src/api/image-policy.ts";
import type { KubeObject } from "../../../../src/domain/kube-object.ts";
import { silentLog } from "../../../../src/domain/log.ts";
import { createGit } from "../../../../src/git/git.ts";
import type { KnownFacts } from "../../../../src/updater/decide/situation.ts";
import type { UpdaterCluster } from "../../../../src/updater/loop/cluster.ts";
import { createUpdater } from "../../../../src/updater/loop/reconcile.ts";
import type { Scanner } from "../../../../src/updater/scanner/scanner.ts";
import { createWriteBack } from "../../../../src/updater/write-back/write-back.ts";
import { digestOf } from "../../../support/updater/small-world.ts";
import { BareRepository, PATIENCE_MS, StillTimers } from "../../git/bare-repository.ts";

const signal = new AbortController().signal;
const IMAGE = "ghcr.io/stefanprodan/podinfo";
const KEY = "Deployment/test/podinfo";
const KUSTOMIZATION = `images:
  - name: ${IMAGE} # ours
    newTag: 6.7.0
`;

/** The example's policy and Secret. */
const [example, secret] = parseAllDocuments(
	readFileSync(join(import.meta.dirname, "../../../../examples/image-policy-git.yaml"), "utf8"),
).map((document): KubeObject => document.toJS());

/** A cluster of one Deployment, its policy, its registry and its repository, with an updater that may be started anew. */
class World {
	readonly repository = new BareRepository({ "apps/podinfo/kustomization.yaml": KUSTOMIZATION });
	policy: KubeObject = structuredClone(example as KubeObject);
	workload: KubeObject = deployment("6.7.0");
	tags = ["6.7.0", "6.8.0"];
	now = Date.UTC(2027, 0, 4, 10);
	calls = 0;
	readonly told: string[] = [];
	readonly #known = new Set<string>();
	readonly #git = createGit(
		{ timers: new StillTimers(), random: () => 0.5, log: silentLog },
		{ folder: this.repository.folder, protocols: ["file"] },
	);
	#updater = this.#start();

	#start() {
		const cluster: UpdaterCluster = {
			workload: () => this.workload,
			policiesOn: () => [this.policy],
			canaryOn: () => undefined,
			primaryOf: () => undefined,
			approvals: () => [],
			vouched: async () => ({ ok: true, since: 0 }),
			approvalsOn: () => [],
			deleteApproval: async () => {},
			hostsOf: (registry) => [registry],
			nodePlatforms: () => [],
			isInScope: () => true,
			credentials: async () => ({ credentials: [], problems: [] }),
			replaceStatus: async (policy) => {
				this.policy = structuredClone(policy);
				return policy;
			},
			annotate: () => Promise.reject(new Error("the workload is left alone")),
			writeImages: () => Promise.reject(new Error("the workload is left alone")),
		};
		const scanner: Scanner = {
			want: () => {},
			knowledge: () => ({
				kind: "known",
				tags: this.tags,
				facts: new Map(this.tags.map((tag, index) => [tag, this.#facts(index)])),
				unanswered: new Map(),
				at: this.now,
			}),
			ask: () => {},
			hint: () => 0,
			tagsSeen: () => 0,
			lastScans: () => new Map(),
			stop: () => {},
		};
		const writeBack = createWriteBack({
			repositories: {
				change: (change, stop) => {
					this.calls += 1;
					expect(change.repository).toBe("https://git.example.com/acme/deploy.git");
					return this.#git.change({ ...change, repository: this.repository.address }, stop);
				},
			},
			readSecret: async ({ name }) =>
				name === secret?.metadata.name ? (secret.stringData as Record<string, string>) : undefined,
			now: () => this.now,
		});
		// What was told before a restart is told again, by the same id.
		const tell = (_subject: KubeObject, told: readonly { readonly id: string; readonly reason: string }[]) => {
			const isNew = told.filter(({ id }) => !this.#known.has(id));
			for (const { id } of told) this.#known.add(id);
			this.told.push(...isNew.map(({ reason }) => reason));
		};
		const ports = { cluster, scanner, writeBack, log: silentLog, now: () => this.now, tell };
		return createUpdater(ports, { schedule: "@every 1m" });
	}

	#facts(index: number): KnownFacts {
		return { digest: digestOf("abcdef"[index] ?? "0"), createdAt: undefined, platforms: [], at: this.now };
	}

	restart(): void {
		this.#updater = this.#start();
	}

	/** Passes until there is nothing to be done at once. The time that it wants to be woken after. */
	async settle(): Promise<number | undefined> {
		for (let passes = 0; passes < 20; passes++) {
			const { wakeAfterMs } = await this.#updater.reconcile(KEY, signal);
			if (wakeAfterMs !== 0) return wakeAfterMs;
		}
		throw new Error("this never comes to rest");
	}

	get status(): ImagePolicyStatus {
		return this.policy.status as ImagePolicyStatus;
	}

	get ready() {
		return this.status.conditions?.find(({ type }) => type === "Ready");
	}

	file(branch?: string): string {
		return this.repository.read("apps/podinfo/kustomization.yaml", branch);
	}
}

function deployment(tag: string): KubeObject {
	const containers = [{ name: "podinfod", image: `${IMAGE}:${tag}` }];
	return {
		...{ apiVersion: "apps/v1", kind: "Deployment", metadata: { name: "podinfo", namespace: "test" } },
		spec: { template: { spec: { containers } } },
	};
}

let world: World;
beforeEach(() => {
	world = new World();
});
afterEach(() => world.repository[Symbol.dispose]());

describe("the example", { timeout: PATIENCE_MS }, () => {
	test("is one commit, and then the workload is waited for, however often somebody looks", async () => {
		await world.settle();
		expect(world.file()).toBe(KUSTOMIZATION.replace("6.7.0", "6.8.0"));
		const [image] = world.status.images ?? [];
		expect(image?.chosen).toMatchObject({ tag: "6.8.0", state: "Pushed", commit: world.repository.head() });
		expect(world.repository.git("log", "-1", "--format=%an <%ae>%n%B", "main")).toMatch(
			/^Haldane <haldane@example.com>\nUpdate test\/podinfo podinfod from .*:6.7.0 to 6.8.0\n\n.+\n\nSigned-off-by: Haldane <haldane@example.com>$/,
		);
		expect(world.ready).toMatchObject({ status: "False", reason: "Updating", message: "podinfod 6.8.0: Pushed" });
		world.restart();
		await world.settle();
		expect(world.calls).toBe(1);
		world.workload = deployment("6.8.0");
		await world.settle();
		expect(world.ready).toMatchObject({ status: "True", reason: "UpToDate" });
		expect(world.told).toEqual(["ImageFound", "ImageUpdated", "ImageUpdated"]);
		expect(world.calls).toBe(1);
	});

	test("is no second commit when the process ended before it could write down the first", async () => {
		await world.settle();
		const head = world.repository.head();
		const [image] = world.status.images ?? [];
		if (image?.chosen === undefined) throw new Error("nothing was chosen");
		const { commit: _commit, ...chosen } = image.chosen;
		world.policy = {
			...world.policy,
			status: { ...world.status, images: [{ ...image, chosen: { ...chosen, state: "Writing" } }] },
		};
		world.restart();
		await world.settle();
		expect(world.repository.head()).toBe(head);
		expect(world.status.images?.[0]?.chosen).toMatchObject({ state: "Pushed", commit: head });
	});

	test("says what the server refuses, once, in the policy's status, and costs no more calls meanwhile", async () => {
		world.repository.hook("pre-receive", "echo main is protected >&2; exit 1");
		expect(await world.settle()).toBe(300_000);
		await world.settle();
		expect(world.calls).toBe(1);
		expect(world.ready).toMatchObject({
			...{ status: "False", reason: "WriteBackProblem" },
			message: expect.stringMatching(
				/refuses to have branch main changed: pre-receive hook declined: main is protected/,
			),
		});
		expect(world.told).toEqual(["ImageFound", "ImageWriteBackFailed"]);
		expect(JSON.stringify([world.policy, world.told])).not.toContain("replace-me");
		world.repository.hook("pre-receive", "exit 0");
		world.now += 300_000;
		await world.settle();
		expect(world.status.images?.[0]?.chosen?.state).toBe("Pushed");
		expect(world.ready?.message).toBe("podinfod 6.8.0: Pushed");
	});

	test("with a branch for review leaves the one below alone", async () => {
		const git = (world.policy.spec as { writeBack: { git: Record<string, unknown> } }).writeBack.git;
		git.pushBranch = "haldane/updates";
		await world.settle();
		expect(world.file()).toBe(KUSTOMIZATION);
		expect(world.file("haldane/updates")).toContain("6.8.0");
	});

	test("with a template that nobody understands is refused before anything is done", async () => {
		const git = (world.policy.spec as { writeBack: { git: Record<string, unknown> } }).writeBack.git;
		git.messageTemplate = "{{tag}}";
		await world.settle();
		expect(world.ready).toMatchObject({
			reason: "Invalid",
			message: expect.stringMatching(/messageTemplate: has no \{\{tag\}\}/),
		});
		expect(world.calls).toBe(0);
	});
});
