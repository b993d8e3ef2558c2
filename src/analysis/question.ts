import type { Phase } from "../api/canary-status.ts";
import type { Hook, HookAnswer, SecretRef } from "../hooks/hook.ts";
import type { MetricProviderName } from "./providers/registry.ts";

/** Where metrics are asked for. Holds no secret, only where one is kept. */
export interface MetricSource {
	readonly provider: MetricProviderName;
	readonly address: string;
	readonly headers: Readonly<Record<string, readonly string[]>>;
	readonly secret: SecretRef | undefined;
	/** Takes any certificate. */
	readonly insecureSkipVerify: boolean;
}

/** What a value may be, both ends included. Open at the side that is absent. */
export interface Range {
	readonly min?: number | undefined;
	readonly max?: number | undefined;
}

/** One metric of a Canary, ready to be asked. */
export interface Check {
	readonly name: string;
	/** Complete: every template word has its value. */
	readonly query: string;
	readonly intervalMs: number;
	readonly range: Range;
	/** What the value counts, when that is known: for people only. */
	readonly unit: "%" | "ms" | undefined;
	readonly source: MetricSource;
}

/** What only the world can say now. `id` is unique within one pass of one Canary. */
export type Question =
	| { readonly kind: "check"; readonly id: string; readonly check: Check }
	| {
			readonly kind: "hook";
			readonly id: string;
			readonly hook: Hook;
			readonly canary: { readonly namespace: string; readonly name: string };
			readonly phase: Phase;
			readonly checksum: string;
	  };

/** What a metric backend said. Everything but a finite number is a kind of its own, so that none passes for one. */
export type Reading =
	| { readonly kind: "value"; readonly value: number }
	| { readonly kind: "noData"; readonly detail: string }
	| { readonly kind: "unreachable"; readonly detail: string }
	| { readonly kind: "malformed"; readonly detail: string };

/** The answers by question id. Every question that was asked has one. */
export interface Readings {
	readonly checks: ReadonlyMap<string, Reading>;
	readonly hooks: ReadonlyMap<string, HookAnswer>;
}

/** The question of a Canary's check at that place in its list: two checks may share a name, never a place. */
export function checkQuestion(check: Check, index: number): Question {
	return { kind: "check", id: `check/${index}/${check.name}`, check };
}

/** The question of a Canary's hook at that place among the hooks of its type. */
export function hookQuestion(
	hook: Hook,
	asked: Omit<Extract<Question, { kind: "hook" }>, "kind" | "id" | "hook"> & { readonly index: number },
): Question {
	const { index, ...call } = asked;
	return { kind: "hook", id: `${hook.type}/${index}/${hook.name}`, hook, ...call };
}
