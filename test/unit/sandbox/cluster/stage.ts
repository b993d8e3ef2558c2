import type { KubeObject } from "../../../../src/domain/kube-object.ts";
import type { Deployment, Pod, ReplicaSet } from "../../../../src/sandbox/cluster/kinds.ts";
import { createImages } from "../../../../src/sandbox/cluster/pods/images.ts";
import type { StartPodServer } from "../../../../src/sandbox/cluster/pods/pod-server.ts";
import { type ClusterOptions, startCluster } from "../../../../src/sandbox/cluster/start-cluster.ts";
import { FakeClock } from "../../../support/fake-clock.ts";
import { createMemoryApi } from "../../../support/sandbox-api.ts";

export type Stage = ReturnType<typeof createStage>;

/** A cluster on an API of its own, under a clock that the test moves; without real servers unless they are asked for. */
export function createStage(options: Partial<ClusterOptions> = {}) {
	const clock = new FakeClock();
	const api = createMemoryApi(() => clock.now());
	const images = createImages();
	const reports: string[] = [];
	const report = (error: unknown, what: string) => reports.push(`${what}: ${error}`);
	const { startServer = imaginedServers() } = options;
	const cluster = startCluster({ api, images, clock, report, ...options, startServer });
	const at = (apiVersion: string, kind: string) => (name: string) =>
		api.get({ apiVersion, kind, namespace: "shop", name });
	const all = (apiVersion: string, kind: string) => () => api.list({ apiVersion, kind }, { namespace: "shop" });
	return {
		clock,
		api,
		images,
		cluster,
		/** What the cluster reported as having gone wrong. */
		reports,
		deployment: at("apps/v1", "Deployment") as (name: string) => Deployment | undefined,
		sets: all("apps/v1", "ReplicaSet") as () => readonly ReplicaSet[],
		pods: all("v1", "Pod") as () => readonly Pod[],
		events: () => all("v1", "Event")().map(({ reason, message }) => `${reason}: ${message}`),
		/** Lets all work come to rest that needs no time to pass. */
		settle: async () => {
			for (let round = 0; round < 10; round += 1) await clock.advance(0);
		},
	};
}

/** Servers that listen at once, on ports that nobody else has. */
export function imaginedServers(): StartPodServer {
	let port = 10_000;
	return async () => {
		port += 1;
		return { host: "127.0.0.1", port, close: async () => {} };
	};
}

/** A Deployment as the API server would have filled it in. */
export function deploymentOf(name: string, image: string, spec: object = {}): KubeObject {
	const labels = { app: name };
	return {
		apiVersion: "apps/v1",
		kind: "Deployment",
		metadata: { name, namespace: "shop" },
		spec: {
			replicas: 3,
			selector: { matchLabels: labels },
			template: { metadata: { labels }, spec: podSpec(image) },
			strategy: { type: "RollingUpdate", rollingUpdate: { maxSurge: "25%", maxUnavailable: "25%" } },
			revisionHistoryLimit: 10,
			progressDeadlineSeconds: 600,
			...spec,
		},
	};
}

export function podSpec(image: string): object {
	return { containers: [{ name: "main", image, ports: [{ name: "http", containerPort: 9898 }] }] };
}

export function imageChange(image: string): { readonly spec: object } {
	return { spec: { template: { spec: podSpec(image) } } };
}

export function conditionText(object: KubeObject | undefined, type: string): string | undefined {
	const { conditions = [] } = (object?.status ?? {}) as { conditions?: readonly Record<string, string>[] };
	const found = conditions.find((condition) => condition.type === type);
	return found && `${found.status} ${found.reason}`;
}
