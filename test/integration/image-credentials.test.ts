import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { eventually } from "../support/control-plane/eventually.ts";
import type { Json, KubeObject, Reference } from "../support/control-plane/kube-object.ts";
import {
	findDockerRegistry,
	knownUser,
	type RunningRegistry,
	startDockerRegistry,
} from "../support/image-registry/docker-registry.ts";
import { pushImage } from "../support/image-registry/push.ts";
import { type Bed, canStartBed, startBed } from "../support/operator/bed.ts";
import { type DeploymentSeen, deployment, deploymentRef, NAMESPACE } from "../support/operator/manifests.ts";
import { type OperatorProcess, spawnOperator } from "../support/operator/operators.ts";
import { grantOperator } from "../support/operator/role.ts";

const command = findDockerRegistry();
const patient = { withinMs: 60_000 };
const WRONG = "wrong-sesame";

interface PolicySeen extends KubeObject {
	readonly status?: { readonly conditions?: readonly { readonly type: string; readonly message: string }[] };
}

interface EventSeen extends KubeObject {
	readonly reason: string;
	readonly involvedObject: { readonly kind: string; readonly name: string };
}

const base64 = (text: string) => Buffer.from(text).toString("base64");
const authOf = (password: string) => base64(`${knownUser.username}:${password}`);

