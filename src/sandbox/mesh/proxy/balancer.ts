import type { Endpoint } from "../../contract.ts";

/** Chooses endpoints: the one with the fewest requests under way, and in turn among equals. */
export function createBalancer() {
	/** Requests under way, by address; only addresses that have some. */
	const underWay = new Map<string, number>();
	let turn = 0;
	const load = (endpoint: Endpoint) => underWay.get(addressOf(endpoint)) ?? 0;
	return {
		/** Counts a request to the chosen one until `done` is called. Undefined when there are none. */
		choose(endpoints: readonly Endpoint[]): { readonly endpoint: Endpoint; done(): void } | undefined {
			if (endpoints.length === 0) return undefined;
			turn = (turn + 1) % Number.MAX_SAFE_INTEGER;
			let chosen: Endpoint | undefined;
			for (let step = 0; step < endpoints.length; step++) {
				const candidate = endpoints[(turn + step) % endpoints.length];
				if (candidate !== undefined && (chosen === undefined || load(candidate) < load(chosen))) chosen = candidate;
			}
			if (chosen === undefined) return undefined;
			const address = addressOf(chosen);
			underWay.set(address, (underWay.get(address) ?? 0) + 1);
			let isDone = false;
			return {
				endpoint: chosen,
				done() {
					if (isDone) return;
					isDone = true;
					const left = (underWay.get(address) ?? 1) - 1;
					if (left === 0) underWay.delete(address);
					else underWay.set(address, left);
				},
			};
		},
	};
}

export type Balancer = ReturnType<typeof createBalancer>;

function addressOf({ host, port }: Endpoint): string {
	return `${host}:${port}`;
}
