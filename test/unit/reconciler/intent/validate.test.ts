import { describe, expect, test } from "vitest";
import type { Check } from "../../../../src/analysis/question.ts";
import type { Canary } from "../../../../src/api/canary.ts";
import type { KubeObject } from "../../../../src/domain/kube-object.ts";
import { absenceIn } from "../../../../src/reconciler/intent/validate.ts";
import { canary } from "../loop.ts";

/** What a cluster has, by key. */
interface Has {
	readonly secrets?: readonly string[];
	readonly providers?: Readonly<Record<string, object>>;
}

function absence(analysis: object, { secrets = [], providers = {} }: Has, checks: readonly Check[] = []) {
	return absenceIn(canary("cart", { analysis }) as Canary, checks, {
		hasSecret: (namespace, name) => secrets.includes(`${namespace}/${name}`),
		alertProvider: (namespace, name) => {
			const spec = providers[`${namespace}/${name}`];
			return spec && ({ apiVersion: "", kind: "AlertProvider", metadata: { namespace, name }, spec } as KubeObject);
		},
	});
}

const hook = (name: string, secret?: string) => ({
	name,
	type: "rollout",
	url: "http://gate",
	...(secret === undefined ? {} : { secretRef: { name: secret } }),
});
const alert = (name: string, namespace?: string) => ({ name: "team", providerRef: { name, namespace } });
const slack = { type: "slack", secretRef: { name: "chat-secret" } };
const check = (secret: Check["source"]["secret"]): Check => ({
	name: "score",
	query: "up",
	intervalMs: 1_000,
	range: { min: 1 },
	unit: undefined,
	source: { provider: "prometheus", address: "http://metrics", headers: {}, secret, insecureSkipVerify: false },
});
const scored = { metrics: [{ name: "score", templateRef: { name: "score", namespace: "ops" } }] };

describe("what a Canary names", () => {
	test.each<[string, object, Has, readonly Check[]]>([
		["nothing", {}, {}, []],
		["a hook without a Secret", { webhooks: [hook("gate")] }, {}, []],
		["a hook with its Secret", { webhooks: [hook("gate", "key")] }, { secrets: ["shop/key"] }, []],
		["a template with its Secret", scored, { secrets: ["ops/prom"] }, [check({ namespace: "ops", name: "prom" })]],
		["a template without a Secret", scored, {}, [check(undefined)]],
		[
			"a provider with its Secret",
			{ alerts: [alert("chat")] },
			{ secrets: ["shop/chat-secret"], providers: { "shop/chat": slack } },
			[],
		],
		[
			"a provider without a Secret",
			{ alerts: [alert("chat", "ops")] },
			{ providers: { "ops/chat": { type: "webhook", address: "http://events" } } },
			[],
		],
	])("is not missed when it is there: %s", (_claim, analysis, has, checks) => {
		expect(absence(analysis, has, checks)).toBeUndefined();
	});

	test.each<[string, object, Has, readonly Check[], string, string]>([
		[
			"a hook's Secret",
			{ webhooks: [hook("gate", "key")] },
			{ secrets: ["ops/key"] },
			[],
			"SecretMissing",
			"Secret shop/key, which hook gate names, does not exist; create it, or take secretRef out",
		],
		[
			"a template's Secret, in the template's namespace",
			scored,
			{ secrets: ["shop/prom"] },
			[check({ namespace: "ops", name: "prom" })],
			"SecretMissing",
			"Secret ops/prom, which MetricTemplate ops/score names, does not exist; create it, or take secretRef out",
		],
		[
			"an AlertProvider",
			{ alerts: [alert("chat", "ops")] },
			{ providers: { "shop/chat": slack } },
			[],
			"AlertProviderMissing",
			"AlertProvider ops/chat, which alert team names, does not exist; create it, or remove the alert",
		],
		[
			"an AlertProvider's Secret, in the provider's namespace",
			{ alerts: [alert("chat", "ops")] },
			{ secrets: ["shop/chat-secret"], providers: { "ops/chat": slack } },
			[],
			"SecretMissing",
			"Secret ops/chat-secret, which AlertProvider ops/chat names, does not exist; create it, or take secretRef out",
		],
		[
			"an AlertProvider that can be served",
			{ alerts: [alert("chat")] },
			{ providers: { "shop/chat": { type: "rocket", address: "http://chat" } } },
			[],
			"AlertProviderInvalid",
			"AlertProvider shop/chat: spec.type: rocket is not supported yet; use one of slack, webhook",
		],
		[
			"two things, each named once",
			{ webhooks: [hook("gate", "key"), hook("gate", "key")], alerts: [alert("chat")] },
			{},
			[],
			"SecretMissing",
			"Secret shop/key, which hook gate names, does not exist; create it, or take secretRef out; AlertProvider shop/chat, which alert team names, does not exist; create it, or remove the alert",
		],
	])("is missed when it is not: %s", (_claim, analysis, has, checks, reason, message) => {
		expect(absence(analysis, has, checks)).toEqual({ reason, message });
	});
});
