import { describe, expect, test } from "vitest";
import type { Check, Reading } from "../../../src/analysis/question.ts";
import type { Canary } from "../../../src/api/canary.ts";
import { blankStatus } from "../../../src/api/canary-status.ts";
import { timestamp } from "../../../src/domain/instant.ts";
import type { HookAnswer } from "../../../src/hooks/hook.ts";
import { type GateType, noAnswers } from "../../../src/reconciler/decide/situation.ts";
import { questionnaire } from "../../../src/reconciler/questions.ts";
import { canaryWith } from "../analysis/canary.ts";

const now = 1_800_000_000_000;
const yes: HookAnswer = { kind: "yes" };
const no: HookAnswer = { kind: "no", detail: "answered 403" };
const silent: HookAnswer = { kind: "unreachable", detail: "timed out" };

const check = (name: string): Check => ({
	name,
	query: name,
	intervalMs: 60_000,
	range: { min: 99 },
	unit: undefined,
	source: { provider: "prometheus", address: "http://p", headers: {}, secret: undefined, insecureSkipVerify: false },
});

const hook = (name: string, type: string, more: object = {}) => ({ name, type, url: `http://${name}`, ...more });

interface Asked {
	readonly webhooks?: readonly object[];
	readonly checks?: readonly Check[];
	readonly round?: boolean;
	readonly gates?: readonly GateType[];
	readonly status?: Canary["status"];
}

function asked({ webhooks = [], checks = [], round = false, gates = [], status }: Asked) {
	const canary = canaryWith({ webhooks });
	return questionnaire({ round, gates }, status === undefined ? canary : { ...canary, status }, checks);
}

/** The answers when each question gets what its check or hook is told to say. */
function answers(given: Asked, said: Readonly<Record<string, Reading | HookAnswer>>) {
	const { questions, read } = asked(given);
	const readings = { checks: new Map<string, Reading>(), hooks: new Map<string, HookAnswer>() };
	for (const question of questions) {
		if (question.kind === "check") readings.checks.set(question.id, said[question.check.name] as Reading);
		else readings.hooks.set(question.id, said[question.hook.name] as HookAnswer);
	}
	return read(readings, now);
}

const value = (number: number): Reading => ({ kind: "value", value: number });

describe("a round of checks", () => {
	const given = { round: true, checks: [check("rate"), check("rate")], webhooks: [hook("load", "rollout")] };

	test("asks each check and each rollout hook, under an id of its own", () => {
		const { questions } = asked({
			...given,
			gates: ["rollback"],
			webhooks: [...given.webhooks, hook("load", "rollout"), hook("load", "rollback")],
		});
		expect(questions).toHaveLength(5);
		expect(new Set(questions.map(({ id }) => id)).size).toBe(5);
		expect(asked(given).questions.map(({ id }) => id)).toEqual(asked(given).questions.map(({ id }) => id));
	});

	test.each([
		["passes when all do", { rate: value(100), load: yes }, "passed"],
		["fails when a check does", { rate: value(98), load: yes }, "failed"],
		["fails when a hook says no", { rate: value(100), load: no }, "failed"],
		[
			"fails when one fails and another is in doubt",
			{ rate: { kind: "noData", detail: "" } as const, load: no },
			"failed",
		],
		["is in doubt without data", { rate: { kind: "noData", detail: "" } as const, load: yes }, "inconclusive"],
		["is in doubt when a hook is silent", { rate: value(100), load: silent }, "inconclusive"],
	])("%s", (_name, said, verdict) => {
		const { round, gates } = answers(given, said);
		expect(round?.verdict).toBe(verdict);
		expect(round?.checks.map(({ name, at }) => [name, at])).toEqual(
			["rate", "rate", "load"].map((name) => [name, timestamp(now)]),
		);
		expect(gates).toEqual({});
	});

	test("with nothing to check passes", () => {
		expect(answers({ round: true }, {}).round).toEqual({ verdict: "passed", checks: [] });
	});

	test("that is not asked for is not answered", () => {
		expect(asked({ checks: [check("rate")], webhooks: [hook("load", "rollout")] }).questions).toEqual([]);
		expect(answers({ checks: [check("rate")] }, {})).toBe(noAnswers);
		const gate = { gates: ["confirm-rollout"] as const, webhooks: [hook("gate", "confirm-rollout")] };
		expect(answers(gate, { gate: yes }).round).toBeUndefined();
	});
});

