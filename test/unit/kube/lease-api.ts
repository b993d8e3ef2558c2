import type { KubeObject } from "../../../src/domain/kube-object.ts";
import type { KubeClient } from "../../../src/kube/client.ts";
import { ApiError } from "../../../src/kube/errors.ts";

/** What becomes of a request: it is done and answered, refused, or never answered (though it may have been done). */
export type Fate = "answered" | "refused" | "hangs" | "done, but hangs";

export type LeaseSpec = Readonly<Record<string, string | number>>;

const answerOf = (status: number) => new ApiError("Lease haldane/leader", { status, reason: `HTTP ${status}` });

/** One Lease behind an API server, which takes a write only at the version that it carries. */
export class LeaseApi {
	#lease: KubeObject | undefined;
	#version = 0;
	/** Of the next requests, whoever sends them; then all is answered. */
	readonly fates: Fate[] = [];
	/** Of all requests of some, while it lasts. */
	fateOf: (identity: string) => Fate | undefined = () => undefined;
	readonly requests: string[] = [];

	get spec(): LeaseSpec | undefined {
		return this.#lease?.spec as LeaseSpec | undefined;
	}

	get annotations(): Readonly<Record<string, string>> | undefined {
		return this.#lease?.metadata.annotations;
	}

	get holder(): string | undefined {
		return this.spec?.holderIdentity as string | undefined;
	}

	/** Written by somebody, whatever is there. */
	put(spec: LeaseSpec, annotations: Readonly<Record<string, string>> = {}): void {
		this.#version += 1;
		this.#lease = {
			apiVersion: "coordination.k8s.io/v1",
			kind: "Lease",
			metadata: { namespace: "haldane", name: "leader", resourceVersion: String(this.#version), annotations },
			spec,
		};
	}

	drop(): void {
		this.#lease = undefined;
	}

	clientOf(identity: string): Pick<KubeClient, "get" | "create" | "replace"> {
		const versionOf = (object: KubeObject | undefined) => object?.metadata.resourceVersion;
		return {
			get: (_ref, { signal } = {}) => this.#answer(`${identity} reads`, identity, signal, () => this.#found()),
			create: (object, { signal } = {}) =>
				this.#answer(`${identity} creates`, identity, signal, () => {
					if (this.#lease !== undefined) throw answerOf(409);
					this.put(object.spec as LeaseSpec, object.metadata.annotations);
					return this.#found();
				}),
			replace: (object, { signal } = {}) =>
				this.#answer(`${identity} replaces`, identity, signal, () => {
					if (versionOf(this.#found()) !== versionOf(object)) throw answerOf(409);
					this.put(object.spec as LeaseSpec, object.metadata.annotations);
					return this.#found();
				}),
		};
	}

	#found(): KubeObject {
		if (this.#lease === undefined) throw answerOf(404);
		return this.#lease;
	}

	async #answer(request: string, identity: string, signal: AbortSignal | undefined, act: () => KubeObject) {
		this.requests.push(request);
		const fate = this.fates.shift() ?? this.fateOf(identity) ?? "answered";
		if (fate === "refused") throw answerOf(503);
		if (fate === "answered") return act();
		if (fate === "done, but hangs") act();
		return new Promise<never>((_resolve, reject) => {
			const abort = () => reject(answerOf(0));
			if (signal?.aborted) abort();
			signal?.addEventListener("abort", abort, { once: true });
		});
	}
}
