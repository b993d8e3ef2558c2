import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { messageOf } from "../../domain/failure.ts";
import { startSandbox } from "../../sandbox/sandbox.ts";
import { UsageError } from "../usage-error.ts";

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

function portOf(flag: string, text: string): number {
	const port = Number(text);
	if (!/^\d+$/.test(text) || port > 65_535)
		throw new UsageError(`${flag}: write a port from 0 (any that is free) to 65535`);
	return port;
}
