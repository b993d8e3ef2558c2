import { randomBytes } from "node:crypto";
import type { Canary } from "../api/canary.ts";
import type { Phase } from "../api/canary-status.ts";
import { resources } from "../kube/resources.ts";
import { COMMAND_ANNOTATION } from "../reconciler/commands.ts";
import type { Command } from "../reconciler/decide/situation.ts";
import { openSession, type SessionFlags } from "./session.ts";
import { UsageError } from "./usage-error.ts";

const running: readonly Phase[] = ["Progressing", "WaitingPromotion"];

/** In which phases a command has something to act on. */
const sensible: Record<Command["verb"], readonly Phase[]> = {
	pause: running,
	resume: [...running, "Waiting"],
	promote: [...running, "Waiting"],
	abort: [...running, "Waiting", "Promoting"],
	retry: ["Failed"],
};

/** Asks the operator for something by an annotation on the Canary: who may write that may command. */
export async function command(verb: Command["verb"], name: string, flags: SessionFlags): Promise<string> {
	const { client, namespace } = openSession(flags);
	const { apiVersion, kind } = resources.canaries;
	const ref = { apiVersion, kind, namespace, name };
	const canary = (await client.get(ref)) as Canary;
	const phase = canary.status?.phase ?? "";
	if (!sensible[verb].includes(phase)) {
		const allowed = sensible[verb].join(", ");
		throw new UsageError(`Canary ${namespace}/${name} is ${phase || "not looked at yet"}; ${verb} works in ${allowed}`);
	}
	const id = `${verb}@${new Date().toISOString()}/${randomBytes(4).toString("hex")}`;
	await client.patch(ref, { metadata: { annotations: { [COMMAND_ANNOTATION]: id } } });
	return `Canary ${namespace}/${name}: asked to ${verb}`;
}
