import { DURATION_MAX, DURATION_MS_MAX, durationMs } from "../domain/duration.ts";

/** Phases in which the operator can be made to die. */
export const crashPhases = ["Waiting", "Progressing", "WaitingPromotion", "Promoting", "Finalising"] as const;
export type CrashPhase = (typeof crashPhases)[number];

/** A defect of the new version that shows once the new version answers at least `fromWeight` percent of requests. */
interface FromWeight {
	readonly fromWeight: number;
}

/** What happens to a rollout that would not happen in the best of worlds. All times are virtual. */
export interface Scenario {
	/** As it was written, for people. */
	readonly text: string;
	/** Share of the new version's requests that fail, in percent. */
	readonly errors: (FromWeight & { readonly percent: number }) | undefined;
	/** How many times slower than the baseline the new version answers. */
	readonly slow: (FromWeight & { readonly factor: number }) | undefined;
	/** What checks say of the new version, by name. */
	readonly metrics: readonly (FromWeight & { readonly name: string; readonly value: number })[];
	/** No check has data. */
	readonly noData: boolean;
	/** The metric backend is out of reach, in milliseconds after the push. */
	readonly outage: { readonly fromMs: number; readonly forMs: number } | undefined;
	/** Each confirm gate opens that long after it was first asked. */
	readonly gateClosedMs: number;
	/** A person lets each pausing step go on that long after it began to wait. */
	readonly resumeAfterMs: number;
	/** The first rounds of checks fail, this many, of those while the new version answers so much. */
	readonly flaky: FromWeight & { readonly rounds: number };
	/** The operator dies as it enters the phase, once. */
	readonly crash: CrashPhase | undefined;
	/** The new version's pods never become ready. */
	readonly notReady: boolean;
}

export type ParsedScenario =
	| { readonly ok: true; readonly scenario: Scenario }
	/** A sentence that names what was written and what may be. */
	| { readonly ok: false; readonly problem: string };

/** Everything is well. */
export const fine: Scenario = Object.freeze({
	text: "ok",
	errors: undefined,
	slow: undefined,
	metrics: [],
	noData: false,
	outage: undefined,
	gateClosedMs: 0,
	resumeAfterMs: 0,
	flaky: { rounds: 0, fromWeight: 0 },
	crash: undefined,
	notReady: false,
});

/** How scenarios are written, for help and complaints. */
export const SCENARIO_FORMS =
	"ok, errors=5%[@WEIGHT], slow=2x[@WEIGHT], metric NAME=VALUE[@WEIGHT], no-data, prometheus-down=90s[@AFTER], gate-closed=10m, resume-after=5m, flaky=ROUNDS[@WEIGHT], crash@PHASE, not-ready";

const TEXT_LENGTH_MAX = 1_000;

/** Reads a scenario: one form, or several with commas between them, which then happen together. */
export function parseScenario(text: string): ParsedScenario {
	if (text.length > TEXT_LENGTH_MAX)
		return { ok: false, problem: `a scenario has at most ${TEXT_LENGTH_MAX} characters` };
	let change: Partial<Scenario> = {};
	for (const form of text.split(",").map((one) => one.trim())) {
		const read = readForm(form);
		if (typeof read === "string") return { ok: false, problem: `scenario ${JSON.stringify(form)}: ${read}` };
		const again = Object.keys(read).find((key) => key !== "metrics" && key in change);
		if (again !== undefined) return { ok: false, problem: `scenario ${JSON.stringify(text)}: says ${form} twice` };
		change = { ...change, ...read, metrics: [...(change.metrics ?? []), ...(read.metrics ?? [])] };
	}
	return { ok: true, scenario: { ...fine, ...change, text: text.trim() } };
}

/** What one form changes, or what is wrong with it. */
function readForm(form: string): Partial<Scenario> | string {
	const { name = "", value, at } = /^(?<name>[a-z-]+)(?:=(?<value>[^@]*))?(?:@(?<at>.*))?$/.exec(form)?.groups ?? {};
	switch (name) {
		case "ok":
		case "no-data":
		case "not-ready":
			if (value !== undefined || at !== undefined) return `write ${name} alone`;
			return name === "ok" ? {} : name === "no-data" ? { noData: true } : { notReady: true };
		case "errors": {
			const percent = amount(value, "%");
			const fromWeight = weightOf(at);
			if (percent === undefined || percent > 100 || fromWeight === undefined) return "write errors=5% or errors=5%@40";
			return { errors: { percent, fromWeight } };
		}
		case "slow": {
			const factor = amount(value, "x");
			const fromWeight = weightOf(at);
			if (factor === undefined || fromWeight === undefined) return "write slow=2x or slow=2x@40";
			return { slow: { factor, fromWeight } };
		}
		case "prometheus-down": {
			const forMs = timeOf(value);
			const fromMs = at === undefined ? 0 : timeOf(at);
			if (forMs === undefined || fromMs === undefined) {
				return `write prometheus-down=90s or prometheus-down=90s@2m, at most ${DURATION_MAX}`;
			}
			return { outage: { fromMs, forMs } };
		}
		case "gate-closed":
		case "resume-after": {
			const forMs = at === undefined ? timeOf(value) : undefined;
			if (forMs === undefined) return `write ${name}=10m, at most ${DURATION_MAX}`;
			return name === "gate-closed" ? { gateClosedMs: forMs } : { resumeAfterMs: forMs };
		}
		case "flaky": {
			const fromWeight = weightOf(at);
			if (fromWeight === undefined || !/^\d{1,6}$/.test(value ?? "")) return "write flaky=2 or flaky=2@40";
			return { flaky: { rounds: Number(value), fromWeight } };
		}
		case "crash": {
			const crash = crashPhases.find((phase) => phase === at);
			if (value !== undefined || crash === undefined) return `write crash@PHASE with one of ${crashPhases.join(", ")}`;
			return { crash };
		}
		default:
			return readMetric(form) ?? `is not known; write ${SCENARIO_FORMS}`;
	}
}

/** `metric NAME=VALUE@WEIGHT`; a name may hold all but `=` and commas. Undefined when the form is about no metric. */
function readMetric(form: string): Partial<Scenario> | string | undefined {
	const rest = /^metric\s+(.*)$/.exec(form)?.[1];
	if (rest === undefined) return undefined;
	const { name, value, at } = /^(?<name>[^=]+)=(?<value>-?\d+(?:\.\d+)?)(?:@(?<at>.*))?$/.exec(rest)?.groups ?? {};
	const fromWeight = weightOf(at);
	if (name === undefined || value === undefined || fromWeight === undefined) {
		return "write metric NAME=VALUE or metric NAME=VALUE@40";
	}
	return { metrics: [{ name: name.trim(), value: Number(value), fromWeight }] };
}

/** A positive number before its unit; undefined when it is none. */
function amount(text: string | undefined, unit: "%" | "x"): number | undefined {
	const number = new RegExp(`^(\\d{1,6}(?:\\.\\d{1,6})?)${unit}$`).exec(text ?? "")?.[1];
	return number === undefined || Number(number) === 0 ? undefined : Number(number);
}

/** Percent with or without its sign; 0 when absent. */
function weightOf(text: string | undefined): number | undefined {
	if (text === undefined) return 0;
	const weight = /^(\d{1,3})%?$/.exec(text)?.[1];
	return weight === undefined || Number(weight) > 100 ? undefined : Number(weight);
}

function timeOf(text: string | undefined): number | undefined {
	const ms = durationMs(text ?? "");
	return ms === undefined || ms > DURATION_MS_MAX ? undefined : ms;
}
