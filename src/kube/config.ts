import { Agent as HttpAgent } from "node:http";
import { Agent as HttpsAgent, type RequestOptions } from "node:https";
import { KubeConfig } from "@kubernetes/client-node/dist/config.js";
import { Failure } from "../domain/failure.ts";

/** How to reach the API server, and as whom. */
export interface Connection {
	readonly server: URL;
	/** Namespace of the current context, for commands that name none. */
	readonly namespace: string | undefined;
	/** Headers and agent for a request now; tokens are refreshed as they age. */
	authorize(): Promise<{ readonly headers: Readonly<Record<string, string>>; readonly agent: HttpAgent }>;
}

export interface ConnectionOptions {
	/** A kubeconfig file. Without it: KUBECONFIG, then the pod's own service account, then ~/.kube/config. */
	readonly kubeconfig?: string | undefined;
	/** Address of the API server, instead of the kubeconfig's. */
	readonly master?: string | undefined;
}

/** Service account tokens and exec plugins are asked again this often; they renew themselves in time. */
const CREDENTIALS_AGE_MAX_MS = 30_000;
const SOCKETS_MAX = 64;

/** The kubeconfig is of no use. */
export class KubeConfigError extends Failure {
	override readonly name = "KubeConfigError";
	readonly remedy = "edit";
}

/** Reads a kubeconfig. Throws a KubeConfigError that names the file when it cannot be read. */
export function connect({ kubeconfig, master }: ConnectionOptions, now: () => number = () => Date.now()): Connection {
	const config = new KubeConfig();
	try {
		if (kubeconfig === undefined || kubeconfig === "") config.loadFromDefault();
		else config.loadFromFile(kubeconfig);
	} catch (cause) {
		throw new KubeConfigError(`kubeconfig ${kubeconfig ?? "(default)"} cannot be read`, { cause });
	}
	const cluster = config.getCurrentCluster();
	if (cluster === null) throw new KubeConfigError("the kubeconfig names no cluster; set its current-context");
	const address = master === undefined || master === "" ? cluster.server : master;
	if (!URL.canParse(address)) throw new KubeConfigError(`the API server's address ${address} is no URL`);
	const server = new URL(address);
	const context = config.getContextObject(config.getCurrentContext());

	let known: { readonly at: number; readonly answer: ReturnType<Connection["authorize"]> } | undefined;
	let agent: { readonly key: string; readonly agent: HttpAgent } | undefined;

	async function renew(): Promise<Awaited<ReturnType<Connection["authorize"]>>> {
		const options: RequestOptions = { headers: {} };
		await config.applyToHTTPSOptions(options);
		const headers: Record<string, string> = {};
		for (const [name, value] of Object.entries(options.headers ?? {})) {
			if (value !== undefined) headers[name.toLowerCase()] = String(value);
		}
		if (typeof options.auth === "string") {
			headers.authorization = `Basic ${Buffer.from(options.auth).toString("base64")}`;
		}
		const { ca, cert, key, pfx, passphrase, rejectUnauthorized, servername } = options;
		const tls = { ca, cert, key, pfx, passphrase, rejectUnauthorized, servername };
		const identity = JSON.stringify(
			Object.values(tls).map((value) => (Buffer.isBuffer(value) ? value.toString("base64") : value)),
		);
		if (agent?.key !== identity) {
			const pool = { keepAlive: true, maxSockets: SOCKETS_MAX, scheduling: "lifo" as const };
			const given = Object.fromEntries(Object.entries(tls).filter(([, value]) => value !== undefined));
			agent = {
				key: identity,
				agent: server.protocol === "http:" ? new HttpAgent(pool) : new HttpsAgent({ ...pool, ...given }),
			};
		}
		return { headers, agent: agent.agent };
	}

	return {
		server,
		namespace: context?.namespace,
		/** Whoever asks while they are being renewed waits for the same: it may be a program that runs. */
		async authorize() {
			if (known !== undefined && now() - known.at < CREDENTIALS_AGE_MAX_MS) return known.answer;
			const asked = { at: now(), answer: renew() };
			known = asked;
			try {
				return await asked.answer;
			} catch (thrown) {
				if (known === asked) known = undefined;
				throw thrown;
			}
		},
	};
}
