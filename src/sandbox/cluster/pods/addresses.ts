import { podRange } from "../nodes.ts";

const FIRST = 2;
const LAST = 254;

/** Hands out made-up addresses to pods, each at most once, from their nodes' ranges. */
export function createAddresses() {
	const byUid = new Map<string, string>();
	const taken = new Set<string>();
	/** Where to look next, so that an address is not handed out again at once. */
	const next = new Map<string, number>();

	function take(uid: string, address: string): string {
		byUid.set(uid, address);
		taken.add(address);
		return address;
	}

	return {
		/** The pod's address; `before` is the one that it had in an earlier process. Throws when the node has none left. */
		of(uid: string, node: string, before: string | undefined): string {
			const known = byUid.get(uid);
			if (known !== undefined) return known;
			if (before !== undefined && !taken.has(before)) return take(uid, before);
			const count = LAST - FIRST + 1;
			for (let step = 0; step < count; step += 1) {
				const number = ((next.get(node) ?? 0) + step) % count;
				const address = `${podRange(node)}.${FIRST + number}`;
				if (taken.has(address)) continue;
				next.set(node, number + 1);
				return take(uid, address);
			}
			throw new Error(`node ${node} has no addresses left for pods`);
		},
		free(uid: string): void {
			taken.delete(byUid.get(uid) ?? "");
			byUid.delete(uid);
		},
	};
}
