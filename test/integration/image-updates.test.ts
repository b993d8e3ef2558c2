import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { eventually } from "../support/control-plane/eventually.ts";
import type { Json, KubeObject, Reference } from "../support/control-plane/kube-object.ts";
import {
	findDockerRegistry,
	type RunningRegistry,
	startDockerRegistry,
} from "../support/image-registry/docker-registry.ts";
import { pushImage } from "../support/image-registry/push.ts";
import { type Bed, canStartBed, startBed } from "../support/operator/bed.ts";
import {
	canary,
	canaryRef,
	type DeploymentSeen,
	deployment,
	deploymentRef,
	NAMESPACE,
	scoreOf,
} from "../support/operator/manifests.ts";
import { type InProcessOperator, startOperator } from "../support/operator/operators.ts";
import { grantOperator } from "../support/operator/role.ts";

const command = findDockerRegistry();
const patient = { withinMs: 60_000 };
const RECORD = "haldane.dev/image-record";

interface PolicySeen extends KubeObject {
	readonly status?: {
		readonly images?: readonly {
			readonly container: string;
			readonly chosen?: { readonly tag: string; readonly state: string };
			readonly failed?: readonly { readonly tag: string; readonly digest: string }[];
		}[];
		readonly conditions?: readonly { readonly type: string; readonly status: string; readonly message: string }[];
	};
}

interface Templated {
	readonly template?: { readonly spec: Json };
}

