import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { describe, expect, test } from "vitest";

const repository = resolve(import.meta.dirname, "../..");
const root = join(repository, "src");

interface Import {
	readonly file: string;
	/** A path under src, or the name of a package. */
	readonly to: string;
}

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
	// Tags of images: found, chosen, and what is done about them. It reaches the world by the ports it is given.
	updater: ["domain", "api", "http", "workloads", "kube", "notify/image-reasons.ts", "updater/triggers"],
	"updater/triggers": ["domain", "updater"],
	// Whatever program is described in full, and git by it.
	git: ["domain", "programs"],
	programs: [],
	metrics: ["domain", "api"],
	server: ["domain", "metrics"],
	"server/dashboard": ["domain", "api", "server/listening.ts", "server/same.ts"],
	"server/webhooks": ["domain", "server/listening.ts", "server/same.ts", "updater/triggers"],
	// What runs in the browser, and what it and its server say to each other.
	dashboard: ["domain", "server/dashboard/wire.ts"],
	"log.ts": ["domain"],
	simulate: [
		"domain",
		"api",
		"strategies",
		"mesh-adapters",
		"workloads",
		"analysis",
		"reconciler/decide",
		"reconciler",
	],
	sandbox: ["domain", "api"],
	cli: ["*"],
};

/** Rooms that neither read a clock, the environment or chance, nor reach the disk or the network: they are told. */
const told = [
	...["domain", "api", "strategies", "mesh-adapters", "workloads"],
	...["analysis", "hooks", "notify", "reconciler/decide", "reconciler", "simulate", "updater", "updater/triggers"],
];
/** Of Node's modules these rooms need only what computes. */
const computes = /^node:(crypto|util|assert)$/;

/** What opens sockets, by itself or for whoever calls it, and the rooms that may. */
const sockets =
	/^(node:)?(http|https|http2|net|tls|dgram|dns|child_process|cluster)(\/.*)?$|^(undici|axios|ws|eventsource|node-fetch|got|@hono\/node-server|@kubernetes\/client-node|@slack\/webhook|prometheus-query)(\/.*)?$/;
const opens = ["kube", "http", "programs", "server", "server/dashboard", "server/webhooks", "sandbox"];
/** Clients that are made for another way out: each is given one that hands its requests to http, and opens nothing. */
const handsOver: Readonly<Record<string, readonly string[]>> = {
	"analysis/prometheus-query.ts": ["axios", "prometheus-query"],
	"notify/send.ts": ["@slack/webhook"],
};

const FILES_MAX = 15;
const LINES_MAX = 300;

const files = readdirSync(root, { recursive: true, encoding: "utf8" }).filter((name) => name.endsWith(".ts"));
const sources = new Map(files.map((file) => [file, readFileSync(join(root, file), "utf8")]));

