/** Compares digits by the number they write, however long: `9` before `10`, and `007` as `7`. */
export function compareDigits(one: string, other: string): number {
	if (one === other) return 0;
	const a = withoutZeros(one);
	const b = withoutZeros(other);
	return a.length === b.length ? compareText(a, b) : a.length - b.length;
}

/** As people count: runs of digits by their number, everything else by code unit. 0 only for texts that differ by leading zeros. */
export function compareNaturally(one: string, other: string): number {
	const [a, b] = [runsOf(one), runsOf(other)];
	for (let at = 0; at < Math.min(a.length, b.length); at++) {
		const [left, right] = [a[at] ?? "", b[at] ?? ""];
		const order = isDigits(left) && isDigits(right) ? compareDigits(left, right) : compareText(left, right);
		if (order !== 0) return order;
	}
	return a.length - b.length;
}

/** By code unit; the same everywhere, unlike what a locale says. */
export function compareText(one: string, other: string): number {
	if (one === other) return 0;
	return one < other ? -1 : 1;
}

export function isDigits(text: string): boolean {
	return /^[0-9]+$/.test(text);
}

export function withoutZeros(digits: string): string {
	return digits.startsWith("0") ? digits.replace(/^0+(?=[0-9])/, "") : digits;
}

function runsOf(text: string): readonly string[] {
	return text.match(/[0-9]+|[^0-9]+/g) ?? [];
}
