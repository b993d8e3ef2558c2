import { describe, expect, test } from "vitest";
import { apply, refusalOf, write } from "./requests.ts";
import { deployment, ownedIn, podsOf, service, serviceSchema } from "./schemas.ts";

describe("lists in an apply", () => {
	test("an entry that says no protocol is the one of the default", () => {
		const live = write(undefined, service({ ports: [{ port: 80, protocol: "TCP", targetPort: 8080 }] }), "creator", {
			schema: serviceSchema,
		});
		const ports = [
			{ port: 80, name: "http" },
			{ port: 53, protocol: "UDP" },
		];
		const applied = apply(live, service({ ports }), "me", { schema: serviceSchema });
		expect(applied.spec).toEqual({
			ports: [
				{ port: 80, protocol: "TCP", targetPort: 8080, name: "http" },
				{ port: 53, protocol: "UDP" },
			],
		});
	});

	test("an atomic list or map is taken as a whole", () => {
		const pods = (toleration: string, zone: string) => ({
			template: { spec: { tolerations: [{ key: toleration }], nodeSelector: { [zone]: "x" } } },
		});
		const live = apply(undefined, deployment(pods("a", "north")), "me");
		const refusal = refusalOf(() => apply(live, deployment(pods("b", "south")), "you"));
		expect(refusal.message).toBe(
			[
				'Apply failed with 2 conflicts: conflicts with "me":',
				"- .spec.template.spec.nodeSelector",
				"- .spec.template.spec.tolerations",
			].join("\n"),
		);
		expect(apply(live, deployment(pods("b", "south")), "you", { force: true }).spec).toEqual(pods("b", "south"));
	});

	test("entries of one key in the live list are one field, which the applied one replaces", () => {
		const env = (...values: string[]) => podsOf([{ name: "web", env: values.map((value) => ({ name: "A", value })) }]);
		const live = write(undefined, deployment(env("1", "2")), "creator");
		expect(refusalOf(() => apply(live, deployment(env("1")), "me")).message).toContain(
			': .spec.template.spec.containers[name="web"].env[name="A"]',
		);
		const forced = apply(live, deployment(podsOf([{ name: "web", env: [{ name: "A" }] }])), "me", { force: true });
		expect(forced.spec).toEqual(podsOf([{ name: "web", env: [{ name: "A" }] }]));
	});

	test("owner references go by uid, each as a whole", () => {
		const owner = (uid: string) => ({ apiVersion: "v1", kind: "ConfigMap", name: uid, uid });
		const mine = apply(undefined, deployment({}, { ownerReferences: [owner("1")] }), "me");
		const both = apply(mine, deployment({}, { ownerReferences: [owner("2")] }), "you");
		expect(both.metadata.ownerReferences).toEqual([owner("1"), owner("2")]);
		expect(ownedIn(both)["you Apply"]).toEqual({ "f:metadata": { "f:ownerReferences": { 'k:{"uid":"2"}': {} } } });
	});

	const named = (names: string) => [...names].map((name) => ({ name }));
	test.each([
		["keep the live order around new ones", "ab", "c", "abc"],
		["take the applied order of shared ones", "abc", "cb", "acb"],
		["keep others between their neighbours", "axby", "ab", "axby"],
		["put new ones before the shared one they precede", "ab", "na", "nab"],
		["put new ones after the shared one they follow", "abx", "an", "abxn"],
	])("entries %s", (_name, live, applied, merged) => {
		const before = write(undefined, deployment(podsOf(named(live))), "creator");
		expect(apply(before, deployment(podsOf(named(applied))), "me").spec).toEqual(podsOf(named(merged)));
	});
});
