import { execFile } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { parse, parseAllDocuments } from "yaml";
import { eventually } from "../support/control-plane/eventually.ts";
import type { Json, KubeObject, Reference } from "../support/control-plane/kube-object.ts";
import { freePorts } from "../support/control-plane/processes.ts";
import {
	findDockerRegistry,
	type RunningRegistry,
	startDockerRegistry,
} from "../support/image-registry/docker-registry.ts";
import { pushImage } from "../support/image-registry/push.ts";
import { type Bed, canStartBed, startBed } from "../support/operator/bed.ts";
import {
	canary,
	type DeploymentSeen,
	deployment,
	deploymentRef,
	NAMESPACE,
	scoreOf,
} from "../support/operator/manifests.ts";
import { type InProcessOperator, startOperator } from "../support/operator/operators.ts";
import { grantOperator } from "../support/operator/role.ts";

const command = findDockerRegistry();
const repository = join(import.meta.dirname, "../..");
const patient = { withinMs: 60_000 };
const SECRET = "a-word-that-only-the-pipeline-knows";
const RECORD = "haldane.dev/image-record";
const run = promisify(execFile);

interface RecordSeen {
	readonly container: string;
	readonly chosen?: { readonly tag: string; readonly state: string };
	readonly failed?: readonly { readonly tag: string; readonly digest: string }[];
	readonly passedOver?: readonly { readonly tag: string; readonly why: string }[];
}

/** Images of a workload of that kind, by container. */
function imagesIn(object: KubeObject | undefined): Record<string, string> {
	const spec = object?.spec as { jobTemplate?: { spec: object } } | undefined;
	const { template } = (spec?.jobTemplate?.spec ?? spec ?? {}) as {
		template?: { spec: { containers: { name: string; image: string }[] } };
	};
	return Object.fromEntries((template?.spec.containers ?? []).map(({ name, image }) => [name, image]));
}

