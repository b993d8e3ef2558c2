import type { KubeObject } from "../../../../src/domain/kube-object.ts";
import { silentLog } from "../../../../src/domain/log.ts";
import { createUpdater, type Updater } from "../../../../src/updater/loop/reconcile.ts";
import type { ChangeWindow } from "../../../../src/updater/rule.ts";
import { createScanner, type Scanner } from "../../../../src/updater/scanner/scanner.ts";
import { imagesOf } from "../../../../src/updater/workload.ts";
import { FakeClock } from "../../fake-clock.ts";
import { type Chance, chanceFrom } from "../../random.ts";
import { ModelCanary } from "./canary.ts";
import { Laws, order, read } from "./laws.ts";
import { ModelRegistry, moods } from "./registry.ts";
import { Crashed, deployment, edited, type Fate, imageOf, ModelCluster, recordsOf } from "./world.ts";

const KEY = "Deployment/shop/app";
const START = Date.UTC(2027, 0, 4, 10);
const MINUTE = 60_000;
const disturbances = [
	...["push", "push", "push", "repush", "delete", "hint", "hint", "vote", "vote", "vote"],
	...["fates", "fates", "mood", "slow", "lag", "crash", "edit", "image", "policy", "wake", "retry", "abort", "canary"],
] as const;

/** How the images are asked to be kept up to date. */
export interface ModelRule {
	readonly source: "policy" | "annotations";
	readonly policies: Readonly<Record<string, { readonly type: "patch" | "minor" | "all" | "digest" }>>;
	readonly windows: readonly ChangeWindow[];
	readonly freezes: readonly ChangeWindow[];
	readonly approvals: number;
	readonly supersede: boolean;
	readonly pinDigest: boolean;
	readonly schedule: string;
}

/** What all lives of a suite came to. */
export class LifeTally {
	lives = 0;
	writes = 0;
	images = 0;
	readonly told = new Map<string, number>();
}

/** One seed's story: a workload, its registry, its people and all that goes wrong, then peace. */
export class Life {
	readonly clock = new FakeClock(START);
	readonly cluster = new ModelCluster(this.clock);
	readonly registry: ModelRegistry;
	readonly canary: ModelCanary;
	readonly laws = new Laws(this);
	readonly trace: ((line: string) => void) | undefined;
	rule: ModelRule;
	readonly #chance: Chance;
	readonly #tally: LifeTally;
	readonly #isCalm: boolean;
	#process = { isAlive: false };
	#scanner: Scanner | undefined;
	#updater: Updater | undefined;
	#broken: unknown;
	#isBusy = false;
	#again = false;
	#failures = 0;
	#passes = 0;
	#passedAt = 0;
	#cancel = () => {};
	#wakesAt = Number.POSITIVE_INFINITY;
	#approvals = 0;

	constructor(seed: number, tally: LifeTally, trace?: (line: string) => void) {
		this.#chance = chanceFrom(seed);
		this.#tally = tally;
		this.trace = trace && ((line) => trace(`${(this.clock.now() - START) / 1_000} s: ${line}`));
		const chance = this.#chance;
		this.#isCalm = chance.happens(0.2);
		this.laws.isCalm = this.#isCalm;
		this.registry = new ModelRegistry(this.clock, chance);
		this.rule = this.#someRule(chance.happens(0.6) ? "policy" : "annotations");
		this.canary = new ModelCanary({
			clock: this.clock,
			cluster: this.cluster,
			judge: (target) => this.#judge(target),
			beginsAfterMs: () => chance.below(10_000),
			lastsMs: () => 10_000 + chance.below(120_000),
		});
		this.cluster.witness = this.laws;
		this.cluster.stored = (id) => {
			if (id === "Deployment/app") this.canary.targetChanged();
		};
		this.cluster.noticed = () => this.#wake(0);
	}

