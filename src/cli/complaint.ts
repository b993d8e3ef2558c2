import { Failure, messageOf } from "../domain/failure.ts";
import { ApiError } from "../kube/errors.ts";
import { RefusedError, UsageError } from "./usage-error.ts";

/** What a command that went wrong leaves behind: 1 when it could not be done, 2 when the command line is wrong. */
export interface Complaint {
	readonly text: string;
	readonly exitCode: 1 | 2;
}

/** One line with what to do about it. What nobody expected is a bug, and comes with its stack. */
export function complaintOf(thrown: unknown): Complaint {
	if (thrown instanceof UsageError) return { text: `haldane: ${thrown.message}`, exitCode: 2 };
	if (thrown instanceof RefusedError) return { text: `haldane: ${thrown.message}`, exitCode: 1 };
	if (thrown instanceof Failure) {
		return { text: `haldane: ${[oneLine(messageOf(thrown)), ...remedyFor(thrown)].join("; ")}`, exitCode: 1 };
	}
	const stack = thrown instanceof Error ? (thrown.stack ?? thrown.message) : String(thrown);
	return { text: `haldane: this is a bug, please report it: ${stack}`, exitCode: 1 };
}

function remedyFor(failure: Failure): readonly string[] {
	if (failure.name === "KubeConfigError") return ["name a kubeconfig with --kubeconfig or KUBECONFIG"];
	if (!(failure instanceof ApiError)) return [];
	switch (failure.status) {
		case 0:
			return ["is the API server that the kubeconfig names running, and can it be reached from here?"];
		case 401:
			return ["log in to the cluster again"];
		case 403:
			return ["ask for a role that allows it; ClusterRoles haldane-view and haldane-edit are part of view and edit"];
		case 404:
			// A missing object is named by its kind and name; a missing kind by its path or not at all.
			return / "[^"]+" not found/.test(failure.message)
				? ["haldane get --all-namespaces lists what there is"]
				: ["is Haldane installed? haldane crds | kubectl apply --server-side -f -"];
		default:
			return [];
	}
}

function oneLine(text: string): string {
	return text.replaceAll(/\s+/g, " ").trim();
}
