import { describe, expect, test } from "vitest";
import { parseFlags } from "../../../src/cli/flags.ts";
import { optionsFrom } from "../../../src/cli/options.ts";

function read(words: readonly string[], env: Readonly<Record<string, string>> = {}) {
	const parsed = parseFlags(words, env);
	if (!parsed.ok) return parsed.problem;
	const read = optionsFrom(parsed.values, "1.2.3");
	return read.ok ? read.options : read.problem;
}

describe("flags of the operator", () => {
	test.each([
		["as --name=value", ["--mesh-provider=gatewayapi:v1"]],
		["as --name value", ["--mesh-provider", "gatewayapi:v1"]],
		["as Go writes them", ["-mesh-provider=gatewayapi:v1"]],
	])("are read %s", (_how, words) => {
		expect(read(words)).toMatchObject({ meshProvider: "gatewayapi:v1", metricsServer: "http://prometheus:9090" });
	});

	test.each([
		["switches need no value", ["--no-cross-namespace-refs"], { noCrossNamespaceRefs: true }],
		["switches take one", ["--enable-leader-election=false"], { leaderElection: false }],
		["lists are split", ["--selector-labels=app, tier"], { selectorLabels: ["app", "tier"] }],
		["nothing is no namespace", ["--namespace="], { namespace: undefined }],
		["an empty metrics server is none", ["--metrics-server="], { metricsServer: undefined }],
		["durations are read", ["--drain=1m30s"], { drainMs: 90_000 }],
	])("%s", (_claim, words, expected) => {
		expect(read(words)).toMatchObject(expected);
	});

	test("the environment wins over flags, as in Flagger", () => {
		expect(read(["--slack-url=http://a.example"], { SLACK_URL: "http://b.example" })).toMatchObject({
			slackUrl: "http://b.example",
		});
	});

	test.each([
		[
			"an unknown flag, with the nearest",
			["--mesh-provder=x"],
			"no flag --mesh-provder; did you mean --mesh-provider?",
		],
		["a missing value", ["--port"], "--port takes a N"],
		["a word that is no flag", ["x"], "x is no flag; write --name=value"],
		["a port beyond ports", ["--port=70000"], "--port: write a number from 0 to 65535"],
		["a level that is none", ["--log-level=loud"], "--log-level: write debug, info, warn or error"],
		[
			"a server that is no URL",
			["--metrics-server=prometheus"],
			"--metrics-server: write a URL like http://prometheus:9090",
		],
		[
			"what is not there yet",
			["--msteams-url=http://x"],
			"--msteams-url: Teams is not supported yet; use an AlertProvider of type webhook",
		],
	])("refuse %s", (_claim, words, problem) => {
		expect(read(words)).toBe(problem);
	});

	test("refuse an unknown provider with the list of known ones", () => {
		expect(read(["--mesh-provider=istio"])).toMatch(/^--mesh-provider: no provider istio; known are .*gatewayapi:v1/);
	});

	test("that have no effect are accepted with a warning", () => {
		const parsed = parseFlags(["--control-loop-interval=10s"], {});
		expect(parsed).toMatchObject({
			ok: true,
			warnings: ["--control-loop-interval has no effect: nothing polls: changes are watched"],
		});
	});
});