describe("a gate", () => {
	const gate = (...more: readonly object[]) => ({
		gates: ["confirm-promotion"] as const,
		webhooks: more.map((options, index) => hook(`gate${index}`, "confirm-promotion", options)),
	});

	test.each([
		["is open when its hook says yes", gate({}), { gate0: yes }, { open: true }],
		[
			"is closed when its hook says no",
			gate({}),
			{ gate0: no },
			{ open: false, detail: "hook gate0: answered 403", alert: true },
		],
		[
			"is closed when its hook is silent",
			gate({}),
			{ gate0: silent },
			{ open: false, detail: "hook gate0: timed out" },
		],
		[
			"is closed when one of its hooks says no",
			gate({}, {}),
			{ gate0: yes, gate1: no },
			{ open: false, detail: "hook gate1: answered 403" },
		],
		[
			"is no word in chats when its hook is muted",
			gate({ muteAlert: true }),
			{ gate0: no },
			{ open: false, alert: false },
		],
		[
			"is a word in chats when one of those closed is not muted",
			gate({ muteAlert: true }, {}),
			{ gate0: no, gate1: no },
			{ alert: true },
		],
		[
			"is no word in chats when only the muted is closed",
			gate({ muteAlert: true }, {}),
			{ gate0: no, gate1: yes },
			{ alert: false },
		],
		["without hooks is open", gate(), {}, { open: true }],
	])("%s", (_name, given, said, expected) => {
		expect(answers(given, said as Record<string, HookAnswer>).gates["confirm-promotion"]).toMatchObject(expected);
	});

	test.each([
		["any hook says yes", { one: no, two: yes }, true],
		["all say yes", { one: yes, two: yes }, true],
		["none does", { one: no, two: no }, false],
		["none can be reached", { one: silent, two: silent }, false],
	])("for a rollback is open only when %s", (_name, said, open) => {
		const webhooks = [hook("one", "rollback"), hook("two", "rollback")];
		expect(answers({ gates: ["rollback"], webhooks }, said).gates.rollback).toMatchObject({ open });
	});
});

describe("a hook is told", () => {
	const run = { revision: "r2", startedAt: "", step: 0, steps: 1, rounds: 0, failedChecks: 0, inconclusiveChecks: 0 };
	const traffic = { primary: 100, candidate: 0, mirror: 0 };
	const told = (type: GateType, status: Canary["status"]) => {
		const [question] = asked({ gates: [type], webhooks: [hook("hook", type)], status }).questions;
		return question?.kind === "hook" ? [question.phase, question.checksum] : undefined;
	};

	test.each([
		["the phase as it is, and which run it is", "confirm-promotion", "Progressing", {}, ["Progressing", "r2"]],
		[
			"how the run ended, when it was promoted",
			"post-rollout",
			"Finalising",
			{ outcome: "Succeeded" },
			["Succeeded", "r2"],
		],
		[
			"how the run ended, when it was rolled back",
			"post-rollout",
			"Finalising",
			{ outcome: "Failed" },
			["Failed", "r2"],
		],
		["that a run was abandoned", "post-rollout", "Finalising", { outcome: "Reverted" }, ["Failed", "r2"]],
	] as const)("%s", (_name, type, phase, change, expected) => {
		expect(told(type, { ...blankStatus, phase, run: { ...run, traffic, ...change } })).toEqual(expected);
	});

	test("nothing of a run when there is none", () => {
		expect(told("confirm-rollout", undefined)).toEqual(["", ""]);
	});
});
