import { randomBytes } from "node:crypto";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { freePort } from "../../../sandbox/loopback.ts";
import type { Sandbox } from "../../../sandbox/sandbox.ts";
import { parseFlags } from "../../flags.ts";
import { type OperatorOptions, optionsFrom } from "../../options.ts";
import { version } from "../../version.ts";
import { webhookSecret } from "./manifests.ts";

/** Where CI tells the operator of pushes, and what it signs that with. */
export interface Webhooks {
	readonly url: string;
	readonly secret: string;
}

/**
 * How the demo's operator is run, in a sandbox that is prepared for it: its updater asks the sandbox's registry by plain HTTP and
 * takes webhooks that are signed. `folder` is for the settings of registries.
 */
export async function operatorIn(
	sandbox: Pick<Sandbox, "api" | "kubeconfig" | "prometheus" | "registry">,
	folder: string,
): Promise<{ readonly options: OperatorOptions; readonly webhooks: Webhooks }> {
	const registries = join(folder, "registries.yaml");
	// JSON is YAML.
	writeFileSync(registries, JSON.stringify({ registries: [{ host: sandbox.registry.host, plainHttp: true }] }));
	const secret = randomBytes(32).toString("hex");
	const [namespace, holder] = webhookSecret(secret);
	sandbox.api.create(namespace);
	sandbox.api.create(holder);
	const port = await freePort();
	const flags = [
		`--kubeconfig=${sandbox.kubeconfig}`,
		`--metrics-server=${sandbox.prometheus.url}`,
		"--mesh-provider=gatewayapi:v1",
		"--port=0",
		"--log-level=error",
		"--enable-leader-election=false",
		"--updater",
		`--registries=${registries}`,
		`--webhook-port=${port}`,
		`--webhook-secret=${holder.metadata.name}`,
	];
	const parsed = parseFlags(flags, {});
	if (!parsed.ok) throw new Error(parsed.problem);
	const read = optionsFrom(parsed.values, version);
	if (!read.ok) throw new Error(read.problem);
	return { options: read.options, webhooks: { url: `http://127.0.0.1:${port}`, secret } };
}
