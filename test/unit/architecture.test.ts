import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { describe, expect, test } from "vitest";

const root = resolve(import.meta.dirname, "../../src");

/** What each room may import beside itself. A longer name is a room within a room, and wins. */
const rooms: Readonly<Record<string, readonly string[]>> = {
	domain: [],
	api: ["domain"],
	strategies: ["domain", "api"],
	"mesh-adapters": ["domain", "api"],
	workloads: ["domain", "api"],
	http: ["domain"],
	analysis: ["domain", "api", "http", "hooks"],
	hooks: ["domain", "api", "http"],
	notify: ["domain", "api", "http"],
	"reconciler/decide": ["domain", "api", "strategies", "workloads", "notify/reasons.ts"],
	reconciler: [
		"domain",
		"api",
		"strategies",
		"mesh-adapters",
		"workloads",
		"analysis",
		"hooks",
		"kube",
		"reconciler/decide",
	],
	kube: ["domain"],
	metrics: ["domain", "api"],
	server: ["domain", "metrics"],
	"log.ts": ["domain"],
	cli: ["*"],
};

/** Rooms that may open sockets, and what opens them. */
const sockets = /^(node:(http|https|http2|net|tls|dgram|dns)|undici|axios|ws|@hono\/node-server)$/;
const opens = ["kube", "http", "server"];
/** The metric client is made for axios; ours has an adapter that hands each request to http and opens nothing. */
const handsOver = "analysis/prometheus-query.ts";
const FILES_MAX = 20;
const LINES_MAX = 300;

interface Import {
	readonly file: string;
	readonly to: string;
}

const files = readdirSync(root, { recursive: true, encoding: "utf8" }).filter((name) => name.endsWith(".ts"));

/** Every module that a file names: imported, re-exported, or imported on demand. */
function importsOf(file: string): readonly Import[] {
	const source = readFileSync(join(root, file), "utf8");
	const found = source.matchAll(
		/(?:^|\n)\s*(?:import|export)\b[^;"']*?from\s*["']([^"']+)["']|\bimport\(\s*["']([^"']+)["']\s*\)|(?:^|\n)import\s*["']([^"']+)["']/g,
	);
	return [...found].map(([, one, two, three]) => {
		const named = one ?? two ?? three ?? "";
		return { file, to: named.startsWith(".") ? relative(root, resolve(root, dirname(file), named)) : named };
	});
}

function roomOf(path: string): string {
	const names = Object.keys(rooms).filter((name) => path === name || path.startsWith(`${name}/`));
	return names.reduce((longest, name) => (name.length > longest.length ? name : longest), "");
}

const imports = files.flatMap(importsOf);
const inner = imports.filter(({ to }) => to.endsWith(".ts"));

describe("the rooms", () => {
	test("there are files to look at, and imports in them", () => {
		expect(files.length).toBeGreaterThan(80);
		expect(inner.length).toBeGreaterThan(200);
	});

	test("each file is in a room", () => {
		expect(files.filter((file) => roomOf(file) === "")).toEqual([]);
	});

	test("import only what the table allows", () => {
		const forbidden = inner.filter(({ file, to }) => {
			const from = roomOf(file);
			const allowed = rooms[from] ?? [];
			return roomOf(to) !== from && !allowed.includes("*") && !allowed.includes(roomOf(to)) && !allowed.includes(to);
		});
		expect(forbidden).toEqual([]);
	});

	test("open sockets only where that is the job", () => {
		const opened = imports.filter(
			({ file, to }) => sockets.test(to) && !opens.includes(roomOf(file)) && file !== handsOver,
		);
		expect(opened).toEqual([]);
	});

	test("plug-ins never import each other: only a registry names them", () => {
		const registries = files.filter((file) => file.endsWith("registry.ts"));
		const plugins = new Map(
			registries.flatMap((registry) => importsOf(registry).map(({ to }) => [to, registry] as const)),
		);
		const contracts = /(strategy|mesh-adapter|metric-provider|notifier)\.ts$/;
		const crossings = inner.filter(
			({ file, to }) =>
				plugins.has(file) &&
				plugins.has(to) &&
				plugins.get(file) === plugins.get(to) &&
				!contracts.test(to) &&
				!to.startsWith("api/"),
		);
		expect(crossings).toEqual([]);
	});

	test("stay small: no file is too long, no folder too full", () => {
		const long = files.filter((file) => readFileSync(join(root, file), "utf8").split("\n").length > LINES_MAX);
		const counts = Map.groupBy(files, (file) => dirname(file));
		const full = [...counts].filter(([, held]) => held.length > FILES_MAX).map(([folder]) => folder);
		expect({ long, full }).toEqual({ long: [], full: [] });
	});
});
