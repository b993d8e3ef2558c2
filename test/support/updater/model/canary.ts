import type { KubeObject } from "../../../../src/domain/kube-object.ts";
import type { Deployment } from "../../../../src/workloads/deployment.ts";
import { revisionOf } from "../../../../src/workloads/revision.ts";
import type { FakeClock } from "../../fake-clock.ts";
import type { ModelCluster } from "./world.ts";

/** What of a Canary's status the updater reads. */
export interface ModelStatus {
	readonly phase: "Initialized" | "Progressing" | "Succeeded" | "Failed";
	readonly lastAppliedSpec: string;
	readonly targetGeneration: number | undefined;
	readonly run?: { readonly revision: string; readonly number: number };
	readonly history?: readonly { readonly revision: string; readonly outcome: string; readonly message?: string }[];
}

interface Parts {
	readonly clock: FakeClock;
	readonly cluster: ModelCluster;
	/** Whether this target passes, once it has been tested; else why not. */
	readonly judge: (target: KubeObject) => string | undefined;
	readonly beginsAfterMs: () => number;
	readonly lastsMs: () => number;
}

const ID = "Canary/app";
const TARGET = "Deployment/app";
const PRIMARY = "Deployment/app-primary";

/** A Canary as the updater gets to see it: it takes up what its target asks for, tests it, and then promotes it or does not. */
export class ModelCanary {
	readonly #parts: Parts;
	#runs = 0;

	constructor(parts: Parts) {
		this.#parts = parts;
	}

	create(): void {
		const { cluster } = this.#parts;
		const target = this.#target();
		cluster.put(PRIMARY, this.#primaryOf(target));
		cluster.put(ID, {
			apiVersion: "haldane.dev/v1beta1",
			kind: "Canary",
			metadata: { name: "app", namespace: "shop" },
			status: {
				phase: "Initialized",
				lastAppliedSpec: revisionOf(target.spec.template),
				targetGeneration: target.metadata.generation,
			} satisfies ModelStatus,
		});
	}

	/** Its target serves by itself again. */
	remove(): void {
		this.#parts.cluster.put(ID, undefined);
		this.#parts.cluster.put(PRIMARY, undefined);
	}

	status(): ModelStatus | undefined {
		return this.#parts.cluster.get(ID)?.status as ModelStatus | undefined;
	}

	/** Somebody changed the target. */
	targetChanged(): void {
		this.#parts.clock.after(this.#parts.beginsAfterMs(), () => this.#look());
	}

	retry(): void {
		const status = this.status();
		if (status?.phase === "Failed") this.#begin(status);
	}

	abort(): void {
		const status = this.status();
		if (status?.run !== undefined) this.#end(status, "it was aborted by ada");
	}

	#target(): Deployment {
		return this.#parts.cluster.get(TARGET) as Deployment;
	}

	#primaryOf(target: Deployment): KubeObject {
		return { ...target, metadata: { name: "app-primary", namespace: "shop" } };
	}

	#set(status: ModelStatus): void {
		const canary = this.#parts.cluster.get(ID);
		if (canary !== undefined) this.#parts.cluster.put(ID, { ...canary, status });
	}

	#look(): void {
		const status = this.status();
		if (status === undefined) return;
		const target = this.#target();
		const revision = revisionOf(target.spec.template);
		if (revision === status.lastAppliedSpec) {
			if (status.targetGeneration !== target.metadata.generation)
				this.#set({ ...status, targetGeneration: target.metadata.generation });
			return;
		}
		const primary = this.#parts.cluster.get(PRIMARY) as Deployment;
		if (revision !== revisionOf(primary.spec.template)) {
			this.#begin(status);
			return;
		}
		const { run: _run, ...rest } = status;
		this.#set({
			...rest,
			phase: "Succeeded",
			lastAppliedSpec: revision,
			targetGeneration: target.metadata.generation,
		});
	}

	#begin(status: ModelStatus): void {
		const target = this.#target();
		const revision = revisionOf(target.spec.template);
		this.#runs += 1;
		const number = this.#runs;
		this.#set({
			...status,
			phase: "Progressing",
			lastAppliedSpec: revision,
			targetGeneration: target.metadata.generation,
			run: { revision, number },
		});
		this.#parts.clock.after(this.#parts.lastsMs(), () => {
			const now = this.status();
			if (now?.run?.number === number) this.#end(now, this.#parts.judge(this.#target()));
		});
	}

	#end(status: ModelStatus, failure: string | undefined): void {
		const target = this.#target();
		const { run, ...rest } = status;
		const revision = run?.revision ?? "";
		// What was edited this very moment is another rollout's.
		if (revisionOf(target.spec.template) !== revision) {
			this.#begin(status);
			return;
		}
		if (failure === undefined) this.#parts.cluster.put(PRIMARY, this.#primaryOf(target));
		const ended =
			failure === undefined ? { revision, outcome: "Succeeded" } : { revision, outcome: "Failed", message: failure };
		this.#set({ ...rest, phase: failure === undefined ? "Succeeded" : "Failed", history: [ended] });
	}
}
