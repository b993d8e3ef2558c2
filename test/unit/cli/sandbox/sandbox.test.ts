import { describe, expect, test } from "vitest";
import { type ImageFlags, setImage } from "../../../../src/cli/sandbox/image.ts";
import { pushTiny } from "../../../../src/cli/sandbox/push.ts";
import { type DemoFlags, requireOneStory, type SandboxFlags, sandbox } from "../../../../src/cli/sandbox/sandbox.ts";
import { RefusedError, UsageError } from "../../../../src/cli/usage-error.ts";
import type { Send } from "../../../../src/http/request.ts";
import type { KubeClient } from "../../../../src/kube/client.ts";
import { ApiError } from "../../../../src/kube/errors.ts";

const ref = { apiVersion: "v1", kind: "ConfigMap", namespace: "kube-system", name: "sandbox-images" };

/** A client that knows the ConfigMap with that data, or no such thing. */
function clientWith(data: Readonly<Record<string, string>> | undefined) {
	const sent: unknown[] = [];
	const client = {
		async get(asked: object) {
			expect(asked).toEqual(ref);
			if (!data) throw new ApiError("ConfigMap kube-system/sandbox-images", { status: 404, reason: "NotFound" });
			return { ...ref, data };
		},
		async patch(asked: object, patch: object) {
			expect(asked).toEqual(ref);
			sent.push(patch);
		},
	};
	return { client: client as unknown as KubeClient, sent };
}

describe("haldane sandbox image", () => {
	test.each<[string, ImageFlags, object, string]>([
		["errors in percent", { errorRate: "5%" }, { errorRate: 0.05 }, "errorRate 0.05"],
		["errors as a share", { errorRate: "0.5" }, { errorRate: 0.5 }, "errorRate 0.5"],
		["times", { p50: "10ms", p99: "1s" }, { p50Ms: 10, p99Ms: 1_000 }, "p50Ms 10, p99Ms 1000"],
		["a text", { text: "hello" }, { text: "hello" }, "text hello"],
	])("says %s", async (_name, flags, setting, answer) => {
		const { client, sent } = clientWith({});
		expect(await setImage(client, "podinfo:1", flags)).toBe(`podinfo:1: ${answer}`);
		const data = { podinfo_1: JSON.stringify({ image: "podinfo:1", ...setting }) };
		expect(sent).toEqual([{ data }]);
	});

	test("leaves what was said before as it is", async () => {
		const { client, sent } = clientWith({ podinfo_1: '{"image":"podinfo:1","errorRate":0.5,"p50Ms":7}' });
		await setImage(client, "podinfo:1", { errorRate: "100%" });
		expect(sent).toEqual([{ data: { podinfo_1: '{"image":"podinfo:1","errorRate":1,"p50Ms":7}' } }]);
	});

	test("writes over what can't be read", async () => {
		const { client, sent } = clientWith({ podinfo_1: "{" });
		await setImage(client, "podinfo:1", { text: "hi" });
		expect(sent).toEqual([{ data: { podinfo_1: '{"image":"podinfo:1","text":"hi"}' } }]);
	});

	test("writes nothing to a cluster that is no sandbox", async () => {
		const { client, sent } = clientWith(undefined);
		const refused = setImage(client, "podinfo:1", { errorRate: "100%" });
		await expect(refused).rejects.toThrow(RefusedError);
		await expect(refused).rejects.toThrow("this cluster is no sandbox: paste the export KUBECONFIG=…");
		expect(sent).toEqual([]);
	});

	test.each<[string, ImageFlags, string]>([
		["nothing", {}, "say what should be so: --error-rate, --p50, --p99 or --text"],
		["more errors than answers", { errorRate: "101%" }, "--error-rate: write a share like 5% or 0.05"],
		["no number", { errorRate: "many" }, "--error-rate: write a share like 5% or 0.05"],
		["no duration", { p99: "300" }, "--p99: write a duration like 300ms, at most 1m"],
		["an hour", { p50: "1h" }, "--p50: write a duration like 300ms, at most 1m"],
	])("refuses %s", async (_name, flags, message) => {
		const { client, sent } = clientWith({});
		await expect(setImage(client, "podinfo:1", flags)).rejects.toThrow(message);
		expect(sent).toEqual([]);
	});
});

