import { mkdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join, resolve } from "node:path";
import { type Browser, type BrowserContext, chromium, type Page } from "playwright-core";

export const CHROMIUM = "/usr/bin/chromium";
const images = resolve(import.meta.dirname, "../../../docs/images");
const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

export type ContextOptions = Parameters<Browser["newContext"]>[0];

/** Chromium, with what its pages complain of. */
export interface TestBrowser {
	readonly browser: Browser;
	/** What pages and whoever else is given them complained of since the last page was opened. */
	readonly problems: string[];
	/** A page of its own session that is connected; whatever it complains of is noted. */
	open(url: string, options?: ContextOptions): Promise<Page>;
	/** Ends the sessions of all that `open` opened. */
	closePages(): Promise<void>;
}

export async function startBrowser(): Promise<TestBrowser> {
	const browser = await chromium.launch({
		executablePath: CHROMIUM,
		args: [
			...["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"],
			...["--disable-background-networking", "--disable-component-update", "--disable-sync"],
		],
	});
	const contexts: BrowserContext[] = [];
	const problems: string[] = [];
	return {
		browser,
		problems,
		async open(url, options = {}) {
			problems.length = 0;
			const context = await browser.newContext({ viewport: { width: 1200, height: 900 }, ...options });
			contexts.push(context);
			const page = await context.newPage();
			page.setDefaultTimeout(10_000);
			page.on("console", (message) => {
				if (message.type() === "error") problems.push(`console: ${message.text()}`);
			});
			page.on("pageerror", (error) => problems.push(`page: ${error.message}`));
			await page.goto(url);
			await page.getByText("● Live").waitFor();
			return page;
		},
		async closePages() {
			for (const context of contexts.splice(0)) await context.close();
		},
	};
}

/** What axe finds that keeps people out. */
export async function barriers(page: Page): Promise<readonly string[]> {
	await page.evaluate(axe);
	const found = await page.evaluate(async () => {
		const { axe: runner } = window as unknown as {
			axe: { run(): Promise<{ violations: { id: string; impact: string; nodes: { html: string }[] }[] }> };
		};
		return (await runner.run()).violations.map(({ id, impact, nodes }) => ({ id, impact, html: nodes[0]?.html }));
	});
	return found
		.filter(({ impact }) => impact === "serious" || impact === "critical")
		.map(({ id, html }) => `${id}: ${html}`);
}

/** Pixels that the page is wider than its window. */
export const overflow = (page: Page): Promise<number> =>
	page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);

/** For the documents, with HALDANE_PICTURES=1; nothing otherwise. */
export async function picture(page: Page, name: string): Promise<void> {
	if (process.env.HALDANE_PICTURES === undefined) return;
	mkdirSync(images, { recursive: true });
	await page.screenshot({ path: join(images, `dashboard-${name}.png`) });
}
