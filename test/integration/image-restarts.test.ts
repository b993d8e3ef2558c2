import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { eventually } from "../support/control-plane/eventually.ts";
import type { KubeObject, Reference } from "../support/control-plane/kube-object.ts";
import { type Front, startFront } from "../support/image-registry/front.ts";
import { type Bed, canStartBed, startBed } from "../support/operator/bed.ts";
import { deployment, deploymentRef, NAMESPACE } from "../support/operator/manifests.ts";
import { type InProcessOperator, startOperator } from "../support/operator/operators.ts";
import { grantOperator } from "../support/operator/role.ts";

const patient = { withinMs: 60_000 };
const SCANS: Reference = {
	apiVersion: "v1",
	kind: "ConfigMap",
	metadata: { name: "haldane-scans", namespace: NAMESPACE },
};

describe.skipIf(!canStartBed)("an operator that is started again", () => {
	let bed: Bed;
	let registry: Front;
	let folder: string;
	let operator: InProcessOperator | undefined;

	const start = () => {
		operator = startOperator({
			...bed.options,
			updater: {
				schedule: "@every 6h",
				namespaces: undefined,
				selector: {},
				excluded: ["kube-system"],
				registriesFile: join(folder, "registries.yaml"),
				dockerConfig: undefined,
				webhooks: undefined,
			},
		});
	};
	const asks = (name: string) => registry.requests.filter((request) => request.includes(`/v2/${name}/`)).length;
	const isAskedAbout = (name: string) =>
		eventually(`the registry is asked about ${name}`, async () => asks(name) > 0, patient);
	const polled = (name: string) => {
		const { metadata, ...rest } = deployment(name, { image: `${registry.host}/${name}:1.0.0` });
		return { ...rest, metadata: { ...metadata, annotations: { "haldane.dev/policy": "minor" } } } as Reference;
	};

	beforeAll(async () => {
		folder = mkdtempSync(join(tmpdir(), "haldane-restarts-"));
		registry = await startFront((_request, response) => {
			response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify({ tags: ["1.0.0"] }));
		});
		bed = await startBed({ pods: "at once" });
		await grantOperator(bed.admin, ["updater"]);
		const settings = { registries: [{ host: registry.host, plainHttp: true, requestsPerSecond: 1000 }] };
		// JSON is YAML.
		writeFileSync(join(folder, "registries.yaml"), JSON.stringify(settings));
	});
	afterAll(async () => {
		await operator?.stop();
		await registry?.stop();
		await bed?.stop();
		rmSync(folder, { recursive: true, force: true });
	});

	test("asks about no image that is fresh, and at once about a new workload and a changed rule", async () => {
		await bed.admin.apply(polled("known"));
		start();
		await isAskedAbout("known");
		// When this is looked at, nothing is left to do about the other.
		await bed.admin.apply(polled("second"));
		await isAskedAbout("second");
		expect(await operator?.stop()).toBe(0);
		const kept = await bed.admin.get<KubeObject & { readonly data?: Record<string, string> }>(SCANS);
		expect(Object.keys(kept?.data ?? {}).length).toBeGreaterThan(0);
		expect(JSON.stringify(kept?.data)).not.toContain("known");

		const before = asks("known");
		start();
		await bed.admin.apply(polled("new"));
		await isAskedAbout("new");
		expect(asks("known")).toBe(before);

		const annotations = { "haldane.dev/policy": "major" };
		await bed.admin.patch(deploymentRef("known"), { metadata: { annotations } });
		await eventually("the changed rule is looked at", async () => asks("known") > before, patient);
	}, 120_000);
});
