import { spawnSync } from "node:child_process";
import { mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { parseAllDocuments } from "yaml";
import { findTools, folderOf } from "../support/control-plane/tools.ts";

const tools = findTools("build-control-plane");
const deploy = join(import.meta.dirname, "../../deploy");

interface Container {
	readonly args: readonly string[];
	readonly ports: readonly { readonly name: string }[];
	readonly volumeMounts?: readonly { readonly mountPath: string }[];
}

interface Built {
	readonly kind: string;
	readonly metadata: { readonly name: string };
	readonly spec: {
		readonly template: {
			readonly spec: {
				readonly containers: readonly Container[];
				readonly volumes?: readonly { readonly name: string }[];
			};
		};
	};
}

describe.skipIf(tools.kind === "missing")("the manifests", () => {
	let folder: string;
	beforeAll(() => {
		folder = realpathSync(mkdtempSync(join(tmpdir(), "haldane-deploy-")));
	});
	afterAll(() => rmSync(folder, { recursive: true, force: true }));

	const built = (...components: readonly string[]): readonly Built[] => {
		const at = (path: string) => relative(folder, join(deploy, path));
		const kustomization = { resources: [at(".")], components: components.map(at) };
		// JSON is YAML.
		writeFileSync(join(folder, "kustomization.yaml"), JSON.stringify(kustomization));
		const { status, stdout, stderr } = spawnSync(join(folderOf(tools), "kubectl"), ["kustomize", folder], {
			encoding: "utf8",
		});
		expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
		return parseAllDocuments(stdout).map((document) => document.toJS() as Built);
	};
	const operatorIn = (objects: readonly Built[]) => {
		const pod = objects.find(({ kind }) => kind === "Deployment")?.spec.template.spec;
		const [container] = pod?.containers ?? [];
		return { args: container?.args ?? [], ports: container?.ports.map(({ name }) => name), pod, container };
	};
	const ofUpdater = ["haldane-updater", "haldane-approver", "haldane-image-approvals", "haldane-webhooks"];
	const names = (objects: readonly Built[]) => objects.map(({ metadata }) => metadata.name);

	test("alone know nothing of the updater", () => {
		const objects = built();
		expect(operatorIn(objects).args).not.toContain("--updater");
		expect(names(objects).filter((name) => ofUpdater.includes(name))).toEqual([]);
	});

	test.each([[["updater", "dashboard"]], [["dashboard", "updater"]]])(
		"have both components, in the order %s",
		(order) => {
			const objects = built(...order);
			const { args, ports, pod, container } = operatorIn(objects);
			expect(args).toEqual(expect.arrayContaining(["--updater", "--webhook-secret=haldane-webhooks", "--dashboard"]));
			expect(ports?.toSorted()).toEqual(["dashboard", "http", "webhooks"]);
			expect(pod?.volumes?.map(({ name }) => name)).toEqual(["tmp"]);
			expect(container?.volumeMounts?.map(({ mountPath }) => mountPath)).toEqual(["/tmp"]);
			expect(ofUpdater.filter((name) => !names(objects).includes(name))).toEqual([]);
		},
	);
});
