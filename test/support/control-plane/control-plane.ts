import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { AUDIT_POLICY, type AuditedRequest, readAuditLog } from "./audit-log.ts";
import { type BedUser, userName, writeKubeconfig, writeServiceAccountKeys, writeTokens } from "./credentials.ts";
import { eventually } from "./eventually.ts";
import { KubeApi } from "./kube-api.ts";
import { freePorts, type RunningProgram, startProgram } from "./processes.ts";
import { apiServerArgs, controllerManagerArgs, etcdArgs } from "./program-arguments.ts";
import { folderOf, type Tools } from "./tools.ts";

/** What a control plane is started with. */
export interface ControlPlaneOptions {
	/** From `findTools("build-control-plane")`. */
	readonly tools: Tools;
	/** Keeps data and logs after `stop`, to look at; false unless said. */
	readonly keep?: boolean;
	/** Controllers of the controller manager that are left out, by the names of its `--controllers` flag. */
	readonly withoutControllers?: readonly string[];
}

/** A real etcd, kube-apiserver and kube-controller-manager of one test's own, on loopback ports. */
export interface ControlPlane {
	readonly server: string;
	readonly caFile: string;
	/** Data, credentials and one log file a program; gone after `stop`. */
	readonly folder: string;
	/** A user of system:masters: for the test, and for kubectl. */
	readonly adminKubeconfig: string;
	/** User `haldane`, in no group, who may do nothing until the test grants it. */
	readonly operatorKubeconfig: string;
	/** As powerful as the admin's and unheard by the audit log: for Contour and other parts of a bed. */
	readonly standInKubeconfig: string;
	readonly kubectl: string;
	/** A client as that user; `standIn` is unheard by the audit log. Closed by `stop`. */
	clientFor(user: BedUser): KubeApi;
	/** What that user has asked, by its name: `haldane` or `admin`. */
	auditRequests(user: string): readonly AuditedRequest[];
	/** Breaks every connection, stays away for so long, and comes back ready on the same port with the same data. */
	restartApiServer(awayMs?: number): Promise<void>;
	stop(): Promise<void>;
}

/** Ready to use once it resolves, some seconds later; whatever was started is stopped when it throws. */
export async function startControlPlane({
	tools,
	keep = false,
	withoutControllers,
}: ControlPlaneOptions): Promise<ControlPlane> {
	const binaries = folderOf(tools);
	const folder = mkdtempSync(join(tmpdir(), "haldane-control-plane-"));
	const [etcdPort, etcdPeerPort, apiPort] = (await freePorts(3)) as [number, number, number];
	const server = `https://127.0.0.1:${apiPort}`;
	const caFile = join(folder, "certificates", "apiserver.crt");
	const auditLog = join(folder, "audit.log");
	const auditPolicy = join(folder, "audit-policy.json");
	writeFileSync(auditPolicy, JSON.stringify(AUDIT_POLICY));
	const tokens = writeTokens(folder);
	const keys = writeServiceAccountKeys(folder);
	const kubeconfigOf = (user: BedUser) => writeKubeconfig(folder, { server, caFile, user, token: tokens.of(user) });

	const start = (name: string, args: readonly string[]): RunningProgram =>
		startProgram({ name, command: join(binaries, name), args, logFile: join(folder, `${name}.log`) });
	const clients: KubeApi[] = [];
	const clientFor = (user: BedUser): KubeApi => {
		const client = new KubeApi({ server, ca: readFileSync(caFile, "utf8"), token: tokens.of(user) });
		clients.push(client);
		return client;
	};
	const startApiServer = () =>
		start(
			"kube-apiserver",
			apiServerArgs({ folder, etcdPort, apiPort, tokensFile: tokens.file, keys, auditLog, auditPolicy }),
		);

	const programs: { etcd?: RunningProgram; apiServer?: RunningProgram; controllerManager?: RunningProgram } = {};
	const stop = async () => {
		for (const client of clients) client.close();
		// The data goes with the folder, so no one needs a long good-bye.
		await programs.controllerManager?.stop(500);
		await programs.apiServer?.stop(500);
		await programs.etcd?.stop(500);
		if (!keep) rmSync(folder, { recursive: true, force: true });
	};
	const untilReady = () =>
		eventually(
			"kube-apiserver is ready",
			async () => {
				programs.etcd?.assertAlive();
				programs.apiServer?.assertAlive();
				return isReady(clientFor("standIn"), clients);
			},
			{ withinMs: 60_000, everyMs: 50 },
		);

	try {
		programs.etcd = start("etcd", etcdArgs({ folder, etcdPort, etcdPeerPort }));
		programs.apiServer = startApiServer();
		await untilReady();
		programs.controllerManager = start(
			"kube-controller-manager",
			controllerManagerArgs(kubeconfigOf("controllerManager"), withoutControllers),
		);
		await untilServed(clientFor("standIn"), programs.controllerManager);
	} catch (thrown) {
		await stop();
		throw thrown;
	}

	return {
		server,
		caFile,
		folder,
		adminKubeconfig: kubeconfigOf("admin"),
		operatorKubeconfig: kubeconfigOf("operator"),
		standInKubeconfig: kubeconfigOf("standIn"),
		kubectl: join(binaries, "kubectl"),
		clientFor,
		auditRequests: (user) => readAuditLog(auditLog, user),
		async restartApiServer(awayMs = 0) {
			// Its own good-bye takes as long as the longest watch; a crash is the harder test anyway.
			await programs.apiServer?.stop(200);
			await new Promise((resolve) => setTimeout(resolve, awayMs));
			programs.apiServer = startApiServer();
			await untilReady();
		},
		stop,
	};
}

/** The names that the audit log and role bindings use. */
export const OPERATOR = userName("operator");

async function isReady(client: KubeApi, clients: KubeApi[]): Promise<boolean> {
	try {
		// `/readyz` answers plain text; a namespace in JSON says the same once the namespace is there.
		await client.json({ method: "GET", path: "/readyz?verbose" }).catch((thrown) => {
			if (!(thrown instanceof SyntaxError)) throw thrown;
		});
		return (await client.get({ apiVersion: "v1", kind: "Namespace", metadata: { name: "default" } })) !== undefined;
	} finally {
		client.close();
		clients.splice(clients.indexOf(client), 1);
	}
}

/** The default service account is the controller manager's first visible work. */
async function untilServed(client: KubeApi, controllerManager: RunningProgram): Promise<void> {
	await eventually(
		"kube-controller-manager works",
		async () => {
			controllerManager.assertAlive();
			return client.get({
				apiVersion: "v1",
				kind: "ServiceAccount",
				metadata: { name: "default", namespace: "default" },
			});
		},
		{ withinMs: 60_000 },
	);
}
