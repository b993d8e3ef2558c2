import type { Canary } from "../../api/canary.ts";
import { durationMs } from "../../domain/duration.ts";
import { allPrimary, split, type Traffic } from "../../domain/traffic.ts";
import type { Capabilities } from "../../mesh-adapters/mesh-adapter.ts";
import { strategies, strategyOf } from "../../strategies/registry.ts";
import type { Rung } from "../../strategies/strategy.ts";
import { type GateType, gateTypes, type Plan } from "../decide/situation.ts";
import { bindingOf } from "./binding.ts";

/**
 * What a Canary asks for, distilled, or why the mesh cannot do it: sentences that name the field and the mend.
 * Pure, and made once per generation of a Canary.
 */
export function planFor(
	canary: Canary,
	can: Capabilities,
	{ drainMs, provider }: { readonly drainMs: number; readonly provider: string },
): { readonly ok: true; readonly plan: Plan } | { readonly ok: false; readonly problems: readonly string[] } {
	const { spec } = canary;
	const { analysis } = spec;
	const name = analysis === undefined ? undefined : strategyOf(analysis);
	const isSkipped = spec.skipAnalysis === true || analysis === undefined;
	if (!isSkipped && name === undefined) {
		return {
			ok: false,
			problems: ["spec.analysis: no strategy; give one of stepWeight, stepWeights, iterations or steps"],
		};
	}
	const rungs = isSkipped || name === undefined ? [] : strategies[name].rungs(analysis, can);
	const problems = beyond(rungs, can, provider);
	if (problems.length > 0) return { ok: false, problems };
	return {
		ok: true,
		plan: {
			rungs,
			descent: descentOf(
				analysis?.stepWeightPromotion ?? 0,
				Math.max(0, ...rungs.map((rung) => rung.traffic.candidate)),
			),
			intervalMs: Math.max(1_000, durationMs(analysis?.interval ?? "60s") ?? 60_000),
			threshold: Math.max(1, analysis?.threshold ?? 1),
			inconclusiveLimit: analysis?.inconclusiveLimit ?? 10,
			progressDeadlineMs: (spec.progressDeadlineSeconds ?? 600) * 1_000,
			drainMs,
			canSwitch: can.weights,
			paused: spec.paused === true,
			suspended: spec.suspend === true,
			binding: bindingOf(canary, provider),
			gates: isSkipped ? new Set() : gatesOf(canary),
		},
	};
}

function gatesOf(canary: Canary): ReadonlySet<GateType> {
	const types = new Set<string>((canary.spec.analysis?.webhooks ?? []).map((hook) => hook.type));
	return new Set(gateTypes.filter((gate) => types.has(gate)));
}

/** Back to the primary by steps of `step` percent; all at once when it is 0. */
function descentOf(step: number, from: number): readonly Traffic[] {
	const descent: Traffic[] = [];
	if (step > 0) for (let weight = from - step; weight > 0; weight -= step) descent.push(split(weight));
	return [...descent, allPrimary];
}

/** What the rungs ask for that the mesh cannot do. */
function beyond(rungs: readonly Rung[], can: Capabilities, provider: string): readonly string[] {
	const problems: string[] = [];
	const asks = (test: (traffic: Traffic) => boolean) => rungs.some(({ traffic }) => test(traffic));
	if (!can.weights && asks(({ candidate }) => candidate > 0)) {
		problems.push(
			`spec.analysis: provider ${provider} cannot split traffic by weight; use iterations (blue/green), or another provider`,
		);
	}
	if (!can.mirror && asks(({ mirror }) => mirror > 0)) {
		problems.push(`spec.analysis.mirror: provider ${provider} cannot mirror; remove it, or use another provider`);
	} else if (!can.mirrorPercent && asks(({ mirror }) => mirror > 0 && mirror < 100)) {
		problems.push(`spec.analysis.mirrorWeight: provider ${provider} mirrors all requests or none; remove it`);
	}
	return problems;
}
