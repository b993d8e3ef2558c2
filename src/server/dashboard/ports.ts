import type { Canary } from "../../api/canary.ts";
import type { KubeObject, ObjectKey, ObjectRef } from "../../domain/kube-object.ts";
import type { Log } from "../../domain/log.ts";
import type { Door, Visitor } from "./door.ts";
import type { ImageLine, ImagesStanding, ImageVerb, PlannedStep, Verb } from "./wire.ts";

/** A number and the labels of its series, as Prometheus answers. */
export interface Sample {
	readonly labels: Readonly<Record<string, string>>;
	readonly value: number;
}

/** A file of the built page. */
export interface PageFile {
	readonly contentType: string;
	readonly body: string;
}

/** The images that are kept up to date. Workloads are named `Deployment/shop/cart`. */
export interface ImageView {
	standing(): ImagesStanding;
	list(): readonly ImageLine[];
	of(workload: string): readonly ImageLine[];
	/** Tells workloads whose images changed, and `""` when the standing did. Returns how to end it. */
	subscribe(listener: (workload: string) => void): () => void;
}

/** What somebody wants done about an image. */
export interface ImageDeed {
	readonly verb: ImageVerb;
	readonly line: ImageLine;
	readonly tag: string;
	/** What the tag points at; what is forgotten may have none. */
	readonly digest: string | undefined;
}

/** What the dashboard needs of the world. What is refused is thrown as an Error whose message is a sentence with the mend. */
export interface DashboardPorts {
	/** By path: `/` and those under `/assets/`. */
	readonly page: Readonly<Record<string, PageFile>>;
	readonly door: Door;
	readonly canaries: {
		list(): readonly KubeObject[];
		get(key: ObjectKey): KubeObject | undefined;
		/** Tells of every change from now on; `undefined` is one that is gone. Returns how to end it. */
		subscribe(listener: (key: ObjectKey, canary: KubeObject | undefined) => void): () => void;
	};
	readonly images: ImageView;
	/** Undefined when it is not there. */
	get(ref: ObjectRef): Promise<KubeObject | undefined>;
	list(kind: "pods" | "events", namespace: string, fieldSelector?: string): Promise<readonly KubeObject[]>;
	/** Which object moves the traffic; undefined when none does. */
	routeOf(canary: Canary): ObjectRef | undefined;
	planOf(canary: Canary): readonly PlannedStep[];
	/** Why the verb would do nothing now; undefined when it would. */
	refusalOf(verb: Verb, canary: Canary): string | undefined;
	/** What of a spec the page may show. */
	shown(part: unknown): unknown;
	/** Does it for a visitor whom the door has let in. Answers a sentence that says what was asked for. */
	act(verb: Verb, ref: { readonly namespace: string; readonly name: string }, visitor: Visitor): Promise<string>;
	/** Does it by the visitor's own rights, and as nobody else. Answers a sentence that says what was done. */
	actOnImage(deed: ImageDeed, visitor: Visitor): Promise<string>;
	/** An instant query; undefined when no Prometheus is known. */
	readonly query: ((promql: string) => Promise<readonly Sample[]>) | undefined;
	/** Calls until it is told to stop. */
	every(ms: number, call: () => void): () => void;
	readonly log: Log;
}
