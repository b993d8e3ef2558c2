import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { eventually } from "../support/control-plane/eventually.ts";
import { ApiError } from "../support/control-plane/kube-api.ts";
import { conditionOf, type Json, type KubeObject, type Reference } from "../support/control-plane/kube-object.ts";
import { type Bed, canStartBed, onRealServer, startBed } from "../support/operator/bed.ts";
import {
	type CanarySeen,
	canary,
	canaryRef,
	deployment,
	deploymentRef,
	NAMESPACE,
	serviceRef,
} from "../support/operator/manifests.ts";
import { type OperatorProcess, spawnOperator } from "../support/operator/operators.ts";
import { alertProviderRefusals, canaryRefusals, metricTemplateRefusals } from "../unit/api/refusals.ts";

interface Case {
	/** What is there before the Canary comes, beside its Deployment. */
	readonly before?: (name: string) => readonly object[];
	/** What the Canary says differently. */
	readonly canary: (name: string) => Parameters<typeof canary>[1];
	readonly reason: string;
	/** What is to be changed, in words of the message. */
	readonly says: (name: string) => string;
	readonly withoutTarget?: true;
}

const weighted = { stepWeight: 20 };
const route = (name: string, backend: string) => ({
	apiVersion: "gateway.networking.k8s.io/v1",
	kind: "HTTPRoute",
	metadata: { name, namespace: NAMESPACE },
	spec: { parentRefs: [{ name: "web" }], rules: [{ backendRefs: [{ name: backend, port: 80 }] }] },
});
const service = (name: string, app: string) => ({
	...serviceRef(name),
	spec: { selector: { app }, ports: [{ name: "http", port: 80, targetPort: 8080 }] },
});
const template = (name: string, spec: Json) => ({
	apiVersion: "haldane.dev/v1beta1",
	kind: "MetricTemplate",
	metadata: { name, namespace: NAMESPACE },
	spec,
});
const prometheus = { type: "prometheus", address: "http://127.0.0.1:9" };
const alertProvider = (name: string) => ({
	apiVersion: "haldane.dev/v1beta1",
	kind: "AlertProvider",
	metadata: { name, namespace: NAMESPACE },
	spec: { type: "slack", secretRef: { name } },
});
const secret = (name: string) => ({
	apiVersion: "v1",
	kind: "Secret",
	metadata: { name, namespace: NAMESPACE },
	stringData: { token: "hush", address: "http://127.0.0.1:9/hush" },
});
const alerted = (name: string) => ({ ...weighted, alerts: [{ name: "chat", providerRef: { name } }] });
const withHook = (name: string) => ({
	...weighted,
	webhooks: [{ name: "gate", url: "http://127.0.0.1:9/", secretRef: { name } }],
});
const byTemplate = (name: string) => ({
	...weighted,
	metrics: [{ name: "score", templateRef: { name }, thresholdRange: { min: 1 } }],
});

