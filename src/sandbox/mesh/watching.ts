import type { KubeObject } from "../../domain/kube-object.ts";
import { keyOf } from "../../domain/kube-object.ts";
import { type KindRef, Refusal, type SandboxApi } from "../contract.ts";

/** A kind in the versions that will do, best first. */
export interface Wanted {
	readonly apiVersions: readonly string[];
	readonly kind: string;
}

/** The objects of one kind, kept up to date; none while the kind isn't served. */
export interface Watched {
	readonly objects: ReadonlyMap<string, KubeObject>;
}

const CRD: KindRef = { apiVersion: "apiextensions.k8s.io/v1", kind: "CustomResourceDefinition" };

/**
 * Keeps the objects of kinds by `namespace/name`, those of kinds included whose CustomResourceDefinition comes later, or
 * goes and comes again. `changed` is told of every change that a spec or an existence sees; a status alone is none.
 */
export function createWatching(api: SandboxApi, changed: (kind: string) => void) {
	const ends = new Set<() => void>();
	/** Kinds that aren't served yet, by name. */
	const waiting = new Map<string, () => boolean>();
	const lose = new Map<string, (name: string) => void>();
	const definitions = follow(CRD, ({ type, object }) => {
		const { group, names } = (object.spec ?? {}) as { group?: string; names?: { kind?: string } };
		if (type === "DELETED") lose.get(`${group}/${names?.kind}`)?.(object.metadata.name);
		else for (const [name, attempt] of waiting) if (attempt()) waiting.delete(name);
	});

	function follow(kind: KindRef, listener: Parameters<SandboxApi["watch"]>[1]): () => void {
		const end = api.watch(kind, listener);
		ends.add(end);
		return () => {
			ends.delete(end);
			end();
		};
	}

	return {
		objects({ apiVersions, kind }: Wanted): Watched {
			const objects = new Map<string, KubeObject>();
			const name = `${apiVersions[0]?.split("/")[0]}/${kind}`;
			const listener: Parameters<SandboxApi["watch"]>[1] = ({ type, object }) => {
				const key = keyOf(object.metadata);
				const before = objects.get(key);
				if (type === "DELETED") objects.delete(key);
				else objects.set(key, object);
				const { generation } = object.metadata;
				const isSame = type !== "DELETED" && generation !== undefined && before?.metadata.generation === generation;
				if (!isSame || before?.metadata.uid !== object.metadata.uid) changed(kind);
			};
			const attempt = () => {
				for (const apiVersion of apiVersions) {
					try {
						const end = follow({ apiVersion, kind }, listener);
						lose.set(name, () => {
							lose.delete(name);
							end();
							objects.clear();
							waiting.set(name, attempt);
							changed(kind);
						});
						return true;
					} catch (error) {
						if (!(error instanceof Refusal)) throw error;
					}
				}
				return false;
			};
			if (!attempt()) waiting.set(name, attempt);
			return { objects };
		},
		stop() {
			definitions();
			for (const end of ends) end();
			ends.clear();
			waiting.clear();
		},
	};
}
