import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { rules } from "../../../src/sandbox/api-rules.ts";
import { startApiServer } from "../../../src/sandbox/api-server/start-api-server.ts";
import { createImages } from "../../../src/sandbox/cluster/pods/images.ts";
import { startCluster } from "../../../src/sandbox/cluster/start-cluster.ts";
import type { AuditedRequest } from "../control-plane/audit-log.ts";
import { BedError } from "../control-plane/bed-error.ts";
import type { ControlPlane } from "../control-plane/control-plane.ts";
import { KubeApi } from "../control-plane/kube-api.ts";
import { readKubeconfig } from "./read-kubeconfig.ts";

/**
 * The sandbox's API server and controllers in the place of the real control plane. Pods are left to the test's own kubelet,
 * as there. It knows one user and no roles, so who asked is told by the name that a client gives itself.
 */
export async function startSandboxPlane(): Promise<ControlPlane> {
	const folder = mkdtempSync(join(tmpdir(), "haldane-sandbox-plane-"));
	const requests: AuditedRequest[] = [];
	const server = await startApiServer({
		port: 0,
		folder,
		rules,
		onAnswered: ({ method, path, query, headers }, status) => {
			requests.push(audited({ method, path, query, userAgent: headers["user-agent"] ?? "" }, status));
		},
	});
	const cluster = startCluster({ api: server.api, images: createImages(), runsPods: false });
	const endpoint = readKubeconfig(server.kubeconfig);
	const caFile = join(folder, "ca.crt");
	writeFileSync(caFile, endpoint.ca);
	const clients: KubeApi[] = [];
	return {
		server: server.url,
		caFile,
		folder,
		adminKubeconfig: server.kubeconfig,
		operatorKubeconfig: server.kubeconfig,
		standInKubeconfig: server.kubeconfig,
		kubectl: "kubectl",
		clientFor() {
			const client = new KubeApi(endpoint);
			clients.push(client);
			return client;
		},
		auditRequests: (user) => requests.filter((request) => request.user === user),
		restartApiServer: () =>
			Promise.reject(new BedError("the sandbox's API server is not restarted", "leave this test to the real one")),
		async stop() {
			for (const client of clients) client.close();
			await cluster.stop();
			await server.stop();
			rmSync(folder, { recursive: true, force: true });
		},
	};
}

interface Asked {
	readonly method: string;
	readonly path: string;
	readonly query: URLSearchParams;
	readonly userAgent: string;
}

/** The request as the real API server's audit log would tell it. */
function audited({ method, path, query, userAgent }: Asked, code: number): AuditedRequest {
	const parts = path.split("/").filter(Boolean);
	const isCore = parts[0] === "api";
	const rest = parts.slice(isCore ? 2 : 3);
	const namespaced = rest[0] === "namespaces" && rest.length > 2;
	const [resource, name, subresource] = namespaced ? rest.slice(2) : rest;
	return {
		user: userAgent.startsWith("haldane/") ? "haldane" : "admin",
		verb: verbOf(method, name !== undefined, query),
		uri: path,
		group: isCore ? "" : (parts[1] ?? ""),
		resource,
		subresource,
		namespace: namespaced ? rest[1] : undefined,
		name,
		code,
		receivedAt: new Date().toISOString(),
	};
}

function verbOf(method: string, hasName: boolean, query: URLSearchParams): string {
	switch (method) {
		case "POST":
			return "create";
		case "PUT":
			return "update";
		case "PATCH":
			return "patch";
		case "DELETE":
			return hasName ? "delete" : "deletecollection";
		default:
			if (query.get("watch") === "true" || query.get("watch") === "1") return "watch";
			return hasName ? "get" : "list";
	}
}
