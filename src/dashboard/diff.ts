/** A line that is in both texts, or in one of them only. */
export interface DiffLine {
	readonly kind: "same" | "removed" | "added";
	readonly text: string;
}

/** More lines than this are told as removed and added whole: the table below grows with their product. */
const LINES_MAX = 1_000;

/** The lines of both texts, in order, the longest common ones told as the same. */
export function diffLines(before: string, after: string): readonly DiffLine[] {
	const one = linesOf(before);
	const other = linesOf(after);
	if (one.length > LINES_MAX || other.length > LINES_MAX) {
		return [...one.map((text) => line("removed", text)), ...other.map((text) => line("added", text))];
	}
	const width = other.length + 1;
	/** At `i * width + j`: how many lines the rests from i and from j have in common. */
	const common = new Uint16Array((one.length + 1) * width);
	const at = (i: number, j: number) => common[i * width + j] ?? 0;
	for (let i = one.length - 1; i >= 0; i -= 1) {
		for (let j = other.length - 1; j >= 0; j -= 1) {
			common[i * width + j] = one[i] === other[j] ? at(i + 1, j + 1) + 1 : Math.max(at(i + 1, j), at(i, j + 1));
		}
	}
	const told: DiffLine[] = [];
	let i = 0;
	let j = 0;
	while (i < one.length || j < other.length) {
		if (i < one.length && j < other.length && one[i] === other[j]) {
			told.push(line("same", one[i] ?? ""));
			i += 1;
			j += 1;
		} else if (j >= other.length || (i < one.length && at(i + 1, j) >= at(i, j + 1))) {
			told.push(line("removed", one[i] ?? ""));
			i += 1;
		} else {
			told.push(line("added", other[j] ?? ""));
			j += 1;
		}
	}
	return told;
}

function line(kind: DiffLine["kind"], text: string): DiffLine {
	return { kind, text };
}

function linesOf(text: string): readonly string[] {
	return text === "" ? [] : text.replace(/\n$/, "").split("\n");
}
