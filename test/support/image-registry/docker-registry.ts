import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { BedError } from "../control-plane/bed-error.ts";
import { eventually } from "../control-plane/eventually.ts";
import { freePorts, startProgram } from "../control-plane/processes.ts";

/** Debian's docker-registry on a free loopback port, by http; what it holds is gone when it stops. */
export interface RunningRegistry {
	/** `127.0.0.1:40123`, as images name it. */
	readonly host: string;
	readonly url: string;
	stop(): Promise<void>;
}

/** The one user of a registry that is started with `basicAuth`. */
export const knownUser = { username: "someone", password: "open-sesame" };
const HTPASSWD = "someone:$2b$04$haldaneTestRegistryu.OoDIa3T0A.5Gx1AU2BR6bK8GMEeP4yTS\n";

/** Where the registry's program is, or undefined, with one line on the terminal; in CI it must be there. */
export function findDockerRegistry(): string | undefined {
	const script = join(import.meta.dirname, "../../../.ci/tools/install-docker-registry.sh");
	const asked = spawnSync("sh", [script, "--present"], { encoding: "utf8" });
	if (asked.status === 0) return asked.stdout.trim();
	const why = asked.stderr.trim() || "docker-registry is missing";
	if (process.env.CI) throw new BedError(why, "run .ci/tools/install-docker-registry.sh first");
	console.warn(`skipped: ${why}; run .ci/tools/install-docker-registry.sh first`);
	return undefined;
}

/** Resolves when it answers. It deletes what it is told to, and asks for the known user if `basicAuth` is set. */
export async function startDockerRegistry({
	command,
	basicAuth = false,
}: {
	readonly command: string;
	readonly basicAuth?: boolean;
}): Promise<RunningRegistry> {
	const folder = mkdtempSync(join(tmpdir(), "haldane-registry-"));
	const [port] = (await freePorts(1)) as [number];
	const host = `127.0.0.1:${port}`;
	const passwords = join(folder, "htpasswd");
	writeFileSync(passwords, HTPASSWD);
	const config = {
		version: 0.1,
		log: { level: "error", accesslog: { disabled: true } },
		storage: { inmemory: {}, delete: { enabled: true } },
		http: { addr: host },
		...(basicAuth ? { auth: { htpasswd: { realm: "registry", path: passwords } } } : {}),
	};
	// JSON is YAML.
	const configFile = join(folder, "config.yml");
	writeFileSync(configFile, JSON.stringify(config));
	const program = startProgram({
		name: "docker-registry",
		command,
		args: ["serve", configFile],
		logFile: join(folder, "registry.log"),
	});
	await eventually("docker-registry answers", async () => {
		program.assertAlive();
		return (await fetch(`http://${host}/v2/`)).status === (basicAuth ? 401 : 200);
	});
	return {
		host,
		url: `http://${host}`,
		stop: async () => {
			await program.stop(1_000);
			rmSync(folder, { recursive: true, force: true });
		},
	};
}
