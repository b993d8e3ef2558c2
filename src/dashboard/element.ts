import { type ComponentChildren, type ComponentType, h as make, type VNode } from "preact";

/** Preact's `h`, with one type for whatever comes out of it. */
export function h(
	type: string,
	attributes: Readonly<Record<string, unknown>> | null,
	...children: readonly ComponentChildren[]
): VNode;
export function h<Given>(type: (given: Given) => VNode, given: Given & { readonly key?: string }): VNode;
export function h(type: unknown, attributes: unknown, ...children: readonly ComponentChildren[]): VNode {
	return make(type as ComponentType<object>, attributes as object, ...children) as VNode;
}
