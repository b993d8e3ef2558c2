import { mkdirSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { BedError } from "../control-plane/bed-error.ts";
import { eventually } from "../control-plane/eventually.ts";
import { freePorts, type RunningProgram, startProgram } from "../control-plane/processes.ts";

/** One address to scrape, with the labels that its series carry. */
export interface ScrapeTarget {
	readonly target: string;
	readonly labels: Readonly<Record<string, string>>;
}

/** A real Prometheus that scrapes every second. */
export interface Prometheus {
	readonly url: string;
	/** Replaces the pods it scrapes; seen within a moment, since Prometheus watches the file. */
	setTargets(targets: readonly ScrapeTarget[]): void;
	/** The value of the first series of an instant query, or undefined when there is none. */
	query(promql: string): Promise<number | undefined>;
	stop(): Promise<void>;
}

/** Resolves when it is ready. `envoyStats` is where Envoy shows its own statistics. */
export async function startPrometheus(options: {
	readonly command: string;
	readonly folder: string;
	readonly envoyStats: string;
}): Promise<Prometheus> {
	const folder = join(options.folder, "prometheus");
	mkdirSync(folder);
	const targetsFile = join(folder, "pods.json");
	const setTargets = (targets: readonly ScrapeTarget[]) => {
		const groups = targets.map(({ target, labels }) => ({ targets: [target], labels }));
		writeFileSync(`${targetsFile}.new`, JSON.stringify(groups));
		renameSync(`${targetsFile}.new`, targetsFile);
	};
	setTargets([]);
	const configFile = join(folder, "prometheus.yml");
	writeFileSync(configFile, JSON.stringify(configOf(targetsFile, options.envoyStats)));
	const [port] = (await freePorts(1)) as [number];
	const url = `http://127.0.0.1:${port}`;
	const program: RunningProgram = startProgram({
		name: "prometheus",
		command: options.command,
		args: [
			`--config.file=${configFile}`,
			`--storage.tsdb.path=${join(folder, "data")}`,
			`--web.listen-address=127.0.0.1:${port}`,
			"--log.level=warn",
		],
		logFile: join(options.folder, "prometheus.log"),
	});
	await eventually("prometheus is ready", async () => {
		program.assertAlive();
		return (await fetch(`${url}/-/ready`)).ok;
	});
	return {
		url,
		setTargets,
		async query(promql) {
			const answer = await fetch(`${url}/api/v1/query?${new URLSearchParams({ query: promql })}`);
			const body = (await answer.json()) as Answer;
			if (body.status !== "success")
				throw new BedError(`prometheus refused ${promql}: ${body.error}`, "edit the query");
			const value = body.data.result[0]?.value[1];
			return value === undefined ? undefined : Number(value);
		},
		stop: () => program.stop(500),
	};
}

interface Answer {
	readonly status: string;
	readonly error?: string;
	readonly data: { readonly result: readonly { readonly value: readonly [number, string] }[] };
}

function configOf(targetsFile: string, envoyStats: string) {
	return {
		global: { scrape_interval: "1s", scrape_timeout: "900ms", evaluation_interval: "1s" },
		scrape_configs: [
			{ job_name: "kubernetes-pods", file_sd_configs: [{ files: [targetsFile], refresh_interval: "5s" }] },
			{ job_name: "envoy", metrics_path: "/stats/prometheus", static_configs: [{ targets: [envoyStats] }] },
		],
	};
}
