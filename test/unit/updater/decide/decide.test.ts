import { describe, expect, test } from "vitest";
import { decide } from "../../../../src/updater/decide/decide.ts";
import type { Situation } from "../../../../src/updater/decide/situation.ts";
import { digestOf, SmallWorld } from "../../../support/updater/small-world.ts";

const APP = "ghcr.io/acme/app";

function found(rule: ConstructorParameters<typeof SmallWorld>[0] = {}): SmallWorld {
	const world = new SmallWorld(rule);
	world.push("1.0.0", "a");
	world.push("1.1.0", "b");
	return world;
}

describe("a newer tag", () => {
	test("is recorded before it is written, and written as recorded", () => {
		const world = found();
		while (decide(world.situation()).do === "ask") world.step();
		expect(decide(world.situation()).do).toBe("record");
		expect(world.writes).toEqual([]);
		world.step();
		expect(world.record.chosen).toMatchObject({ tag: "1.1.0", digest: digestOf("b"), state: "Writing" });
		expect(decide(world.situation())).toMatchObject({ do: "write", images: [{ name: "app", image: `${APP}:1.1.0` }] });
	});

	test("goes through its canary, and then it is told", () => {
		const world = found();
		world.settle();
		expect(world.record.chosen?.state).toBe("RollingOut");
		world.begins();
		world.settle();
		world.promotes();
		world.settle();
		expect(world.record.chosen?.state).toBe("RolledOut");
		expect(world.told).toEqual(["ImageFound", "ImageUpdated", "ImageRolledOut"]);
		expect(world.writes).toEqual([`${APP}:1.1.0`]);
	});

	test("is rolled out when it is written, where there is no Canary", () => {
		const world = found({ hasCanary: false });
		world.settle();
		expect(world.record.chosen?.state).toBe("RolledOut");
		expect(world.told).toEqual(["ImageFound", "ImageUpdated"]);
	});

	test("is written with its digest where that is asked for", () => {
		const world = found({ rule: { pinDigest: true } });
		world.settle();
		expect(world.writes).toEqual([`${APP}:1.1.0@${digestOf("b")}`]);
	});

	test("is written with its digest where the one before was", () => {
		const world = found({ image: `${APP}:1.0.0@${digestOf("a")}` });
		world.settle();
		expect(world.writes).toEqual([`${APP}:1.1.0@${digestOf("b")}`]);
		expect(world.record.chosen?.state).toBe("RollingOut");
		world.push("1.2.0", "c");
		world.promotes();
		world.settle();
		expect(world.writes.slice(1)).toEqual([`${APP}:1.2.0@${digestOf("c")}`]);
	});

	test("is known to be written where the cluster adds the digest by itself, and another digest is not it", () => {
		for (const [letter, state] of [
			["b", "RollingOut"],
			["c", undefined],
		] as const) {
			const world = found();
			while (decide(world.situation()).do !== "write") world.step();
			world.written = `${APP}:1.1.0@${digestOf(letter)}`;
			world.settle();
			expect(world.record.chosen?.state).toBe(state);
		}
	});

	test("waits for the rollout in progress to end", () => {
		const world = found();
		world.begins();
		world.settle();
		expect(world.record.chosen?.state).toBe("AwaitingRollout");
		expect(world.writes).toEqual([]);
		world.promotes();
		world.settle();
		expect(world.writes).toEqual([`${APP}:1.1.0`]);
	});

	test("takes the place of the rollout in progress where that is wanted", () => {
		const world = found({ rule: { supersede: true } });
		world.settle();
		world.begins();
		world.settle();
		world.push("1.2.0", "c");
		world.settle();
		expect(world.writes).toEqual([`${APP}:1.1.0`, `${APP}:1.2.0`]);
	});

	test("that comes in mid-rollout is written after it, and only the newest", () => {
		const world = found();
		world.settle();
		world.begins();
		world.push("1.2.0", "c");
		world.push("1.3.0", "d");
		world.settle();
		expect(world.writes).toHaveLength(1);
		world.promotes();
		world.settle();
		expect(world.writes).toEqual([`${APP}:1.1.0`, `${APP}:1.3.0`]);
	});
});

