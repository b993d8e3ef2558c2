import { judge, judgeHook, judgeRound } from "../analysis/judge.ts";
import { type Check, checkQuestion, hookQuestion, type Question, type Readings } from "../analysis/question.ts";
import type { Canary } from "../api/canary.ts";
import type { Phase } from "../api/canary-status.ts";
import { type Instant, timestamp } from "../domain/instant.ts";
import { invariant } from "../domain/invariant.ts";
import { type Hook, hooksOf } from "../hooks/hook.ts";
import { type Answers, type GateAnswer, type GateType, noAnswers } from "./decide/situation.ts";
import type { Inquiry } from "./inquire.ts";

/** The questions that an inquiry comes to for this Canary, and how their answers are to be read. */
export interface Questionnaire {
	readonly questions: readonly Question[];
	read(readings: Readings, now: Instant): Answers;
}

interface AskedHook {
	readonly hook: Hook;
	readonly question: Question;
}

/** Puts an inquiry into questions. Pure; ids are the same each time. */
export function questionnaire(inquiry: Inquiry, canary: Canary, checks: readonly Check[]): Questionnaire {
	let index = 0;
	const ask = (hook: Hook): AskedHook => {
		index += 1;
		return { hook, question: hookQuestion(hook, { index, ...callOf(canary, hook) }) };
	};
	const askedChecks = inquiry.round ? checks.map((check, at) => ({ check, question: checkQuestion(check, at) })) : [];
	const roundHooks = inquiry.round ? hooksOf(canary, "rollout").map(ask) : [];
	const gates = inquiry.gates.map((gate) => ({ gate, hooks: hooksOf(canary, gate).map(ask) }));

	return {
		questions: [...askedChecks, ...roundHooks, ...gates.flatMap(({ hooks }) => hooks)].map(({ question }) => question),
		read(readings, now) {
			if (!inquiry.round && gates.length === 0) return noAnswers;
			const at = timestamp(now);
			const judgements = [
				...askedChecks.map(({ check, question }) => judge(check, answered(readings.checks.get(question.id), question))),
				...roundHooks.map(({ hook, question }) => judgeHook(hook, answered(readings.hooks.get(question.id), question))),
			];
			const checked = judgements.map((judgement) => ({ ...judgement, at }));
			return {
				round: inquiry.round ? { verdict: judgeRound(judgements), checks: checked } : undefined,
				gates: Object.fromEntries(gates.map(({ gate, hooks }) => [gate, gateAnswer(gate, hooks, readings)])),
			};
		},
	};
}

/** A gate is open when every hook says yes; a rollback is asked for by any of them. */
function gateAnswer(gate: GateType, hooks: readonly AskedHook[], readings: Readings): GateAnswer {
	const answers = hooks.map(({ hook, question }) => ({
		hook,
		answer: answered(readings.hooks.get(question.id), question),
	}));
	if (gate === "rollback") {
		const caller = answers.find(({ answer }) => answer.kind === "yes");
		const detail =
			caller === undefined ? "no hook asks for a rollback" : `hook ${caller.hook.name} asks for a rollback`;
		return { open: caller !== undefined, detail, alert: true };
	}
	const closed = answers.filter(({ answer }) => answer.kind !== "yes");
	const detail = closed
		.map(({ hook, answer }) => `hook ${hook.name}: ${answer.kind === "yes" ? "yes" : answer.detail}`)
		.join("; ");
	return { open: closed.length === 0, detail, alert: closed.some(({ hook }) => !hook.muteAlert) };
}

function answered<T>(answer: T | undefined, question: Question): T {
	invariant(answer !== undefined, `question ${question.id} was not answered`);
	return answer;
}

/** What a hook is told: post-rollout hooks hear how the rollout ended. `checksum` tells one rollout from another. */
function callOf(
	canary: Canary,
	hook: Hook,
): { canary: { namespace: string; name: string }; phase: Phase; checksum: string } {
	const { metadata, status } = canary;
	const ended = status?.run?.outcome === "Succeeded" ? "Succeeded" : "Failed";
	return {
		canary: { namespace: metadata.namespace ?? "default", name: metadata.name },
		phase: hook.type === "post-rollout" ? ended : (status?.phase ?? ""),
		checksum: status?.run?.revision ?? status?.lastAppliedSpec ?? "",
	};
}
