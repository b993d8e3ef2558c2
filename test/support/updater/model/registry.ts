import type {
	RegistryAnswer,
	RegistryClient,
	TagFacts,
} from "../../../../src/updater/image-registry/image-registry.ts";
import type { FakeClock } from "../../fake-clock.ts";
import type { Chance } from "../../random.ts";

export type Mood = "well" | "throttled" | "unreachable" | "malformed" | "refused";
export const moods: readonly Mood[] = ["well", "throttled", "unreachable", "malformed", "refused"];

/** What a tag points at, and since when it does. */
export interface ModelTag {
	readonly digest: string;
	readonly createdAt: number;
}

/** A registry of a few repositories, which is not always well and not always quick. */
export class ModelRegistry {
	readonly repositories = new Map<string, Map<string, ModelTag>>();
	/** Digests that fail in every canary. */
	readonly bad = new Set<string>();
	mood: Mood = "well";
	/** The longest that an answer takes. */
	slowMs = 0;
	requests = 0;
	readonly #clock: FakeClock;
	readonly #chance: Chance;
	#digests = 0;

	constructor(clock: FakeClock, chance: Chance) {
		this.#clock = clock;
		this.#chance = chance;
	}

	push(repository: string, tag: string, isBad: boolean): ModelTag {
		this.#digests += 1;
		const pushed = {
			digest: `sha256:${this.#digests.toString(16).padStart(64, "0")}`,
			createdAt: this.#clock.now(),
		};
		if (isBad) this.bad.add(pushed.digest);
		this.of(repository).set(tag, pushed);
		return pushed;
	}

	of(repository: string): Map<string, ModelTag> {
		const known = this.repositories.get(repository) ?? new Map<string, ModelTag>();
		this.repositories.set(repository, known);
		return known;
	}

	client(): RegistryClient {
		return {
			tags: ({ repository }, etag) =>
				this.#answer(() => {
					const tags = [...this.of(repository).keys()];
					const now = JSON.stringify(tags);
					return etag === now ? { kind: "unchanged" } : { kind: "found", value: tags, etag: now };
				}),
			digest: ({ repository }, tag) => this.#answer(() => this.#about(repository, tag, ({ digest }) => digest)),
			facts: ({ repository }, tag) =>
				this.#answer(() =>
					this.#about(repository, tag, ({ digest, createdAt }): TagFacts => ({ digest, createdAt, platforms: [] })),
				),
		};
	}

	#about<T>(repository: string, tag: string, read: (known: ModelTag) => T): RegistryAnswer<T> {
		const known = this.of(repository).get(tag);
		return known === undefined
			? { kind: "missing", detail: `there is no ${tag}` }
			: { kind: "found", value: read(known) };
	}

	async #answer<T>(say: () => RegistryAnswer<T>): Promise<RegistryAnswer<T>> {
		this.requests += 1;
		if (this.slowMs > 0) {
			const delayMs = this.#chance.below(this.slowMs);
			await new Promise<void>((resolve) => this.#clock.after(delayMs, resolve));
		}
		switch (this.mood) {
			case "well":
				return say();
			case "throttled":
				return { kind: "throttled", retryAt: this.#clock.now() + 60_000, detail: "asks to wait" };
			case "unreachable":
				return { kind: "unreachable", detail: "no answer" };
			case "malformed":
				// Whatever a proxy has to say, at length.
				return { kind: "malformed", detail: `is no JSON: ${"<html>".repeat(100)}` };
			case "refused":
				return { kind: "refused", detail: "answered 401" };
		}
	}
}
