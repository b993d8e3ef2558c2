import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { APPROVED_FRESH_MS } from "../../src/updater/decide/gates.ts";
import { SETTLING_MS } from "../../src/updater/loop/approvals/vouching.ts";
import { eventually } from "../support/control-plane/eventually.ts";
import { ApiError } from "../support/control-plane/kube-api.ts";
import type { Json, KubeObject, Reference } from "../support/control-plane/kube-object.ts";
import {
	findDockerRegistry,
	type RunningRegistry,
	startDockerRegistry,
} from "../support/image-registry/docker-registry.ts";
import { pushImage } from "../support/image-registry/push.ts";
import { type Bed, canStartBed, onRealServer, startBed } from "../support/operator/bed.ts";
import { canary, type DeploymentSeen, deployment, deploymentRef, NAMESPACE } from "../support/operator/manifests.ts";
import { type InProcessOperator, spawnOperator, startOperator } from "../support/operator/operators.ts";
import { deployed, introduce, type Person } from "../support/operator/people.ts";
import { grantOperator } from "../support/operator/role.ts";

const command = findDockerRegistry();
const patient = { withinMs: 60_000 };
const NAME = "voted";

interface Made extends KubeObject {
	readonly metadata: KubeObject["metadata"] & { readonly creationTimestamp: string };
}

interface PolicySeen extends KubeObject {
	readonly status?: {
		readonly images?: readonly {
			readonly chosen?: {
				readonly tag: string;
				readonly digest: string;
				readonly state: string;
				readonly approvedBy?: readonly string[];
			};
			readonly rejected?: readonly { readonly tag: string; readonly by?: string }[];
		}[];
		readonly conditions?: readonly { readonly type: string; readonly message: string }[];
	};
}

