import { createServer } from "node:net";
import { afterEach, describe, expect, test } from "vitest";
import { leadersWebhooks } from "../../../../src/cli/updater/leaders-webhooks.ts";
import { updaterOptionsFrom } from "../../../../src/cli/updater/options.ts";
import { type RunningWebhooks, startWebhooks, type WebhookParts } from "../../../../src/cli/updater/webhooks.ts";
import type { KubeObject } from "../../../../src/domain/kube-object.ts";
import { outbound } from "../../../../src/http/outbound.ts";
import type { Send } from "../../../../src/http/request.ts";
import type { WatchLine } from "../../../../src/kube/client.ts";
import { createMetrics } from "../../../../src/metrics/metrics.ts";
import type { ImageHint } from "../../../../src/updater/triggers/trigger.ts";

const SECRET = "correct horse battery staple";
const signed = (value: string): KubeObject => ({
	apiVersion: "v1",
	kind: "Secret",
	metadata: { namespace: "haldane-system", name: "hooks", resourceVersion: "2" },
	data: { first: Buffer.from(value).toString("base64") },
});

/** An API server with that Secret, or none; `say` is what its watch says next. */
function secretServer(secret: KubeObject | undefined) {
	const fields: (string | undefined)[] = [];
	const next = [Promise.withResolvers<WatchLine>()];
	const client: WebhookParts["client"] = {
		async list(_resource, { namespace, fieldSelector } = {}) {
			fields.push(`${namespace}: ${fieldSelector}`);
			return { items: secret === undefined ? [] : [secret], resourceVersion: "1", continue: undefined };
		},
		async *watch(_resource, { signal }) {
			const stopped = new Promise<undefined>((resolve) => signal?.addEventListener("abort", () => resolve(undefined)));
			for (;;) {
				const line = await Promise.race([next[0]?.promise, stopped]);
				if (line === undefined) return;
				next.shift();
				yield line;
			}
		},
	};
	const say = (line: WatchLine) => {
		const [current] = next;
		next.push(Promise.withResolvers());
		current?.resolve(line);
	};
	return { client, fields, say };
}

/** What the log said, and who waits for it to say something. */
function listeningLog() {
	const lines: string[] = [];
	const waiting: { readonly words: string; resolve(): void }[] = [];
	const note = (fields: object, message: string) => {
		const line = `${message} ${JSON.stringify(fields)}`;
		lines.push(line);
		for (const { words, resolve } of waiting) if (line.includes(words)) resolve();
	};
	const heard = (words: string) =>
		new Promise<void>((resolve) => {
			waiting.push({ words, resolve });
			if (lines.some((line) => line.includes(words))) resolve();
		});
	return { log: { debug: note, info: note, warn: note, error: note }, lines, heard };
}

const ending = new Set<() => Promise<void>>();
afterEach(async () => {
	for (const end of ending) await end();
	ending.clear();
});

async function started(parts: Partial<WebhookParts> & { readonly secret?: KubeObject | undefined } = {}) {
	const { secret, options, ...rest } = parts;
	const server = secretServer(secret);
	const { log, lines, heard } = listeningLog();
	const metrics = createMetrics({ version: "1", meshProvider: "kubernetes", process: false });
	const hints: ImageHint[] = [];
	const stop = new AbortController();
	const webhooks = await startWebhooks(
		{
			client: server.client,
			options: {
				port: 0,
				ip: undefined,
				secret: "hooks",
				takesUnsigned: false,
				privateRegistry: undefined,
				...options,
			},
			namespace: "haldane-system",
			hint: (hint) => hints.push(hint),
			isLeading: () => true,
			send: async () => ({ kind: "unreachable", detail: "nobody leads" }),
			metrics,
			log,
			...rest,
		},
		stop.signal,
	);
	ending.add(async () => {
		stop.abort();
		await webhooks?.close();
	});
	const counted = async () =>
		(await metrics.render()).body.split("\n").filter((line) => line.startsWith("haldane_webhooks_total"));
	return { webhooks, hints, lines, heard, counted, ...server };
}

