import { type KubeObject, keyOf } from "../../../domain/kube-object.ts";
import type { World } from "./attachment.ts";
import { type Matcher, type RequestLine, whole } from "./matching.ts";
import type { Entry } from "./rules.ts";
import type { RouteGroupSpec, SplitSpec } from "./shapes.ts";
import { weightOf } from "./weights.ts";

export function splitSpec(split: KubeObject): SplitSpec {
	return (split.spec ?? {}) as SplitSpec;
}

/** A split's one rule. With matches, requests that meet none of its groups go to the root's own endpoints. */
export function rulesOfSplit(split: KubeObject, world: World): readonly Entry[] {
	const { namespace = "default", name } = split.metadata;
	const { backends = [], matches = [], service = "" } = splitSpec(split);
	const root = service.split(".", 1)[0] ?? "";
	const ruleOf = (shares: readonly { readonly service: string; readonly weight: number }[]) => ({
		namespace,
		name: root || name,
		filters: [],
		mirrors: [],
		timeoutMs: undefined,
		backends: shares.map((share) => ({
			namespace,
			service: share.service,
			port: undefined,
			weight: share.weight,
			filters: [],
			problem: world.services.has(keyOf({ namespace, name: share.service }))
				? undefined
				: `there is no Service ${namespace}/${share.service}`,
		})),
	});
	const entry = (test: Matcher["matches"], rule: Entry["rule"]): Entry => ({
		matcher: { matches: test, rank: [], prefix: "" },
		rule,
	});
	const divided = ruleOf(backends.map((backend) => ({ service: backend.service, weight: weightOf(backend.weight) })));
	if (matches.length === 0) return [entry(() => true, divided)];
	const groups = matches.map(({ name: group }) => groupTest(world.routeGroups.get(keyOf({ namespace, name: group }))));
	return [
		entry((request) => groups.every((meets) => meets(request)), divided),
		entry(() => true, ruleOf([{ service: root, weight: 1 }])),
	];
}

/** True for requests that meet any match of the group; a group that is missing or cannot be read is met by none. */
function groupTest(group: KubeObject | undefined): (request: RequestLine) => boolean {
	try {
		const tests = ((group?.spec ?? {}) as RouteGroupSpec).matches?.map(
			({ methods = ["*"], pathRegex = ".*", headers }) => {
				const path = whole(pathRegex);
				const wanted = (Array.isArray(headers) ? headers : [headers ?? {}])
					.flatMap((map) => Object.entries(map as Readonly<Record<string, string>>))
					.map(([name, pattern]) => ({ name: name.toLowerCase(), pattern: whole(pattern) }));
				return (request: RequestLine) =>
					(methods.includes("*") || methods.includes(request.method)) &&
					path.test(request.path) &&
					wanted.every(({ name, pattern }) => pattern.test(request.header(name) ?? ""));
			},
		);
		return (request) => tests?.some((test) => test(request)) ?? false;
	} catch (error) {
		if (error instanceof SyntaxError) return () => false;
		throw error;
	}
}