const cases: Readonly<Record<string, Case>> = {
	"a provider that is not supported": {
		canary: () => ({ provider: "istio", analysis: weighted }),
		reason: "Unsupported",
		says: () => "spec.provider: istio is not supported yet; use one of gatewayapi,",
	},
	"a kind of target that is not supported": {
		canary: (name) => ({ targetRef: { apiVersion: "apps/v1", kind: "DaemonSet", name }, analysis: weighted }),
		reason: "Unsupported",
		says: () => "spec.targetRef.kind: DaemonSet is not supported yet; use a Deployment",
	},
	"a target that is missing": {
		canary: () => ({ analysis: weighted }),
		withoutTarget: true,
		reason: "TargetMissing",
		says: (name) => `Deployment ${NAMESPACE}/${name} does not exist; create it`,
	},
	"a target that another Canary has": {
		canary: () => ({ targetRef: { apiVersion: "apps/v1", kind: "Deployment", name: "good" }, analysis: weighted }),
		reason: "TargetTaken",
		says: () => "Deployment good is the target of Canary default/good already; delete one of the two",
	},
	"weights where there are only Services": {
		canary: () => ({
			provider: "kubernetes",
			service: { gatewayRefs: undefined, hosts: undefined },
			analysis: weighted,
		}),
		reason: "Unsupported",
		says: () => "provider kubernetes cannot split traffic by weight; use iterations",
	},
	"copies where there are only weights": {
		canary: () => ({
			provider: "smi:v1alpha2",
			service: { gatewayRefs: undefined },
			analysis: { ...weighted, mirror: true },
		}),
		reason: "Unsupported",
		says: () => "provider smi:v1alpha2 cannot mirror; remove it",
	},
	"a route without parents": {
		canary: () => ({ service: { gatewayRefs: undefined }, analysis: weighted }),
		reason: "RouteUnusable",
		says: () => "spec.service.gatewayRefs is empty; name the Gateway",
	},
	"A/B testing": {
		canary: () => ({ analysis: { iterations: 2, match: [{ headers: { "x-test": { exact: "1" } } }] } }),
		reason: "Unsupported",
		says: () => "spec.analysis.match: A/B testing is not supported yet; remove the field",
	},
	"an autoscaler": {
		canary: (name) => ({
			autoscalerRef: { apiVersion: "autoscaling/v2", kind: "HorizontalPodAutoscaler", name },
			analysis: weighted,
		}),
		reason: "Unsupported",
		says: () => "spec.autoscalerRef: autoscalers are not supported yet; remove the field",
	},
	"a template that is missing": {
		canary: () => ({ analysis: byTemplate("nowhere") }),
		reason: "ChecksInvalid",
		says: () => "spec.analysis.metrics[0].templateRef: MetricTemplate default/nowhere does not exist",
	},
	"a template that does not parse": {
		before: (name) => [template(name, { provider: prometheus, query: "up{app={{ target }" })],
		canary: (name) => ({ analysis: byTemplate(name) }),
		reason: "ChecksInvalid",
		says: (name) => `MetricTemplate default/${name} has a query that cannot be filled in`,
	},
	"a template for a backend that is not supported": {
		before: (name) => [template(name, { provider: { type: "graphite", address: "http://127.0.0.1:9" }, query: "up" })],
		canary: (name) => ({ analysis: byTemplate(name) }),
		reason: "ChecksInvalid",
		says: (name) => `MetricTemplate default/${name}`,
	},
	"a template whose Secret is missing": {
		before: (name) => [template(name, { provider: { ...prometheus, secretRef: { name } }, query: "up" })],
		canary: (name) => ({ analysis: byTemplate(name) }),
		reason: "SecretMissing",
		says: (name) =>
			`Secret default/${name}, which MetricTemplate default/${name} names, does not exist; create it, or take`,
	},
	"a hook whose Secret is missing": {
		canary: (name) => ({ analysis: withHook(name) }),
		reason: "SecretMissing",
		says: (name) => `Secret default/${name}, which hook gate names, does not exist; create it, or take secretRef out`,
	},
	"an alert provider that is missing": {
		canary: (name) => ({ analysis: alerted(name) }),
		reason: "AlertProviderMissing",
		says: (name) => `AlertProvider default/${name}, which alert chat names, does not exist; create it, or remove`,
	},
	"an alert provider whose Secret is missing": {
		before: (name) => [alertProvider(name)],
		canary: (name) => ({ analysis: alerted(name) }),
		reason: "SecretMissing",
		says: (name) => `Secret default/${name}, which AlertProvider default/${name} names, does not exist; create it`,
	},
	"an interval that no clock can hold": {
		canary: () => ({ analysis: { ...weighted, interval: "1000000000h" } }),
		reason: "InvalidSpec",
		says: () => "spec.analysis.interval: '1000000000h' is too long",
	},
	"a step that lasts longer than any date": {
		canary: () => ({ analysis: { steps: [{ weight: 20, for: "99999999999h" }] } }),
		reason: "InvalidSpec",
		says: () => "spec.analysis.steps[0].for: '99999999999h' is too long",
	},
	"a hook that may take longer than anything waits": {
		canary: () => ({ analysis: { ...weighted, webhooks: [{ name: "soak", url: "http://soak", timeout: "15m" }] } }),
		reason: "InvalidSpec",
		says: () => "spec.analysis.webhooks[0].timeout: '15m' is too long",
	},
	"a hook whose address is none": {
		canary: () => ({ analysis: { ...weighted, webhooks: [{ name: "load", url: "http://:::/" }] } }),
		reason: "InvalidSpec",
		says: () => "spec.analysis.webhooks[0].url",
	},
	"a route of that name that is somebody's": {
		before: (name) => [service("other", "other"), route(name, "other")],
		canary: () => ({ analysis: weighted }),
		reason: "ForeignRoute",
		says: (name) => `sends no requests to Service ${name}; make one of its rules do so, or delete or rename it`,
	},
	"a split of that name that is somebody's": {
		before: (name) => [
			{
				apiVersion: "split.smi-spec.io/v1alpha2",
				kind: "TrafficSplit",
				metadata: { name, namespace: NAMESPACE },
				spec: { service: "other", backends: [{ service: "other-1", weight: 100 }] },
			},
		],
		canary: () => ({
			provider: "smi:v1alpha2",
			service: { gatewayRefs: undefined, hosts: undefined },
			analysis: weighted,
		}),
		reason: "ForeignRoute",
		says: (name) => `splits the traffic of other, not of ${name}; delete or rename it`,
	},
	"a Service of that name that is somebody's": {
		before: (name) => [service(name, "somebody")],
		canary: () => ({ analysis: weighted }),
		reason: "ForeignService",
		says: (name) =>
			`Service ${NAMESPACE}/${name} selects other pods than those of Deployment ${name}; change its selector`,
	},
	"a primary's Service that is somebody's": {
		before: (name) => [service(`${name}-primary`, "somebody")],
		canary: () => ({ analysis: weighted }),
		reason: "ForeignService",
		says: (name) => `Service ${NAMESPACE}/${name}-primary was not made by this Canary; delete or rename it`,
	},
	"a primary that is somebody's": {
		before: (name) => [deployment(`${name}-primary`)],
		canary: () => ({ analysis: weighted }),
		reason: "ForeignPrimary",
		says: (name) => `Deployment ${NAMESPACE}/${name}-primary was not made by this Canary; delete or rename it`,
	},
	"a selector without a label that we know": {
		before: (name) => {
			const labels = { tier: name };
			const { spec, ...rest } = deployment(name);
			const selector = { matchLabels: labels };
			return [{ ...rest, spec: { ...spec, selector, template: { ...spec.template, metadata: { labels } } } }];
		},
		withoutTarget: true,
		canary: () => ({ analysis: weighted }),
		reason: "SelectorUnusable",
		says: () => "selects its pods by none of the labels app, name, app.kubernetes.io/name; add one",
	},
	"a reading of no server": {
		canary: () => ({ metricsServer: "prometheus", analysis: weighted }),
		reason: "InvalidSpec",
		says: () => "spec.metricsServer",
	},
};

