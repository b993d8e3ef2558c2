import type { World } from "./world.ts";

/** Of 10.96.0.0/16, what a Service may be given: the lowest ones are left to those that are asked for by name. */
const FIRST = 16;
const COUNT = 65_000;

/** Gives out addresses for Services that none has. Throws when there is none left. */
export function clusterAddresses(world: World): () => string {
	return () => {
		const services = world.store.list("/services");
		const taken = new Set(services.map(({ spec }) => (spec as { readonly clusterIP?: string } | undefined)?.clusterIP));
		// From a place that moves on, so that a Service that is made anew does not get the address of the one before.
		const start = world.store.resourceVersion() % COUNT;
		for (let step = 0; step < COUNT; step += 1) {
			const number = FIRST + ((start + step) % COUNT);
			const address = `10.96.${number >> 8}.${number & 255}`;
			if (!taken.has(address)) return address;
		}
		throw new Error("every address of 10.96.0.0/16 is taken by a Service: delete some");
	};
}
