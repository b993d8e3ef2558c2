import { createHash } from "node:crypto";
import type { GitWriteBack } from "../../api/image-policy/git-write-back.ts";
import { Failure, messageOf as messageOfFailure } from "../../domain/failure.ts";
import type { Person } from "../../domain/file-change.ts";
import type { Instant } from "../../domain/instant.ts";
import { editYaml, fileOf, type NewImage, type WorkloadToEdit } from "./edit.ts";
import type { Repositories } from "./git-port.ts";
import { messageOf } from "./message.ts";

export interface WriteBackRequest {
	readonly spec: GitWriteBack;
	readonly workload: WorkloadToEdit;
	readonly images: readonly NewImage[];
}

export type WriteBackResult =
	| { readonly kind: "pushed"; readonly commit: string; readonly branch: string }
	/** The branch says so already. */
	| { readonly kind: "upToDate"; readonly commit: string; readonly branch: string }
	| Hindered;

/** Asking again before `againAt` gives the same, unless the request or its Secret is another. */
interface Hindered {
	/** `refused`: until a person changes the ImagePolicy, the Secret or the repository; `retry`: it may go better the next time. */
	readonly kind: "refused" | "retry";
	readonly problem: string;
	readonly againAt: Instant;
}

type SecretData = Readonly<Record<string, string>>;

export interface WriteBackPorts {
	readonly repositories: Repositories;
	/** The Secret's data, decoded; undefined when there is none. Throws when it cannot be read. */
	readSecret(
		ref: { readonly namespace: string; readonly name: string },
		signal: AbortSignal,
	): Promise<SecretData | undefined>;
	now(): Instant;
}

/** Writes images into repositories. Whoever asks twice gets one commit: the file says what was done. */
export interface WriteBack {
	/** Throws whatever comes of an aborted signal, and what is a bug. */
	write(request: WriteBackRequest, signal: AbortSignal): Promise<WriteBackResult>;
}

/** Who commits where the policy does not say. */
const HALDANE: Person = { name: "Haldane", email: "haldane@haldane.dev" };
/** How long somebody has to put right what is wrong before it is tried again. */
const REFUSED_MS = 300_000;
const RETRY_MS = 30_000;
const HINDERED_MAX = 1_000;

export function createWriteBack({ repositories, readSecret, now }: WriteBackPorts): WriteBack {
	/** What went wrong last, by request; so that whatever wakes a workload costs no call of git. */
	const hindered = new Map<string, Hindered>();

	async function write(
		{ spec, workload, images }: WriteBackRequest,
		secret: SecretData | undefined,
		signal: AbortSignal,
	): Promise<WriteBackResult> {
		const author = spec.author ?? HALDANE;
		try {
			const changed = await repositories.change(
				{
					repository: spec.repository,
					branch: spec.branch,
					pushBranch: spec.pushBranch,
					secret,
					author,
					path: fileOf(spec),
					edit: (text) => {
						const edited = editYaml(text, { spec, workload, images });
						if (!edited.ok) return { kind: "refused", problem: `${spec.repository}: ${edited.problem}` };
						if (!edited.changed) return { kind: "same" };
						const signedOffBy = spec.signOff === true ? author : undefined;
						const message = messageOf(spec.messageTemplate, { workload, images }, signedOffBy);
						return { kind: "changed", text: edited.text, message };
					},
				},
				signal,
			);
			return changed.kind === "refused" ? { ...changed, againAt: now() + REFUSED_MS } : changed;
		} catch (thrown) {
			if (!(thrown instanceof Failure) || signal.aborted) throw thrown;
			const problem = messageOfFailure(thrown);
			if (thrown.remedy === "edit") return { kind: "refused", problem, againAt: now() + REFUSED_MS };
			return { kind: "retry", problem, againAt: now() + RETRY_MS };
		}
	}

	function remember(id: string, result: WriteBackResult): void {
		hindered.delete(id);
		if (result.kind !== "refused" && result.kind !== "retry") return;
		hindered.set(id, result);
		const [oldest] = hindered.keys();
		if (hindered.size > HINDERED_MAX && oldest !== undefined) hindered.delete(oldest);
	}

	return {
		write: async (request, signal) => {
			const { namespace } = request.workload;
			const name = request.spec.secretRef?.name;
			const named = `Secret ${namespace}/${name}`;
			let secret: SecretData | undefined;
			try {
				secret = name === undefined ? undefined : await readSecret({ namespace, name }, signal);
			} catch (thrown) {
				if (!(thrown instanceof Failure) || signal.aborted) throw thrown;
				const problem = `spec.writeBack.git.secretRef: ${named} could not be read: ${messageOfFailure(thrown)}`;
				return { kind: "retry", problem, againAt: now() + RETRY_MS };
			}
			if (name !== undefined && secret === undefined) {
				const problem = `spec.writeBack.git.secretRef: there is no ${named}`;
				return { kind: "refused", problem, againAt: now() + RETRY_MS };
			}
			const id = createHash("sha256")
				.update(JSON.stringify([request, secret]))
				.digest("hex");
			const known = hindered.get(id);
			if (known !== undefined && known.againAt > now()) return known;
			const result = await write(request, secret, signal);
			remember(id, result);
			return result;
		},
	};
}
