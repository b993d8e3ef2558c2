import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { parseAllDocuments } from "yaml";
import type { ImageLine } from "../../src/server/dashboard/wire.ts";
import { eventually } from "../support/control-plane/eventually.ts";
import type { KubeObject, Reference } from "../support/control-plane/kube-object.ts";
import { type Bed, canStartBed, startBed } from "../support/operator/bed.ts";
import { deployment, NAMESPACE } from "../support/operator/manifests.ts";
import { type OperatorProcess, spawnOperator } from "../support/operator/operators.ts";
import { grantOperator } from "../support/operator/role.ts";

const DEPLOY = join(import.meta.dirname, "../../deploy");
const RBAC = "rbac.authorization.k8s.io";
const DIGEST = `sha256:${"ab".repeat(32)}`;
const NAME = "cart";
const policyRef = {
	apiVersion: "haldane.dev/v1beta1",
	kind: "ImagePolicy",
	metadata: { name: NAME, namespace: NAMESPACE },
};

// The sandbox knows one user and lets them do everything.
describe.skipIf(!canStartBed)("images on the dashboard of an operator in the cluster", () => {
	let bed: Bed;
	let operator: OperatorProcess;
	let port = 0;
	const tokens: Record<string, string> = {};

	/** A ServiceAccount with that role in the namespace, and a token of it. */
	const person = async (name: string, role: string | undefined): Promise<void> => {
		const account = { apiVersion: "v1", kind: "ServiceAccount", metadata: { name, namespace: NAMESPACE } };
		await bed.admin.apply(account);
		if (role !== undefined) {
			await bed.admin.apply({
				apiVersion: `${RBAC}/v1`,
				kind: "RoleBinding",
				metadata: { name, namespace: NAMESPACE },
				roleRef: { apiGroup: RBAC, kind: "ClusterRole", name: role },
				subjects: [{ kind: "ServiceAccount", name, namespace: NAMESPACE }],
			} as Reference);
		}
		const review = { apiVersion: "authentication.k8s.io/v1", kind: "TokenRequest", spec: {} };
		const { status } = await bed.admin.post<{ status: { token: string } }>(account, "token", review);
		tokens[name] = status.token;
	};
	const act = async (verb: string, whose: string) => {
		const path = `/api/images/Deployment/${NAMESPACE}/${NAME}/web/actions/${verb}?tag=1.1.0&digest=${DIGEST}`;
		const headers = { Origin: `http://localhost:${port}`, Authorization: `Bearer ${tokens[whose]}` };
		const answer = await fetch(`http://localhost:${port}${path}`, { method: "POST", headers });
		return { status: answer.status, text: await answer.text() };
	};
	const shown = async () => {
		const answer = await fetch(`http://localhost:${port}/api/images`);
		return answer.ok ? ((await answer.json()) as { images: readonly ImageLine[] }).images : [];
	};
	const approvals = async () =>
		(await bed.admin.list<KubeObject & { spec: object }>({ ...policyRef, kind: "ImageApproval" })).items.map(
			({ spec }) => spec,
		);

	beforeAll(async () => {
		await import("../../scripts/build-dashboard.ts");
		bed = await startBed();
		await grantOperator(bed.admin, ["dashboard"]);
		for (const file of ["updater/approvals.yaml", "updater/people.yaml"]) {
			const documents = parseAllDocuments(readFileSync(join(DEPLOY, file), "utf8")).map(
				(one) => one.toJS() as Reference,
			);
			const isWanted = ({ kind, metadata }: Reference) =>
				kind.startsWith("Validating") || ["haldane-approver", "haldane-updater-edit"].includes(metadata.name);
			for (const object of documents.filter((one) => one !== null && isWanted(one))) await bed.admin.apply(object);
		}
		await person("approver", "haldane-approver");
		await person("editor", "haldane-updater-edit");
		await bed.admin.apply(deployment(NAME));
		const spec = {
			targetRef: { apiVersion: "apps/v1", kind: "Deployment", name: NAME },
			images: [{ containers: ["web"], policy: { type: "minor" } }],
			approvals: { required: 2 },
		};
		await bed.admin.apply({ ...policyRef, spec } as Reference);
		const at = "2026-01-01T00:00:00Z";
		const chosen = { tag: "1.1.0", digest: DIGEST, why: "the highest", at, state: "AwaitingApproval" };
		const failed = [{ tag: "1.1.0", digest: DIGEST, at, why: "it failed" }];
		const images = [{ container: "web", role: "container", chosen, failed }];
		await bed.admin.patch(policyRef, { status: { images } }, { as: "merge", subresource: "status" });
		operator = spawnOperator(
			{ ...bed.options, leaderElection: true, dashboard: { port: 0, hosts: [], readersNeedToken: false } },
			join(bed.plane.folder, "images.log"),
		);
		port = await eventually("the dashboard is up", () => {
			const line = operator.logged().find(({ msg }) => msg === "the dashboard is up");
			return line?.port as number | undefined;
		});
		await eventually("the image is shown", async () => (await shown()).some(({ name }) => name === NAME));
	});

	afterAll(async () => {
		await operator?.terminate();
		await bed?.stop();
	});

	test("are shown with the rights of deploy/dashboard", async () => {
		expect(await shown()).toMatchObject([{ name: NAME, container: "web", state: "AwaitingApproval" }]);
	});

	test("are approved by who may, in their own name, and the operator itself could not", async () => {
		const user = `system:serviceaccount:${NAMESPACE}:approver`;
		expect(await act("approve", "approver")).toEqual({ status: 200, text: expect.stringContaining(`by ${user}`) });
		expect(await approvals()).toMatchObject([{ user, digest: DIGEST, decision: "approve" }]);
		await eventually("the say is shown", async () => (await shown())[0]?.approvals?.given[0] === user);
		const review = await bed.admin.create<KubeObject & { status: { allowed: boolean } }>({
			apiVersion: "authorization.k8s.io/v1",
			kind: "SubjectAccessReview",
			metadata: { name: "" },
			spec: {
				user: "haldane",
				resourceAttributes: { group: "haldane.dev", resource: "imageapprovals", verb: "create", namespace: NAMESPACE },
			},
		} as Reference);
		expect(review.status.allowed).toBe(false);
	});

	test("are not approved by who may not, and are forgotten by who may edit the policy", async () => {
		const before = await approvals();
		expect(await act("approve", "editor")).toMatchObject({
			status: 403,
			text: expect.stringContaining("may not create imageapprovals.haldane.dev"),
		});
		expect(await approvals()).toEqual(before);
		expect((await act("forget", "approver")).status).toBe(403);
		expect(await act("forget", "editor")).toMatchObject({ status: 200 });
		const policy = await bed.admin.get(policyRef);
		expect(policy?.metadata.annotations?.["haldane.dev/command"]).toMatch(/^forget:web\/1\.1\.0@./);
	});

	test("leave no token in the log", () => {
		const logged = JSON.stringify(operator.logged());
		expect(logged).toContain(`system:serviceaccount:${NAMESPACE}:approver`);
		for (const token of Object.values(tokens)) expect(logged).not.toContain(token);
	});
});
