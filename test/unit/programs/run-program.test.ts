import { describe, expect, test } from "vitest";
import { type Program, runProgram } from "../../../src/programs/run-program.ts";

const script = (code: string, change: Partial<Program> = {}): Program => ({
	name: process.execPath,
	args: ["-e", code],
	environment: {},
	input: "",
	deadlineMs: 60_000,
	outputBytesMax: 1_000,
	...change,
});
const signal = new AbortController().signal;

describe("a program", () => {
	test("reads its input, and says what it says", async () => {
		const echo = script("process.stdin.pipe(process.stdout)", { input: "ghcr.io" });
		expect(await runProgram(echo, signal)).toEqual({ kind: "ended", code: 0, output: "ghcr.io" });
	});

	test("ends with its own code", async () => {
		const ends = script("process.stdout.write('nothing'); process.exitCode = 3");
		expect(await runProgram(ends, signal)).toEqual({ kind: "ended", code: 3, output: "nothing" });
	});

	test("sees the environment that it is given and no other", async () => {
		const tells = script("process.stdout.write(JSON.stringify(process.env))", { environment: { A: "1" } });
		const end = await runProgram(tells, signal);
		expect(JSON.parse((end as { readonly output: string }).output)).toEqual({ A: "1" });
	});

	test("that never reads its input does no harm", async () => {
		const ends = script("process.exit(0)", { input: "x".repeat(1_000_000) });
		expect(await runProgram(ends, signal)).toEqual({ kind: "ended", code: 0, output: "" });
	});

	test("is no shell's: its name and arguments are taken as they are", async () => {
		const odd = { ...script(""), name: "true; echo", args: ["$HOME"] };
		expect(await runProgram(odd, signal)).toEqual({
			kind: "failed",
			detail: "program true; echo: there is no such program",
		});
	});

	test.each<[string, string, Partial<Program>, string]>([
		["does not end", "setInterval(() => {}, 1000)", { deadlineMs: 300 }, "did not end within 0.3 s"],
		["says too much", "process.stdout.write('secret'.repeat(1000))", {}, "said more than 1000 bytes"],
		[
			"is ended by another",
			"process.kill(process.pid, 'SIGTERM'); setInterval(() => {}, 1000)",
			{},
			"was ended by SIGTERM",
		],
	])("that %s is stopped, and nothing of what it said is quoted", async (_what, code, change, why) => {
		const end = await runProgram(script(code, change), signal);
		expect(end).toEqual({ kind: "failed", detail: `program ${process.execPath}: ${why}` });
	});

	test("is given up with its signal", async () => {
		const stopping = new AbortController();
		const ended = runProgram(script("setInterval(() => {}, 1000)"), stopping.signal);
		stopping.abort();
		expect(await ended).toEqual({ kind: "failed", detail: `program ${process.execPath}: was given up` });
	});
});
