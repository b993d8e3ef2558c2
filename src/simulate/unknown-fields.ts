import { customResourceDefinitions } from "../api/crd.ts";
import type { KubeObject } from "../domain/kube-object.ts";

/** The part of a structural schema that says which fields there are. */
interface Shape {
	readonly properties?: Readonly<Record<string, Shape>>;
	readonly additionalProperties?: boolean | Shape;
	readonly items?: Shape;
	readonly "x-kubernetes-preserve-unknown-fields"?: boolean;
}

interface Definition {
	readonly names: { readonly kind: string };
	readonly versions: readonly { readonly schema: { readonly openAPIV3Schema: Shape } }[];
}

/** Made once, when it is first asked for: it takes longer than a rollout. */
let specs: ReadonlyMap<string, Shape | undefined> | undefined;

/** Paths in the spec that its kind does not have, such as `spec.analysis.treshold`: an API server would drop them. */
export function unknownFields({ kind, spec }: KubeObject): readonly string[] {
	specs ??= new Map(
		customResourceDefinitions().map((definition) => {
			const { names, versions } = definition.spec as Definition;
			return [names.kind, versions[0]?.schema.openAPIV3Schema.properties?.spec];
		}),
	);
	const shape = specs.get(kind);
	return shape === undefined ? [] : unknownIn(spec, shape, "spec");
}

function unknownIn(value: unknown, shape: Shape, path: string): readonly string[] {
	if (Array.isArray(value)) {
		const { items } = shape;
		return items === undefined ? [] : value.flatMap((one, index) => unknownIn(one, items, `${path}[${index}]`));
	}
	if (typeof value !== "object" || value === null) return [];
	const { properties = {}, additionalProperties } = shape;
	const isOpen = shape["x-kubernetes-preserve-unknown-fields"] === true || additionalProperties === true;
	return Object.entries(value).flatMap(([name, field]) => {
		const known = Object.hasOwn(properties, name) ? properties[name] : undefined;
		const other = typeof additionalProperties === "object" ? additionalProperties : undefined;
		const next = known ?? other;
		if (next !== undefined) return unknownIn(field, next, `${path}.${name}`);
		return isOpen ? [] : [`${path}.${name}`];
	});
}
