import { describe, expect, test } from "vitest";
import type { ImageRecord } from "../../../../src/api/image-record.ts";
import type { Credentials } from "../../../../src/updater/image-registry/image-registry.ts";
import { observe } from "../../../../src/updater/loop/observe.ts";
import type { UpdateRule } from "../../../../src/updater/rule.ts";
import { imagesOf } from "../../../../src/updater/workload.ts";
import { FakeClock } from "../../../support/fake-clock.ts";
import { deployment, ModelCluster } from "../../../support/updater/model/world.ts";
import { digestOf, START, smallRule } from "../../../support/updater/small-world.ts";

const AT = "2027-01-04T09:00:00.000Z";

/** What is seen of `app` with these images, and of its primary if it has a Canary. */
function seen({
	images = { app: "ghcr.io/acme/app:1.1.0" },
	primary,
	rule = {},
	records = [],
	credentials = [],
}: {
	readonly images?: Record<string, string>;
	readonly primary?: Record<string, string>;
	readonly rule?: Partial<UpdateRule>;
	readonly records?: readonly ImageRecord[];
	readonly credentials?: readonly Credentials[];
}) {
	const cluster = new ModelCluster(new FakeClock(START));
	const workload = deployment("app", images);
	cluster.put("Deployment/app", workload);
	if (primary !== undefined) {
		cluster.put("Deployment/app-primary", deployment("app-primary", primary));
		cluster.put("Canary/app", { apiVersion: "haldane.dev/v1beta1", kind: "Canary", metadata: { name: "app" } });
	}
	cluster.readAnew();
	return observe({
		cluster: cluster.port({ isAlive: true }, () => {}),
		named: { kind: "Deployment", namespace: "shop", name: "app" },
		workload,
		images: imagesOf(workload).map((container) => ({ container, rule: { ...smallRule, ...rule } })),
		records,
		credentials: credentials.map((one) => ({ ...one, origin: "Secret shop/pull" })),
		scanner: { want: () => {}, knowledge: () => ({ kind: "unknown" }) },
		key: "Deployment/shop/app",
		writesBack: false,
		vouchedSince: 0,
		now: START,
	});
}

describe("what serves", () => {
	test.each<[string, Parameters<typeof seen>[0], string | undefined]>([
		["is what is written, without a Canary", {}, "1.1.0"],
		["is what the primary has", { primary: { app: "ghcr.io/acme/app:1.0.0" } }, "1.0.0"],
		[
			"is what is written where the primary has no such container",
			{ primary: { web: "ghcr.io/acme/app:1.0.0" } },
			"1.1.0",
		],
		["is what is written where the primary's cannot be read", { primary: { app: "::" } }, "1.1.0"],
	])("%s", (_name, parts, tag) => expect(seen(parts).situation.images[0]?.serving.tag).toBe(tag));
});

describe("what is wanted of the registry", () => {
	const lastScan = { container: "app", role: "container", lastScan: AT } as const;
	const chosen = { tag: "1.2.0", digest: digestOf("b"), why: "newer", at: AT } as const;
	test.each<[string, Parameters<typeof seen>[0], object]>([
		["is all tags, by the schedule", {}, { onlyTag: undefined, schedule: { kind: "every", everyMs: 60_000 } }],
		["is the current tag where content counts", { rule: { policy: "digest" } }, { onlyTag: "1.1.0" }],
		["is nothing by itself without a schedule", { rule: { schedule: undefined } }, { schedule: undefined }],
		["is not looked at before it is due", { records: [lastScan] }, { lastScanAt: Date.parse(AT) }],
		[
			"is looked at once for what is on its way",
			{ records: [{ ...lastScan, chosen: { ...chosen, state: "Writing" } }] },
			{ lastScanAt: undefined },
		],
	])("%s", (_name, parts, expected) => expect(seen(parts).wanted).toMatchObject([expected]));

	test("is asked for with what is for that registry, and for nobody else's", () => {
		const one = (scope: string): Credentials => ({ scope, username: "ada", password: "secret-word" });
		const credentials = [one("ghcr.io"), one("ghcr.io/acme"), one("quay.io"), one("*.io")];
		const scopes = seen({ credentials }).wanted[0]?.repository.credentials.map(({ scope }) => scope);
		expect(scopes).toEqual(["ghcr.io", "ghcr.io/acme", "*.io"]);
		expect(seen({ credentials }).wanted[0]?.key).not.toContain("secret-word");
	});

	test("is shared by those with the same credentials, and by nobody with others or with none", () => {
		const keyWith = (...credentials: readonly Credentials[]) => seen({ credentials }).wanted[0]?.key;
		const ada = { scope: "ghcr.io", username: "ada", password: "secret-word" };
		expect(keyWith(ada)).toBe(keyWith({ ...ada }));
		expect(new Set([keyWith(), keyWith(ada), keyWith({ ...ada, password: "another" })]).size).toBe(3);
	});
});

test("an image that nobody can read is a problem, and the others are seen", () => {
	const { situation, problems } = seen({ images: { app: "ghcr.io/acme/app:1.1.0", odd: "::" } });
	expect(situation.images.map(({ image }) => image.name)).toEqual(["app"]);
	expect(problems).toEqual([expect.stringMatching(/^container odd: its image /)]);
});
