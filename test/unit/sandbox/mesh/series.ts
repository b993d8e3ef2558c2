/** A line of Prometheus' text exposition. */
export interface Sample {
	readonly name: string;
	readonly labels: Readonly<Record<string, string>>;
	readonly value: number;
}

export function samplesOf(text: string): readonly Sample[] {
	return text
		.split("\n")
		.filter((line) => line !== "" && !line.startsWith("#"))
		.map((line) => {
			const [, name = "", labels = "", value = ""] = /^([a-z_]+)(?:\{(.*)\})? (\S+)$/.exec(line) ?? [];
			if (name === "") throw new Error(`no sample: ${line}`);
			const pairs = [...labels.matchAll(/([a-z_]+)="((?:[^"\\]|\\.)*)"/g)].map(([, key, text]) => [key, text]);
			return { name, labels: Object.fromEntries(pairs), value: Number(value) };
		});
}

/** The series that a query selects: those in each of its `name{matchers}[interval]`, in order. */
export function selected(query: string, samples: readonly Sample[]): readonly (readonly Sample[])[] {
	return [...query.matchAll(/([a-z_]+)\{((?:"(?:[^"\\]|\\.)*"|[^}"])*)\}\[/g)].map(([, name, matchers = ""]) => {
		const tests = [...matchers.matchAll(/([a-z_]+)(=~|!~|!=|=)("(?:[^"\\]|\\.)*")/g)].map(
			([, key = "", how, text = ""]) => {
				const value = JSON.parse(text) as string;
				const isMet = (found: string) =>
					how?.endsWith("~") ? new RegExp(`^(?:${value})$`).test(found) : found === value;
				return { key, test: (found: string) => isMet(found) !== how?.startsWith("!") };
			},
		);
		if (tests.length === 0) throw new Error(`no matchers in ${query}`);
		return samples.filter(
			(sample) => sample.name === name && tests.every(({ key, test }) => test(sample.labels[key] ?? "")),
		);
	});
}
