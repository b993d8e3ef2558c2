import { describe, expect, test } from "vitest";
import type { KubeObject, ObjectRef } from "../../../src/domain/kube-object.ts";
import { canary, deployment, imageOf, initialised, Loop, service, setImage } from "./loop.ts";

const named = (apiVersion: string, kind: string, spec?: object): KubeObject => ({
	apiVersion,
	kind,
	metadata: { name: "chat", namespace: "shop" },
	...(spec === undefined ? {} : { spec }),
});
const secret = named("v1", "Secret");
const provider = named("haldane.dev/v1beta1", "AlertProvider", { type: "slack", secretRef: { name: "chat" } });
const refOf = ({ apiVersion, kind, metadata }: KubeObject): ObjectRef => ({
	apiVersion,
	kind,
	namespace: "shop",
	name: metadata.name,
});

const alerted = () => canary("cart", { analysis: { alerts: [{ name: "team", providerRef: { name: "chat" } }] } });

describe("a Canary that names what is not there", () => {
	test("stalls and touches nothing, tells it once, and is obeyed once it has come", async () => {
		const loop = new Loop();
		loop.cluster.put(deployment("cart"));
		loop.cluster.put(service("cart"));
		loop.cluster.put(provider);
		loop.cluster.put(alerted());
		await loop.run();
		expect(loop.condition("Stalled")).toMatchObject({ status: "True", reason: "SecretMissing" });
		expect(loop.reasons()).toEqual(["Stalled"]);
		expect(new Set(loop.cluster.writes.map(({ verb }) => verb))).toEqual(new Set(["status"]));

		loop.cluster.put(secret);
		await loop.run();
		expect(loop.condition("Stalled")).toBeUndefined();
		expect(loop.status().phase).toBe("Initialized");
	});

	test("starts no rollout until it has come", async () => {
		const loop = await ready();
		loop.cluster.drop(refOf(provider));
		await loop.run();
		expect(loop.condition("Stalled")).toMatchObject({ reason: "AlertProviderMissing" });
		setImage(loop, "cart:2");
		await loop.run();
		expect(loop.status().phase).toBe("Initialized");

		loop.cluster.put(provider);
		await loop.run();
		expect(loop.status().phase).toBe("Succeeded");
		expect(imageOf(loop, "cart-primary")).toBe("cart:2");
	});

	test.each([
		["goes on with a rollout that is under way", 100, "Succeeded"],
		["and rolls back one that fails", 1, "Failed"],
	])("says so and %s", async (_claim, value, end) => {
		const loop = await ready();
		setImage(loop, "cart:2");
		await loop.runUntil(({ phase, run }) => phase === "Progressing" && run?.inForceSince !== undefined);
		loop.cluster.drop(refOf(secret));
		await loop.run(1_000);
		expect(loop.condition("Stalled")).toMatchObject({ reason: "SecretMissing" });
		loop.reading = () => ({ kind: "value", value });
		await loop.run();
		expect(loop.status().phase).toBe(end);
		expect(loop.condition("Stalled")).toMatchObject({ reason: "SecretMissing" });
		expect(loop.reasons().filter((reason) => reason === "Stalled")).toEqual(["Stalled"]);
	});

	async function ready(): Promise<Loop> {
		const loop = await initialised(canary("cart"));
		loop.cluster.put(secret);
		loop.cluster.put(provider);
		loop.cluster.put(alerted());
		await loop.run();
		expect(loop.condition("Stalled")).toBeUndefined();
		return loop;
	}
});
