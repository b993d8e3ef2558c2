import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { KubeObject as Workload } from "../../src/domain/kube-object.ts";
import {
	imagePatch,
	imagesOf,
	ownedImages,
	WORKLOAD_KINDS,
	type WorkloadImage,
	type WorkloadKind,
} from "../../src/updater/workload.ts";
import { type ControlPlane, startControlPlane } from "../support/control-plane/control-plane.ts";
import { installCrds } from "../support/control-plane/crds.ts";
import { eventually } from "../support/control-plane/eventually.ts";
import { ApiError, type KubeApi } from "../support/control-plane/kube-api.ts";
import type { KubeObject, Reference } from "../support/control-plane/kube-object.ts";
import { findTools } from "../support/control-plane/tools.ts";
import { deployed, introduce } from "../support/operator/people.ts";
import { approvalOf, imagePolicyOf, imagePolicyRefusals, wholeImagePolicy } from "../unit/api/image-manifests.ts";

const tools = findTools("build-control-plane");
const repository = join(import.meta.dirname, "../..");
const NAMESPACE = "shop";

describe.skipIf(tools.kind === "missing")("what people say about images", () => {
	let plane: ControlPlane;
	let admin: KubeApi;
	const people: Record<string, KubeApi> = {};

	const person = async (name: string, ...roles: readonly string[]): Promise<void> => {
		people[name] = (await introduce(admin, { name, namespace: NAMESPACE, roles })).api;
	};
	const userOf = (name: string) => `system:serviceaccount:${NAMESPACE}:${name}`;
	const as = (name: string): KubeApi => people[name] as KubeApi;

	let count = 0;
	/** A say by that user, under a name of its own. */
	const sayOf = (user: string, given: object = {}): KubeObject => {
		count += 1;
		return approvalOf({ user, ...given }, { name: `say-${count}`, namespace: NAMESPACE }) as unknown as KubeObject;
	};
	const refused = async (doing: Promise<unknown>): Promise<ApiError> => {
		const thrown = await doing.then(
			() => undefined,
			(error: unknown) => error,
		);
		expect(thrown).toBeInstanceOf(ApiError);
		return thrown as ApiError;
	};

	beforeAll(async () => {
		plane = await startControlPlane({ tools });
		admin = plane.clientFor("admin");
		await admin.apply({ apiVersion: "v1", kind: "Namespace", metadata: { name: NAMESPACE } });
		await installCrds(admin, [join(repository, "crds")]);
		const policies = ["ValidatingAdmissionPolicy", "ValidatingAdmissionPolicyBinding"];
		for (const object of [
			...deployed("rbac.yaml", "ClusterRole"),
			...deployed("updater/people.yaml", "ClusterRole"),
			...deployed("updater/approvals.yaml", ...policies),
		])
			await admin.apply(object);
		await person("ada", "haldane-approver");
		await person("bob", "haldane-approver");
		await person("eve", "edit", "haldane-edit", "haldane-updater-edit");
		// A policy takes effect some moments after it was written: until then the admin could speak for others.
		await eventually("the policy is in force", async () => {
			const say = sayOf("nobody");
			try {
				await admin.create(say);
				await admin.delete(say);
				return false;
			} catch (thrown) {
				return thrown instanceof ApiError && thrown.status === 403;
			}
		});
	});
	afterAll(async () => {
		for (const client of Object.values(people)) client.close();
		await plane?.stop();
	});

	test("who has the role says it in their own name", async () => {
		const say = sayOf(userOf("ada"));
		await as("ada").create(say);
		expect((await admin.get(say))?.spec).toMatchObject({ user: userOf("ada"), decision: "approve" });
	});

	test("nobody says it in another's name, not even the admin", async () => {
		for (const client of [as("ada"), admin]) {
			const { status, message } = await refused(client.create(sayOf(userOf("bob"))));
			expect(status).toBe(403);
			expect(message).toContain("spec.user must be ");
		}
	});

	test("nobody says it by server-side apply in another's name", async () => {
		expect((await refused(admin.apply(sayOf(userOf("bob"))))).status).toBe(403);
	});

	test("who may edit the namespace but has not the role says nothing", async () => {
		const { status, message } = await refused(as("eve").create(sayOf(userOf("eve"))));
		expect(status).toBe(403);
		expect(message).toContain('cannot create resource "imageapprovals"');
	});

	test("nobody takes back or changes what was said by editing it", async () => {
		const say = sayOf(userOf("bob"));
		await as("bob").create(say);
		// Who has the role alone can't even try.
		expect((await refused(as("bob").patch(say, { spec: { decision: "reject" } }))).status).toBe(403);
		const { status, message } = await refused(admin.patch(say, { spec: { decision: "reject" } }));
		expect([403, 422]).toContain(status);
		expect(message).toContain("a say can't be changed");
		await admin.patch(say, { metadata: { labels: { seen: "true" } } });
		expect((await admin.get(say))?.spec).toMatchObject({ decision: "approve" });
	});

	test("the schema alone keeps it from being changed, should the policy be missing", async () => {
		const [policy] = deployed("updater/approvals.yaml", "ValidatingAdmissionPolicyBinding");
		const say = sayOf(userOf("ada"));
		await as("ada").create(say);
		await admin.delete(policy as Reference);
		await eventually("the policy is gone", async () => {
			const another = sayOf("nobody");
			return admin.create(another).then(
				() => true,
				() => false,
			);
		});
		expect((await refused(admin.patch(say, { spec: { comment: "no" } }))).status).toBe(422);
		await admin.apply(policy as Reference);
	});

	describe("an ImagePolicy", () => {
		test("that says all there is to say is taken as it is", async () => {
			const object = wholeImagePolicy as unknown as KubeObject;
			await admin.create(object);
			expect((await admin.get(object))?.spec).toEqual(object.spec);
		});

		test("is completed", async () => {
			const object = imagePolicyOf({}, { name: "least", namespace: NAMESPACE }) as unknown as KubeObject;
			await admin.create(object);
			expect((await admin.get(object))?.spec).toMatchObject({ schedule: "@every 1m" });
		});

		test.each(imagePolicyRefusals)("is refused for %s", async (_claim, object) => {
			expect((await refused(admin.create(object as unknown as Reference))).status).toBe(422);
		});
	});

	describe.each(WORKLOAD_KINDS.map((kind) => ({ kind })))("the image of a $kind", ({ kind }) => {
		test("is changed by server-side apply, and nothing else is; which are ours is seen by their owners", async () => {
			const workload = running(kind);
			await admin.apply(workload, { fieldManager: "kubectl" });
			const before = (await admin.get(workload)) as unknown as Workload;
			const [app] = imagesOf(before);
			const wanted = { ...(app as WorkloadImage), image: "acme/app:2" };
			const patch = imagePatch(before, [wanted], { changeCause: "1 to 2" });
			await admin.apply(patch, { fieldManager: "updater" });
			const after = (await admin.get(workload)) as unknown as Workload;
			expect(imagesOf(after).map(({ image }) => image)).toEqual(["acme/app:2", "acme/proxy:1", "acme/migrate:1"]);
			expect(JSON.stringify(after.spec)).toBe(JSON.stringify(before.spec).replace("acme/app:1", "acme/app:2"));
			expect(after.metadata.annotations?.["kubernetes.io/change-cause"]).toBe("1 to 2");
			expect(ownedImages(after, "updater")).toEqual([wanted]);
			expect(ownedImages(after, "kubectl").map(({ name }) => name)).toEqual(["proxy", "migrate"]);
		});
	});
});

/** With two containers and an init container, none of which ever runs. */
function running(kind: WorkloadKind): Reference {
	const labels = { app: "kept" };
	const template = {
		metadata: { labels },
		spec: {
			restartPolicy: kind === "CronJob" ? "Never" : "Always",
			containers: [
				{ name: "app", image: "acme/app:1", env: [{ name: "A", value: "1" }] },
				{ name: "proxy", image: "acme/proxy:1" },
			],
			initContainers: [{ name: "migrate", image: "acme/migrate:1" }],
		},
	};
	const metadata = { name: `kept-${kind.toLowerCase()}`, namespace: NAMESPACE };
	if (kind === "CronJob") {
		const spec = { schedule: "0 0 1 1 *", jobTemplate: { spec: { template } } };
		return { apiVersion: "batch/v1", kind, metadata, spec } as Reference;
	}
	const spec = { selector: { matchLabels: labels }, template, ...(kind === "StatefulSet" && { serviceName: "kept" }) };
	return { apiVersion: "apps/v1", kind, metadata, spec } as Reference;
}
