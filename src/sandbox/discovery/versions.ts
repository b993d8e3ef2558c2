/** A group and its version, as `apiVersion` says them. */
export interface GroupVersion {
	/** Empty: the core group. */
	readonly group: string;
	readonly version: string;
}

export function groupVersionOf(apiVersion: string): GroupVersion {
	const slash = apiVersion.indexOf("/");
	return slash < 0
		? { group: "", version: apiVersion }
		: { group: apiVersion.slice(0, slash), version: apiVersion.slice(slash + 1) };
}

/**
 * Puts versions in the order in which Kubernetes prefers them: GA before beta before alpha, then the higher number first;
 * what does not look like a version comes last, by the alphabet.
 */
export function byVersionPriority(one: string, other: string): number {
	const [left, right] = [rankOf(one), rankOf(other)];
	if (left === undefined || right === undefined) {
		if (left === undefined && right === undefined) return one < other ? -1 : one > other ? 1 : 0;
		return left === undefined ? 1 : -1;
	}
	return right.stability - left.stability || right.major - left.major || right.minor - left.minor;
}

const stabilities = ["alpha", "beta"];

function rankOf(version: string): { stability: number; major: number; minor: number } | undefined {
	const match = /^v([1-9]\d*)(?:(alpha|beta)([1-9]\d*))?$/.exec(version);
	if (match === null) return undefined;
	const [, major, stability, minor] = match;
	return {
		stability: stability === undefined ? stabilities.length : stabilities.indexOf(stability),
		major: Number(major),
		minor: Number(minor ?? 0),
	};
}
