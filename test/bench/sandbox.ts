import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { rules } from "../../src/sandbox/api-rules.ts";
import { startApiServer } from "../../src/sandbox/api-server/start-api-server.ts";
import { KubeApi } from "../support/control-plane/kube-api.ts";
import type { KubeObject } from "../support/control-plane/kube-object.ts";
import { readKubeconfig } from "../support/sandbox/read-kubeconfig.ts";
import { percentile } from "./figures.ts";
import { openManyWatches } from "./many-watches.ts";

// How the sandbox's API server fares with many objects, through its socket as any client: a report, not a test.
const OBJECTS = 10_000;
const WATCHED = 200;
const WATCHES = 10_000;
const SELECTION = { apiVersion: "v1", kind: "ConfigMap", namespace: "default" };

const folder = mkdtempSync(join(tmpdir(), "haldane-bench-sandbox-"));
const server = await startApiServer({ port: 0, folder, rules });
const client = new KubeApi(readKubeconfig(server.kubeconfig));
const ending = new AbortController();
try {
	const began = performance.now();
	for (let number = 0; number < OBJECTS; number += 1) server.api.create(configMap(number, "first"));
	const made = performance.now();
	const { items, resourceVersion } = await client.list<KubeObject>(SELECTION);
	const listed = performance.now();
	if (items.length < OBJECTS) throw new Error(`only ${items.length} objects were listed`);

	const changedAt = new Map<string, number>();
	const tookMs: number[] = [];
	const watching = client
		.watch<KubeObject>(
			SELECTION,
			resourceVersion,
			({ object: { metadata } }) => {
				tookMs.push(performance.now() - (changedAt.get(metadata.name) ?? Number.NaN));
			},
			ending.signal,
		)
		.catch(() => {});
	for (let number = 0; number < WATCHED; number += 1) {
		const object = configMap(number, "second");
		changedAt.set(object.metadata.name, performance.now());
		await client.patch(object, { data: object.data });
	}
	while (tookMs.length < WATCHED) await new Promise((resolve) => setTimeout(resolve, 10));
	ending.abort();
	await watching;

	const memory = process.memoryUsage.rss();

	const names = Array.from({ length: WATCHES }, (_, number) => configMap(number, "").metadata.name);
	const change = (name: string) => void server.api.patch({ ...SELECTION, name }, { data: { text: "third" } });
	const { ca, token } = readKubeconfig(server.kubeconfig);
	const many = await openManyWatches({ url: server.url, ca, token }, names, change, WATCHED);

	console.log("| figure | sandbox, 10,000 objects | goal |");
	console.log("| --- | --- | --- |");
	console.log(`| made in this process | ${((made - began) / 1_000).toFixed(1)} s | – |`);
	console.log(`| listed | ${((listed - made) / 1_000).toFixed(2)} s | < 1 s |`);
	console.log(
		`| from a patch being sent to its watch event, p99 | ${percentile(tookMs, 99).toFixed(1)} ms | < 20 ms |`,
	);
	console.log(`| memory of server and client | ${(memory / 2 ** 20).toFixed(0)} MiB | < 300 MiB |`);
	console.log(`| 10,000 watches opened over HTTP/2 | ${(many.openedMs / 1_000).toFixed(1)} s | – |`);
	console.log(`| memory of the server for them | ${many.mebibytes.toFixed(0)} MiB | < 300 MiB |`);
	console.log(`| from a change to its watch event with them open, p99 | ${many.p99Ms.toFixed(1)} ms | < 50 ms |`);
} finally {
	client.close();
	await server.stop();
	rmSync(folder, { recursive: true, force: true });
}

function configMap(number: number, text: string) {
	const metadata = { name: `map-${String(number).padStart(5, "0")}`, namespace: "default" };
	return { apiVersion: "v1", kind: "ConfigMap", metadata, data: { text, more: "x".repeat(200) } };
}
