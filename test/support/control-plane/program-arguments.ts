import { join } from "node:path";

/** etcd without fsync: the data never outlives the test. */
export function etcdArgs(at: {
	readonly folder: string;
	readonly etcdPort: number;
	readonly etcdPeerPort: number;
}): readonly string[] {
	const client = `http://127.0.0.1:${at.etcdPort}`;
	const peer = `http://127.0.0.1:${at.etcdPeerPort}`;
	return [
		`--data-dir=${join(at.folder, "etcd")}`,
		`--listen-client-urls=${client}`,
		`--advertise-client-urls=${client}`,
		`--listen-peer-urls=${peer}`,
		`--initial-advertise-peer-urls=${peer}`,
		`--initial-cluster=default=${peer}`,
		"--unsafe-no-fsync",
		"--log-level=warn",
	];
}

/** An API server with RBAC, tokens from a file and an audit log; it makes its own serving certificate. */
export function apiServerArgs(at: {
	readonly folder: string;
	readonly etcdPort: number;
	readonly apiPort: number;
	readonly tokensFile: string;
	readonly keys: { readonly signing: string; readonly verifying: string };
	readonly auditLog: string;
	readonly auditPolicy: string;
}): readonly string[] {
	return [
		`--etcd-servers=http://127.0.0.1:${at.etcdPort}`,
		"--bind-address=127.0.0.1",
		// In a network namespace without a default route there is no host address to find.
		"--advertise-address=127.0.0.1",
		`--secure-port=${at.apiPort}`,
		`--cert-dir=${join(at.folder, "certificates")}`,
		"--service-cluster-ip-range=10.96.0.0/16",
		"--service-account-issuer=https://kubernetes.default.svc",
		`--service-account-key-file=${at.keys.verifying}`,
		`--service-account-signing-key-file=${at.keys.signing}`,
		`--token-auth-file=${at.tokensFile}`,
		"--authorization-mode=RBAC",
		// Pods need no token here; and without a node lifecycle controller no one would take the not-ready taint away.
		"--disable-admission-plugins=ServiceAccount,TaintNodesByCondition",
		"--endpoint-reconciler-type=none",
		`--audit-log-path=${at.auditLog}`,
		`--audit-policy-file=${at.auditPolicy}`,
		"--audit-log-format=json",
		// A log that rotated would lose requests from the count.
		"--audit-log-maxsize=10000",
		"--max-requests-inflight=2000",
		"--max-mutating-requests-inflight=1000",
		"--profiling=false",
		// Volumes that are images: in Kubernetes 1.34 whoever wants them turns them on.
		"--feature-gates=ImageVolume=true",
	];
}

const NEED_A_NODE = ["nodelifecycle", "node-ipam-controller", "cloud-node-lifecycle"];

/** All controllers that need no node, unthrottled: what a test waits for should be the operator, not these. */
export function controllerManagerArgs(
	kubeconfig: string,
	withoutControllers: readonly string[] = [],
): readonly string[] {
	// Nobody here reads the Endpoints that EndpointSlices have replaced.
	const without = [...NEED_A_NODE, "endpoints-controller", ...withoutControllers];
	return [
		`--kubeconfig=${kubeconfig}`,
		"--leader-elect=false",
		`--controllers=*,${without.map((name) => `-${name}`).join()}`,
		"--kube-api-qps=10000",
		"--kube-api-burst=20000",
		"--concurrent-deployment-syncs=20",
		"--concurrent-replicaset-syncs=20",
		"--concurrent-statefulset-syncs=20",
		"--concurrent-daemonset-syncs=20",
		"--concurrent-service-endpoint-syncs=20",
		"--concurrent-endpoint-syncs=20",
		"--concurrent-gc-syncs=40",
		"--concurrent-namespace-syncs=20",
		"--secure-port=0",
		"--profiling=false",
	];
}
