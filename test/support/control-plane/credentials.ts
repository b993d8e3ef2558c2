import { generateKeyPairSync, randomUUID } from "node:crypto";
import { writeFileSync } from "node:fs";
import { join } from "node:path";

/** Who can speak to a test API server: the first three may do all, the operator only what RBAC grants it. */
export type BedUser = "admin" | "controllerManager" | "standIn" | "operator";

const USERS = {
	admin: { name: "admin", group: "system:masters" },
	controllerManager: { name: "bed:controller-manager", group: "system:masters" },
	standIn: { name: "bed:stand-in", group: "system:masters" },
	operator: { name: "haldane", group: "" },
} satisfies Record<BedUser, { readonly name: string; readonly group: string }>;

/** The user name that RBAC and the audit log know. */
export function userName(user: BedUser): string {
	return USERS[user].name;
}

/** Writes `tokens.csv` and returns each user's token. */
export function writeTokens(folder: string): { readonly file: string; readonly of: (user: BedUser) => string } {
	const tokens = new Map(Object.keys(USERS).map((user) => [user, randomUUID()]));
	const lines = Object.entries(USERS).map(
		([user, { name, group }]) => `${tokens.get(user)},${name},${name},"${group}"`,
	);
	const file = join(folder, "tokens.csv");
	writeFileSync(file, `${lines.join("\n")}\n`, { mode: 0o600 });
	return { file, of: (user) => tokens.get(user) ?? "" };
}

/** Writes the RSA key that signs service account tokens, and its public half. */
export function writeServiceAccountKeys(folder: string): { readonly signing: string; readonly verifying: string } {
	const pair = generateKeyPairSync("rsa", {
		modulusLength: 2048,
		privateKeyEncoding: { type: "pkcs8", format: "pem" },
		publicKeyEncoding: { type: "spki", format: "pem" },
	});
	const signing = join(folder, "service-account.key");
	const verifying = join(folder, "service-account.pub");
	writeFileSync(signing, pair.privateKey, { mode: 0o600 });
	writeFileSync(verifying, pair.publicKey);
	return { signing, verifying };
}

/** Writes a kubeconfig (as JSON, which is YAML) for one user and returns its path. */
export function writeKubeconfig(
	folder: string,
	{
		server,
		caFile,
		user,
		token,
	}: { readonly server: string; readonly caFile: string; readonly user: BedUser; readonly token: string },
): string {
	const name = userName(user);
	const file = join(folder, `${user}.kubeconfig`);
	const config = {
		apiVersion: "v1",
		kind: "Config",
		clusters: [{ name: "bed", cluster: { server, "certificate-authority": caFile } }],
		users: [{ name, user: { token } }],
		contexts: [{ name: "bed", context: { cluster: "bed", user: name, namespace: "default" } }],
		"current-context": "bed",
	};
	writeFileSync(file, JSON.stringify(config, null, "\t"), { mode: 0o600 });
	return file;
}
