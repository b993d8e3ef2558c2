import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { type RunningDashboard, startDashboard } from "../../src/cli/dashboard/dashboard.ts";
import { serveInCluster } from "../../src/cli/dashboard/in-cluster.ts";
import { states } from "../../src/dashboard/images/words.ts";
import { silentLog } from "../../src/domain/log.ts";
import { asBearer } from "../../src/kube/as-bearer.ts";
import { createKubeClient } from "../../src/kube/client.ts";
import { type Connection, connect } from "../../src/kube/config.ts";
import { createTransport } from "../../src/kube/transport.ts";
import { type Sandbox, startSandbox } from "../../src/sandbox/sandbox.ts";
import {
	barriers,
	CHROMIUM,
	type ContextOptions,
	overflow,
	picture,
	startBrowser,
	type TestBrowser,
} from "../support/dashboard/browser.ts";
import { type DemoImage, demoImages, digestOf } from "../support/dashboard/images.ts";

const approvalKind = { apiVersion: "haldane.dev/v1beta1", kind: "ImageApproval" };
const policyKind = { apiVersion: "haldane.dev/v1beta1", kind: "ImagePolicy" };

describe.skipIf(!existsSync(CHROMIUM) && !process.env.CI)("images on the dashboard in Chromium", () => {
	const folder = mkdtempSync(join(tmpdir(), "haldane-images-"));
	let sandbox: Sandbox;
	let dashboard: RunningDashboard;
	let chrome: TestBrowser;
	let images: readonly DemoImage[];

	beforeAll(async () => {
		await import("../../scripts/build-dashboard.ts");
		chrome = await startBrowser();
		sandbox = await startSandbox({
			port: 0,
			gatewayPort: 0,
			prometheusPort: 0,
			folder,
			report: (thrown, doing) => chrome.problems.push(`sandbox: ${doing}: ${thrown}`),
		});
		images = demoImages(Date.now());
		for (const { workload, policy, records, name } of images) {
			sandbox.api.create(workload);
			if (policy === undefined) continue;
			sandbox.api.create(policy);
			const status = records.length === 0 ? {} : { images: JSON.parse(JSON.stringify(records)) };
			sandbox.api.changeStatus({ ...policyKind, namespace: "default", name }, () => status);
		}
		sandbox.api.create({
			apiVersion: "haldane.dev/v1beta1",
			kind: "Canary",
			metadata: { name: "orders", namespace: "default" },
			spec: {
				targetRef: { apiVersion: "apps/v1", kind: "Deployment", name: "orders" },
				skipAnalysis: true,
				service: { port: 80 },
			},
		});
		dashboard = await startDashboard({ kubeconfig: sandbox.kubeconfig, port: "0" });
	});

	afterEach(() => chrome.closePages());

	afterAll(async () => {
		await chrome?.browser.close();
		await dashboard?.stop();
		await sandbox?.stop();
		rmSync(folder, { recursive: true, force: true });
	});

	async function openImages(options: ContextOptions = {}) {
		const page = await chrome.open(dashboard.url, options);
		await page.getByRole("link", { name: "Images", exact: true }).click();
		await page.getByRole("heading", { name: "Images", level: 1 }).waitFor();
		return page;
	}

	const approvals = () => sandbox.api.list(approvalKind).map(({ spec }) => spec);
	const commandOn = (name: string) =>
		sandbox.api.list(policyKind).find(({ metadata }) => metadata.name === name)?.metadata.annotations?.[
			"haldane.dev/command"
		];

	test("tells of every state, and nothing is in anybody's way", async () => {
		const page = await openImages({ viewport: { width: 1200, height: 1060 } });
		expect(await page.locator("article.image").count()).toBe(images.length);
		for (const { name, state } of images) {
			const card = page.getByRole("article").filter({ hasText: `default/${name}` });
			expect(await card.locator(".badge").textContent()).toContain(states[state][0]);
		}
		await page.getByText("It waits for 2 of 2 approvals until").waitFor();
		await page.getByText("It waits for the change window at").waitFor();
		await page.getByText("Its canary is running").waitFor();
		await page.getByText("ghcr.io answered 401").waitFor();
		await page.getByRole("article").filter({ hasText: "default/basket" }).getByText("Passed over (2)").click();
		await page.getByText("is another major version").waitFor();
		const rolledBack = page.getByRole("article").filter({ hasText: "default/invoices" });
		await rolledBack.getByText("Rolled back (1)").click();
		await rolledBack.getByRole("button", { name: "Forget" }).waitFor();
		await picture(page, "images");
		expect(await barriers(page)).toEqual([]);
		expect(chrome.problems).toEqual([]);
	});

	test("is readable in the dark, and needs no sideways scrolling on a phone", async () => {
		const page = await openImages({ colorScheme: "dark", viewport: { width: 360, height: 740 } });
		for (const summary of await page.locator("summary").all()) await summary.click();
		expect(await overflow(page)).toBeLessThanOrEqual(0);
		expect(await barriers(page)).toEqual([]);
		expect(chrome.problems).toEqual([]);
	});

	test("filters by state and by words", async () => {
		const page = await openImages();
		await page.getByLabel("State", { exact: true }).selectOption("RolledBack");
		await page.getByText(`1 of ${images.length}`).waitFor();
		await page.getByRole("article").filter({ hasText: "default/invoices" }).waitFor();
		await page.getByLabel("State", { exact: true }).selectOption("");
		await page.getByLabel("Filter").fill("daemonset acme");
		await page.getByText(`1 of ${images.length}`).waitFor();
		expect(chrome.problems).toEqual([]);
	});

	test("leads from an image to its Canary and back", async () => {
		const page = await openImages();
		await page.getByRole("link", { name: "Canary orders" }).click();
		await page.getByRole("heading", { name: "default/orders" }).waitFor();
		await page.getByRole("link", { name: "How its images are kept up to date" }).click();
		await page.getByRole("heading", { name: "Images of Deployment default/orders" }).waitFor();
		expect(await page.locator("article.image").count()).toBe(1);
		await page.getByRole("link", { name: "← All images" }).click();
		await page.getByRole("heading", { name: "Images", level: 1, exact: true }).waitFor();
		expect(chrome.problems).toEqual([]);
	});

	test("follows changes as they come, and shows markup as text", async () => {
		const page = await openImages();
		const why = '<img src=x onerror="document.title=1">';
		sandbox.api.changeStatus({ ...policyKind, namespace: "default", name: "mailer" }, (status) => ({
			...status,
			images: [{ container: "app", role: "container", why, problem: why }],
		}));
		await page.getByText(why).first().waitFor();
		expect(await page.title()).toBe("Images – Haldane");
		expect(await page.locator("img").count()).toBe(0);
		expect(chrome.problems).toEqual([]);
	});

	test("approves exactly that digest by keyboard, as the user, and not when it is escaped", async () => {
		const page = await openImages();
		const card = page.getByRole("article").filter({ hasText: "default/basket" });
		const approve = card.getByRole("button", { name: "Approve" });
		await approve.focus();
		await page.keyboard.press("Enter");
		const dialog = page.getByRole("dialog");
		await dialog.waitFor();
		expect(await dialog.textContent()).toContain("Then it takes 1 more approval");
		expect(await barriers(page)).toEqual([]);
		await page.keyboard.press("Escape");
		await dialog.waitFor({ state: "hidden" });
		expect(approvals()).toEqual([]);
		await approve.click();
		await dialog.getByRole("button", { name: "Approve" }).click();
		await card.getByText("1.1.0 approved by").waitFor();
		expect(approvals()).toEqual([
			{
				image: "ghcr.io/acme/basket:1.1.0",
				digest: digestOf("1.1.0"),
				workload: { kind: "Deployment", name: "basket" },
				decision: "approve",
				user: expect.stringMatching(/./),
			},
		]);
		await card.getByText("It waits for 1 of 2 approvals until").waitFor();
		expect(chrome.problems).toEqual([]);
	});

	test("forgets a tag that was rolled back", async () => {
		const page = await openImages();
		const card = page.getByRole("article").filter({ hasText: "default/invoices" });
		await card.getByText("Rolled back (1)").click();
		await card.getByRole("button", { name: "Forget" }).click();
		const dialog = page.getByRole("dialog");
		expect(await dialog.textContent()).toContain("it may fail again");
		await dialog.getByRole("button", { name: "Forget" }).click();
		await card.getByText("asked to forget 3.1.0").waitFor();
		expect(commandOn("invoices")).toMatch(/^forget:app\/3\.1\.0@./);
		expect(chrome.problems).toEqual([]);
	});

	test("in the cluster acts as the visitor by their token, and not by the operator's rights", async () => {
		const connection = connect({ kubeconfig: sandbox.kubeconfig });
		const asked: string[] = [];
		const clientOf = (as: Connection) => createKubeClient(createTransport(as, { userAgent: "t" }), () => Date.now());
		const own = await serveInCluster({
			client: { ...clientOf(connection), create: reviewing(clientOf(connection).create, asked) },
			asVisitor: (given) => clientOf(asBearer(connection, given)),
			log: silentLog,
			dashboard: { port: 0, hosts: [], readersNeedToken: false },
			operator: { namespace: undefined, meshProvider: "kubernetes", metricsServer: undefined, leaderElection: true },
		});
		const token = /token: "?([^"\s]+)/.exec(readFileSync(sandbox.kubeconfig, "utf8"))?.[1] ?? "";
		const page = await chrome.open(`http://localhost:${own.port}/#/images`);
		const card = page.getByRole("article").filter({ hasText: "default/basket" });
		await card.getByRole("button", { name: "Reject" }).click();
		await page.getByRole("dialog").getByRole("button", { name: "Reject" }).click();
		await card.getByText("Without a bearer token this dashboard only shows").waitFor();
		await card.getByLabel("Bearer token").fill(token);
		await page.keyboard.press("Enter");
		await card.getByText("1.1.0 rejected by").waitFor();
		expect(approvals()).toContainEqual(expect.objectContaining({ decision: "reject" }));
		expect(asked).not.toContain("ImageApproval");
		expect(JSON.stringify(await page.evaluate(() => [{ ...localStorage }, { ...sessionStorage }]))).toBe("[{},{}]");
		await own.stop();
	});

	test("says where ImagePolicies are not installed, and goes on", async () => {
		const bare = mkdtempSync(join(tmpdir(), "haldane-images-"));
		const report = (thrown: unknown, doing: string) => chrome.problems.push(`sandbox: ${doing}: ${thrown}`);
		const cluster = await startSandbox({ port: 0, gatewayPort: 0, prometheusPort: 0, folder: bare, report });
		cluster.api.delete({
			apiVersion: "apiextensions.k8s.io/v1",
			kind: "CustomResourceDefinition",
			name: "imagepolicies.haldane.dev",
		});
		const shown = await startDashboard({ kubeconfig: cluster.kubeconfig, port: "0" });
		try {
			const page = await chrome.open(shown.url);
			await page.getByText("There are no Canaries yet").waitFor();
			await page.getByRole("link", { name: "Images", exact: true }).click();
			await page.getByText("ImagePolicies are not installed").waitFor();
			await page.getByText("No images are kept up to date yet").waitFor();
			expect(await barriers(page)).toEqual([]);
			expect(chrome.problems).toEqual([]);
		} finally {
			await shown.stop();
			await cluster.stop();
			rmSync(bare, { recursive: true, force: true });
		}
	});
});

/** The operator's own creating, with the kinds that it creates. */
function reviewing(
	create: ReturnType<typeof createKubeClient>["create"],
	asked: string[],
): ReturnType<typeof createKubeClient>["create"] {
	return (object, options) => {
		asked.push(object.kind);
		return create(object, options);
	};
}