describe.skipIf(!canStartBed || command === undefined)("images that are kept up to date", () => {
	let bed: Bed;
	let registry: RunningRegistry;
	let operator: InProcessOperator;
	let folder: string;
	/** Repository and tag to digest. */
	const digests = new Map<string, string>();

	const push = async (repository: string, tag: string) => {
		const { digest } = await pushImage({ url: registry.url, repository }, { content: `${repository} ${tag}` }, tag);
		digests.set(`${repository}:${tag}`, digest);
		return digest;
	};
	const imageOf = (repository: string, tag: string) => `${registry.host}/${repository}:${tag}`;
	const start = () =>
		startOperator({
			...bed.options,
			concurrency: 16,
			updater: {
				schedule: "@every 10s",
				namespaces: undefined,
				selector: {},
				excluded: ["kube-system"],
				registriesFile: join(folder, "registries.yaml"),
				dockerConfig: undefined,
				webhooks: undefined,
			},
		});
	const written = async (name: string) =>
		(await bed.admin.get<DeploymentSeen>(deploymentRef(name)))?.spec?.template.spec.containers[0]?.image;
	const becomes = (name: string, image: string) =>
		eventually(`${name} has ${image}`, async () => (await written(name)) === image, patient);
	const annotated = (name: string, tag: string, annotations: Json) => {
		const { metadata, ...rest } = deployment(name, { image: imageOf(name, tag) });
		return { ...rest, metadata: { ...metadata, annotations } } as Reference;
	};
	const policy = (name: string, spec: Json) =>
		({
			apiVersion: "haldane.dev/v1beta1",
			kind: "ImagePolicy",
			metadata: { name, namespace: NAMESPACE },
			spec: { targetRef: { apiVersion: "apps/v1", kind: "Deployment", name }, schedule: "@every 10s", ...spec },
		}) as Reference;
	const policySeen = async (name: string) => bed.admin.get<PolicySeen>(policy(name, {}));

	beforeAll(async () => {
		folder = mkdtempSync(join(tmpdir(), "haldane-images-"));
		[bed, registry] = await Promise.all([startBed(), startDockerRegistry({ command: command ?? "" })]);
		await grantOperator(bed.admin, ["updater"]);
		const settings = { registries: [{ host: registry.host, plainHttp: true, requestsPerSecond: 1000 }] };
		// JSON is YAML.
		writeFileSync(join(folder, "registries.yaml"), JSON.stringify(settings));
		operator = start();
	});
	afterAll(async () => {
		await operator?.stop();
		await registry?.stop();
		await bed?.stop();
		rmSync(folder, { recursive: true, force: true });
	});

	test("a new tag goes through its canary; one that fails there is remembered, and the next is tried", async () => {
		const name = "story";
		await push(name, "1.0.0");
		const asked = { "keel.sh/policy": "minor", "keel.sh/trigger": "poll", "haldane.dev/pollSchedule": "@every 10s" };
		await bed.admin.apply(annotated(name, "1.0.0", asked));
		await bed.admin.apply(canary(name, { analysis: { stepWeights: [50] } }));
		await bed.phase(name, "Initialized", patient);

		await push(name, "1.1.0");
		await becomes(name, imageOf(name, "1.1.0"));
		await bed.phase(name, "Succeeded", patient);
		await becomes(`${name}-primary`, imageOf(name, "1.1.0"));

		bed.prometheus.answer(scoreOf(name), 50);
		await push(name, "1.2.0");
		await becomes(name, imageOf(name, "1.2.0"));
		await bed.phase(name, "Failed", patient);
		const record = await eventually(
			"what failed is remembered",
			async () => {
				const target = await bed.admin.get<KubeObject>(deploymentRef(name));
				const text = target?.metadata.annotations?.[RECORD];
				const [image] = (text === undefined ? [] : JSON.parse(text)) as {
					failed?: { tag: string; digest: string }[];
				}[];
				return image?.failed?.[0];
			},
			patient,
		);
		expect(record).toMatchObject({ tag: "1.2.0", digest: digests.get(`${name}:1.2.0`) });
		expect(await written(`${name}-primary`)).toBe(imageOf(name, "1.1.0"));

		bed.prometheus.answer(scoreOf(name), 100);
		await push(name, "1.2.1");
		await becomes(name, imageOf(name, "1.2.1"));
		await bed.phase(name, "Succeeded", patient);
		await becomes(`${name}-primary`, imageOf(name, "1.2.1"));
	}, 240_000);

	test("an ImagePolicy says what was chosen and why; replicas, env and all else stay as others have them", async () => {
		const name = "policed";
		await push(name, "1.0.0");
		await push(name, "1.5.0");
		await push(name, "2.0.0");
		await bed.admin.apply(deployment(name, { image: imageOf(name, "1.0.0"), replicas: 2 }) as Reference);
		const ranged = { containers: ["web"], policy: { type: "semver", range: ">=1.0 <2" }, pinDigest: true };
		await bed.admin.apply(policy(name, { images: [ranged] }));
		const pinned = `${imageOf(name, "1.5.0")}@${digests.get(`${name}:1.5.0`)}`;
		await becomes(name, pinned);
		const seen = await eventually(
			"the policy says so",
			async () => {
				const one = await policySeen(name);
				return one?.status?.images?.[0]?.chosen?.state === "RolledOut" && one;
			},
			patient,
		);
		expect(seen.status?.images?.[0]).toMatchObject({ container: "web", chosen: { tag: "1.5.0" } });
		expect(seen.status?.conditions?.find(({ type }) => type === "Ready")?.status).toBe("True");

		const env = [{ name: "MODE", value: "quick" }];
		const others = { spec: { replicas: 3, template: { spec: { containers: [{ name: "web", env }] } } } };
		await bed.admin.patch(deploymentRef(name), others, { as: "strategic-merge" });
		await push(name, "1.6.0");
		await becomes(name, `${imageOf(name, "1.6.0")}@${digests.get(`${name}:1.6.0`)}`);
		const after = await bed.admin.get<DeploymentSeen>(deploymentRef(name));
		expect(after?.spec).toMatchObject({ replicas: 3, template: { spec: { containers: [{ env }] } } });
		expect(after?.metadata.annotations?.["kubernetes.io/change-cause"]).toContain("1.6.0");
	}, 120_000);

	test.each([
		["Deployment", "apps/v1"],
		["StatefulSet", "apps/v1"],
		["DaemonSet", "apps/v1"],
		["CronJob", "batch/v1"],
	])(
		"a %s gets new images in its containers, init containers and volumes, and nothing else of it changes",
		async (kind, apiVersion) => {
			const name = `every-${kind.toLowerCase()}`;
			const labels = { app: name };
			const pod = (tag: string) => ({
				initContainers: [
					{ name: "migrate", image: imageOf(`${name}-migrate`, tag), env: [{ name: "STEP", value: "1" }] },
				],
				containers: [
					{ name: "web", image: imageOf(`${name}-web`, tag), volumeMounts: [{ name: "model", mountPath: "/model" }] },
				],
				volumes: [{ name: "model", image: { reference: imageOf(`${name}-model`, tag), pullPolicy: "Always" } }],
			});
			const template = {
				metadata: { labels },
				spec: { ...pod("1.0.0"), restartPolicy: kind === "CronJob" ? "OnFailure" : "Always" },
			};
			const spec = {
				Deployment: { replicas: 0, selector: { matchLabels: labels }, template },
				StatefulSet: { replicas: 0, serviceName: name, selector: { matchLabels: labels }, template },
				DaemonSet: { selector: { matchLabels: labels }, template },
				CronJob: { schedule: "0 4 1 1 *", jobTemplate: { spec: { template } } },
			}[kind];
			const annotations = {
				...{ "keel.sh/policy": "patch", "keel.sh/trigger": "poll", "haldane.dev/pollSchedule": "@every 10s" },
				...{ "keel.sh/initContainers": "true", "haldane.dev/imageVolumes": "true" },
			};
			const repositories = ["migrate", "web", "model"].map((image) => `${name}-${image}`);
			for (const repository of repositories) await push(repository, "1.0.0");
			const workload = { apiVersion, kind, metadata: { name, namespace: NAMESPACE, annotations }, spec } as Reference;
			await bed.admin.apply(workload);
			for (const repository of repositories) await push(repository, "1.0.1");
			const podOf = async () => {
				const live =
					await bed.admin.get<KubeObject<Templated & { readonly jobTemplate?: { readonly spec: Templated } }>>(
						workload,
					);
				return (live?.spec?.jobTemplate?.spec ?? live?.spec)?.template?.spec;
			};
			await eventually(
				`${name} has all three`,
				async () => JSON.stringify(await podOf()).match(/:1\.0\.1"/g)?.length === 3,
				patient,
			);
			expect(await podOf()).toMatchObject(pod("1.0.1"));
		},
		60_000,
	);

	test("a policy that cannot be obeyed says why, and disturbs no other", async () => {
		const name = "mistaken";
		await push(name, "1.0.0");
		await bed.admin.apply(deployment(name, { image: imageOf(name, "1.0.0") }) as Reference);
		const wrong = { containers: ["web"], policy: { type: "semver", range: "newer than one" } };
		await bed.admin.apply(policy(name, { images: [wrong], schedule: "whenever" }));
		const stalled = await eventually(
			"the policy is stalled",
			async () => {
				const one = await policySeen(name);
				return one?.status?.conditions?.find(({ type, status }) => type === "Stalled" && status === "True");
			},
			patient,
		);
		expect(stalled.message).toContain("spec.schedule");
		expect(await written(name)).toBe(imageOf(name, "1.0.0"));
		expect(await bed.admin.get(canaryRef("story"))).toBeDefined();
	}, 60_000);
});
