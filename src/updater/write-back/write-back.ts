import type { GitWriteBack } from "../../api/image-policy/git-write-back.ts";
import { Failure, messageOf as messageOfFailure } from "../../domain/failure.ts";
import { editYaml, fileOf, type NewImage, type WorkloadToEdit } from "./edit.ts";
import type { Person, Repositories } from "./git-port.ts";
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
	/** Until a person changes the ImagePolicy, the Secret or the repository. */
	| { readonly kind: "refused"; readonly problem: string }
	/** It may go better the next time. */
	| { readonly kind: "retry"; readonly detail: string };

export interface WriteBackPorts {
	readonly repositories: Repositories;
	/** The Secret's data, decoded; undefined when there is none. Throws when it cannot be read. */
	readSecret(
		ref: { readonly namespace: string; readonly name: string },
		signal: AbortSignal,
	): Promise<Readonly<Record<string, string>> | undefined>;
}

/** Writes images into repositories. Whoever asks twice gets one commit: the file says what was done. */
export interface WriteBack {
	write(request: WriteBackRequest, signal: AbortSignal): Promise<WriteBackResult>;
}

/** Who commits where the policy does not say. */
const HALDANE: Person = { name: "Haldane", email: "haldane@haldane.dev" };

export function createWriteBack({ repositories, readSecret }: WriteBackPorts): WriteBack {
	async function write({ spec, workload, images }: WriteBackRequest, signal: AbortSignal): Promise<WriteBackResult> {
		const { namespace } = workload;
		const name = spec.secretRef?.name;
		const secret = name === undefined ? undefined : await readSecret({ namespace, name }, signal);
		if (name !== undefined && secret === undefined)
			return { kind: "refused", problem: `spec.writeBack.git.secretRef: there is no Secret ${namespace}/${name}` };
		const author = spec.author ?? HALDANE;
		return repositories.change(
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
	}

	return {
		write: async (request, signal) => {
			try {
				return await write(request, signal);
			} catch (thrown) {
				if (!(thrown instanceof Failure) || signal.aborted) throw thrown;
				const text = messageOfFailure(thrown);
				return thrown.remedy === "edit" ? { kind: "refused", problem: text } : { kind: "retry", detail: text };
			}
		},
	};
}
