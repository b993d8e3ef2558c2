import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { durationMs } from "../domain/duration.ts";
import { messageOf } from "../domain/failure.ts";
import type { KubeClient } from "../kube/client.ts";
import { ApiError } from "../kube/errors.ts";
import { IMAGE_SETTINGS, type ImageSetting, settingKey } from "../sandbox/image-settings.ts";
import { startSandbox } from "../sandbox/sandbox.ts";
import { UsageError } from "./usage-error.ts";

/** What `haldane sandbox` is given. */
export interface SandboxFlags {
	readonly port: string;
	readonly gatewayPort: string;
	readonly prometheusPort: string;
	readonly dataDir?: string;
}

/** Serves a small cluster until it is told to stop. Answers the exit code. */
export async function sandbox(flags: SandboxFlags, signal: AbortSignal): Promise<number> {
	const ports = {
		port: portOf("--port", flags.port),
		gatewayPort: portOf("--gateway-port", flags.gatewayPort),
		prometheusPort: portOf("--prometheus-port", flags.prometheusPort),
	};
	const { dataDir } = flags;
	if (dataDir !== undefined) mkdirSync(dataDir, { recursive: true });
	const folder = dataDir ?? mkdtempSync(join(tmpdir(), "haldane-sandbox-"));
	const running = await startSandbox({
		...ports,
		folder,
		...(dataDir === undefined ? {} : { dataDir }),
		report: (thrown, doing) => console.error(`haldane sandbox: ${doing}: ${messageOf(thrown)}`),
	});
	console.log(`export KUBECONFIG=${running.kubeconfig}`);
	console.log(`# requests:   curl -H 'Host: SERVICE.NAMESPACE' ${running.gatewayUrl}`);
	console.log(`# Prometheus: ${running.prometheus.url}`);
	console.log(
		`# operator:   haldane run --kubeconfig=${running.kubeconfig} --metrics-server=${running.prometheus.url}`,
	);
	console.log("# A sandbox is for one machine and for trying things out; Ctrl+C ends it.");
	if (!signal.aborted) {
		await new Promise<void>((resolve) => signal.addEventListener("abort", () => resolve(), { once: true }));
	}
	await running.stop();
	if (dataDir === undefined) rmSync(folder, { recursive: true, force: true });
	return 0;
}

/** What `haldane sandbox image` is given. */
export interface ImageFlags {
	readonly errorRate?: string;
	readonly p50?: string;
	readonly p99?: string;
	readonly text?: string;
}

/** Says how an image behaves from now on; answers a sentence. */
export async function setImage(client: KubeClient, image: string, flags: ImageFlags): Promise<string> {
	const setting: ImageSetting = {
		image,
		...(flags.errorRate === undefined ? {} : { errorRate: rateOf(flags.errorRate) }),
		...(flags.p50 === undefined ? {} : { p50Ms: millisecondsOf("--p50", flags.p50) }),
		...(flags.p99 === undefined ? {} : { p99Ms: millisecondsOf("--p99", flags.p99) }),
		...(flags.text === undefined ? {} : { text: flags.text }),
	};
	if (Object.keys(setting).length === 1)
		throw new UsageError("say what should be so: --error-rate, --p50, --p99 or --text");
	const ref = { apiVersion: "v1", kind: "ConfigMap", ...IMAGE_SETTINGS };
	const data = { [settingKey(image)]: JSON.stringify(setting) };
	try {
		await client.patch(ref, { data });
	} catch (thrown) {
		if (!(thrown instanceof ApiError && thrown.status === 404)) throw thrown;
		await client.create({ apiVersion: "v1", kind: "ConfigMap", metadata: IMAGE_SETTINGS, data });
	}
	const { image: _named, ...said } = setting;
	return `${image}: ${Object.entries(said)
		.map(([what, value]) => `${what} ${value}`)
		.join(", ")}`;
}

function portOf(flag: string, text: string): number {
	const port = Number(text);
	if (!/^\d+$/.test(text) || port > 65_535)
		throw new UsageError(`${flag}: write a port from 0 (any that is free) to 65535`);
	return port;
}

/** `5%` or `0.05` */
function rateOf(text: string): number {
	const match = /^(\d+(?:\.\d+)?)(%?)$/.exec(text);
	const rate = match === null ? Number.NaN : Number(match[1]) / (match[2] === "%" ? 100 : 1);
	if (!(rate >= 0 && rate <= 1)) throw new UsageError("--error-rate: write a share like 5% or 0.05");
	return rate;
}

function millisecondsOf(flag: string, text: string): number {
	const ms = durationMs(text);
	if (ms === undefined || ms > 60_000) throw new UsageError(`${flag}: write a duration like 300ms, at most 1m`);
	return ms;
}