/** Every module that a source names: imported, re-exported, imported on demand or for its type, or for its effects. */
function modulesIn(source: string): readonly string[] {
	const found = withoutComments(source).matchAll(
		/\bfrom\s*["']([^"']+)["']|\bimport\s*["']([^"']+)["']|\bimport\s*\(\s*["'`]([^"'`]+)["'`]/g,
	);
	return [...found].map(([, from, bare, dynamic]) => from ?? bare ?? dynamic ?? "");
}

/** Ways to load a module whose name cannot be read here. */
function hiddenImportsIn(source: string): readonly string[] {
	const found = withoutComments(source).matchAll(
		/\bimport\s*\(\s*(?!["'][^"']+["']\s*[,)]|`[^`$]+`\s*[,)])|\brequire\s*\(|\bcreateRequire\b|\bgetBuiltinModule\b|\beval\s*\(/g,
	);
	return [...found].map(([text]) => text);
}

function withoutComments(source: string): string {
	return source.replaceAll(/\/\*[\s\S]*?\*\//g, "").replaceAll(/^\s*\/\/.*$/gm, "");
}

function roomOf(path: string): string {
	const names = Object.keys(rooms).filter((name) => path === name || path.startsWith(`${name}/`));
	return names.reduce((longest, name) => (name.length > longest.length ? name : longest), "");
}

const imports: readonly Import[] = [...sources].flatMap(([file, source]) =>
	modulesIn(source).map((name) => ({
		file,
		to: name.startsWith(".") ? relative(root, resolve(root, dirname(file), name)) : name,
	})),
);
const inner = imports.filter(({ to }) => to.endsWith(".ts"));

describe("reading imports", () => {
	test.each<[string, string, readonly string[]]>([
		["a name", 'import { a } from "./a.ts";', ["./a.ts"]],
		["names on lines of their own", 'import {\n\ta,\n\ttype B,\n} from "./a.ts";', ["./a.ts"]],
		["a type", 'import type { A } from "./a.ts";', ["./a.ts"]],
		["a whole module", 'import * as all from "axios";', ["axios"]],
		["a default and names", "import one, { two } from './a.ts';", ["./a.ts"]],
		["what is exported again", 'export { a } from "./a.ts"; export * from "./b.ts";', ["./a.ts", "./b.ts"]],
		["what is loaded for its effects", 'import "./a.ts";', ["./a.ts"]],
		["what is loaded on demand", 'const { a } = await import("./a.ts");', ["./a.ts"]],
		["what is loaded on demand by template", "await import(`./a.ts`);", ["./a.ts"]],
		["the type of a module", 'type A = typeof import("./a.ts");', ["./a.ts"]],
		["what has attributes", 'import a from "./a.json" with { type: "json" };', ["./a.json"]],
		["nothing in a comment", '/** import "./a.ts" */\n// from "./b.ts"', []],
	])("finds %s", (_what, source, expected) => {
		expect(modulesIn(source)).toEqual(expected);
		expect(hiddenImportsIn(source)).toEqual([]);
	});

	test.each([
		"import(name)",
		["import(`./$", "{name}.ts`)"].join(""),
		'require("net")',
		"process.getBuiltinModule('net')",
	])("notices that %s hides a name", (source) => {
		expect(hiddenImportsIn(source)).not.toEqual([]);
	});
});

describe("the rooms", () => {
	test("there are files to look at, and imports in them", () => {
		expect(files.length).toBeGreaterThan(100);
		expect(inner.length).toBeGreaterThan(300);
	});

	test("each file is in a room", () => {
		expect(files.filter((file) => roomOf(file) === "")).toEqual([]);
	});

	test("name what they import", () => {
		expect([...sources].filter(([, source]) => hiddenImportsIn(source).length > 0).map(([file]) => file)).toEqual([]);
	});

	test("import only what the table allows", () => {
		const forbidden = inner.filter(({ file, to }) => {
			const from = roomOf(file);
			const allowed = rooms[from] ?? [];
			return roomOf(to) !== from && !allowed.includes("*") && !allowed.includes(roomOf(to)) && !allowed.includes(to);
		});
		expect(forbidden).toEqual([]);
	});

	test("never import the sandbox, the command line apart", () => {
		const allowing = Object.keys(rooms).filter((room) => rooms[room]?.includes("sandbox"));
		const importing = imports.filter(({ file, to }) => /^sandbox\b/.test(to) && !/^(sandbox|cli)\//.test(file));
		expect({ allowing, importing }).toEqual({ allowing: [], importing: [] });
	});

	test("import nothing from beyond src but the package's own description", () => {
		const beyond = imports.filter(({ to }) => to.startsWith("..") && to !== "../package.json");
		expect(beyond).toEqual([]);
	});

	test("open sockets only where that is the job", () => {
		const opened = imports.filter(
			({ file, to }) =>
				!to.endsWith(".ts") && sockets.test(to) && !opens.includes(roomOf(file)) && !handsOver[file]?.includes(to),
		);
		expect(opened).toEqual([]);
	});

	test("keep to what they are told where they decide: no disk, no clock, no chance", () => {
		const pure = (file: string) => told.includes(roomOf(file));
		const reaching = imports.filter(({ file, to }) => pure(file) && to.startsWith("node:") && !computes.test(to));
		const reading = [...sources].filter(
			([file, source]) =>
				pure(file) && /\bDate\.now\b|\bnew Date\(\s*\)|\bMath\.random\b/.test(withoutComments(source)),
		);
		expect({ reaching, reading: reading.map(([file]) => file) }).toEqual({ reaching: [], reading: [] });
	});

	test("are under lint where they are told what they need", () => {
		const { overrides } = JSON.parse(readFileSync(join(repository, "biome.json"), "utf8")) as {
			readonly overrides: readonly { readonly includes: readonly string[] }[];
		};
		const linted = overrides.flatMap(({ includes }) => (includes.includes("src/domain/**") ? includes : []));
		const missing = told.filter(
			(room) => !linted.includes(`src/${room}/**`) && !linted.includes(`src/${dirname(room)}/**`),
		);
		expect(missing).toEqual([]);
	});

	test("stay small: no file is too long, no folder too full", () => {
		const long = [...sources].filter(([, source]) => source.trimEnd().split("\n").length > LINES_MAX);
		const counts = Map.groupBy(files, (file) => dirname(file));
		const full = [...counts].filter(([, held]) => held.length > FILES_MAX).map(([folder]) => folder);
		expect({ long: long.map(([file]) => file), full }).toEqual({ long: [], full: [] });
	});
});

describe("plug-ins", () => {
	const registries = files.filter((file) => file.endsWith("/registry.ts"));
	const contract = /\/(strategy|mesh-adapter|metric-provider|notifier|tag-policy|trigger)\.ts$/;
	/** Each plug-in with its registry. Files in a folder of its name are part of it. */
	const plugins = registries.flatMap((registry) =>
		inner
			.filter(({ file, to }) => file === registry && dirname(to) === dirname(registry) && !contract.test(to))
			.map(({ to }) => ({ file: to, registry })),
	);
	const pluginOf = (path: string) =>
		plugins.find(({ file }) => path === file || path.startsWith(`${file.replace(/\.ts$/, "")}/`));

	test("are found in every registry", () => {
		expect(registries.filter((registry) => !plugins.some((plugin) => plugin.registry === registry))).toEqual([]);
		expect(registries.length).toBeGreaterThanOrEqual(4);
	});

	test("never import each other, and only a registry names them", () => {
		const crossings = inner.filter(({ file, to }) => {
			const named = pluginOf(to);
			return named !== undefined && file !== named.registry && pluginOf(file) !== named;
		});
		expect(crossings).toEqual([]);
	});
});