describe.skipIf(!canStartBed || command === undefined)("the stories of the image updater", () => {
	let bed: Bed;
	let registry: RunningRegistry;
	let operators: readonly InProcessOperator[] = [];
	let folder: string;
	/** Of the replica that does not lead. */
	let port: number;

	const push = (path: string, tag: string, created?: string) =>
		pushImage(
			{ url: registry.url, repository: path },
			{ content: `${path} ${tag}`, ...(created === undefined ? {} : { created }) },
			tag,
		);
	/** The example's objects, with images of our registry. */
	const example = (file: string) =>
		parseAllDocuments(
			readFileSync(join(repository, "examples", file), "utf8").replaceAll("ghcr.io/", `${registry.host}/`),
		).map((document) => document.toJS() as Reference);
	const leaseSeen = () =>
		bed.admin.get<KubeObject>({
			apiVersion: "coordination.k8s.io/v1",
			kind: "Lease",
			metadata: { name: "haldane", namespace: NAMESPACE },
		});
	const becomes = (ref: Reference, container: string, image: string) =>
		eventually(
			`${ref.metadata.name} has ${image}`,
			async () => imagesIn(await bed.admin.get<KubeObject>(ref))[container] === image,
			patient,
		);
	const recorded = async (ref: Reference): Promise<readonly RecordSeen[]> => {
		const seen = await bed.admin.get<KubeObject>(ref);
		return JSON.parse(seen?.metadata.annotations?.[RECORD] ?? "[]") as readonly RecordSeen[];
	};

	beforeAll(async () => {
		folder = mkdtempSync(join(tmpdir(), "haldane-stories-"));
		let leaders: number;
		[bed, registry, [leaders, port]] = (await Promise.all([
			startBed(),
			startDockerRegistry({ command: command ?? "" }),
			freePorts(2),
		])) as [Bed, RunningRegistry, [number, number]];
		const settings = { registries: [{ host: registry.host, plainHttp: true, requestsPerSecond: 1000 }] };
		// JSON is YAML.
		writeFileSync(join(folder, "registries.yaml"), JSON.stringify(settings));
		await grantOperator(bed.admin, ["updater"]);
		await bed.admin.apply({ apiVersion: "v1", kind: "Namespace", metadata: { name: "test" } } as Reference);
		const metadata = { name: "haldane-webhooks", namespace: NAMESPACE };
		await bed.admin.apply({ apiVersion: "v1", kind: "Secret", metadata, stringData: { ci: SECRET } } as Reference);
		const start = (taking: number) => {
			const signed = { secret: "haldane-webhooks", takesUnsigned: false, privateRegistry: undefined };
			const operator = startOperator({
				...bed.options,
				concurrency: 16,
				leaderElection: true,
				updater: {
					schedule: "@every 1m",
					namespaces: undefined,
					selector: {},
					excluded: ["kube-system"],
					registriesFile: join(folder, "registries.yaml"),
					dockerConfig: undefined,
					webhooks: { port: taking, ip: "127.0.0.1", ...signed },
				},
			});
			operators = [...operators, operator];
		};
		start(leaders);
		await eventually(
			"the first replica leads",
			async () => (await leaseSeen())?.metadata.annotations?.["haldane.dev/webhooks"] === `127.0.0.1:${leaders}`,
			patient,
		);
		start(port);
	});
	afterAll(async () => {
		await Promise.all(operators.map((operator) => operator.stop()));
		await registry?.stop();
		await bed?.stop();
		rmSync(folder, { recursive: true, force: true });
	});

	test("by annotations: the container that is meant gets the newest minor version, and people are waited for", async () => {
		for (const tag of ["1.4.2", "1.5.0", "2.0.0"]) await push("acme/log-shipper", tag);
		for (const tag of ["2.0.0", "2.1.0"]) await push("acme/proxy", tag);
		for (const tag of ["v2.3.1", "v3.0.0"]) await push("acme/report", tag);
		const [daemonSet, cronJob] = example("updater-annotations.yaml") as [Reference, Reference];
		await bed.admin.apply(daemonSet);
		await bed.admin.apply(cronJob);
		await becomes(daemonSet, "shipper", `${registry.host}/acme/log-shipper:1.5.0`);
		expect(imagesIn(await bed.admin.get<KubeObject>(daemonSet)).proxy).toBe(`${registry.host}/acme/proxy:2.0.0`);
		await eventually(
			"the report waits for approval",
			async () => {
				const [image] = await recorded(cronJob);
				return image?.chosen?.tag === "v3.0.0" && image.chosen.state === "AwaitingApproval";
			},
			patient,
		);
		expect(imagesIn(await bed.admin.get<KubeObject>(cronJob))).toEqual({
			report: `${registry.host}/acme/report:v2.3.1`,
		});
	}, 120_000);

	test("by an ImagePolicy: what is too young or out of range is passed over, and the status says why", async () => {
		const ago = (hours: number) => new Date(Date.now() - hours * 3_600_000).toISOString();
		for (const [tag, hours] of [
			["6.9.0", 900],
			["6.9.1", 48],
			["6.10.0", 1],
			["7.0.0", 48],
		] as const)
			await push("stefanprodan/podinfo", tag, ago(hours));
		for (const object of example("podinfo.yaml").filter(({ kind }) => kind === "Deployment"))
			await bed.admin.apply(object);
		const [policy] = example("image-policy.yaml") as [Reference & { readonly spec: Json }];
		// The test runs at any hour, and nobody is on call.
		const { windows: _windows, freezes: _freezes, alerts: _alerts, ...spec } = policy.spec;
		await bed.admin.apply({ ...policy, spec } as Reference);
		const image = await eventually(
			"the policy has chosen",
			async () => {
				const seen = await bed.admin.get<
					KubeObject & { readonly status?: { readonly images?: readonly RecordSeen[] } }
				>(policy);
				const [one] = seen?.status?.images ?? [];
				return one?.chosen?.state === "AwaitingApproval" && one;
			},
			patient,
		);
		expect(image.chosen?.tag).toBe("6.9.1");
		expect(image.passedOver).toEqual(
			expect.arrayContaining([
				{ tag: "6.10.0", why: expect.stringContaining("must be 24h old") },
				{ tag: "7.0.0", why: expect.stringContaining(">=6.9 <7") },
			]),
		);
	}, 120_000);

	/** The step of the README's pipeline, with what GitHub would fill in. */
	async function tellHaldane(path: string, tag: string): Promise<void> {
		const readme = readFileSync(join(repository, "README.md"), "utf8");
		const [step] = parse(/```yaml\n(- name: Tell Haldane[\s\S]*?)```/.exec(readme)?.[1] ?? "") as [{ run: string }];
		const script = step.run
			.replace(/ghcr\.io\/\$\{\{ github\.repository \}\}/, `${registry.host}/${path}`)
			.replace(/\$\{\{ github\.ref_name \}\}/, tag);
		const env = { PATH: process.env.PATH, SECRET, URL: `http://127.0.0.1:${port}/v1/webhooks/native` };
		await run("sh", ["-ec", script], { env });
	}

	test("from CI: a push is told to any replica by the README's step, rolled out by its canary, and what fails there stays out", async () => {
		const name = "shop";
		const target = deploymentRef(name);
		const image = (tag: string) => `${registry.host}/acme/${name}:${tag}`;
		await push(`acme/${name}`, "1.0.0");
		const { metadata, ...rest } = deployment(name, { image: image("1.0.0") });
		// Nobody looks unless somebody tells.
		const annotations = { "haldane.dev/policy": "minor", "haldane.dev/trigger": "webhook" };
		await bed.admin.apply({ ...rest, metadata: { ...metadata, annotations } } as Reference);
		await bed.admin.apply(canary(name, { analysis: { stepWeights: [50] } }));
		await bed.phase(name, "Initialized", patient);

		await push(`acme/${name}`, "1.1.0");
		await tellHaldane(`acme/${name}`, "1.1.0");
		await becomes(target, "web", image("1.1.0"));
		await bed.phase(name, "Succeeded", patient);
		const primary = await bed.admin.get<DeploymentSeen>(deploymentRef(`${name}-primary`));
		expect(primary?.spec?.template.spec.containers[0]?.image).toBe(image("1.1.0"));

		bed.prometheus.answer(scoreOf(name), 50);
		const bad = await push(`acme/${name}`, "1.2.0");
		await tellHaldane(`acme/${name}`, "1.2.0");
		await bed.phase(name, "Failed", patient);
		await eventually(
			"what failed is remembered",
			async () => (await recorded(target))[0]?.failed?.[0]?.digest === bad.digest,
			patient,
		);
		bed.prometheus.answer(scoreOf(name), 100);
		await tellHaldane(`acme/${name}`, "1.2.0");
		await push(`acme/${name}`, "1.2.1");
		await tellHaldane(`acme/${name}`, "1.2.1");
		await becomes(target, "web", image("1.2.1"));
		await bed.phase(name, "Succeeded", patient);
		const runs = (await bed.phase(name, "Succeeded")).status?.history?.map(({ outcome }) => outcome);
		expect(runs).toEqual(["Succeeded", "Failed", "Succeeded"]);
	}, 180_000);
});
