import { resolve } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type ControlPlane, startControlPlane } from "../support/control-plane/control-plane.ts";
import { installCrds } from "../support/control-plane/crds.ts";
import type { Running } from "../support/control-plane/follow.ts";
import { startKubelet } from "../support/control-plane/kubelet.ts";
import { findTools } from "../support/control-plane/tools.ts";
import { startSandboxPlane } from "../support/sandbox/sandbox-plane.ts";
import { commands } from "./kubectl/commands.ts";
import { answers, type Shell, shellOf, shown } from "./kubectl/compare.ts";

const tools = findTools("build-control-plane");
const CRDS = resolve(import.meta.dirname, "../../crds");

/** The real kubectl asks both planes the same, in the same order; each command builds on those before it. */
describe.skipIf(tools.kind === "missing")("kubectl cannot tell the sandbox from a real API server", () => {
	const running: { stop(): Promise<void> }[] = [];
	let shells: { readonly real: Shell; readonly sandbox: Shell };

	const prepare = async (starting: Promise<ControlPlane>): Promise<ControlPlane> => {
		const plane = await starting;
		running.push(plane);
		const kubelet: Running = await startKubelet({ api: plane.clientFor("standIn") });
		running.push(kubelet);
		await installCrds(plane.clientFor("admin"), [CRDS]);
		return plane;
	};

	beforeAll(async () => {
		const [real, sandbox] = await Promise.all([prepare(startControlPlane({ tools })), prepare(startSandboxPlane())]);
		shells = { real: shellOf(real, real.kubectl), sandbox: shellOf(sandbox, real.kubectl) };
	});
	afterAll(async () => {
		for (const one of running.toReversed()) await one.stop();
	});

	for (const command of commands) {
		test(`${command.name}: ${command.line}`, async () => {
			const { real, sandbox } = await answers(command, shells);
			expect(shown(sandbox)).toBe(shown(real));
			expect(real.code, shown(real)).toBe(command.code);
			const saysNothing = `${real.stdout}${real.stderr}`.trim() === "";
			expect(saysNothing, "whether it says nothing").toBe(command.silent);
		});
	}
});