	/** Lives through it; throws when a law is broken. */
	async live(): Promise<void> {
		this.#settle();
		this.#begin();
		await this.#advance(10_000);
		const count = this.#chance.below(16);
		for (let index = 0; index < count; index += 1) {
			this.#disturb();
			await this.#advance(this.#chance.below(this.#chance.happens(0.2) ? 20 * MINUTE : MINUTE));
		}
		await this.#inPeace();
		await this.#quiet();
		this.#scanner?.stop();
		this.#tally.lives += 1;
		this.#tally.writes += this.cluster.writes;
		this.#tally.images += this.laws.imagesWritten;
		for (const [key, times] of this.laws.told) {
			const [reason = ""] = key.split(" ");
			this.#tally.told.set(reason, (this.#tally.told.get(reason) ?? 0) + times);
		}
	}

	/** Where records are. */
	recorded(): KubeObject | undefined {
		return this.cluster.get(this.rule.source === "policy" ? "ImagePolicy/app" : "Deployment/app");
	}

	approvedBy(name: string, digest: string): ReadonlySet<string> {
		const users = [...this.cluster.objects.values()].flatMap(({ kind, spec }) => {
			const said = spec as { readonly digest: string; readonly image: string; readonly user: string };
			const isMeant = kind === "ImageApproval" && said.digest === digest && read(said.image).name === name;
			return isMeant && (spec as { readonly decision: string }).decision === "approve" ? [said.user] : [];
		});
		return new Set(users);
	}

