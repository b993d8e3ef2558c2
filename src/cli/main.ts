#!/usr/bin/env -S node --max-semi-space-size=2 --heap-growing-percent=20
import { setTimeout as sleep } from "node:timers/promises";
import { Command } from "commander";
import { complaintOf } from "./complaint.ts";
import { flags, parseFlags } from "./flags.ts";
import { registerUpdater } from "./updater/commands/register.ts";
import { UsageError } from "./usage-error.ts";
import { version } from "./version.ts";

// Each command is imported when it is run: `--help` has to be there at once.
const program = new Command("haldane")
	.description("Progressive delivery for Kubernetes: rollouts that judge themselves.")
	.version(version, "--version", "print the version")
	.showHelpAfterError("run haldane --help for the commands")
	.exitOverride((error) => {
		process.exit(error.exitCode === 0 ? 0 : 2);
	})
	.addHelpText("after", "\nExit codes: 0 done, 1 it could not be done, 2 the command line is wrong.");

const flagHelp = flags
	.map(({ name, value, fallback, env, describe, ignored, refused }) => {
		const left = `  --${name} ${value}`.padEnd(38);
		const more = [ignored, refused, fallback && `default ${fallback}`, env && `or ${env}`].filter(Boolean);
		return `${left}${describe}${more.length === 0 ? "" : ` (${more.join("; ")})`}`;
	})
	.join("\n");

program
	.command("run")
	.description("run the operator")
	.allowUnknownOption()
	.argument("[flags...]")
	.addHelpText("after", `\nFlags, each as --name=value, --name value or -name=value:\n${flagHelp}`)
	.action(async () => {
		const words = process.argv.slice(process.argv.indexOf("run", 2) + 1);
		if (words.some((word) => /^--?version(=true)?$/.test(word))) {
			console.log(version);
			return;
		}
		const parsed = parseFlags(words, process.env);
		if (!parsed.ok) throw new UsageError(parsed.problem);
		const { optionsFrom } = await import("./options.ts");
		const read = optionsFrom(parsed.values, version);
		if (!read.ok) throw new UsageError(read.problem);
		const { createLogger } = await import("../log.ts");
		const log = createLogger({ level: read.options.logLevel, format: read.options.logFormat });
		for (const warning of parsed.warnings) log.warn(warning, "a flag has no effect");
		const { runOperator } = await import("./run.ts");
		process.exitCode = await runOperator(read.options, stopSignal());
		// Connections that are kept open must not keep a stopped operator.
		process.exit();
	});

const common = (command: Command) =>
	command.option("--kubeconfig <path>", "kubeconfig file").option("-n, --namespace <name>", "namespace");

common(program.command("get").description("show Canaries, or one of them whole").argument("[name]"))
	.option("-A, --all-namespaces", "of all namespaces")
	.option("-o, --output <format>", "table, wide, json, yaml or name", "table")
	.action(async (name: string | undefined, given) => {
		const { get } = await import("./get/get.ts");
		say(await get(name, given, Date.now()));
	});

const verbs = {
	pause: "hold a rollout where it is",
	resume: "let a held rollout go on",
	promote: "promote the candidate without further steps",
	abort: "roll back now",
	retry: "try the revision that failed again",
} as const;
for (const [verb, description] of Object.entries(verbs) as [keyof typeof verbs, string][]) {
	common(program.command(verb).description(description).argument("<name>"))
		.option("--wait", "until the operator has obeyed")
		.option("--timeout <duration>", "how long to wait", "1m")
		.action(async (name: string, given) => {
			const { durationMs } = await import("../domain/duration.ts");
			const waitMs = durationMs(given.timeout);
			if (waitMs === undefined) throw new UsageError("--timeout: write a duration like 30s or 2m");
			const { openSession } = await import("./session.ts");
			const { command } = await import("./command.ts");
			const { client, namespace } = openSession(given);
			const ports = {
				client,
				namespace,
				now: () => Date.now(),
				unique: () => crypto.randomUUID().slice(0, 8),
				sleep: (ms: number, signal: AbortSignal) => sleep(ms, undefined, { signal }),
				deadline: (ms: number) => AbortSignal.timeout(ms),
			};
			say(await command(ports, { verb, name, waitMs: given.wait ? waitMs : undefined }));
		});
}

const sandboxCommand = program
	.command("sandbox")
	.description("a small cluster on this machine, with pods that answer, a gateway and a Prometheus")
	.option("--port <port>", "of the API server; 0 is any that is free, or that of last time with --data-dir", "0")
	.option("--gateway-port <port>", "of the gateway; 0 is any that is free", "0")
	.option("--prometheus-port <port>", "of Prometheus; 0 is any that is free", "0")
	.option("--registry-port <port>", "of the registry of images; 0 is any that is free", "0")
	.option("--data-dir <folder>", "keep the objects, the kubeconfig and its token there across restarts")
	.option("--demo", "show rollouts in six acts, and how they end")
	.option("--act <n>", "of the demo, only this act")
	.option("--speed <n>", "of the demo, 2 is twice as fast")
	.option("--keep", "of the demo, stay up when it is over")
	.action(async (given) => {
		const { requireOneStory, sandbox } = await import("./sandbox/sandbox.ts");
		requireOneStory(given);
		if (given.demo) {
			const { demo, demoOptions } = await import("./sandbox/demo/demo.ts");
			process.exitCode = await demo(demoOptions(given), stopSignal());
		} else {
			process.exitCode = await sandbox(given, stopSignal());
		}
		process.exit();
	});

