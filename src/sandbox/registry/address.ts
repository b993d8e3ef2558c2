import type { KubeObject } from "../../domain/kube-object.ts";

/** Where it is written at which address the sandbox's registry is: who finds it is at a sandbox. */
export const REGISTRY_ADDRESS = { namespace: "kube-system", name: "sandbox-registry" } as const;

/** The ConfigMap that says it. */
export function registryAt(host: string): KubeObject {
	return { apiVersion: "v1", kind: "ConfigMap", metadata: REGISTRY_ADDRESS, data: { host } };
}

/** `127.0.0.1:40123`; undefined when the ConfigMap says nothing that is on loopback. */
export function registryIn({ data }: KubeObject): string | undefined {
	const { host } = (data ?? {}) as { readonly host?: unknown };
	return typeof host === "string" && /^127\.0\.0\.1:\d{1,5}$/.test(host) ? host : undefined;
}
