import { BedError } from "./bed-error.ts";
import type { Kind, Reference } from "./kube-object.ts";

interface Resource {
	readonly name: string;
	readonly kind: string;
	readonly namespaced: boolean;
}

interface Collection extends Kind {
	readonly namespace?: string;
	readonly labelSelector?: string;
	readonly fieldSelector?: string;
}

/** URL paths of kinds and objects, learnt from the API server's discovery; a group is asked again when a kind is new to it. */
export class ResourcePaths {
	readonly #discover: (path: string) => Promise<unknown>;
	readonly #known = new Map<string, Promise<readonly Resource[]>>();

	constructor(discover: (path: string) => Promise<unknown>) {
		this.#discover = discover;
	}

	/** The path of one object, or of its subresource. An object of a namespaced kind without a namespace is in `default`. */
	async of(reference: Reference, subresource?: string): Promise<string> {
		return `${await this.folderOf(reference)}/${reference.metadata.name}${subresource ? `/${subresource}` : ""}`;
	}

	/** The path that an object is created under. */
	async folderOf({ apiVersion, kind, metadata: { namespace = "default" } }: Reference): Promise<string> {
		return this.collection({ apiVersion, kind, namespace });
	}

	/** The path of a collection with its selectors. */
	async collection({ apiVersion, kind, namespace, labelSelector, fieldSelector }: Collection): Promise<string> {
		const { name, namespaced } = await this.#resource({ apiVersion, kind });
		const folder = namespaced && namespace !== undefined ? `/namespaces/${namespace}` : "";
		const query = new URLSearchParams();
		if (labelSelector !== undefined) query.set("labelSelector", labelSelector);
		if (fieldSelector !== undefined) query.set("fieldSelector", fieldSelector);
		return `${rootOf(apiVersion)}${folder}/${name}${query.size > 0 ? `?${query}` : ""}`;
	}

	async #resource({ apiVersion, kind }: Kind): Promise<Resource> {
		for (const again of [false, true]) {
			if (again) this.#known.delete(apiVersion);
			const found = (await this.#resourcesOf(apiVersion)).find((resource) => resource.kind === kind);
			if (found) return found;
		}
		throw new BedError(`the API server knows no ${kind} in ${apiVersion}`, "install its CRD first");
	}

	#resourcesOf(apiVersion: string): Promise<readonly Resource[]> {
		const known = this.#known.get(apiVersion);
		if (known) return known;
		const asked = this.#ask(apiVersion);
		this.#known.set(apiVersion, asked);
		asked.catch(() => this.#known.delete(apiVersion));
		return asked;
	}

	async #ask(apiVersion: string): Promise<readonly Resource[]> {
		const { resources } = (await this.#discover(rootOf(apiVersion))) as { readonly resources: readonly Resource[] };
		return resources.filter(({ name }) => !name.includes("/"));
	}
}

function rootOf(apiVersion: string): string {
	return apiVersion.includes("/") ? `/apis/${apiVersion}` : `/api/${apiVersion}`;
}