common(sandboxCommand.command("image").description("say how an image behaves in the sandbox").argument("<image>"))
	.option("--error-rate <share>", "such as 5%")
	.option("--p50 <duration>", "of an answer, such as 10ms")
	.option("--p99 <duration>", "of the slowest answers, such as 300ms")
	.option("--text <text>", "what it answers")
	.action(async (image: string, given) => {
		const { setImage } = await import("./sandbox/image.ts");
		const { openSession } = await import("./session.ts");
		say(await setImage(openSession(given).client, image, given));
	});

common(
	sandboxCommand
		.command("push")
		.description("push a tiny image to the sandbox's registry, for the updater to find")
		.argument("<image>", "with its tag"),
).action(async (image: string, given) => {
	const { pushTiny } = await import("./sandbox/push.ts");
	const { openSession } = await import("./session.ts");
	const { outbound } = await import("../http/outbound.ts");
	const { systemClock } = await import("../kube/clock.ts");
	const ports = { client: openSession(given).client, send: outbound(), now: () => systemClock.now() };
	say(await pushTiny(ports, image, stopSignal()));
});

common(program.command("dashboard").description("show Canaries live in a browser, on this machine"))
	.option("--port <port>", "to listen on; 0 is any that is free", "0")
	.option("--metrics-server <url>", "Prometheus for success rates and latencies")
	.action(async (given) => {
		const { dashboard } = await import("./dashboard/dashboard.ts");
		process.exitCode = await dashboard(given, stopSignal());
		process.exit();
	});

registerUpdater(program, { common, say });

program
	.command("simulate")
	.description("play a Canary's rollout in virtual time, without a cluster")
	.requiredOption("-f, --filename <file>", "manifest with the Canary, - for standard input; repeatable", collect, [])
	.option(
		"--scenario <scenario>",
		"what happens: ok, errors=5%@40, slow=2x, no-data, … or a YAML file of scenarios; repeatable",
		collect,
		[],
	)
	.option("--mesh-provider <name>", "for a Canary that names no provider", "kubernetes")
	.option("--ready-after <duration>", "how long pods take to be ready", "10s")
	.option("--route-after <duration>", "how long the mesh takes to follow a route", "0s")
	.option("--drain <duration>", "how long the candidate's pods stay after its last request", "5s")
	.option("--baseline-p99 <duration>", "99th percentile of durations of a good version", "100ms")
	.option("--rate <requests>", "requests a second", "100")
	.option("--horizon <duration>", "how long to look on", "48h")
	.option("-o, --output <format>", "text, json or svg", "text")
	.option("--timeline", "show the timelines of many scenarios too")
	.option("--expect <outcome>", "promoted, rolled-back or unfinished; anything else is exit code 1")
	.option("--within <duration>", "the longest it may take")
	.option("--at-most <percent>", "the greatest share of requests that may meet a bad version")
	.option("--at-most-failed <percent>", "the greatest share of requests that may fail")
	.addHelpText(
		"after",
		"\nExit codes: 0 promoted, or as expected; 1 rolled back, or not as expected; 2 the input is wrong.\nScenarios: see docs/simulate.md.",
	)
	.action(async (given) => {
		const { simulate } = await import("./simulate.ts");
		const { text, exitCode } = await simulate(given);
		process.exitCode = exitCode;
		say(text);
	});

/** Gathers an option that may be given again. */
function collect(value: string, before: readonly string[]): readonly string[] {
	return [...before, value];
}

program
	.command("crds")
	.description("print the CustomResourceDefinitions")
	.action(async () => {
		const { customResourceDefinitionFiles } = await import("../api/crd.ts");
		say([...customResourceDefinitionFiles().values()].join("---\n").trimEnd());
	});

program
	.command("version")
	.description("print the version")
	.action(() => say(version));

/** Writes the answer and ends the process once it has been taken: connections that are kept open would keep it. */
function say(text: string): void {
	process.stdout.write(`${text}\n`, () => process.exit());
}

/** Aborts at SIGTERM or SIGINT; a second one ends the process at once. */
function stopSignal(): AbortSignal {
	const stop = new AbortController();
	for (const name of ["SIGTERM", "SIGINT"] as const) {
		process.on(name, () => {
			if (stop.signal.aborted) process.exit(130);
			stop.abort();
		});
	}
	return stop.signal;
}

// `haldane get | head` closes our output early; that is no failure of ours.
process.stdout.on("error", (error: NodeJS.ErrnoException) => process.exit(error.code === "EPIPE" ? 0 : 1));
try {
	await program.parseAsync();
} catch (thrown) {
	const { text, exitCode } = complaintOf(thrown);
	console.error(text);
	process.exit(exitCode);
}
