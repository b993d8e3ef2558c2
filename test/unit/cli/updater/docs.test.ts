import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { Command } from "commander";
import { describe, expect, test } from "vitest";
import { ChosenState } from "../../../../src/api/image-record.ts";
import { registerUpdater } from "../../../../src/cli/updater/commands/register.ts";
import { updaterFlags } from "../../../../src/cli/updater/flags.ts";

const repository = resolve(import.meta.dirname, "../../../..");
const read = (path: string) => readFileSync(resolve(repository, path), "utf8");
const page = read("docs/updater.md");
const missing = (names: readonly string[]) => names.filter((name) => !page.includes(name));

describe("docs/updater.md has", () => {
	test("every state of an image", () => {
		expect(missing(ChosenState.options.map((state) => `\`${state}\``))).toEqual([]);
	});

	test("every metric", () => {
		const names = [...read("src/metrics/image-series.ts").matchAll(/"(haldane_\w+)"/g)].map(([, name = ""]) => name);
		expect(names).toHaveLength(7);
		expect(missing(names)).toEqual([]);
	});

	test("every command", () => {
		const program = new Command();
		registerUpdater(program, { common: (command) => command, say: () => {} });
		const commands = program.commands.flatMap((updater) => updater.commands.map((command) => command.name()));
		expect(commands).toHaveLength(8);
		expect(missing(commands.filter((name) => name !== "reject").map((name) => `haldane updater ${name}`))).toEqual([]);
	});

	test("every flag, those of webhooks together", () => {
		const others = updaterFlags.filter(({ name }) => !name.startsWith("webhook-"));
		expect(missing(others.map(({ name }) => `--${name}`))).toEqual([]);
	});
});
