import { randomBytes } from "node:crypto";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { generate } from "selfsigned";
import { stringify } from "yaml";
import { replaceFile } from "../store/kept-file.ts";

/** What a server shows its clients, and what they show it: PEM texts and a bearer token. */
export interface Identity {
	readonly authority: string;
	readonly certificate: string;
	readonly key: string;
	readonly token: string;
}

export const USER = "sandbox-admin";

const DAY_MS = 86_400_000;

/** A new authority, a certificate of its for this machine's loopback, and a new token. */
export async function createIdentity(now: number): Promise<Identity> {
	// From a day ago, so that it holds for clocks that are a little behind.
	const times = { notBeforeDate: new Date(now - DAY_MS), notAfterDate: new Date(now + 365 * DAY_MS) };
	const common = { ...times, keyType: "ec", algorithm: "sha256" } as const;
	const authority = await generate([{ name: "commonName", value: "haldane-sandbox-ca" }], {
		...common,
		extensions: [
			{ name: "basicConstraints", cA: true, critical: true },
			{ name: "keyUsage", keyCertSign: true, cRLSign: true, digitalSignature: true, critical: true },
		],
	});
	const serving = await generate([{ name: "commonName", value: "haldane-sandbox" }], {
		...common,
		ca: { key: authority.private, cert: authority.cert },
		extensions: [
			{ name: "basicConstraints", cA: false, critical: true },
			{ name: "keyUsage", digitalSignature: true, critical: true },
			{ name: "extKeyUsage", serverAuth: true },
			{
				name: "subjectAltName",
				altNames: [
					{ type: 7, ip: "127.0.0.1" },
					{ type: 2, value: "localhost" },
				],
			},
		],
	});
	return {
		authority: authority.cert,
		certificate: serving.cert,
		key: serving.private,
		token: randomBytes(24).toString("base64url"),
	};
}

/** Writes how to reach the server, for its owner alone, and returns the file's path. */
export function writeKubeconfig(folder: string, url: string, { authority, token }: Identity): string {
	const name = "haldane-sandbox";
	const text = stringify({
		apiVersion: "v1",
		kind: "Config",
		clusters: [
			{ name, cluster: { server: url, "certificate-authority-data": Buffer.from(authority).toString("base64") } },
		],
		users: [{ name: USER, user: { token } }],
		contexts: [{ name, context: { cluster: name, user: USER, namespace: "default" } }],
		"current-context": name,
	});
	mkdirSync(folder, { recursive: true });
	const file = join(folder, "kubeconfig");
	replaceFile("the kubeconfig", file, text);
	return file;
}