	#someRule(source: ModelRule["source"]): ModelRule {
		const chance = this.#chance;
		const types = ["minor", "minor", "patch", "all", "digest"] as const;
		const type = chance.pick(types);
		const isPolicy = source === "policy";
		return {
			source,
			policies:
				isPolicy && chance.happens(0.1)
					? { app: { type } }
					: { app: { type }, proxy: { type: isPolicy ? chance.pick(types) : type } },
			windows:
				isPolicy && chance.happens(0.25) ? [{ cron: "0 * * * *", durationMs: 20 * MINUTE, timeZone: undefined }] : [],
			freezes:
				isPolicy && chance.happens(0.15) ? [{ cron: "10 * * * *", durationMs: 5 * MINUTE, timeZone: undefined }] : [],
			approvals: chance.happens(0.3) ? 1 + chance.below(2) : 0,
			supersede: isPolicy && chance.happens(0.25),
			pinDigest: isPolicy && chance.happens(0.3),
			schedule: chance.pick(["@every 1m", "@every 3m", "@every 5m"]),
		};
	}

	/** The world before anybody looks at it. */
	#settle(): void {
		for (const repository of ["acme/app", "acme/proxy"]) this.registry.push(repository, "1.0.0", false);
		this.cluster.put(
			"Deployment/app",
			deployment("app", { app: "ghcr.io/acme/app:1.0.0", proxy: "ghcr.io/acme/proxy:1.0.0", other: "busybox:1" }),
		);
		this.#ask();
		if (this.#chance.happens(0.8)) this.canary.create();
		this.cluster.readAnew();
	}

	/** Somebody writes down what is asked for. */
	#ask(): void {
		const { source, policies, windows, freezes, approvals, supersede, pinDigest, schedule } = this.rule;
		const workload = this.cluster.get("Deployment/app") as KubeObject;
		if (source === "annotations") {
			const annotations = {
				...workload.metadata.annotations,
				"haldane.dev/policy": policies.app?.type ?? "",
				"haldane.dev/pollSchedule": schedule,
				"haldane.dev/monitorContainers": "^(app|proxy)$",
				"haldane.dev/approvals": String(approvals),
			};
			this.cluster.put("Deployment/app", { ...workload, metadata: { ...workload.metadata, annotations } });
			return;
		}
		const window = ({ cron, durationMs }: ChangeWindow) => ({ cron, duration: `${durationMs / MINUTE}m` });
		const before = this.cluster.get("ImagePolicy/app");
		this.cluster.put("ImagePolicy/app", {
			apiVersion: "haldane.dev/v1beta1",
			kind: "ImagePolicy",
			metadata: { name: "app", namespace: "shop" },
			...(before?.status === undefined ? {} : { status: before.status }),
			spec: {
				targetRef: { apiVersion: "apps/v1", kind: "Deployment", name: "app" },
				schedule,
				images: Object.entries(policies).map(([name, policy]) => ({ containers: [name], policy, pinDigest })),
				windows: windows.map(window),
				freezes: freezes.map(window),
				approvals: { required: approvals, deadline: "24h" },
				supersede,
			},
		});
	}

	/** A process begins; it knows what the cluster knows. */
	#begin(): void {
		const process = { isAlive: true };
		this.#process = process;
		this.#scanner?.stop();
		this.#isBusy = false;
		this.#failures = 0;
		this.cluster.readAnew();
		const die = () => {
			process.isAlive = false;
			this.trace?.("dies");
			this.clock.after(5_000, () => {
				if (this.#process === process) this.#begin();
			});
		};
		const scanner = createScanner({
			client: this.registry.client(),
			timers: this.clock,
			random: () => this.#chance.next(),
			log: silentLog,
			changed: () => {
				if (process.isAlive) this.#wake(0);
			},
			scanned: () => {},
		});
		this.#scanner = scanner;
		this.#updater = createUpdater(
			{
				cluster: this.cluster.port(process, die),
				scanner,
				log: silentLog,
				now: () => this.clock.now(),
				tell: (_about, notices) => this.laws.tells(notices),
			},
			{ schedule: "@every 1m" },
		);
		this.#wake(0);
	}

	/** A later call does not put off an earlier one. */
	#wake(afterMs: number): void {
		const at = this.clock.now() + afterMs;
		if (at >= this.#wakesAt) return;
		this.#cancel();
		this.#wakesAt = at;
		this.#cancel = this.clock.after(afterMs, () => {
			this.#wakesAt = Number.POSITIVE_INFINITY;
			void this.#pass();
		});
	}

	async #pass(): Promise<void> {
		if (!this.#process.isAlive || this.#broken !== undefined) return;
		this.#passes = this.#passedAt === this.clock.now() ? this.#passes + 1 : 0;
		this.#passedAt = this.clock.now();
		if (this.#passes > 100) this.#broken = new Error("this never comes to rest");
		if (this.#isBusy) {
			this.#again = true;
			return;
		}
		const process = this.#process;
		this.#isBusy = true;
		this.#again = false;
		let wakeAfterMs: number | undefined;
		try {
			const signal = new AbortController().signal;
			({ wakeAfterMs } = (await this.#updater?.reconcile(KEY, signal)) ?? { wakeAfterMs: undefined });
			this.#failures = 0;
		} catch (thrown) {
			if (thrown instanceof Crashed) return;
			this.#failures += 1;
			if ((thrown as { readonly name?: string }).name !== "ApiError") this.#broken ??= thrown;
			wakeAfterMs = Math.min(60_000, 500 * 2 ** this.#failures);
		}
		if (this.#process !== process) return;
		this.#isBusy = false;
		if (this.#again) this.#wake(0);
		else if (wakeAfterMs !== undefined) this.#wake(wakeAfterMs);
	}

	#judge(target: KubeObject): string | undefined {
		if (!this.#isCalm && this.#chance.happens(0.1)) return `was unlucky ${"x".repeat(300)}`;
		const bad = imagesOf(target).filter(({ image }) => {
			const { repository, tag = "", digest } = read(image);
			return this.registry.bad.has(digest ?? this.registry.of(repository).get(tag)?.digest ?? "");
		});
		return bad.length === 0 ? undefined : `${bad.map(({ name }) => name).join()} is bad`;
	}

	#disturb(): void {
		const chance = this.#chance;
		const what = this.#isCalm ? chance.pick(["push", "vote", "hint"] as const) : chance.pick(disturbances);
		this.trace?.(`— ${what}`);
		const container = chance.pick(["app", "proxy"]);
		const repository = `acme/${container}`;
		const tags = this.registry.of(repository);
		const workload = this.cluster.get("Deployment/app") as KubeObject;
		switch (what) {
			case "push":
			case "hint": {
				const tag = `${1 + (chance.happens(0.1) ? 1 : 0)}.${chance.below(4)}.${chance.below(6)}`;
				if (!tags.has(tag)) this.registry.push(repository, tag, chance.happens(0.3));
				if (what === "hint") this.#scanner?.hint({ repository: `ghcr.io/${repository}`, tag });
				return;
			}
			case "repush":
				this.registry.push(repository, chance.pick([...tags.keys()]), chance.happens(0.3));
				return;
			case "delete":
				if (tags.size > 1) tags.delete(chance.pick([...tags.keys()]));
				return;
			case "vote":
				this.#vote(chance.pick(["ada", "bob", "eve"]), chance.happens(0.85) ? "approve" : "reject");
				return;
			case "fates": {
				const fates: readonly Fate[] = ["conflict", "refused", "lost", "late", "diesBefore", "diesAfter"];
				const probability = chance.pick([0, 0.2, 0.6]);
				this.cluster.fate = () => (chance.happens(probability) ? chance.pick(fates) : "done");
				return;
			}
			case "mood":
				this.registry.mood = chance.pick(moods);
				return;
			case "slow":
				this.registry.slowMs = chance.pick([0, 5_000, 90_000]);
				return;
			case "lag": {
				const most = chance.pick([0, 5_000, 30_000]);
				this.cluster.lagMs = () => (most === 0 ? 0 : chance.below(most));
				return;
			}
			case "crash":
				this.#process.isAlive = false;
				this.#begin();
				return;
			case "wake":
				this.#wake(0);
				return;
			case "edit":
				this.cluster.put("Deployment/app", edited(workload, { replicas: chance.below(9) }));
				return;
			case "image":
				this.#write(container, chance.pick([...tags.keys()]));
				return;
			case "policy":
				this.rule = this.#someRule(this.rule.source);
				this.#ask();
				return;
			case "retry":
				this.canary.retry();
				return;
			case "abort":
				this.canary.abort();
				return;
			case "canary":
				if (this.canary.status() === undefined) this.canary.create();
				else this.canary.remove();
				return;
		}
	}

	/** Somebody else has an image of his own. */
	#write(container: string, tag: string): void {
		const workload = this.cluster.get("Deployment/app") as KubeObject;
		const written = imageOf(workload, container);
		const text = JSON.stringify(workload).replaceAll(`"${written}"`, `"${read(written).name}:${tag}"`);
		this.cluster.put("Deployment/app", JSON.parse(text) as KubeObject);
		// A person who goes back wants it so; the choice goes on from there.
		if (order(tag) === 0) throw new Error("no such tag");
	}

	#vote(user: string, decision: "approve" | "reject"): void {
		const waiting = recordsOf(this.recorded()).filter(({ chosen }) => chosen?.state === "AwaitingApproval");
		if (waiting.length === 0) return;
		const { container, chosen } = this.#chance.pick(waiting);
		const { name } = read(imageOf(this.cluster.get("Deployment/app"), container));
		this.#approvals += 1;
		this.cluster.put(`ImageApproval/a${this.#approvals}`, {
			apiVersion: "haldane.dev/v1beta1",
			kind: "ImageApproval",
			metadata: { name: `a${this.#approvals}`, namespace: "shop" },
			spec: {
				image: `${name}:${chosen?.tag}`,
				digest: chosen?.digest,
				workload: { kind: "Deployment", name: "app" },
				decision,
				user,
			},
		});
	}

	/** Everything is well from now on, and people say yes to all. */
	async #inPeace(): Promise<void> {
		this.trace?.("— peace");
		this.cluster.fate = () => "done";
		this.cluster.lagMs = () => 0;
		this.registry.mood = "well";
		this.registry.slowMs = 0;
		for (let minutes = 0; minutes < 180; minutes += 10) {
			for (const user of ["ada", "bob", "cy"]) for (let index = 0; index < 4; index += 1) this.#vote(user, "approve");
			await this.#advance(10 * MINUTE);
			if (this.laws.unrest() === undefined) return;
		}
		throw new Error(this.laws.unrest());
	}

	/** Longer than any fact of the registry is believed. */
	async #quiet(): Promise<void> {
		const { writes } = this.cluster;
		await this.#advance(25 * MINUTE);
		if (this.cluster.writes !== writes) throw new Error(`${this.cluster.writes - writes} writes in a quiet world`);
	}

	async #advance(byMs: number): Promise<void> {
		await this.clock.advance(byMs);
		if (this.#broken !== undefined) throw this.#broken;
	}
}
