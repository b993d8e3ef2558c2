import { describe, expect, test } from "vitest";
import { parseCanary } from "../../../../../src/api/canary.ts";
import { acts } from "../../../../../src/cli/sandbox/demo/acts.ts";
import { demoOptions } from "../../../../../src/cli/sandbox/demo/demo.ts";
import { canary } from "../../../../../src/cli/sandbox/demo/manifests.ts";
import { forgotten } from "../../../../../src/cli/sandbox/demo/play.ts";
import { bar, tellTo } from "../../../../../src/cli/sandbox/demo/teller.ts";
import { knownProviders } from "../../../../../src/mesh-adapters/registry.ts";

function told(isTTY: boolean, colours = "") {
	const before = process.env.NO_COLOR;
	process.env.NO_COLOR = colours;
	const written: string[] = [];
	const stream = { isTTY, write: (text: string) => written.push(text) } as unknown as NodeJS.WriteStream;
	let ms = 0;
	try {
		const tell = tellTo(stream, () => ms);
		ms = 1_250;
		tell.heading("Act 1");
		tell.command("kubectl get");
		tell.line("done", "good");
	} finally {
		if (before === undefined) delete process.env.NO_COLOR;
		else process.env.NO_COLOR = before;
	}
	return written.join("");
}

describe("the demo", () => {
	test.each([
		["nothing", {}, { act: undefined, speed: 1, keep: false }],
		["an act at twice the speed, and to stay", { act: "2", speed: "2", keep: true }, { act: 2, speed: 2, keep: true }],
	])("can be given %s", (_name, given, options) => {
		expect(demoOptions(given)).toEqual(options);
	});

	test.each([
		["an act that there is not", { act: "7" }, "--act: write 1 to 6"],
		["no act at all", { act: "one" }, "--act: write 1 to 6"],
		["no speed", { speed: "0" }, "--speed: write a number from 0.1 to 2"],
		["a speed that is no number", { speed: "fast" }, "--speed: write a number from 0.1 to 2"],
		[
			"a port",
			{ port: "0", gatewayPort: "8080" },
			"--gateway-port: the demo takes any port that is free; leave it out",
		],
		[
			"a registry's port",
			{ registryPort: "5000" },
			"--registry-port: the demo takes any port that is free; leave it out",
		],
		["a folder for data", { dataDir: "here" }, "--data-dir: the demo keeps nothing; leave it out"],
		["checks more often than a Canary can say", { speed: "2.1" }, "--speed: write a number from 0.1 to 2"],
	])("refuses %s", (_name, given, message) => {
		expect(() => demoOptions(given)).toThrow(message);
	});

	const rollouts = acts.flatMap((act) => act.rollouts.map((rollout) => [act.title, rollout] as const));
	test.each(rollouts)("asks for what a Canary can say: %s", (_title, rollout) => {
		const parsed = parseCanary(canary(rollout.analysis(2_000), 6_000));
		expect(parsed).toMatchObject({ ok: true, canary: { spec: { provider: "gatewayapi:v1" } } });
		expect(knownProviders).toContain("gatewayapi:v1");
	});
});

describe("between two acts", () => {
	const world = (owedUntilMs: number) => {
		let nowMs = 0;
		const wait = async (ms: number) => {
			nowMs += ms;
		};
		// Sent 50 ms before the act ended; what was sent after it has never waited long.
		const users = { longestWaitMs: () => (nowMs < owedUntilMs ? nowMs + 50 : 5) };
		return { users, wait, now: () => nowMs };
	};

	test.each([
		["checks forget what was answered", 0, 100 + 6_000],
		["they begin to forget once the last slow answer was given", 9_950, 10_000 + 6_000],
	])("%s", async (_name, owedUntilMs, forgottenMs) => {
		const { users, wait, now } = world(owedUntilMs);
		await forgotten(users, 6_000, new AbortController().signal, wait);
		expect(now()).toBe(forgottenMs);
	});
});

describe("the teller", () => {
	test("writes plain lines where there is no terminal", () => {
		expect(told(false)).toBe("\nAct 1\n   1.3 s  $ kubectl get\n   1.3 s  done\n");
	});

	test.each([
		[80, "narrow"],
		[110, "wide"],
		[undefined, "wide"],
	])("has room in %s columns for %s lines", (columns, width) => {
		expect(tellTo({ columns } as NodeJS.WriteStream, () => 0).width).toBe(width);
	});

	test("writes in colour on a terminal, unless NO_COLOR says no", () => {
		expect(told(true)).toContain("\u001b[32mdone\u001b[39m");
		expect(told(true, "1")).toBe(told(false));
	});

	test.each([
		[0, "░░░░░░░░░░   0 %"],
		[55, "██████░░░░  55 %"],
		[100, "██████████ 100 %"],
	])("draws %i percent", (percent, text) => {
		expect(bar(percent, 10)).toBe(text);
	});
});