describe.skipIf(!canStartBed || command === undefined)("credentials of registries", () => {
	let bed: Bed;
	let registry: RunningRegistry;
	let operator: OperatorProcess;
	let folder: string;
	/** The same registry by another name. */
	let otherHost: string;
	const PATH = process.env.PATH;

	const logFile = () => join(folder, "operator.log");
	const secret = async (name: string, host: string, password: string = knownUser.password) => {
		const config = { auths: { [host]: { auth: authOf(password) } } };
		await bed.admin.apply({
			apiVersion: "v1",
			kind: "Secret",
			type: "kubernetes.io/dockerconfigjson",
			metadata: { name, namespace: NAMESPACE },
			data: { ".dockerconfigjson": base64(JSON.stringify(config)) },
		} as Reference);
	};
	const policy = (name: string, spec: Json = {}) =>
		({
			apiVersion: "haldane.dev/v1beta1",
			kind: "ImagePolicy",
			metadata: { name, namespace: NAMESPACE },
			spec: {
				targetRef: { apiVersion: "apps/v1", kind: "Deployment", name },
				schedule: "@every 5s",
				images: [{ containers: ["web"], policy: { type: "minor" } }],
				...(spec as object),
			},
		}) as Reference;
	/** A Deployment of the repository's first tag, with a policy that wants the second. */
	const keep = async (name: string, repository: string, pod: object = {}, spec: Json = {}) => {
		for (const tag of ["1.0.0", "1.1.0"]) {
			const path = repository.slice(repository.indexOf("/") + 1);
			await pushImage({ url: registry.url, repository: path, ...knownUser }, { content: tag }, tag);
		}
		const object = deployment(name, { image: `${repository}:1.0.0` }) as Reference;
		await bed.admin.apply(object);
		await bed.admin.patch(deploymentRef(name), { spec: { template: { spec: pod } } } as Json, {
			as: "strategic-merge",
		});
		await bed.admin.apply(policy(name, spec));
	};
	const becomes = (name: string, image: string) =>
		eventually(
			`${name} has ${image}`,
			async () => {
				const seen = await bed.admin.get<DeploymentSeen>(deploymentRef(name));
				return seen?.spec?.template.spec.containers[0]?.image === image;
			},
			patient,
		);
	const says = async (name: string) => {
		const seen = await bed.admin.get<PolicySeen>(policy(name));
		return seen?.status?.conditions?.find(({ type }) => type === "Ready")?.message ?? "";
	};

	beforeAll(async () => {
		folder = mkdtempSync(join(tmpdir(), "haldane-credentials-"));
		[bed, registry] = await Promise.all([
			startBed({ pods: "at once" }),
			startDockerRegistry({ command: command ?? "", basicAuth: true }),
		]);
		otherHost = registry.host.replace("127.0.0.1", "localhost");
		await grantOperator(bed.admin, ["updater"]);
		const plain = { plainHttp: true, requestsPerSecond: 1000 };
		const registries = [
			{ host: registry.host, ...plain },
			{ host: otherHost, credentialsSecret: "for-everybody", ...plain },
		];
		// JSON is YAML.
		writeFileSync(join(folder, "registries.yaml"), JSON.stringify({ registries }));
		const configuration = {
			auths: { [`${registry.host}/configured`]: { auth: authOf(knownUser.password) } },
			credHelpers: { [`${registry.host}/helped`]: "haldane-test" },
		};
		writeFileSync(join(folder, "config.json"), JSON.stringify(configuration));
		const said = JSON.stringify({ Username: knownUser.username, Secret: knownUser.password });
		const helper = join(folder, "docker-credential-haldane-test");
		writeFileSync(helper, `#!/bin/sh\nread server\n[ "$1 $server" = "get ${registry.host}" ] && echo '${said}'\n`);
		chmodSync(helper, 0o755);
		process.env.PATH = `${folder}:${PATH}`;
		operator = spawnOperator(
			{
				...bed.options,
				logLevel: "debug",
				updater: {
					schedule: "@every 5s",
					namespaces: undefined,
					selector: {},
					excluded: [],
					registriesFile: join(folder, "registries.yaml"),
					dockerConfig: join(folder, "config.json"),
					webhooks: undefined,
				},
			},
			logFile(),
		);
	});
	afterAll(async () => {
		process.env.PATH = PATH;
		await operator?.terminate();
		await registry?.stop();
		await bed?.stop();
		rmSync(folder, { recursive: true, force: true });
	});

	test("are the pod's", async () => {
		await secret("of-pod", registry.host);
		await keep("pod", `${registry.host}/pod`, { imagePullSecrets: [{ name: "of-pod" }] });
		await becomes("pod", `${registry.host}/pod:1.1.0`);
	}, 90_000);

	test("are its ServiceAccount's", async () => {
		await secret("of-account", registry.host);
		await bed.admin.apply({
			apiVersion: "v1",
			kind: "ServiceAccount",
			metadata: { name: "puller", namespace: NAMESPACE },
			imagePullSecrets: [{ name: "of-account" }],
		} as Reference);
		await keep("account", `${registry.host}/account`, { serviceAccountName: "puller" });
		await becomes("account", `${registry.host}/account:1.1.0`);
	}, 90_000);

	test("are those that an ImagePolicy names", async () => {
		await secret("of-policy", registry.host);
		await keep("named", `${registry.host}/named`, {}, { pullSecrets: [{ name: "of-policy" }] });
		await becomes("named", `${registry.host}/named:1.1.0`);
	}, 90_000);

	test("are those of the registry's settings, and a Secret that comes late is noticed", async () => {
		await keep("everybody", `${otherHost}/everybody`);
		await eventually(
			"it is missed",
			async () => (await says("everybody")).includes("Secret default/for-everybody: there is no such Secret"),
			patient,
		);
		await secret("for-everybody", otherHost);
		await becomes("everybody", `${otherHost}/everybody:1.1.0`);
	}, 90_000);

	test("are those of the operator's docker configuration", async () => {
		await keep("configured", `${registry.host}/configured/app`);
		await becomes("configured", `${registry.host}/configured/app:1.1.0`);
	}, 90_000);

	test("are those that a credential helper gives", async () => {
		await keep("helped", `${registry.host}/helped/app`);
		await becomes("helped", `${registry.host}/helped/app:1.1.0`);
	}, 90_000);

	test("that are wrong are said by name", async () => {
		await secret("wrong", registry.host, WRONG);
		await keep("wrong", `${registry.host}/wrong`, {}, { pullSecrets: [{ name: "wrong" }] });
		const message = await eventually(
			"the policy says so",
			async () => {
				const text = await says("wrong");
				return text.includes(`Secret ${NAMESPACE}/wrong`) && text;
			},
			patient,
		);
		expect(message).toContain(`${registry.host}/wrong`);
		const said = await eventually("an Event does too", async () => {
			const { items } = await bed.admin.list<EventSeen>({ apiVersion: "v1", kind: "Event", namespace: NAMESPACE });
			const found = items.filter(
				({ involvedObject }) => involvedObject.name === "wrong" && involvedObject.kind === "ImagePolicy",
			);
			return found.length > 0 && found;
		});
		expect(said.map(({ reason }) => reason)).toEqual(["ImageLookFailed"]);
	}, 120_000);

	test("are in no log, Event, status or metric", async () => {
		const up = operator.logged().find(({ port }) => typeof port === "number");
		const metrics = await (await fetch(`http://127.0.0.1:${up?.port}/metrics`)).text();
		expect(metrics.includes("haldane_")).toBe(true);
		const kinds = [
			["v1", "Event"],
			["apps/v1", "Deployment"],
			["haldane.dev/v1beta1", "ImagePolicy"],
		] as const;
		const lists = await Promise.all(kinds.map(([apiVersion, kind]) => bed.admin.list({ apiVersion, kind })));
		const objects = JSON.stringify(lists);
		expect(objects.includes(`Secret ${NAMESPACE}/wrong`)).toBe(true);
		const log = readFileSync(logFile(), "utf8");
		expect(log.includes(registry.host)).toBe(true);
		for (const password of [knownUser.password, WRONG])
			for (const word of [password, base64(password), authOf(password), authOf(password).replace(/=+$/, "")])
				expect([objects, log, metrics].map((text) => text.includes(word))).toEqual([false, false, false]);
	}, 60_000);

	test("that were wrong are read anew once they are mended", async () => {
		await secret("wrong", registry.host);
		await becomes("wrong", `${registry.host}/wrong:1.1.0`);
	}, 90_000);
});