async function sent(webhooks: RunningWebhooks | undefined, token = SECRET): Promise<number> {
	const { status } = await fetch(`http://127.0.0.1:${webhooks?.port}/v1/webhooks/native`, {
		method: "POST",
		headers: { authorization: `Bearer ${token}` },
		body: JSON.stringify({ name: "ghcr.io/acme/app", tag: "1.3.0" }),
	});
	return status;
}

describe("webhooks", () => {
	test("are checked by the Secret, told to the updater and counted", async () => {
		const { webhooks, hints, heard, counted, fields } = await started({ secret: signed(SECRET) });
		await heard("webhooks are checked by this Secret");
		expect(await sent(webhooks)).toBe(200);
		expect(await sent(webhooks, "another secret altogether")).toBe(401);
		expect(hints).toEqual([{ image: "ghcr.io/acme/app", tag: "1.3.0", digest: undefined }]);
		expect(await counted()).toEqual([
			'haldane_webhooks_total{trigger="native",outcome="taken"} 1',
			'haldane_webhooks_total{trigger="native",outcome="unproven"} 1',
		]);
		expect(fields).toEqual(["haldane-system: metadata.name=hooks"]);
	});

	test("are refused while there is no Secret, with the mend in the log, and taken once there is", async () => {
		const { webhooks, heard, lines, say } = await started();
		await heard("there is no Secret of webhooks");
		expect(lines.join()).toContain("kubectl -n haldane-system create secret generic hooks");
		expect(await sent(webhooks)).toBe(401);
		say({ type: "ADDED", object: signed(SECRET) });
		await heard("webhooks are checked by this Secret");
		expect(await sent(webhooks)).toBe(200);
		expect(lines.join()).not.toContain(SECRET);
	});

	test("are refused again once the Secret is gone", async () => {
		const { webhooks, heard, say } = await started({ secret: signed(SECRET) });
		await heard("webhooks are checked by this Secret");
		say({ type: "DELETED", object: signed(SECRET) });
		await heard("there is no Secret of webhooks");
		expect(await sent(webhooks)).toBe(401);
	});

	test("are refused by secrets that could be guessed", async () => {
		const { webhooks, heard, lines } = await started({ secret: signed("short") });
		await heard("holds nothing long enough");
		expect(lines.join()).toContain("key first has fewer than 16 characters");
		expect(await sent(webhooks, "short")).toBe(401);
	});

	test("are put off by a replica that does not lead and knows of none that does", async () => {
		const { webhooks, hints, heard } = await started({ secret: signed(SECRET), isLeading: () => false });
		await heard("webhooks are checked by this Secret");
		expect(await sent(webhooks)).toBe(503);
		expect(hints).toEqual([]);
	});

	test("are handed to the replica that leads, once, and only when they are signed", async () => {
		const leader = await started({ secret: signed(SECRET) });
		await leader.heard("webhooks are checked by this Secret");
		const replica = await started({ secret: signed(SECRET), isLeading: () => false, send: outbound() });
		await replica.heard("webhooks are checked by this Secret");
		replica.webhooks?.leaders.told({ "haldane.dev/webhooks": `127.0.0.1:${leader.webhooks?.port}` });
		expect(await sent(replica.webhooks)).toBe(200);
		expect(await sent(replica.webhooks, "another secret altogether")).toBe(401);
		expect([leader.hints.length, replica.hints]).toEqual([1, []]);
		expect(await replica.counted()).toContain('haldane_webhooks_total{trigger="native",outcome="handedOn"} 1');
		// Neither leads now, and each takes the other for the one that does.
		replica.webhooks?.leaders.told({ "haldane.dev/webhooks": `127.0.0.1:${replica.webhooks.port}` });
		expect(await sent(replica.webhooks)).toBe(503);
	});

	test.each([
		["a pod", "10.1.2.3", { "haldane.dev/webhooks": "10.1.2.3:9300" }],
		["a pod with IPv6", "fd00::1", { "haldane.dev/webhooks": "[fd00::1]:9300" }],
		["nobody", undefined, {}],
	])("are said to be taken where they are, by %s", (_who, ip, annotations) => {
		const send: Send = async () => ({ kind: "unreachable", detail: "" });
		expect(leadersWebhooks(send, { ip, port: 9_300 }, new AbortController().signal).annotations).toEqual(annotations);
	});

	test.each([
		["an address", "10.1.2.3:9300", "http://10.1.2.3:9300/v1/webhooks/native"],
		["an address of IPv6", "[fd00::1]:9300", "http://[fd00::1]:9300/v1/webhooks/native"],
		["no name, which somebody else could own", "collector.example:80", undefined],
		["nothing that leads elsewhere", "10.1.2.3:80@collector.example", undefined],
		["no port that is none", "10.1.2.3:99999", undefined],
	])("are handed to %s", async (_what, said, url) => {
		const urls: string[] = [];
		const send: Send = async (request) => {
			urls.push(request.url);
			return { kind: "unreachable", detail: "" };
		};
		const leaders = leadersWebhooks(send, { ip: undefined, port: 9_300 }, new AbortController().signal);
		leaders.told({ "haldane.dev/webhooks": said });
		await leaders.handOn({ path: "/v1/webhooks/native", headers: {}, body: "{}" });
		expect(urls).toEqual(url === undefined ? [] : [url]);
	});

	test("are off when nobody says how they are signed, and the log names the flag", async () => {
		const options = { port: 0, ip: undefined, secret: undefined, takesUnsigned: false, privateRegistry: undefined };
		const { webhooks, lines } = await started({ options });
		expect(webhooks).toBeUndefined();
		expect(lines.join()).toContain("--webhook-secret");
	});

	test("are believed from everybody when told so, and the log says so", async () => {
		const options = { port: 0, ip: undefined, secret: undefined, takesUnsigned: true, privateRegistry: undefined };
		const { webhooks, lines } = await started({ options });
		expect(await sent(webhooks, "anything")).toBe(200);
		expect(lines.join()).toContain("--webhook-insecure");
	});

	test("of JFrog and of a GitLab of one's own name images by the registries that the flags name", async () => {
		const flags = {
			"webhook-private-registry": "docker.example.com",
			"webhook-gitlab-registry": "registry.example.com",
		};
		const read = updaterOptionsFrom(new Map([["updater", "true"], ...Object.entries(flags)]));
		if (typeof read !== "object" || read.webhooks === undefined) throw new Error("these flags can be read");
		const options = { ...read.webhooks, port: 0, takesUnsigned: true };
		const { webhooks, hints } = await started({ options });
		const send = (trigger: string, body: object) =>
			fetch(`http://127.0.0.1:${webhooks?.port}/v1/webhooks/${trigger}`, {
				method: "POST",
				body: JSON.stringify(body),
			});
		await send("jfrog", { event_type: "pushed", data: { image_name: "app", tag: "1.3.0" } });
		await send("gitlab", {
			object_kind: "pipeline",
			object_attributes: { status: "success", tag: true, ref: "1.3.0" },
			project: { path_with_namespace: "acme/shop", web_url: "https://git.example.com/acme/shop" },
		});
		expect(hints.map(({ image }) => image)).toEqual(["docker.example.com/app", "registry.example.com/acme/shop"]);
	});

	test("name the flag of a port that cannot be had", async () => {
		const other = createServer();
		await new Promise<void>((resolve) => other.listen(0, resolve));
		ending.add(async () => void other.close());
		const { port } = other.address() as { port: number };
		const options = { port, ip: undefined, secret: undefined, takesUnsigned: true, privateRegistry: undefined };
		await expect(started({ options })).rejects.toThrow(`--webhook-port: port ${port} cannot be had`);
	});
});
