import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { messageOf } from "../../domain/failure.ts";
import { type Sandbox, startSandbox } from "../../sandbox/sandbox.ts";
import { UsageError } from "../usage-error.ts";

/** What `haldane sandbox` is given. */
export interface SandboxFlags {
	readonly port: string;
	readonly gatewayPort: string;
	readonly prometheusPort: string;
	readonly registryPort: string;
	readonly dataDir?: string;
}

/** What only the demo is given, and whether it is what is wanted. */
export interface DemoFlags {
	readonly demo?: boolean;
	readonly act?: string;
	readonly speed?: string;
	readonly keep?: boolean;
}

/** Throws UsageError for flags that would have no effect beside each other. */
export function requireOneStory({ demo, act, speed, keep, ...flags }: SandboxFlags & DemoFlags): void {
	if (!demo) {
		const [stray] = Object.entries({ act, speed, keep }).filter(([, value]) => value !== undefined);
		if (stray) throw new UsageError(`--${stray[0]} is of the demo: add --demo`);
		return;
	}
	if (flags.dataDir !== undefined) throw new UsageError("--demo begins anew each time: leave out --data-dir");
	const ports = {
		"--port": flags.port,
		"--gateway-port": flags.gatewayPort,
		"--prometheus-port": flags.prometheusPort,
		"--registry-port": flags.registryPort,
	};
	const [chosen] = Object.entries(ports).filter(([, port]) => port !== "0");
	if (chosen) throw new UsageError(`--demo takes ports that are free: leave out ${chosen[0]}`);
}

/** Serves a small cluster until it is told to stop. Answers the exit code. */
export async function sandbox(flags: SandboxFlags, signal: AbortSignal): Promise<number> {
	const ports = {
		port: portOf("--port", flags.port),
		gatewayPort: portOf("--gateway-port", flags.gatewayPort),
		prometheusPort: portOf("--prometheus-port", flags.prometheusPort),
		registryPort: portOf("--registry-port", flags.registryPort),
	};
	// What is printed is pasted in other terminals, which are in other folders.
	const dataDir = flags.dataDir === undefined ? undefined : resolve(flags.dataDir);
	const folder = dataDir ?? mkdtempSync(join(tmpdir(), "haldane-sandbox-"));
	try {
		const running = await startSandbox({
			...ports,
			folder,
			...(dataDir === undefined ? {} : { dataDir }),
			report: (thrown, doing) => console.error(`haldane sandbox: ${doing}: ${messageOf(thrown)}`),
		});
		tell(running, dataDir);
		if (!signal.aborted) {
			await new Promise<void>((resolve) => signal.addEventListener("abort", () => resolve(), { once: true }));
		}
		await running.stop();
		return 0;
	} finally {
		if (dataDir === undefined) rmSync(folder, { recursive: true, force: true });
	}
}

function tell(running: Sandbox, dataDir: string | undefined): void {
	const kubeconfig = quoted(running.kubeconfig);
	console.log(`export KUBECONFIG=${kubeconfig}`);
	console.log("# Paste that line into another terminal, and use kubectl as always: kubectl get nodes");
	console.log(`# requests:   curl -H 'Host: SERVICE.NAMESPACE' ${running.gatewayUrl}`);
	console.log(`# Prometheus: ${running.prometheus.url}`);
	console.log(
		`# registry:   ${running.registry.host}, by plain HTTP: haldane sandbox push ${running.registry.host}/podinfo:1.1.0`,
	);
	// A cluster without the operator's namespace has no room for its lease.
	const flags = `--kubeconfig=${kubeconfig} --metrics-server=${running.prometheus.url} --enable-leader-election=false`;
	console.log(`# operator:   haldane run ${flags}`);
	console.log(
		dataDir === undefined
			? "# Ctrl+C ends it, and everything in it is gone; --data-dir FOLDER keeps it."
			: `# Ctrl+C ends it; it goes on with haldane sandbox --data-dir ${quoted(dataDir)}`,
	);
}

function portOf(flag: string, text: string): number {
	const port = Number(text);
	if (!/^\d+$/.test(text) || port > 65_535)
		throw new UsageError(`${flag}: write a port from 0 (any that is free) to 65535`);
	return port;
}

/** As a shell takes it for one word. */
function quoted(path: string): string {
	return /^[\w@%+=:,./-]+$/.test(path) ? path : `'${path.replaceAll("'", "'\\''")}'`;
}
