import { createKubeClient, type KubeClient } from "../kube/client.ts";
import { systemClock } from "../kube/clock.ts";
import { connect } from "../kube/config.ts";
import { createTransport } from "../kube/transport.ts";
import { version } from "./version.ts";

/** Where a command acts. */
export interface Session {
	readonly client: KubeClient;
	readonly namespace: string;
}

/** What every command that talks to a cluster takes. */
export interface SessionFlags {
	readonly kubeconfig?: string;
	readonly namespace?: string;
}

/** Connects as the user that the kubeconfig names, so that their own rights decide. */
export function openSession({ kubeconfig, namespace }: SessionFlags): Session {
	const connection = connect({ kubeconfig });
	const transport = createTransport(connection, { userAgent: `haldane/${version}`, timeoutMs: 15_000 });
	return {
		client: createKubeClient(transport, () => systemClock.now()),
		namespace: namespace ?? connection.namespace ?? "default",
	};
}
