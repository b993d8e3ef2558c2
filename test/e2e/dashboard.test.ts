import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { type RunningDashboard, startDashboard } from "../../src/cli/dashboard/dashboard.ts";
import { serveInCluster } from "../../src/cli/dashboard/in-cluster.ts";
import { canary, containers, HOST, NAME, workload } from "../../src/cli/sandbox/demo/manifests.ts";
import { silentLog } from "../../src/domain/log.ts";
import { asBearer } from "../../src/kube/as-bearer.ts";
import { createKubeClient } from "../../src/kube/client.ts";
import { type Connection, connect } from "../../src/kube/config.ts";
import { createTransport } from "../../src/kube/transport.ts";
import { startLoad } from "../../src/sandbox/mesh/load.ts";
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
import { demoCanary, phases, statusIn, workloads } from "../support/dashboard/canaries.ts";
import { startOperator } from "../support/operator/operators.ts";

// On a person's machine it may be missing; CI has it, and fails without.
describe.skipIf(!existsSync(CHROMIUM) && !process.env.CI)("the dashboard in Chromium", () => {
	const folder = mkdtempSync(join(tmpdir(), "haldane-dashboard-"));
	let sandbox: Sandbox;
	let dashboard: RunningDashboard;
	let chrome: TestBrowser;

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
		for (const phase of phases) {
			for (const object of [...workloads(phase), demoCanary(phase)]) sandbox.api.create(object);
			const { apiVersion, kind, metadata } = demoCanary(phase);
			const ref = { apiVersion, kind, namespace: "default", name: metadata.name };
			sandbox.api.changeStatus(ref, () => statusIn(phase, Date.now()));
		}
		dashboard = await startDashboard({
			kubeconfig: sandbox.kubeconfig,
			port: "0",
			metricsServer: sandbox.prometheus.url,
		});
	});

	afterEach(() => chrome.closePages());

	afterAll(async () => {
		await chrome?.browser.close();
		await dashboard?.stop();
		await sandbox?.stop();
		rmSync(folder, { recursive: true, force: true });
	});

	const open = (options: ContextOptions = {}, url: string = dashboard.url) => chrome.open(url, options);

	async function openCanary(phase: string, options: ContextOptions = {}): Promise<Page> {
		const page = await open(options);
		await page
			.getByRole("link", { name: demoCanary(phase).metadata.name, exact: false })
			.first()
			.click();
		await page.getByRole("heading", { name: "Traffic", exact: true }).waitFor();
		return page;
	}

	test("tells of every phase in the overview, and nothing is in anybody's way", async () => {
		const page = await open();
		await page.getByRole("heading", { name: "Canaries", level: 1 }).waitFor();
		expect(await page.locator(".canaries > li").count()).toBe(phases.length);
		for (const phase of phases)
			await page
				.locator(".badge", { hasText: phase || "Not looked at yet" })
				.first()
				.waitFor();
		await picture(page, "overview");
		expect(await barriers(page)).toEqual([]);
		expect(chrome.problems).toEqual([]);
	});

	test.each(phases)("shows a Canary that is %j", async (phase) => {
		const page = await openCanary(phase);
		for (const heading of ["Steps", "Golden signals", "Checks", "Events", "History of rollouts"]) {
			await page.getByRole("heading", { name: heading, exact: true }).waitFor();
		}
		expect(await barriers(page)).toEqual([]);
		expect(chrome.problems).toEqual([]);
	});

	test("is readable in the dark", async () => {
		const page = await openCanary("Failed", { colorScheme: "dark" });
		await picture(page, "dark");
		expect(await barriers(page)).toEqual([]);
		expect(chrome.problems).toEqual([]);
	});

	test.each(["", "Progressing"])("needs no sideways scrolling on a phone (%j)", async (phase) => {
		const viewport = { width: 360, height: 740 };
		const page = phase === "" ? await open({ viewport }) : await openCanary(phase, { viewport });
		expect(await overflow(page)).toBeLessThanOrEqual(0);
		await picture(page, phase === "" ? "phone" : "phone-canary");
		expect(chrome.problems).toEqual([]);
	});

	test("follows a rollout that an operator leads, with its traffic, checks and rates", async () => {
		const own = mkdtempSync(join(tmpdir(), "haldane-dashboard-"));
		const report = (thrown: unknown, doing: string) => chrome.problems.push(`sandbox: ${doing}: ${thrown}`);
		const cluster = await startSandbox({ port: 0, gatewayPort: 0, prometheusPort: 0, folder: own, report });
		const flags = { kubeconfig: cluster.kubeconfig, metricsServer: cluster.prometheus.url };
		const operator = startOperator(flags);
		let users: ReturnType<typeof startLoad> | undefined;
		const shown = await startDashboard({ ...flags, port: "0" });
		try {
			for (const object of workload("podinfo:1.0.0")) cluster.api.create(object);
			cluster.api.create(canary({ interval: "5s", stepWeights: [10, 30, 50] }, 10_000));
			const page = await open({ viewport: { width: 1200, height: 1000 } }, shown.url);
			await page.getByRole("link", { name: NAME }).first().click();
			await page.getByText("✓ Initialized").waitFor({ timeout: 60_000 });
			users = startLoad({ url: cluster.gatewayUrl, host: HOST, perSecond: 50 });
			const target = { apiVersion: "apps/v1", kind: "Deployment", namespace: "default", name: NAME };
			cluster.api.patch(target, { spec: { template: { spec: { containers: containers("podinfo:1.1.0") } } } });
			await page.getByText("candidate 50 %, healthy").waitFor({ timeout: 90_000 });
			await page.getByText("request-duration:").waitFor();
			await picture(page, "canary");
			expect(chrome.problems).toEqual([]);
		} finally {
			await users?.stop();
			await shown.stop();
			await operator.stop();
			await cluster.stop();
			rmSync(own, { recursive: true, force: true });
		}
	});

	test("filters by every word", async () => {
		const page = await open();
		await page.getByLabel("Filter").fill("default failed");
		await page.getByText(`1 of ${phases.length}`).waitFor();
	});

	test("acts after it has been told to by keyboard, and not when it is escaped", async () => {
		const page = await openCanary("Progressing");
		const pause = page.getByRole("button", { name: "Pause" });
		await pause.focus();
		await page.keyboard.press("Enter");
		await page.getByRole("dialog").waitFor();
		expect(await page.getByRole("dialog").textContent()).toContain("stays where it is");
		expect(await barriers(page)).toEqual([]);
		await page.keyboard.press("Escape");
		await page.getByRole("dialog").waitFor({ state: "hidden" });
		const command = () =>
			sandbox.api
				.list({ apiVersion: "haldane.dev/v1beta1", kind: "Canary" })
				.flatMap(({ metadata }) => Object.values(metadata.annotations ?? {}));
		expect(command()).toEqual([]);
		await pause.click();
		await page.getByRole("dialog").getByRole("button", { name: "Pause" }).click();
		await page.getByText("asked to pause").waitFor();
		expect(command()).toEqual([expect.stringMatching(/^pause@/)]);
		expect(chrome.problems).toEqual([]);
	});

	test("follows changes as they come", async () => {
		const page = await open();
		const { apiVersion, kind, metadata } = demoCanary("Promoting");
		const ref = { apiVersion, kind, namespace: "default", name: metadata.name };
		const message = '<img src=x onerror="document.title=1">';
		sandbox.api.changeStatus(ref, (status) => ({
			...status,
			conditions: [
				{ type: "Ready", status: "False", reason: "Test", message, lastTransitionTime: new Date().toISOString() },
			],
		}));
		await page.getByText(message).waitFor();
		expect(await page.title()).toBe("Canaries – Haldane");
		expect(await page.locator("img").count()).toBe(0);
		expect(chrome.problems).toEqual([]);
	});

	test("says that the connection is lost, and goes on when it is back", async () => {
		const flags = { kubeconfig: sandbox.kubeconfig, metricsServer: sandbox.prometheus.url };
		const own = await startDashboard({ ...flags, port: "0" });
		const page = await (await chrome.browser.newContext()).newPage();
		await page.goto(own.url);
		await page.getByText("● Live").waitFor();
		await own.stop();
		await page.getByText("Connection lost").waitFor();
		expect(await page.locator(".canaries > li").count()).toBe(phases.length);
		// Another process has another token, and the page says so instead of trying for ever.
		const next = await startDashboard({ ...flags, port: new URL(own.url).port });
		await page.getByRole("heading", { name: "No access" }).waitFor();
		await next.stop();
		await page.context().close();
	});

	test("names the mend when its port is taken, or is none", async () => {
		const flags = { kubeconfig: sandbox.kubeconfig };
		await expect(startDashboard({ ...flags, port: new URL(dashboard.url).port })).rejects.toThrow("leave out --port");
		await expect(startDashboard({ ...flags, port: "http" })).rejects.toThrow("--port: write a port");
		await expect(startDashboard({ ...flags, port: "0", metricsServer: "prometheus:9090" })).rejects.toThrow(
			"--metrics-server: write an address",
		);
	});

	describe("in its form of the cluster", () => {
		const inCluster = async (readersNeedToken: boolean) => {
			const connection = connect({ kubeconfig: sandbox.kubeconfig });
			const clientOf = (as: Connection) =>
				createKubeClient(createTransport(as, { userAgent: "haldane/test" }), () => Date.now());
			const own = await serveInCluster({
				client: clientOf(connection),
				asVisitor: (given) => clientOf(asBearer(connection, given)),
				log: silentLog,
				dashboard: { port: 0, hosts: [], readersNeedToken },
				operator: {
					namespace: undefined,
					meshProvider: "kubernetes",
					metricsServer: sandbox.prometheus.url,
					leaderElection: true,
				},
			});
			const page = await (await chrome.browser.newContext()).newPage();
			page.setDefaultTimeout(10_000);
			await page.goto(`http://localhost:${own.port}/`);
			return { own, page };
		};
		/** Of a user whom the sandbox's API server knows. */
		const token = () => /token: "?([^"\s]+)/.exec(readFileSync(sandbox.kubeconfig, "utf8"))?.[1] ?? "";

		test("asks for a bearer token when an action needs it, and keeps it nowhere", async () => {
			const { own, page } = await inCluster(false);
			const { name } = demoCanary("Waiting").metadata;
			await page.getByRole("link", { name }).first().click();
			await page.getByRole("button", { name: "Promote" }).click();
			await page.getByRole("dialog").getByRole("button", { name: "Promote" }).click();
			await page.getByText("Without a bearer token this dashboard only shows").waitFor();
			expect(await barriers(page)).toEqual([]);
			const field = page.getByLabel("Bearer token");
			await field.fill("nobody's");
			await page.getByRole("button", { name: "Promote with this token" }).click();
			await page.getByText("This token is nobody's").waitFor();
			await field.fill(token());
			await page.keyboard.press("Enter");
			await page.getByText("asked to promote").waitFor();
			expect(await field.count()).toBe(0);
			expect(
				await page.evaluate(() => [
					localStorage.length,
					JSON.stringify(sessionStorage),
					document.cookie,
					location.search,
				]),
			).toEqual([0, "{}", "", ""]);
			expect(page.url()).not.toContain(token());
			// The next action needs no second asking.
			await page.getByRole("button", { name: "Roll back" }).click();
			await page.getByRole("dialog").getByRole("button", { name: "Roll back" }).click();
			await page.getByText("asked to abort").waitFor();
			await own.stop();
			await page.context().close();
		});

		test("asks for it before it shows anything, where that is wanted", async () => {
			const { own, page } = await inCluster(true);
			await page.getByRole("heading", { name: "No access" }).waitFor();
			await page.getByLabel("Bearer token").fill(token());
			await page.getByRole("button", { name: "Look" }).click();
			await page.getByText("● Live").waitFor();
			expect(await page.locator(".canaries > li").count()).toBe(phases.length);
			await own.stop();
			await page.context().close();
		});
	});

	test("says what to do when the token is missing", async () => {
		const page = await (await chrome.browser.newContext()).newPage();
		await page.goto(dashboard.url.replace(/#.*/, ""));
		await page.getByRole("heading", { name: "No access" }).waitFor();
		await page.getByText("open the whole address").first().waitFor();
		await page.context().close();
	});
});
