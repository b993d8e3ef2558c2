/**
 * A set of fields of an object, as a tree. Children are named as in FieldsV1: `f:name` for a field of a map, `k:{…}` for
 * an entry of a list by its keys, `v:…` for a value of a set, `i:0` for a place in a list. No child is empty.
 */
export interface FieldSet {
	/** The field itself is in the set, whatever is below it. */
	readonly itself: boolean;
	readonly children: ReadonlyMap<string, FieldSet>;
}

/** From the root of an object, in the names of FieldsV1. */
export type FieldPath = readonly string[];

export const nothing: FieldSet = { itself: false, children: new Map() };

export function isEmpty(set: FieldSet): boolean {
	return !set.itself && set.children.size === 0;
}

export function union(one: FieldSet, other: FieldSet): FieldSet {
	return combine(one, other, (inOne, inOther) => inOne || inOther);
}

export function intersection(one: FieldSet, other: FieldSet): FieldSet {
	return combine(one, other, (inOne, inOther) => inOne && inOther);
}

/** What is in `one` and not in `other`, field by field: taking away a field leaves those below it. */
export function difference(one: FieldSet, other: FieldSet): FieldSet {
	return combine(one, other, (inOne, inOther) => inOne && !inOther);
}

export function has(set: FieldSet, path: FieldPath): boolean {
	let at: FieldSet | undefined = set;
	for (const name of path) at = at?.children.get(name);
	return at?.itself ?? false;
}

export function isSame(one: FieldSet, other: FieldSet): boolean {
	if (one.itself !== other.itself || one.children.size !== other.children.size) return false;
	return [...one.children].every(([name, child]) => isSame(child, other.children.get(name) ?? nothing));
}

export function setOf(paths: Iterable<FieldPath>): FieldSet {
	const root: Growing = { itself: false, children: new Map() };
	for (const path of paths) {
		let at = root;
		for (const name of path) {
			let child = at.children.get(name);
			if (child === undefined) {
				child = { itself: false, children: new Map() };
				at.children.set(name, child);
			}
			at = child;
		}
		at.itself = true;
	}
	return root;
}

/** Every field in the set, parents first, siblings in the order of their names. */
export function pathsOf(set: FieldSet, above: FieldPath = []): FieldPath[] {
	const below = sorted(set).flatMap(([name, child]) => pathsOf(child, [...above, name]));
	return set.itself ? [above, ...below] : below;
}

/** As an entry of `metadata.managedFields` says it under `fieldsV1`. */
export function encode(set: FieldSet): Record<string, unknown> {
	const names: [string, unknown][] = sorted(set).map(([name, child]) => [
		name,
		child.children.size === 0 ? {} : encode(child),
	]);
	// A field with nothing below it is in the set; only one with more below needs to say so.
	return Object.fromEntries(set.itself ? [[".", {}], ...names] : names);
}

/** What `encode` wrote; undefined when that is no FieldsV1. */
export function decode(fields: unknown): FieldSet | undefined {
	if (typeof fields !== "object" || fields === null || Array.isArray(fields)) return undefined;
	const children = new Map<string, FieldSet>();
	let itself = false;
	for (const [written, below] of Object.entries(fields)) {
		if (written === ".") {
			itself = true;
			continue;
		}
		const name = canonical(written);
		const child = decode(below);
		if (name === undefined || child === undefined) return undefined;
		children.set(name, isEmpty(child) ? { itself: true, children: child.children } : child);
	}
	return { itself, children };
}

/** The name of a list entry with these keys. */
export function entryName(keys: Readonly<Record<string, unknown>>): string {
	const inOrder = Object.entries(keys).sort(([a], [b]) => (a < b ? -1 : 1));
	return `k:${JSON.stringify(Object.fromEntries(inOrder))}`;
}

/** As messages name a field: `.spec.containers[name="web"].image`. */
export function pathText(path: FieldPath): string {
	return path.map(nameText).join("");
}

function nameText(name: string): string {
	const rest = name.slice(2);
	if (name.startsWith("f:")) return `.${rest}`;
	if (name.startsWith("v:")) return `[=${rest}]`;
	if (name.startsWith("i:")) return `[${rest}]`;
	const keys = Object.entries(JSON.parse(rest) as Record<string, unknown>);
	return `[${keys.map(([key, value]) => `${key}=${JSON.stringify(value)}`).join(",")}]`;
}

interface Growing {
	itself: boolean;
	readonly children: Map<string, Growing>;
}

function combine(one: FieldSet, other: FieldSet, keeps: (inOne: boolean, inOther: boolean) => boolean): FieldSet {
	if (isEmpty(other) && keeps(true, false)) return one;
	if (isEmpty(one) && keeps(false, true)) return other;
	const children = new Map<string, FieldSet>();
	for (const name of new Set([...one.children.keys(), ...other.children.keys()])) {
		const child = combine(one.children.get(name) ?? nothing, other.children.get(name) ?? nothing, keeps);
		if (!isEmpty(child)) children.set(name, child);
	}
	return { itself: keeps(one.itself, other.itself), children };
}

function sorted(set: FieldSet): [string, FieldSet][] {
	return [...set.children].sort(([a], [b]) => (a < b ? -1 : 1));
}

/** A name as this file writes it; clients may write the JSON in it in another way. Undefined for what is no name. */
function canonical(written: string): string | undefined {
	const rest = written.slice(2);
	if (written.startsWith("f:")) return written;
	if (written.startsWith("i:")) return /^\d+$/.test(rest) ? written : undefined;
	if (!written.startsWith("k:") && !written.startsWith("v:")) return undefined;
	try {
		const value: unknown = JSON.parse(rest);
		if (written.startsWith("v:")) return `v:${JSON.stringify(value)}`;
		if (typeof value !== "object" || value === null || Array.isArray(value)) return undefined;
		return entryName(value as Record<string, unknown>);
	} catch {
		return undefined; // Not JSON: the caller takes the whole entry for unreadable.
	}
}
