import { setTimeout as sleep } from "node:timers/promises";
import type { Command } from "commander";
import { UsageError } from "../../usage-error.ts";

/** What the command line is given to answer by. */
export interface CommandLine {
	/** Adds --kubeconfig and --namespace. */
	common(command: Command): Command;
	/** Writes the answer and ends the process. */
	say(text: string): void;
}

const EXPLAIN_MS_MAX = 60_000;
const PUSH_MS_MAX = 60_000;
const now = () => Date.now();

/** `haldane updater …`. Each command is imported when it is run. */
export function registerUpdater(program: Command, { common, say }: CommandLine): void {
	const updater = program
		.command("updater")
		.description("what keeps images up to date: see it, approve, forget, tell it of a push");

	common(updater.command("list").description("every image that is kept up to date, and where it stands"))
		.option("-A, --all-namespaces", "of all namespaces")
		.option("-o, --output <format>", "table or json", "table")
		.action(async (given) => {
			const { list } = await import("./list.ts");
			say(await list(await listing(given), given.output));
		});

	common(updater.command("pending").description("what waits for approval"))
		.option("-A, --all-namespaces", "of all namespaces")
		.action(async (given) => {
			const { pending } = await import("./pending.ts");
			say(await pending(await listing(given)));
		});

	common(
		updater
			.command("explain")
			.description("why an image is as it is, and which tag would be chosen")
			.argument("<kind/name>"),
	)
		.option("-c, --container <name>", "of this container alone")
		.option("--offline", "ask no registry")
		.option("--tags <list>", "ask no registry, and choose among these tags, with commas between them")
		.option("--registries <file>", "settings of registries, as the operator's flag of the same name")
		.option("-o, --output <format>", "text or json", "text")
		.action(async (workload: string, given) => {
			if (given.output !== "text" && given.output !== "json")
				throw new UsageError(`--output ${given.output}: write text or json`);
			const [{ explain }, { explanationText }, { namedWorkload }, ports] = await Promise.all([
				import("./explain/explain.ts"),
				import("./explain/text.ts"),
				import("./workloads.ts"),
				explainPorts(given),
			]);
			const tags = tagsOf(given);
			const explanation = await explain(ports, { workload: namedWorkload(workload), container: given.container, tags });
			say(given.output === "json" ? JSON.stringify(explanation, null, 2) : explanationText(explanation, tags));
		});

	const decisions = { approve: "let the image that was chosen be used", reject: "have it never used" } as const;
	for (const [decision, description] of Object.entries(decisions) as [keyof typeof decisions, string][]) {
		common(updater.command(decision).description(description).argument("<kind/name>"))
			.option("-c, --container <name>", "of this container, when several wait")
			.option("--comment <text>", "why, for people")
			.action(async (workload: string, { container, comment, ...given }) => {
				const [{ vote }, { namedWorkload }, { openSession }] = await Promise.all([
					import("./vote.ts"),
					import("./workloads.ts"),
					import("../../session.ts"),
				]);
				say(await vote(openSession(given), { decision, workload: namedWorkload(workload), container, comment }));
			});
	}

	common(updater.command("forget").description("let tags that failed or were rejected be chosen again"))
		.argument("<kind/name>")
		.argument("[tag]", "this tag; all of them without it")
		.option("-c, --container <name>", "of this container alone")
		.action(async (workload: string, tag: string | undefined, { container, ...given }) => {
			const [{ forget }, { namedWorkload }, { openSession }] = await Promise.all([
				import("./forget.ts"),
				import("./workloads.ts"),
				import("../../session.ts"),
			]);
			const ports = { ...openSession(given), now, unique: () => crypto.randomUUID().slice(0, 8), sleep };
			say(await forget(ports, { workload: namedWorkload(workload), tag, container }));
		});

	updater
		.command("push")
		.description("tell the operator that a tag was pushed")
		.argument("<image:tag>")
		.requiredOption("--url <url>", "address of the operator's webhooks")
		.option("--digest <digest>", "what the tag points at")
		.option("--secret-file <file>", "what webhooks are signed with; or HALDANE_WEBHOOK_SECRET")
		.action(async (image: string, { url, digest, secretFile }) => {
			const [{ push }, { webhookSecret }, { outbound }] = await Promise.all([
				import("./push.ts"),
				import("./webhook-secret.ts"),
				import("../../../http/outbound.ts"),
			]);
			const secret = webhookSecret(secretFile, process.env);
			const ports = { send: outbound(), now, signal: AbortSignal.timeout(PUSH_MS_MAX) };
			say(await push(ports, { image, digest, url, secret }));
		});

	updater
		.command("webhook-url")
		.description("print the address of a webhook for a sender that cannot sign; it is a secret")
		.argument("<trigger>")
		.requiredOption("--url <url>", "address of the operator's webhooks")
		.option("--secret-file <file>", "what webhooks are signed with; or HALDANE_WEBHOOK_SECRET")
		.action(async (trigger: string, { url, secretFile }) => {
			const [{ webhookUrl }, { webhookSecret }] = await Promise.all([
				import("./webhook-url.ts"),
				import("./webhook-secret.ts"),
			]);
			const address = webhookUrl(trigger, { url, secret: webhookSecret(secretFile, process.env) });
			console.error("# Whoever has this address is believed: give it to the sender, and to nobody else.");
			say(address);
		});
}

interface ClusterFlags {
	readonly kubeconfig?: string;
	readonly namespace?: string;
	readonly allNamespaces?: boolean;
}

async function listing(given: ClusterFlags) {
	if (given.allNamespaces && given.namespace !== undefined)
		throw new UsageError(`leave out --all-namespaces, or --namespace ${given.namespace}`);
	const { openSession } = await import("../../session.ts");
	const { client, namespace } = openSession(given);
	return { client, namespace: given.allNamespaces ? undefined : namespace, now: now() };
}

function tagsOf({ tags, offline }: { readonly tags?: string; readonly offline?: boolean }) {
	if (tags === undefined) return offline ? "none" : "ask";
	const list = tags.split(",").map((tag) => tag.trim());
	if (list.includes("")) throw new UsageError("--tags: write tags with commas between them, such as 1.2.0,1.3.0");
	return list;
}

async function explainPorts(given: ClusterFlags & { readonly registries?: string }) {
	const [{ openSession }, { createRegistryClient }, { registrySettings }, { outbound }, { systemTimers }] =
		await Promise.all([
			import("../../session.ts"),
			import("../../../updater/image-registry/client.ts"),
			import("../registries.ts"),
			import("../../../http/outbound.ts"),
			import("../../../http/timers.ts"),
		]);
	const registry = createRegistryClient(
		{ send: outbound(), now, timers: systemTimers },
		registrySettings(given.registries),
	);
	return { ...openSession(given), registry, timers: systemTimers, signal: AbortSignal.timeout(EXPLAIN_MS_MAX) };
}