describe("a tag that its canary rolled back", () => {
	function failed(): SmallWorld {
		const world = found();
		world.settle();
		world.begins();
		world.settle();
		world.rollsBack();
		world.settle();
		return world;
	}

	test("is remembered with its digest, and told once", () => {
		const world = failed();
		expect(world.record.failed).toEqual([
			{ tag: "1.1.0", digest: digestOf("b"), at: expect.any(String), why: "too slow" },
		]);
		world.settle();
		expect(world.told.filter((reason) => reason === "ImageRolledBack")).toHaveLength(1);
	});

	test("is not chosen again, through restarts, nor when the target is set back", () => {
		const world = failed();
		world.restart();
		world.settle();
		world.written = `${APP}:1.0.0`;
		world.rollout = { kind: "settled" };
		world.settle();
		expect(world.writes).toEqual([`${APP}:1.1.0`]);
		expect(world.record.passedOver?.[0]).toMatchObject({ tag: "1.1.0" });
	});

	test("is chosen again when it points at something else", () => {
		const world = failed();
		world.written = `${APP}:1.0.0`;
		world.rollout = { kind: "settled" };
		world.push("1.1.0", "e");
		world.restart();
		world.settle();
		expect(world.record.chosen).toMatchObject({ tag: "1.1.0", digest: digestOf("e") });
	});

	test("gives way to the next one, held against what serves", () => {
		const world = failed();
		world.push("1.1.1", "c");
		world.settle();
		expect(world.writes).toEqual([`${APP}:1.1.0`, `${APP}:1.1.1`]);
	});

	test("is forgiven when a retry passes", () => {
		const world = failed();
		world.begins();
		world.settle();
		world.promotes();
		world.settle();
		expect(world.record.failed).toEqual([]);
	});

	test("is remembered also when a person wrote it", () => {
		const world = new SmallWorld();
		world.push("1.0.0", "a");
		world.push("2.0.0", "z");
		world.written = `${APP}:2.0.0`;
		world.rollsBack();
		world.settle();
		expect(world.record.failed).toMatchObject([{ tag: "2.0.0" }]);
	});
});

describe("approvals", () => {
	const rule = { approvals: 2, approvalDeadlineMs: 3_600_000 };

	test("are waited for, counted, and then the image is written", () => {
		const world = found({ rule });
		world.settle();
		expect(world.record.chosen?.state).toBe("AwaitingApproval");
		world.vote("ada", "approve");
		world.settle();
		expect(world.writes).toEqual([]);
		world.vote("bob", "approve");
		world.settle();
		expect(world.writes).toEqual([`${APP}:1.1.0`]);
		expect(world.told).toEqual(["ImageFound", "ImageAwaitsApproval", "ImageApproved", "ImageUpdated"]);
	});

	test("are for the digest: a tag that is pushed again is asked about again", () => {
		const world = found({ rule });
		world.settle();
		world.vote("ada", "approve");
		world.push("1.1.0", "e");
		world.restart();
		world.settle();
		world.vote("bob", "approve");
		world.settle();
		expect(world.writes).toEqual([]);
		expect(world.record.chosen).toMatchObject({ digest: digestOf("e"), state: "AwaitingApproval" });
	});

	test("that were given once last through a change window that opens late", () => {
		const windows = [{ cron: "0 12 * * *", durationMs: 3_600_000 }];
		const world = found({ rule: { ...rule, approvals: 1, windows } });
		world.settle();
		world.vote("ada", "approve");
		world.settle();
		expect(world.record.chosen).toMatchObject({ state: "AwaitingWindow", approvedBy: ["ada"] });
		world.votes.clear();
		world.passes(2 * 3_600_000);
		world.settle();
		expect(world.writes).toEqual([`${APP}:1.1.0`]);
	});

	test("one rejection ends it, and names who", () => {
		const world = found({ rule });
		world.settle();
		world.vote("ada", "approve");
		world.vote("eve", "reject");
		world.settle();
		expect(world.record).toMatchObject({ chosen: { state: "Rejected" }, rejected: [{ tag: "1.1.0", by: "eve" }] });
		world.restart();
		world.settle();
		expect(world.writes).toEqual([]);
	});

	test("that come too late are of no use, and the next tag is asked about", () => {
		const world = found({ rule });
		world.settle();
		const rest = decide(world.situation());
		expect(rest).toEqual({ do: "rest", lookAgainAt: world.now + 3_600_000 });
		world.passes(3_600_000);
		world.settle();
		expect(world.record.chosen?.state).toBe("Expired");
		world.vote("ada", "approve");
		world.vote("bob", "approve");
		world.settle();
		expect(world.writes).toEqual([]);
		world.push("1.2.0", "c");
		world.settle();
		expect(world.record.chosen).toMatchObject({ tag: "1.2.0", state: "AwaitingApproval" });
	});
});

