#!/usr/bin/env node
import { Command } from "commander";
import { Failure, messageOf } from "../domain/failure.ts";
import { flags, parseFlags } from "./flags.ts";
import { UsageError } from "./usage-error.ts";
import { version } from "./version.ts";

/** Exit codes: 0 done, 1 it failed, 2 the command line is wrong. */
const program = new Command("haldane")
	.description("Progressive delivery for Kubernetes: rollouts that judge themselves.")
	.version(version, "--version", "print the version")
	.showHelpAfterError("run haldane --help for the commands")
	.exitOverride((error) => {
		process.exit(error.exitCode === 0 ? 0 : 2);
	});

const flagHelp = flags
	.map(({ name, value, fallback, env, describe, ignored, refused }) => {
		const left = `  --${name}${value === undefined ? "" : ` ${value}`}`.padEnd(38);
		const more = [ignored, refused, fallback ? `default ${fallback}` : undefined, env && `or ${env}`].filter(Boolean);
		return `${left}${describe}${more.length === 0 ? "" : ` (${more.join("; ")})`}`;
	})
	.join("\n");

program
	.command("run", { isDefault: false })
	.description("run the operator")
	.allowUnknownOption()
	.argument("[flags...]")
	.addHelpText("after", `\nFlags, each as --name=value, --name value or -name=value:\n${flagHelp}`)
	.action(async () => {
		const words = process.argv.slice(process.argv.indexOf("run") + 1);
		const parsed = parseFlags(words, process.env);
		if (!parsed.ok) throw new UsageError(parsed.problem);
		const { optionsFrom } = await import("./options.ts");
		const read = optionsFrom(parsed.values, version);
		if (!read.ok) throw new UsageError(read.problem);
		for (const warning of parsed.warnings) console.error(`warning: ${warning}`);
		const { runOperator } = await import("./run.ts");
		process.exitCode = await runOperator(read.options, stopSignal());
		// Connections that are kept open must not keep a stopped operator.
		process.exit();
	});

const common = (command: Command) =>
	command.option("--kubeconfig <path>", "kubeconfig file").option("-n, --namespace <name>", "namespace");

common(program.command("get").description("show Canaries, or one of them whole").argument("[name]"))
	.option("-A, --all-namespaces", "of all namespaces")
	.option("-o, --output <format>", "json, name or table", "table")
	.action(async (name: string | undefined, given) => {
		const { get } = await import("./get.ts");
		console.log(await get(name, given, Date.now()));
		process.exit();
	});

const verbs = {
	pause: "hold a rollout where it is",
	resume: "let a held rollout go on",
	promote: "promote the candidate without further steps",
	abort: "roll back now",
	retry: "try the revision that failed again",
} as const;
for (const [verb, description] of Object.entries(verbs) as [keyof typeof verbs, string][]) {
	common(program.command(verb).description(description).argument("<name>")).action(async (name: string, given) => {
		const { command } = await import("./command.ts");
		console.log(await command(verb, name, given));
		process.exit();
	});
}

program
	.command("crds")
	.description("print the CustomResourceDefinitions")
	.action(async () => {
		const { customResourceDefinitionFiles } = await import("../api/crd.ts");
		console.log([...Object.values(Object.fromEntries(customResourceDefinitionFiles()))].join("---\n"));
	});

program
	.command("version")
	.description("print the version")
	.action(() => console.log(version));

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

try {
	await program.parseAsync();
} catch (thrown) {
	const isExpected = thrown instanceof Failure || thrown instanceof UsageError;
	console.error(isExpected ? `haldane: ${messageOf(thrown)}` : thrown);
	process.exit(thrown instanceof UsageError ? 2 : 1);
}
