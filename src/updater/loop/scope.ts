/** Which namespaces are looked after. */
export interface Scope {
	includes(namespace: string, labels: Readonly<Record<string, string>> | undefined): boolean;
}

export interface ScopeOptions {
	/** Undefined: every namespace. */
	readonly namespaces: readonly string[] | undefined;
	/** `key=value` pairs that a namespace's labels must have, all of them. */
	readonly selector: Readonly<Record<string, string>>;
	readonly excluded: readonly string[];
}

/** A namespace is looked after when it is listed (or no list is given), has the labels, and is not excluded. */
export function scopeOf({ namespaces, selector, excluded }: ScopeOptions): Scope {
	const wanted = Object.entries(selector);
	return {
		includes: (namespace, labels) =>
			!excluded.includes(namespace) &&
			(namespaces === undefined || namespaces.includes(namespace)) &&
			wanted.every(([key, value]) => labels?.[key] === value),
	};
}
