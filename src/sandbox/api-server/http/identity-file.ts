import { createPrivateKey, X509Certificate } from "node:crypto";
import { join } from "node:path";
import { z } from "zod";
import { type KeptFile, readKept, replaceFile } from "../store/kept-file.ts";
import { createIdentity, type Identity } from "./identity.ts";

const FORMAT = "haldane-sandbox-identity/1";

/** Certificates that end sooner than this are made anew. */
const DAYS_LEFT_MIN_MS = 7 * 86_400_000;

const File = z
	.object({
		format: z.literal(FORMAT),
		token: z.string().min(16),
		port: z.int().min(1).max(65_535),
		authority: z.string(),
		certificate: z.string(),
		key: z.string(),
	})
	.refine(holdsTogether, "the certificate, its authority and its key do not belong together");

/** Who the server was last time, and where it listened, so that a kubeconfig goes on working. */
export interface KeptIdentity {
	readonly identity: Identity;
	/** Undefined: it has not listened yet. */
	readonly port: number | undefined;
	/** Keeps it, with the port that it listens on now. Throws CannotKeep. */
	keep(port: number): void;
}

/** The identity of a folder, or a new one. Throws CannotStart, naming the file and the mend, when it can't be used. */
export async function identityIn(folder: string, now: number): Promise<KeptIdentity> {
	const path = join(folder, "identity.json");
	const kept: KeptFile<z.infer<typeof File>> = {
		what: "the sandbox's token and certificate",
		path,
		schema: File,
		afresh: "to get new ones, and a new kubeconfig",
	};
	const file = readKept(kept);
	const isFresh = file !== undefined && endOf(file) - now > DAYS_LEFT_MIN_MS;
	const { authority, certificate, key, token } = isFresh ? file : await createIdentity(now);
	const identity: Identity = { authority, certificate, key, token };
	return {
		identity,
		port: file?.port,
		keep(port) {
			if (isFresh && port === file.port) return;
			replaceFile(kept.what, path, JSON.stringify({ format: FORMAT, port, ...identity }));
		},
	};
}

function endOf({ certificate, authority }: Identity): number {
	return Math.min(...[certificate, authority].map((pem) => Date.parse(new X509Certificate(pem).validTo)));
}

function holdsTogether({ certificate, authority, key }: Pick<Identity, "certificate" | "authority" | "key">): boolean {
	try {
		const [serving, signing] = [new X509Certificate(certificate), new X509Certificate(authority)];
		return serving.verify(signing.publicKey) && serving.checkPrivateKey(createPrivateKey(key));
	} catch {
		// What is no PEM text at all is broken like the rest.
		return false;
	}
}