describe("haldane sandbox push", () => {
	const address = { ...ref, name: "sandbox-registry" };
	const pushing = (data: object | undefined, status = 201) => {
		const sent: string[] = [];
		const client = {
			async get(asked: object) {
				expect(asked).toEqual(address);
				if (!data) throw new ApiError("ConfigMap kube-system/sandbox-registry", { status: 404, reason: "NotFound" });
				return { ...address, metadata: { name: "sandbox-registry" }, data };
			},
		} as unknown as KubeClient;
		const send: Send = async ({ method, url }) => {
			sent.push(`${method} ${url.replace(/sha256.*/, "…")}`);
			return { kind: "answer", status, headers: {}, body: "no room", truncated: false };
		};
		const push = (image: string) => pushTiny({ client, send, now: () => 0 }, image, new AbortController().signal);
		return { push, sent };
	};
	const here = { host: "127.0.0.1:5000" };

	test("sends the image's parts before what names them", async () => {
		const { push, sent } = pushing(here);
		expect(await push("podinfo:1.2.0")).toMatch(/^127\.0\.0\.1:5000\/podinfo:1\.2\.0 is pushed, sha256:/);
		expect(sent).toEqual([
			"POST http://127.0.0.1:5000/v2/podinfo/blobs/uploads/?digest=…",
			"POST http://127.0.0.1:5000/v2/podinfo/blobs/uploads/?digest=…",
			"PUT http://127.0.0.1:5000/v2/podinfo/manifests/1.2.0",
		]);
	});

	test.each<[string, object | undefined, string, string]>([
		["a cluster that is no sandbox", undefined, "podinfo:1", "this cluster is no sandbox"],
		["an address that is not on loopback", { host: "ghcr.io:443" }, "podinfo:1", "does not say where its registry is"],
		["another registry than the sandbox's", here, "ghcr.io/a/b:1", "write 127.0.0.1:5000/a/b:1"],
	])("sends nothing to %s", async (_what, data, image, message) => {
		const { push, sent } = pushing(data);
		await expect(push(image)).rejects.toThrow(message);
		expect(sent).toEqual([]);
	});

	test("says why it was refused, and sends no more", async () => {
		const { push, sent } = pushing(here, 403);
		await expect(push("podinfo:1")).rejects.toThrow("podinfo:1 was not pushed: HTTP 403: no room");
		expect(sent.length).toBe(1);
	});
});

test.each([
	["--port", { port: "70000", gatewayPort: "0", prometheusPort: "0", registryPort: "0" }],
	["--gateway-port", { port: "0", gatewayPort: "eighty", prometheusPort: "0", registryPort: "0" }],
	["--prometheus-port", { port: "0", gatewayPort: "0", prometheusPort: "-1", registryPort: "0" }],
	["--registry-port", { port: "0", gatewayPort: "0", prometheusPort: "0", registryPort: "1.5" }],
])("haldane sandbox refuses what is no port for %s", async (flag, flags) => {
	await expect(sandbox(flags, AbortSignal.abort())).rejects.toThrow(`${flag}: write a port from 0`);
});

const ports = { port: "0", gatewayPort: "0", prometheusPort: "0", registryPort: "0" };

test.each<[string, Partial<SandboxFlags & DemoFlags>, string]>([
	["an act without the demo", { act: "1" }, "--act is of the demo: add --demo"],
	["a speed without the demo", { speed: "2" }, "--speed is of the demo: add --demo"],
	["staying up without the demo", { keep: true }, "--keep is of the demo: add --demo"],
	["a demo that is kept", { demo: true, dataDir: "here" }, "leave out --data-dir"],
	["a demo with a registry at a port", { demo: true, registryPort: "5000" }, "leave out --registry-port"],
	["a demo at a port", { demo: true, gatewayPort: "8080" }, "leave out --gateway-port"],
])("haldane sandbox refuses %s", (_what, flags, message) => {
	expect(() => requireOneStory({ ...ports, ...flags })).toThrow(UsageError);
	expect(() => requireOneStory({ ...ports, ...flags })).toThrow(message);
});

test.each<[string, Partial<SandboxFlags & DemoFlags>]>([
	["a demo with its own flags", { demo: true, act: "1", speed: "2", keep: true }],
	["a sandbox with its own", { port: "6443", dataDir: "here" }],
])("haldane sandbox takes %s", (_what, flags) => {
	expect(() => requireOneStory({ ...ports, ...flags })).not.toThrow();
});
