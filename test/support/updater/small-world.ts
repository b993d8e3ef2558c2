import type { ImageRecord } from "../../../src/api/image-record.ts";
import { decide, pushed } from "../../../src/updater/decide/decide.ts";
import type { Decision, KnownFacts, Rollout, Situation, Vote } from "../../../src/updater/decide/situation.ts";
import { type ImageReference, parseImageReference } from "../../../src/updater/image-reference.ts";
import type { UpdateRule } from "../../../src/updater/rule.ts";
import { plainRule } from "../../../src/updater/rules.ts";

export const START = Date.UTC(2027, 0, 4, 10);

export const smallRule: UpdateRule = { ...plainRule, policy: "minor", schedule: "@every 1m" };

/** A digest that is told apart by one letter. */
export function digestOf(letter: string): string {
	return `sha256:${letter.repeat(64)}`;
}

/**
 * A workload of one image with its registry, its Canary and its people, as small as can be: whatever `decide` wants is done,
 * in memory. `restart` loses all that is not recorded.
 */
export class SmallWorld {
	rule: UpdateRule;
	written: string;
	serving: string;
	rollout: Rollout;
	record: ImageRecord = { container: "app", role: "container" };
	/** Tag to digest and age. */
	readonly registry = new Map<string, { readonly digest: string; readonly createdAt?: number }>();
	/** By digest. */
	readonly votes = new Map<string, Vote[]>();
	readonly told: string[] = [];
	readonly writes: string[] = [];
	/** What the repository says, where images are written back. */
	branch: string | undefined;
	readonly pushes: string[] = [];
	now = START;
	#facts = new Map<string, KnownFacts>();

	constructor({
		rule = {},
		image = "ghcr.io/acme/app:1.0.0",
		hasCanary = true,
		writesBack = false,
	}: {
		readonly rule?: Partial<UpdateRule>;
		readonly image?: string;
		readonly hasCanary?: boolean;
		readonly writesBack?: boolean;
	} = {}) {
		this.rule = { ...smallRule, ...rule };
		this.written = image;
		this.serving = image;
		this.branch = writesBack ? image : undefined;
		this.rollout = hasCanary ? { kind: "settled" } : { kind: "none" };
	}

	push(tag: string, letter: string, createdAt?: number): void {
		this.registry.set(tag, { digest: digestOf(letter), ...(createdAt === undefined ? {} : { createdAt }) });
	}

	/** Somebody has his say about what is chosen now. */
	vote(user: string, decision: Vote["decision"]): void {
		const digest = this.record.chosen?.digest ?? "";
		this.votes.set(digest, [...(this.votes.get(digest) ?? []), { user, decision }]);
	}

	/** Whoever brings what the repository says into the cluster does so. */
	syncs(): void {
		if (this.branch !== undefined) this.#write(this.branch);
	}

	/** The Canary takes up what is written. */
	begins(): void {
		this.rollout = { kind: "running" };
	}

	promotes(): void {
		this.serving = this.written;
		this.rollout = { kind: "settled" };
	}

	rollsBack(why = "too slow"): void {
		this.rollout = { kind: "failed", why };
	}

	/** What was asked of the registry is forgotten, as it is when the process starts anew. */
	restart(): void {
		this.#facts = new Map();
	}

	passes(ms: number): void {
		this.now += ms;
	}

	situation(): Situation {
		return {
			workload: "Deployment shop/app",
			images: [
				{
					image: { role: "container", name: "app", image: this.written },
					written: read(this.written),
					serving: read(this.serving),
					rule: this.rule,
					watch: "ghcr.io/acme/app",
					record: this.record,
					knowledge: {
						kind: "known",
						tags: [...this.registry.keys()],
						facts: this.#facts,
						unanswered: new Map(),
						at: this.now,
					},
					votes: this.votes.get(this.record.chosen?.digest ?? "") ?? [],
				},
			],
			rollout: this.rollout,
			writesBack: this.branch !== undefined,
			nodePlatforms: [],
			now: this.now,
		};
	}

	/** Does one thing; false when there is nothing to do. */
	step(): boolean {
		const decision = decide(this.situation());
		this.#perform(decision);
		return decision.do !== "rest";
	}

	/** Does all there is to do. */
	settle(): void {
		for (let steps = 0; this.step(); steps++) if (steps > 20) throw new Error("this never comes to rest");
	}

	#write(image: string): void {
		this.written = image;
		if (this.rollout.kind === "none") this.serving = this.written;
		// A Canary looks at what is new a moment later.
		else this.rollout = { kind: "settled" };
	}

	#perform(decision: Decision): void {
		switch (decision.do) {
			case "record": {
				const [record] = decision.records;
				if (record !== undefined) this.record = record;
				this.told.push(...decision.told.map(({ reason }) => reason));
				return;
			}
			case "write": {
				const [image] = decision.images;
				this.#write(image?.image ?? "");
				this.writes.push(this.written);
				return;
			}
			case "push": {
				const situation = this.situation();
				this.branch = decision.images[0]?.image;
				this.pushes.push(this.branch ?? "");
				this.#perform(pushed(situation, { commit: "c0ffee", branch: "main", images: decision.images }));
				return;
			}
			case "ask":
				for (const tag of decision.questions.flatMap(({ tags }) => tags)) {
					const known = this.registry.get(tag);
					if (known === undefined) throw new Error(`there is no ${tag}`);
					this.#facts.set(tag, { digest: known.digest, createdAt: known.createdAt, platforms: [], at: this.now });
				}
				return;
			case "rest":
				return;
		}
	}
}

function read(image: string): ImageReference {
	const parsed = parseImageReference(image);
	if (!parsed.ok) throw new Error(parsed.problem);
	return parsed.reference;
}