describe("while nobody can see who said what", () => {
	const unseen = (situation: Situation): Situation => ({
		...situation,
		images: situation.images.map((image) => ({ ...image, votes: undefined })),
	});

	test("nothing is approved, nothing expires, and what was said in time counts afterwards", () => {
		const world = found({ rule: { approvals: 1, approvalDeadlineMs: 3_600_000 } });
		world.settle();
		world.vote("ada", "approve");
		expect(decide(unseen(world.situation()))).toEqual({ do: "rest", lookAgainAt: undefined });
		world.passes(3_600_000);
		expect(decide(unseen(world.situation()))).toEqual({ do: "rest", lookAgainAt: undefined });
		world.settle();
		expect(world.record.chosen?.approvedBy).toEqual(["ada"]);
	});
});

describe("what the registry said", () => {
	test("is asked again before it is written, when it is older than a minute", () => {
		const world = found();
		world.begins();
		world.settle();
		world.passes(61_000);
		world.promotes();
		world.push("1.1.0", "e");
		world.settle();
		expect(world.record.chosen).toMatchObject({ tag: "1.1.0", digest: digestOf("e") });
		expect(world.writes).toEqual([`${APP}:1.1.0`]);
	});

	test("that a chosen tag is gone takes the choice back", () => {
		const world = found({ rule: { approvals: 1 } });
		world.settle();
		world.registry.delete("1.1.0");
		world.settle();
		expect(world.record.chosen).toBeUndefined();
	});
});

describe("what the simulation found", () => {
	test("new content of a failed tag is not barred with the old, though nobody set the target back", () => {
		const world = found();
		world.settle();
		world.begins();
		world.rollsBack();
		world.settle();
		world.push("1.1.0", "e");
		world.restart();
		world.settle();
		expect(world.record.failed).toMatchObject([{ digest: digestOf("b") }]);
		expect(world.writes).toEqual([`${APP}:1.1.0`, `${APP}:1.1.0@${digestOf("e")}`]);
	});

	test("a failure is recorded once, though what the tag pointed at was forgotten and another is chosen", () => {
		const world = found({ rule: { approvals: 1 } });
		world.settle();
		world.vote("ada", "approve");
		world.settle();
		world.begins();
		world.rollsBack();
		world.push("1.1.1", "c");
		world.settle();
		expect(world.record.chosen).toMatchObject({ tag: "1.1.1", state: "AwaitingApproval" });
		world.restart();
		world.settle();
		expect(world.record.failed).toHaveLength(1);
	});

	test("new content of the same tag is written with its digest, or nothing would roll out", () => {
		const world = new SmallWorld({ rule: { policy: "digest" }, image: `${APP}:latest` });
		world.push("latest", "a");
		world.restart();
		// The scanner of one tag keeps its facts.
		world.step();
		world.settle();
		expect(world.record.chosen).toMatchObject({ tag: "latest", digest: digestOf("a"), state: "RolledOut" });
		world.push("latest", "b");
		world.restart();
		world.settle();
		expect(world.writes).toEqual([`${APP}:latest@${digestOf("b")}`]);
		expect(world.told).toEqual(["ImageFound", "ImageUpdated"]);
	});

	test("reasons of any length fit into the record", () => {
		const world = found();
		world.settle();
		world.begins();
		world.rollsBack("x".repeat(1_000));
		world.settle();
		expect(world.record.failed?.[0]?.why).toHaveLength(256);
	});

	test("nothing is written while nobody knows what the registry says, whatever the record says", () => {
		const world = found();
		while (world.record.chosen === undefined) world.step();
		const situation = world.situation();
		const blind = situation.images.map((image) => ({ ...image, knowledge: { kind: "unknown" } as const }));
		expect(decide(situation).do).toBe("write");
		expect(decide({ ...situation, images: blind })).toEqual({ do: "rest", lookAgainAt: undefined });
	});

	test("what failed beside it is set back with the next write, and no image of a rule that is never", () => {
		const world = found();
		world.settle();
		world.begins();
		world.rollsBack();
		world.settle();
		world.push("1.2.0", "c");
		while (decide(world.situation()).do !== "write") world.step();
		const { images, ...situation } = world.situation();
		const [app] = images;
		if (app === undefined) throw new Error("there is no image");
		const beside = (name: string, policy: "minor" | "never") => ({
			...app,
			image: { ...app.image, name, image: `${APP}:1.1.9` },
			written: { ...app.written, tag: "1.1.9" },
			rule: { ...app.rule, policy },
			record: { container: name, role: "container" as const, failed: [{ tag: "1.1.9", at: "", why: "" }] },
			knowledge: { kind: "unknown" } as const,
		});
		const decision = decide({ ...situation, images: [app, beside("proxy", "minor"), beside("other", "never")] });
		expect(decision).toMatchObject({
			do: "write",
			images: [
				{ name: "app", image: `${APP}:1.2.0` },
				{ name: "proxy", image: `${APP}:1.0.0` },
			],
			changeCause: `haldane: app: ${APP}:1.1.0 -> ${APP}:1.2.0, proxy: ${APP}:1.1.9 -> ${APP}:1.0.0`,
		});
	});
});

