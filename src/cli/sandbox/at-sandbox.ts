import type { KubeObject } from "../../domain/kube-object.ts";
import type { KubeClient } from "../../kube/client.ts";
import { orNone } from "../../kube/errors.ts";
import { RefusedError } from "../usage-error.ts";

/**
 * A ConfigMap that every sandbox has, and no other cluster. Throws RefusedError when it is not there: what has none is somebody's
 * cluster, and is left alone.
 */
export async function configMapAt(
	client: Pick<KubeClient, "get">,
	named: { readonly namespace: string; readonly name: string },
): Promise<KubeObject> {
	const found = await orNone(client.get({ apiVersion: "v1", kind: "ConfigMap", ...named }));
	if (found !== undefined) return found;
	throw new RefusedError(
		"this cluster is no sandbox: paste the export KUBECONFIG=… that haldane sandbox prints, or name the file with --kubeconfig",
	);
}