describe.skipIf(!canStartBed || command === undefined)("images that people approve", () => {
	let bed: Bed;
	let registry: RunningRegistry;
	let operator: InProcessOperator;
	let folder: string;
	const people = new Map<string, Person>();

	const push = async (tag: string, content = tag) => {
		const { digest } = await pushImage({ url: registry.url, repository: NAME }, { content }, tag);
		return digest;
	};
	const imageOf = (tag: string) => `${registry.host}/${NAME}:${tag}`;
	const updater = () => ({
		schedule: "@every 5s",
		namespaces: undefined,
		selector: {},
		excluded: [],
		registriesFile: join(folder, "registries.yaml"),
		dockerConfig: undefined,
		webhooks: undefined,
	});
	const start = () => startOperator({ ...bed.options, updater: updater() });
	const policy = {
		apiVersion: "haldane.dev/v1beta1",
		kind: "ImagePolicy",
		metadata: { name: NAME, namespace: NAMESPACE },
		spec: {
			targetRef: { apiVersion: "apps/v1", kind: "Deployment", name: NAME },
			schedule: "@every 5s",
			images: [{ containers: ["web"], policy: { type: "minor" } }],
			approvals: { required: 2 },
		},
	} as Reference & { readonly spec: Json };
	const seen = async () => (await bed.admin.get<PolicySeen>(policy))?.status;
	const written = async () =>
		(await bed.admin.get<DeploymentSeen>(deploymentRef(NAME)))?.spec?.template.spec.containers[0]?.image;
	const awaited = (tag: string, digest: string) =>
		eventually(
			`${tag} waits for approval`,
			async () => {
				const chosen = (await seen())?.images?.[0]?.chosen;
				return chosen?.tag === tag && chosen.digest === digest && chosen.state === "AwaitingApproval";
			},
			patient,
		);
	const rolledOut = (tag: string) =>
		eventually(
			`${tag} is rolled out`,
			async () => {
				const chosen = (await seen())?.images?.[0]?.chosen;
				return chosen?.tag === tag && chosen.state === "RolledOut" && chosen;
			},
			patient,
		);
	let count = 0;
	const say = async (name: string, tag: string, digest: string, decision = "approve") => {
		const person = people.get(name) as Person;
		count += 1;
		const approval = {
			apiVersion: "haldane.dev/v1beta1",
			kind: "ImageApproval",
			metadata: { name: `say-${count}`, namespace: NAMESPACE },
			spec: {
				image: imageOf(tag),
				digest,
				workload: { kind: "Deployment", name: NAME },
				decision,
				user: person.user,
			},
		};
		await person.api.create(approval as Reference);
		return approval;
	};
	const usersOf = (...names: readonly string[]) => names.map((name) => people.get(name)?.user);

	beforeAll(async () => {
		folder = mkdtempSync(join(tmpdir(), "haldane-approvals-"));
		[bed, registry] = await Promise.all([
			startBed({ pods: "at once" }),
			startDockerRegistry({ command: command ?? "" }),
		]);
		for (const role of deployed("updater/people.yaml", "ClusterRole")) await bed.admin.apply(role);
		for (const name of ["ada", "bob", "cyd"]) {
			const one = { name, namespace: NAMESPACE, roles: ["haldane-approver"] };
			people.set(name, await introduce(bed.admin, one));
		}
		const settings = { registries: [{ host: registry.host, plainHttp: true, requestsPerSecond: 1000 }] };
		// JSON is YAML.
		writeFileSync(join(folder, "registries.yaml"), JSON.stringify(settings));
		await push("1.0.0");
		await bed.admin.apply(deployment(NAME, { image: imageOf("1.0.0") }) as Reference);
		await bed.admin.apply(policy);
	});
	afterAll(async () => {
		await operator?.stop();
		for (const { api } of people.values()) api.close();
		await registry?.stop();
		await bed?.stop();
		rmSync(folder, { recursive: true, force: true });
	});

	onRealServer(() => {
		test("are not looked after without the rights for it; the log says what to do, and Canaries go on", async () => {
			const image = `${registry.host}/asking:1.0.0`;
			const asking = deployment("asking", { image }) as KubeObject;
			const annotations = { "keel.sh/policy": "minor", "keel.sh/trigger": "poll" };
			for (const tag of ["1.0.0", "1.0.1"])
				await pushImage({ url: registry.url, repository: "asking" }, { content: tag }, tag);
			await bed.admin.apply({ ...asking, metadata: { ...asking.metadata, annotations } } as Reference);
			const log = join(folder, "without-rights.log");
			const lacking = spawnOperator({ ...bed.options, logLevel: "info", updater: updater() }, log);
			// What it keeps of its looks is a line without a resource.
			const mends = () =>
				lacking.logged().filter(({ mend, resource }) => resource && String(mend).includes("deploy/updater"));
			await eventually(
				"it says what it may not read",
				() => new Set(mends().map(({ resource }) => resource)).size === 7,
				patient,
			);
			expect(mends().find(({ resource }) => resource === "imagepolicies")?.msg).toContain(
				"no image is kept up to date",
			);
			await bed.initialised(canary("undisturbed", { analysis: { iterations: 1 } }));
			const after = await bed.admin.get<DeploymentSeen>(deploymentRef("asking"));
			expect(after?.spec?.template.spec.containers[0]?.image).toBe(image);
			await bed.admin.delete(asking);
			expect(await lacking.terminate()).toBe(0);
		}, 120_000);
	});

	test("nothing counts while the API server vouches for nobody, and the policy says so", async () => {
		await grantOperator(bed.admin, ["updater"]);
		operator = start();
		const digest = await push("1.1.0");
		await awaited("1.1.0", digest);
		await say("ada", "1.1.0", digest);
		await say("bob", "1.1.0", digest);
		const problem = "ValidatingAdmissionPolicy haldane-image-approvals is missing";
		await eventually(
			"the policy says so",
			async () => {
				const ready = (await seen())?.conditions?.find(({ type }) => type === "Ready");
				return (
					ready?.message.includes(`approvals do not count: ${problem}`) && ready.message.includes("deploy/updater")
				);
			},
			patient,
		);
		expect(await written()).toBe(imageOf("1.0.0"));
	}, 120_000);

	test("what was said before does not count either; two people who say it anew do, once each", async () => {
		const digest = (await seen())?.images?.[0]?.chosen?.digest ?? "";
		await operator.stop();
		const kinds = ["ValidatingAdmissionPolicy", "ValidatingAdmissionPolicyBinding"];
		for (const object of deployed("updater/approvals.yaml", ...kinds)) await bed.admin.apply(object);
		// A policy takes effect some moments after it was written: until then the admin could speak for others.
		await eventually("the policy is in force", async () => {
			const forged = {
				apiVersion: "haldane.dev/v1beta1",
				kind: "ImageApproval",
				metadata: { name: "forged", namespace: NAMESPACE },
				spec: {
					image: imageOf("9.9.9"),
					digest: `sha256:${"0".repeat(64)}`,
					workload: { kind: "Deployment", name: NAME },
					decision: "approve",
					user: "nobody",
				},
			} as Reference;
			try {
				await bed.admin.create(forged);
				await bed.admin.delete(forged);
				return false;
			} catch (thrown) {
				return thrown instanceof ApiError && thrown.status === 403;
			}
		});
		await eventually("and has been for a while", async () => {
			const [binding] = deployed("updater/approvals.yaml", "ValidatingAdmissionPolicyBinding");
			const made = (await bed.admin.get<Made>(binding as Reference))?.metadata.creationTimestamp;
			return made !== undefined && Date.now() > Date.parse(made) + SETTLING_MS + 1_000;
		});
		operator = start();
		await eventually(
			"the policy complains no more",
			async () => {
				const ready = (await seen())?.conditions?.find(({ type }) => type === "Ready");
				return ready?.message.includes("approvals do not count") === false;
			},
			patient,
		);
		expect(await written()).toBe(imageOf("1.0.0"));
		await say("ada", "1.1.0", digest);
		await say("ada", "1.1.0", digest);
		await say("bob", "1.1.0", `sha256:${"1".repeat(64)}`);
		await say("cyd", "1.1.0", digest);
		const chosen = await rolledOut("1.1.0");
		expect([...(chosen.approvedBy ?? [])].sort()).toEqual(usersOf("ada", "cyd"));
		expect(await written()).toBe(imageOf("1.1.0"));
	}, 120_000);

	test("a tag that is pushed anew is asked about anew", async () => {
		const first = await push("1.2.0", "first");
		await awaited("1.2.0", first);
		const waitedFrom = performance.now();
		const second = await push("1.2.0", "second");
		await eventually(
			"what the registry said is not fresh any more",
			() => performance.now() - waitedFrom > APPROVED_FRESH_MS,
		);
		await say("ada", "1.2.0", first);
		await say("cyd", "1.2.0", first);
		await awaited("1.2.0", second);
		expect(await written()).toBe(imageOf("1.1.0"));
		await say("bob", "1.2.0", second);
		await say("cyd", "1.2.0", second);
		const chosen = await rolledOut("1.2.0");
		expect([...(chosen.approvedBy ?? [])].sort()).toEqual(usersOf("bob", "cyd"));
		expect(chosen.digest).toBe(second);
	}, 180_000);

	test("one rejection ends it, whoever approves it", async () => {
		const digest = await push("1.3.0");
		await awaited("1.3.0", digest);
		await say("bob", "1.3.0", digest, "reject");
		const rejected = await eventually(
			"1.3.0 is rejected",
			async () => (await seen())?.images?.[0]?.rejected?.find(({ tag }) => tag === "1.3.0"),
			patient,
		);
		expect([rejected.by]).toEqual(usersOf("bob"));
		await say("ada", "1.3.0", digest);
		await say("cyd", "1.3.0", digest);
		// What comes after it is waited for, so it was looked at again since.
		await awaited("1.4.0", await push("1.4.0"));
		expect(await written()).toBe(imageOf("1.2.0"));
	}, 120_000);
});
