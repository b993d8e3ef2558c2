/** The label that holds a metric's name. */
export const NAME = "__name__";

/** The labels of a series: names in order, no name twice, no empty value. Never changes. Equal sets have equal keys. */
export class Labels {
	readonly #values: ReadonlyMap<string, string>;
	readonly key: string;
	#nameless: Labels | undefined;

	private constructor(values: ReadonlyMap<string, string>) {
		this.#values = values;
		let key = "";
		for (const [name, value] of values) key += `${name}\xff${value}\xff`;
		this.key = key;
	}

	static readonly none = new Labels(new Map());

	/** Of names and values in any order; an empty value means that there is no such label. */
	static of(entries: Iterable<readonly [string, string]>): Labels {
		const kept = [...new Map(entries)].filter(([, value]) => value !== "");
		if (kept.length === 0) return Labels.none;
		return new Labels(new Map(kept.sort(([a], [b]) => compareText(a, b))));
	}

	/** The value; empty when there is no such label. */
	get(name: string): string {
		return this.#values.get(name) ?? "";
	}

	get entries(): Iterable<readonly [string, string]> {
		return this.#values;
	}

	/** Without the metric's name. */
	get nameless(): Labels {
		this.#nameless ??= this.#values.has(NAME) ? this.without([NAME]) : this;
		return this.#nameless;
	}

	without(names: readonly string[]): Labels {
		return this.#filtered((name) => !names.includes(name));
	}

	only(names: readonly string[]): Labels {
		return this.#filtered((name) => names.includes(name));
	}

	/** With other values; an empty one takes the label away. */
	with(changes: Iterable<readonly [string, string]>): Labels {
		return Labels.of([...this.#values, ...changes]);
	}

	toJSON(): Record<string, string> {
		return Object.fromEntries(this.#values);
	}

	/** As Prometheus writes it into its errors. */
	toString(): string {
		return `{${[...this.#values].map(([name, value]) => `${name}=${JSON.stringify(value)}`).join(", ")}}`;
	}

	#filtered(isKept: (name: string) => boolean): Labels {
		const kept = [...this.#values].filter(([name]) => isKept(name));
		if (kept.length === this.#values.size) return this;
		return kept.length === 0 ? Labels.none : new Labels(new Map(kept));
	}
}

/** Orders label sets as Prometheus does: by the first name or value that differs, then the shorter one first. */
export function compareLabels(a: Labels, b: Labels): number {
	const left = [...a.entries];
	const right = [...b.entries];
	for (let i = 0; i < Math.min(left.length, right.length); i++) {
		const [leftName, leftValue] = left[i] as readonly [string, string];
		const [rightName, rightValue] = right[i] as readonly [string, string];
		const order = compareText(leftName, rightName) || compareText(leftValue, rightValue);
		if (order !== 0) return order;
	}
	return left.length - right.length;
}

export function compareText(a: string, b: string): number {
	return a < b ? -1 : a > b ? 1 : 0;
}