describe.skipIf(!canStartBed)("a Canary that cannot be obeyed", () => {
	let bed: Bed;
	let operator: OperatorProcess;
	const rows = Object.entries(cases).map(([claim, given], index) => ({ claim, given, name: `bad-${index}` }));

	beforeAll(async () => {
		bed = await startBed();
		operator = spawnOperator(bed.options, join(bed.plane.folder, "operator.log"));
		await bed.initialised(canary("good", { analysis: { stepWeights: [20, 40] } }));
		await Promise.all(
			rows.map(async ({ given, name }) => {
				if (!given.withoutTarget) await bed.admin.apply(deployment(name));
				for (const object of given.before?.(name) ?? []) await bed.admin.apply(object as Reference);
			}),
		);
		await Promise.all(rows.map(({ given, name }) => bed.admin.create(canary(name, given.canary(name)))));
		await bed.push("good", "web:2.0.0");
	});
	afterAll(async () => {
		await operator?.terminate();
		await bed?.stop();
	});

	const writesAbout = (name: string) =>
		bed.plane
			.auditRequests("haldane")
			.filter(({ verb }) => !["get", "list", "watch"].includes(verb))
			.filter((request) => request.name !== undefined && new RegExp(`^${name}(-primary|-canary)?$`).test(request.name))
			.map(({ verb, resource, subresource }) => [verb, resource, subresource].filter(Boolean).join(" "));

	test("does not keep a good one from its rollout", async () => {
		await bed.phase("good", "Succeeded");
	});

	test.each(rows)("because of $claim stalls, says what to change, and touches nothing", async ({ given, name }) => {
		const { status, metadata } = await bed.until(
			name,
			"is stalled, and has told it",
			(seen) => conditionOf(seen.conditions, "Stalled") !== undefined,
			{ withinMs: 5_000 },
		);
		const stalled = conditionOf(status?.conditions, "Stalled");
		expect(stalled).toMatchObject({ status: "True", reason: given.reason });
		expect(stalled?.message).toContain(given.says(name));
		expect(conditionOf(status?.conditions, "Ready")).toMatchObject({ status: "False", reason: given.reason });
		expect(status?.observedGeneration).toBe(metadata.generation);
		const events = await eventually("it has been told", async () => {
			const told = await bed.events(name);
			return told.length > 0 && told;
		});
		expect(events.map(({ reason }) => reason)).toEqual(["Stalled"]);
		expect(events[0]?.message).toContain(given.says(name));
		expect([...new Set(writesAbout(name))]).toEqual(["update canaries status"]);
		const lines = operator
			.logged()
			.filter((line) => JSON.stringify(line).includes(given.says(name).split(";")[0] ?? ""));
		expect(lines.length, "lines of the log").toBe(1);
	});

	test("is obeyed as soon as the Secret is there", async () => {
		const named = ({ claim }: (typeof rows)[number]) => /whose Secret is missing$/.test(claim);
		const waiting = rows.filter(named).map(({ name }) => name);
		expect(waiting.length).toBe(3);
		for (const name of waiting) {
			await bed.admin.apply(secret(name) as Reference);
			const { status } = await bed.phase(name, "Initialized");
			expect(conditionOf(status?.conditions, "Stalled")).toBeUndefined();
		}
	});

	test("is obeyed as soon as the alert provider is there, and stalls again without it", async () => {
		const { name } = rows.find(({ claim }) => claim === "an alert provider that is missing") as (typeof rows)[number];
		await bed.admin.apply(secret(name) as Reference);
		await bed.admin.apply(alertProvider(name) as Reference);
		await bed.phase(name, "Initialized");
		await bed.admin.delete(secret(name) as Reference);
		const { status } = await bed.until(name, "is stalled", ({ conditions }) => !!conditionOf(conditions, "Stalled"), {
			withinMs: 5_000,
		});
		expect(conditionOf(status?.conditions, "Stalled")?.reason).toBe("SecretMissing");
	});

	test("is found by the names of Secrets alone: none is opened that nothing has to be sent with", () => {
		const reads = bed.plane.auditRequests("haldane").filter(({ resource }) => resource === "secrets");
		expect(reads.map(({ verb }) => verb)).toEqual(expect.arrayContaining(["list", "watch"]));
		const values = reads.filter(({ verb }) => verb === "get").map(({ name }) => name);
		const providers = rows.filter(({ claim }) => /^an alert provider/.test(claim)).map(({ name }) => name);
		expect(values.filter((name) => !providers.includes(name ?? ""))).toEqual([]);
	});

	test("is obeyed as soon as what was wrong is mended", async () => {
		const { name } = rows.find(({ claim }) => claim === "a target that is missing") as (typeof rows)[number];
		await bed.admin.apply(deployment(name));
		const { status } = await bed.phase(name, "Initialized");
		expect(conditionOf(status?.conditions, "Stalled")).toBeUndefined();
	});

	test("is mended too when its metric template is", async () => {
		const { name } = rows.find(({ claim }) => claim === "a template that does not parse") as (typeof rows)[number];
		await bed.admin.apply(template(name, { provider: prometheus, query: "up" }));
		await bed.phase(name, "Initialized");
	});

	describe("is refused by the API server already", () => {
		beforeAll(async () => {
			await bed.admin.apply({ apiVersion: "v1", kind: "Namespace", metadata: { name: "shop" } });
		});
		test.each([...canaryRefusals, ...metricTemplateRefusals, ...alertProviderRefusals])(
			"because of %s",
			async (_claim, object) => {
				const refusal = await bed.admin.create(object as Reference).then(
					() => "taken",
					(thrown) => thrown,
				);
				expect(refusal).toBeInstanceOf(ApiError);
				expect([400, 422]).toContain(refusal.status);
			},
		);
	});

	describe("because the API server let anything pass", () => {
		const garbage: Readonly<Record<string, Json>> = {
			"no spec": { spec: undefined },
			"an empty spec": { spec: {} },
			"a spec that is a text": { spec: "weights" },
			"a target that is null": { spec: { targetRef: null, analysis: { metrics: [null] } } },
			"metrics that are null": {
				spec: { targetRef: { name: "good" }, analysis: { metrics: [null, 7, { templateRef: null }] } },
			},
			"weights beyond 100": { spec: { analysis: { stepWeights: [50, 150] } } },
			"an unknown provider": { spec: { provider: "envoy" } },
			"a provider that is a number": { spec: { provider: 7, service: 7, analysis: 7 } },
			"an unknown kind": { spec: { targetRef: { kind: "CronJob", apiVersion: "batch/v1", name: "x" } } },
			"a hook that is no address": { spec: { analysis: { stepWeight: 10, webhooks: [{ name: "x", url: "x" }] } } },
			"a status that is a text": { status: "fine" },
			"a status in no phase": { status: { phase: "Dancing", canaryWeight: 700 } },
			"a run of nothing": { status: { phase: "Progressing" } },
			"a run that lacks most": { status: { phase: "Promoting", run: { step: 3 } } },
			"annotations of no use": { metadata: { annotations: { "haldane.dev/command": "dance@1" } } },
		};
		const names = Object.keys(garbage).map((_, index) => `garbage-${index}`);

		test("never stops the loop", async () => {
			const crd = {
				apiVersion: "apiextensions.k8s.io/v1",
				kind: "CustomResourceDefinition",
				metadata: { name: "canaries.haldane.dev" },
			};
			const loose = { openAPIV3Schema: { type: "object", "x-kubernetes-preserve-unknown-fields": true } };
			const path = "/spec/versions/0/schema";
			await bed.admin.patch(crd, [{ op: "replace", path, value: loose }], { as: "json" });
			await eventually("anything passes", async () => {
				await bed.admin.apply({ ...canaryRef("probe"), spec: 7 } as Reference);
				return true;
			});
			await bed.initialised(canary("calm", { analysis: { stepWeights: [20, 40] } }));
			await Promise.all(
				Object.values(garbage).map(async (given, index) => {
					const name = names[index] as string;
					await bed.admin.apply(deployment(name));
					const good = canary(name, { analysis: weighted });
					const { metadata = {}, spec, status } = given as { metadata?: Json; spec?: unknown; status?: unknown };
					const merged =
						typeof spec === "object" && Object.keys(spec as object).length > 0 ? { ...good.spec, ...spec } : spec;
					const object = {
						...good,
						metadata: { ...good.metadata, ...metadata },
						spec: "spec" in given ? merged : good.spec,
					};
					await bed.admin.create(object as Reference);
					if (status !== undefined) await bed.admin.patch(canaryRef(name), { status }, { subresource: "status" });
				}),
			);
			await bed.push("calm", "web:2.0.0");
			await bed.phase("calm", "Succeeded");
			await bed.initialised(canary("late", { analysis: weighted }));
			expect(operator.isRunning()).toBe(true);
			const bugs = operator
				.logged()
				.filter(({ msg, level }) => /bug|interrupted/.test(String(msg)) && level !== "debug");
			expect(bugs.map((line) => JSON.stringify(line))).toEqual([]);
		});

		test("and says so in each status that can be read", async () => {
			const specs = Object.entries(garbage).flatMap(([claim, given], index) =>
				"spec" in given ? [[claim, names[index]]] : [],
			);
			for (const [claim, name = ""] of specs) {
				await eventually(
					`${claim} is a reason to stall`,
					async () => {
						const seen = await bed.admin.get<CanarySeen>(canaryRef(name));
						return conditionOf(seen?.status?.conditions, "Stalled")?.reason === "InvalidSpec";
					},
					{ withinMs: 5_000 },
				);
				const primary: KubeObject | undefined = await bed.admin.get(deploymentRef(`${name}-primary`));
				expect(primary, claim).toBeUndefined();
			}
		});
	});
});

