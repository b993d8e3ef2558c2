import type { Check } from "../analysis/question.ts";
import { API_VERSION, type Canary, parseCanary } from "../api/canary.ts";
import { parseMetricTemplate } from "../api/metric-template.ts";
import { unsupportedMetricTemplate } from "../api/unsupported.ts";
import { type KubeObject, keyOf, type ObjectKey } from "../domain/kube-object.ts";
import { knownProviders, type Provider, providerFor } from "../mesh-adapters/registry.ts";
import { checksIn } from "../reconciler/ask.ts";
import type { Plan } from "../reconciler/decide/situation.ts";
import { planFor } from "../reconciler/intent/plan.ts";
import { flawOf } from "../reconciler/intent/validate.ts";
import { namesOf } from "../workloads/names.ts";
import { unknownFields } from "./unknown-fields.ts";

/** A Canary, read and planned once, that scenarios can be played with. */
export interface Subject {
	readonly canary: Canary;
	/** `namespace/name`. */
	readonly key: ObjectKey;
	readonly provider: string;
	readonly plan: Plan;
	readonly checks: readonly Check[];
	/** What was taken for granted or left aside: sentences for people. */
	readonly notes: readonly string[];
}

export type SubjectRead =
	| { readonly ok: true; readonly subject: Subject }
	/** Sentences that name the field and the mend. */
	| { readonly ok: false; readonly problems: readonly string[] };

export interface SubjectOptions {
	/** For a Canary that names no provider. */
	readonly provider: string;
	readonly drainMs: number;
}

const GROUP = /^(haldane\.dev|flagger\.app)\/v1beta1$/;
const KINDS: readonly string[] = ["Canary", "MetricTemplate"];
/** Unknown fields that are named. */
const UNKNOWN_MAX = 20;
const NO_ADDRESS = "http://prometheus:9090";

/** The one Canary among the objects with the MetricTemplates beside it, held against all that the operator would. */
export function subjectOf(objects: readonly KubeObject[], options: SubjectOptions): SubjectRead {
	const ours = (kind: string) =>
		objects.filter((object) => object.kind === kind && GROUP.test(object.apiVersion)).map(inNamespace);
	const canaries = ours("Canary");
	const [object] = canaries;
	if (object === undefined) {
		const kinds = [...new Set(objects.map(({ kind, apiVersion }) => `${kind} (${apiVersion})`))];
		const instead = kinds.length === 0 ? "" : `, only ${kinds.join(", ")}`;
		return refused(
			`there is no Canary in the input${instead}; give one of ${API_VERSION} or flagger.app/v1beta1 with -f`,
		);
	}
	if (canaries.length > 1) {
		const names = canaries.map(({ metadata }) => keyOf(metadata)).join(", ");
		return refused(`there are ${canaries.length} Canaries in the input (${names}); give one`);
	}
	const templates = ours("MetricTemplate");
	const others = objects.filter(({ kind, apiVersion }) => !KINDS.includes(kind) || !GROUP.test(apiVersion));
	const ignored = [
		...new Set(others.map(({ kind, apiVersion }) => (KINDS.includes(kind) ? `${apiVersion} ${kind}` : kind))),
	];
	const notes =
		ignored.length === 0 ? [] : [`ignored: ${ignored.join(", ")}; only a Canary and MetricTemplates are read`];
	return readSubject(object, templates, options, notes);
}

function readSubject(
	object: KubeObject,
	templates: readonly KubeObject[],
	options: SubjectOptions,
	ignored: readonly string[],
): SubjectRead {
	const { status: _past, ...fresh } = object;
	const key = keyOf(object.metadata);
	const parsed = parseCanary(fresh as KubeObject);
	if (!parsed.ok) return refused(...parsed.problems.map((problem) => `Canary ${key}: ${problem}`));
	const { canary } = parsed;
	const flaw = flawOf(canary, [], { crossNamespaceRefs: true });
	if (flaw !== undefined) return refused(`Canary ${key}: ${flaw.message}`);
	const name = canary.spec.provider ?? options.provider;
	const provider = providerFor(name);
	if (provider === undefined) return refused(`no provider ${name}; known are ${knownProviders.join(", ")}`);
	const obstacle = obstacleFor(canary, provider);
	const planned = planFor(canary, provider.adapter.can, { drainMs: options.drainMs, provider: name });
	const flawed = templates.flatMap(templateProblems);
	const { missing, checks } = checksWith(canary, templates, name);
	const problems = [
		...(obstacle === undefined ? [] : [`Canary ${key}: ${obstacle}`]),
		...(planned.ok ? [] : planned.problems.map((problem) => `Canary ${key}: ${problem}`)),
		...flawed,
		// A template that cannot be read is a problem of its own already.
		...(checks.ok || flawed.length > 0 ? [] : checks.problems.map((problem) => `Canary ${key}: ${problem}`)),
	];
	if (!planned.ok || !checks.ok || problems.length > 0) return { ok: false, problems };
	const unknown = unknownFields(object);
	const notes = [
		...ignored,
		...(unknown.length === 0 ? [] : [`not known, and ignored: ${unknown.slice(0, UNKNOWN_MAX).join(", ")}`]),
		...missing.map((one) => `MetricTemplate ${one} is not in the input; it is taken to be there`),
	];
	return { ok: true, subject: { canary, key, provider: name, plan: planned.plan, checks: checks.checks, notes } };
}

/** The checks of every round. A template that was not given is stood in for: what it asks does not matter here. */
function checksWith(canary: Canary, templates: readonly KubeObject[], provider: string) {
	const known = new Map(templates.map((template) => [keyOf(template.metadata), template]));
	const missing = new Set<ObjectKey>();
	const cluster = {
		metricTemplate(namespace: string, name: string): KubeObject {
			const key = keyOf({ namespace, name });
			const given = known.get(key);
			if (given !== undefined) return given;
			missing.add(key);
			const spec = { provider: { type: "prometheus", address: NO_ADDRESS }, query: "vector(0)" };
			return { apiVersion: "haldane.dev/v1beta1", kind: "MetricTemplate", metadata: { namespace, name }, spec };
		},
	};
	const metricsServer = {
		provider: "prometheus",
		address: NO_ADDRESS,
		headers: {},
		secret: undefined,
		insecureSkipVerify: false,
	} as const;
	const checks = checksIn(cluster, canary, { provider, metricsServer, crossNamespaceRefs: true });
	return { missing: [...missing], checks };
}

function templateProblems(object: KubeObject): readonly string[] {
	const parsed = parseMetricTemplate(object);
	const problems = parsed.ok ? unsupportedMetricTemplate(parsed.template) : parsed.problems;
	return problems.map((problem) => `MetricTemplate ${keyOf(object.metadata)}: ${problem}`);
}

/** What of the Canary's service the mesh cannot write a route from. */
function obstacleFor(canary: Canary, { adapter, versions }: Provider): string | undefined {
	const { service } = canary.spec;
	if (service === undefined) return undefined;
	const { namespace, apexService, primaryService, candidateService } = namesOf(canary);
	const routed = { namespace, apex: apexService, primary: primaryService, candidate: candidateService };
	const apiVersion = `${adapter.resource?.group ?? ""}/${versions[0] ?? ""}`;
	return adapter.obstacle({ ...routed, port: service.port, spec: service, apiVersion }, undefined)?.message;
}

function inNamespace(object: KubeObject): KubeObject {
	return { ...object, metadata: { ...object.metadata, namespace: object.metadata.namespace ?? "default" } };
}

function refused(...problems: readonly string[]): SubjectRead {
	return { ok: false, problems };
}
