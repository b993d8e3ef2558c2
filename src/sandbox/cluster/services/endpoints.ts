import type { Endpoint, Endpoints, SandboxApi } from "../../contract.ts";
import { POD, type Pod, SERVICE } from "../kinds.ts";
import { hasSelector, isServed, type Service, targetPortOf } from "./service-ports.ts";

/**
 * Where the ports of Services lead now. Every port of a pod is the same server on loopback: `addressOf` says which one.
 * `forget` is to be called after each change of a Service, of a pod, or of what `addressOf` says.
 */
export function createEndpoints(options: {
	readonly api: SandboxApi;
	readonly addressOf: (pod: Pod) => { readonly host: string; readonly port: number } | undefined;
}): Endpoints & { forget(): void } {
	const { api, addressOf } = options;
	/** Answers since the last change: a gateway asks for every request. */
	const known = new Map<string, readonly Endpoint[]>();

	function read(namespace: string, name: string, port: number): readonly Endpoint[] | undefined {
		const service = api.get({ ...SERVICE, namespace, name }) as Service | undefined;
		const servicePort = service?.spec.ports?.find((one) => one.port === port);
		if (service === undefined || servicePort === undefined) return undefined;
		if (!hasSelector(service)) return [];
		const pods = api.list(POD, { namespace, labels: service.spec.selector ?? {} }) as readonly Pod[];
		return pods.flatMap((pod) => {
			const address = addressOf(pod);
			const isReachable = isServed(service, pod) && targetPortOf(servicePort, pod) !== undefined;
			if (address === undefined || !isReachable) return [];
			return [{ pod: pod.metadata.name, host: address.host, port: address.port }];
		});
	}

	return {
		of(namespace, service, port) {
			const key = `${namespace}/${service}:${port}`;
			const before = known.get(key);
			if (before !== undefined) return before;
			const now = read(namespace, service, port);
			if (now !== undefined) known.set(key, now);
			return now;
		},
		forget: () => known.clear(),
	};
}