onRealServer(() => {
	describe.skipIf(!canStartBed)("an operator that may not list Secrets", () => {
		let bed: Bed;
		let operator: OperatorProcess;

		beforeAll(async () => {
			bed = await startBed();
			const role = {
				apiVersion: "rbac.authorization.k8s.io/v1",
				kind: "ClusterRole",
				metadata: { name: "operator-clusterrole" },
			};
			const granted = await bed.admin.get<KubeObject & { readonly rules: readonly Rule[] }>(role);
			const rules = granted?.rules.map((rule) =>
				rule.resources.includes("secrets") ? { ...rule, verbs: ["get"] } : rule,
			);
			await bed.admin.patch(role, { rules });
			operator = spawnOperator(bed.options, join(bed.plane.folder, "operator.log"));
		});
		afterAll(async () => {
			await operator?.terminate();
			await bed?.stop();
		});

		test("works, takes each to be there, and says once how to mend it", async () => {
			const { status } = await bed.initialised(canary("trusting", { analysis: withHook("nowhere") }));
			expect(conditionOf(status?.conditions, "Stalled")).toBeUndefined();
			const lines = operator.logged().filter((line) => /secrets/i.test(JSON.stringify(line)));
			expect(lines).toEqual([
				expect.objectContaining({
					level: "warn",
					msg: "Secrets cannot be watched, so each is taken to be there",
					mend: "let the operator's role list and watch secrets, as deploy/rbac.yaml does",
				}),
			]);
		});
	});
});

interface Rule {
	readonly resources: readonly string[];
	readonly verbs: readonly string[];
}
