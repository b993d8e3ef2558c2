import { describe, expect, test } from "vitest";
import { decide } from "../../../../src/updater/decide/decide.ts";
import { digestOf, SmallWorld } from "../../../support/updater/small-world.ts";

const APP = "ghcr.io/acme/app";

function found(rule: ConstructorParameters<typeof SmallWorld>[0] = {}): SmallWorld {
	const world = new SmallWorld({ writesBack: true, ...rule });
	world.push("1.0.0", "a");
	world.push("1.1.0", "b");
	return world;
}

describe("an image that is written back", () => {
	test("is pushed once, and then the workload is waited for", () => {
		const world = found();
		world.settle();
		expect(world.pushes).toEqual([`${APP}:1.1.0`]);
		expect(world.record.chosen).toMatchObject({
			tag: "1.1.0",
			state: "Pushed",
			commit: "c0ffee",
			from: `${APP}:1.0.0`,
		});
		expect(world.told).toEqual(["ImageFound", "ImageUpdated"]);
		world.restart();
		world.passes(3_600_000);
		world.settle();
		expect(world.pushes).toHaveLength(1);
		expect(world.writes).toEqual([]);
	});

	test("says all that the commit needs", () => {
		const world = found({ rule: { pinDigest: true } });
		while (decide(world.situation()).do !== "push") world.step();
		expect(decide(world.situation())).toEqual({
			do: "push",
			images: [
				{
					...{ role: "container", name: "app", image: `${APP}:1.1.0@${digestOf("b")}`, from: `${APP}:1.0.0` },
					...{ tag: "1.1.0", digest: digestOf("b"), why: world.record.chosen?.why },
				},
			],
		});
	});

	test("is pushed without a digest where only the cluster added one, and known again when it does so anew", () => {
		const world = found({ image: `${APP}:1.0.0@${digestOf("a")}` });
		world.settle();
		expect(world.pushes).toEqual([`${APP}:1.1.0`]);
		world.branch = `${APP}:1.1.0@${digestOf("b")}`;
		world.syncs();
		world.settle();
		expect(world.record.chosen?.state).toBe("RollingOut");
	});

	test("goes through its canary once somebody has brought it into the workload", () => {
		const world = found();
		world.settle();
		world.syncs();
		world.settle();
		expect(world.record.chosen).toMatchObject({ state: "RollingOut", commit: "c0ffee" });
		world.begins();
		world.settle();
		world.promotes();
		world.settle();
		expect(world.record.chosen?.state).toBe("RolledOut");
		expect(world.told).toEqual(["ImageFound", "ImageUpdated", "ImageUpdated", "ImageRolledOut"]);
		expect(world.pushes).toHaveLength(1);
	});

	test("is rolled out when it is in the workload, where there is no Canary", () => {
		const world = found({ hasCanary: false });
		world.settle();
		world.syncs();
		world.settle();
		expect(world.record.chosen?.state).toBe("RolledOut");
	});

	test("is remembered when its canary fails, and not pushed again", () => {
		const world = found();
		world.settle();
		world.syncs();
		world.begins();
		world.settle();
		world.rollsBack();
		world.settle();
		expect(world.record.failed?.map(({ tag }) => tag)).toEqual(["1.1.0"]);
		world.push("1.2.0", "c");
		world.settle();
		expect(world.pushes).toEqual([`${APP}:1.1.0`, `${APP}:1.2.0`]);
	});

	test("gives way to a newer one before anybody has taken it up", () => {
		const world = found();
		world.settle();
		world.push("1.2.0", "c");
		world.settle();
		expect(world.pushes).toEqual([`${APP}:1.1.0`, `${APP}:1.2.0`]);
		expect(world.record.chosen).toMatchObject({ tag: "1.2.0", state: "Pushed" });
	});

	test("stays pushed when its tag is gone from the registry", () => {
		const world = found();
		world.settle();
		world.registry.delete("1.1.0");
		world.settle();
		expect(world.record.chosen).toMatchObject({ tag: "1.1.0", state: "Pushed" });
		expect(world.pushes).toHaveLength(1);
	});

	test("is asked about once, and written into the workload when nothing is written back any more", () => {
		const world = found({ rule: { approvals: 1 } });
		world.settle();
		world.vote("ann", "approve");
		world.settle();
		expect(world.record.chosen?.state).toBe("Pushed");
		world.branch = undefined;
		world.settle();
		expect(world.writes).toEqual([`${APP}:1.1.0`]);
		expect(world.told.filter((reason) => reason === "ImageAwaitsApproval")).toHaveLength(1);
	});
});
