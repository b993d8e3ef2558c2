import { expect, test } from "vitest";
import { customResourceDefinitions } from "../../../../src/api/crd.ts";
import { rules } from "../../../../src/sandbox/api-rules.ts";
import { clientOf, start } from "./servers.ts";

const strict = "fieldManager=kubectl-client-side-apply&fieldValidation=Strict";
const deployments = `/apis/apps/v1/namespaces/default/deployments?${strict}`;
const services = `/api/v1/namespaces/default/services?${strict}`;
const canaries = `/apis/haldane.dev/v1beta1/namespaces/default/canaries?${strict}`;

const labels = { app: "web" };
const deployment = (spec: object, container: object = {}) => ({
	apiVersion: "apps/v1",
	kind: "Deployment",
	metadata: { name: "web" },
	spec: {
		selector: { matchLabels: labels },
		template: { metadata: { labels }, spec: { containers: [{ name: "web", image: "podinfo:1.0.0", ...container }] } },
		...spec,
	},
});
const service = (port: unknown) => ({
	apiVersion: "v1",
	kind: "Service",
	metadata: { name: "web" },
	spec: { ports: [{ port }] },
});
const canary = (analysis: object) => ({
	apiVersion: "haldane.dev/v1beta1",
	kind: "Canary",
	metadata: { name: "web" },
	spec: {
		targetRef: { apiVersion: "apps/v1", kind: "Deployment", name: "web" },
		service: { port: 80 },
		analysis: { interval: "10s", threshold: 5, stepWeight: 10, maxWeight: 50, ...analysis },
	},
});

/** As kubectl sends them; what it prints is the message. */
test("a manifest with a typo is refused by the field's name, and nothing is made of it", async () => {
	const { kubeconfig, api, mistakes } = await start({ rules });
	for (const definition of customResourceDefinitions()) api.create(definition);
	const client = clientOf(kubeconfig);
	const messageOf = async (path: string, object: unknown) => {
		const { status, body } = await client.send("POST", path, object);
		return `${status} ${body.message}`;
	};
	expect(await messageOf(deployments, deployment({ replica: 2 }))).toMatch(/^400 .*unknown field "spec\.replica"/);
	expect(await messageOf(deployments, deployment({}, { imge: "podinfo" }))).toMatch(
		/^400 .*unknown field "spec\.template\.spec\.containers\[0\]\.imge"/,
	);
	expect(await messageOf(deployments, deployment({ replicas: -1 }))).toMatch(/^422 .*spec\.replicas: .*-1/);
	expect(await messageOf(services, service("eighty"))).toMatch(/^400 .*spec\.ports\.port of type int32/);
	expect(await messageOf(services, service(80_000))).toMatch(/^422 .*spec\.ports\[0\]\.port: .*80000/);
	expect(await messageOf(canaries, canary({ intervall: "10s" }))).toMatch(
		/^400 .*unknown field "spec\.analysis\.intervall"/,
	);
	expect(await messageOf(canaries, canary({ interval: "soon" }))).toMatch(/^422 .*spec\.analysis\.interval: /);
	expect(await messageOf(canaries, { ...canary({}), apiVersion: "haldane.dev/v1" })).toMatch(
		/^400 .*haldane\.dev\/v1\b.*haldane\.dev\/v1beta1/,
	);
	for (const path of [deployments, canaries]) expect((await client.send("GET", path)).body.items).toEqual([]);
	expect((await client.send("POST", canaries, canary({}))).status).toBe(201);
	expect(mistakes).toEqual([]);
	client.close();
});
