/** Who counts what the registries are asked; every call returns at once. */
export interface RegistryObserver {
	/** One request to the registry or on its behalf (token servers, object storage): `200`, `429`, `unreachable`. */
	asked(seen: { readonly host: string; readonly outcome: string }): void;
	/** A question that was put off without a request, or that the registry put off. */
	throttled(host: string): void;
}

/** Counts nothing. */
export const unobserved: RegistryObserver = { asked: () => {}, throttled: () => {} };