describe("images that failed in one rollout", () => {
	test("are each remembered, and the message names the others", () => {
		const world = found();
		world.settle();
		world.begins();
		world.rollsBack("too slow");
		const { images, ...situation } = world.situation();
		const [app] = images;
		if (app === undefined) throw new Error("there is no image");
		const named = (name: string, written: object) => ({
			...app,
			image: { ...app.image, name },
			written: { ...app.written, ...written },
			record: { container: name, role: "container" as const },
			knowledge: { kind: "unknown" } as const,
		});
		const decision = decide({
			...situation,
			images: [app, named("proxy", { tag: "2.0.0" }), named("other", app.serving)],
		});
		if (decision.do !== "record") throw new Error("nothing is remembered");
		expect(decision.records.map(({ failed = [] }) => failed.map(({ tag }) => tag))).toEqual([["1.1.0"], ["2.0.0"], []]);
		const remembered = "was rolled back and will not be chosen again";
		const suspected = (other: string) => `(nor ${other}, tested in the same rollout: either may be to blame): too slow`;
		expect(decision.told.map(({ message }) => message)).toEqual([
			`Deployment shop/app: app 1.1.0 ${remembered} ${suspected("proxy 2.0.0")}`,
			`Deployment shop/app: proxy 2.0.0 ${remembered} ${suspected("app 1.1.0")}`,
		]);
	});
});

describe("an image that is due", () => {
	const beside = (problem: string | undefined) => {
		const world = found();
		while (world.record.chosen?.state !== "Writing") world.step();
		const { images, ...situation } = world.situation();
		const [app] = images;
		if (app?.knowledge.kind !== "known") throw new Error("nothing is known");
		const { facts } = app.knowledge;
		const old = new Map([...facts].map(([tag, known]) => [tag, { ...known, at: known.at - 120_000 }]));
		const knowledge = { ...app.knowledge, facts: old, problem };
		const record = { ...app.record, container: "proxy", ...(problem === undefined ? {} : { problem }) };
		const proxy = { ...app, image: { ...app.image, name: "proxy" }, watch: "proxy", record, knowledge };
		return decide({ ...situation, images: [app, proxy] });
	};

	test("waits for the answer that another of its workload needs, so that one rollout tests both", () => {
		expect(beside(undefined)).toEqual({ do: "ask", questions: [{ watch: "proxy", tags: ["1.1.0"] }] });
	});

	test("does not wait for a registry that gives none", () => {
		expect(beside("no answer")).toMatchObject({ do: "write", images: [{ name: "app" }] });
	});
});

describe("a registry in trouble", () => {
	test("shows in the record while it lasts, beside what is known, and is told nobody", () => {
		const world = found();
		world.settle();
		const situation = world.situation();
		const [image] = situation.images;
		if (image?.knowledge.kind !== "known") throw new Error("nothing is known");
		const seeing = (problem: string | undefined, record = image.record) => {
			const knowledge = { ...image.knowledge, problem };
			const settled = { ...record, chosen: { ...record.chosen, state: "RolledOut" } } as typeof record;
			return decide({
				...situation,
				images: [{ ...image, serving: image.written, record: settled, knowledge } as typeof image],
			});
		};
		const troubled = seeing("no answer");
		expect(troubled).toMatchObject({ do: "record", records: [{ problem: "no answer" }], told: [] });
		const [record] = troubled.do === "record" ? troubled.records : [];
		expect(seeing("no answer", record).do).toBe("rest");
		const well = seeing(undefined, record);
		expect(well.do === "record" && well.records[0]?.problem).toBeUndefined();
		expect(well.do).toBe("record");
	});
});
