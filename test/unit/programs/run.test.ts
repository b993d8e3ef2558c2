import { tmpdir } from "node:os";
import { describe, expect, test } from "vitest";
import { run } from "../../../src/programs/run.ts";
import { StillTimers } from "../git/bare-repository.ts";

function asked(script: string, more: { readonly late?: boolean; readonly input?: string } = {}) {
	const timers = new StillTimers();
	timers.late = more.late ? 5_000 : undefined;
	const bounds = { deadlineMs: 5_000, outputBytesMax: 1_000, after: timers.after };
	const given = { folder: tmpdir(), environment: { PATH: "/usr/bin:/bin", GREETING: "hello" }, input: more.input };
	return { args: ["-c", script], ...given, ...bounds };
}

describe("a program", () => {
	const never = new AbortController().signal;

	test("is given its environment, its input and nothing else", async () => {
		const ended = await run("sh", asked("cat; echo $GREETING $HOME.; exit 3", { input: "read " }), never);
		expect(ended).toMatchObject({ kind: "exited", code: 3 });
		expect(ended.kind === "exited" && ended.output.toString()).toBe("read hello .\n");
	});

	test("is ended with all that it started when it is late", async () => {
		expect(await run("sh", asked("sleep 600 & wait", { late: true }), never)).toEqual({ kind: "late" });
	});

	test("is ended when it says too much", async () => {
		expect(await run("sh", asked("yes"), never)).toEqual({ kind: "tooMuch" });
	});

	test("is ended when nobody wants it any more", async () => {
		const stopping = new AbortController();
		const ended = run("sh", asked("sleep 600"), stopping.signal);
		stopping.abort();
		expect(await ended).toEqual({ kind: "aborted" });
	});

	test("that another one ends is said to be", async () => {
		expect(await run("sh", asked("kill -KILL $$"), never)).toEqual({ kind: "killed", by: "SIGKILL" });
	});

	test("that is not there is said to be", async () => {
		expect(await run("no-such-program", asked(""), never)).toMatchObject({ kind: "notStarted", isMissing: true });
	});
});
