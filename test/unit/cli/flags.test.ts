import { describe, expect, test } from "vitest";
import { flags, parseFlags } from "../../../src/cli/flags.ts";
import { optionsFrom } from "../../../src/cli/options.ts";

function read(words: readonly string[], env: Readonly<Record<string, string>> = {}) {
	const parsed = parseFlags(words, env);
	if (!parsed.ok) return parsed.problem;
	const read = optionsFrom(parsed.values, "1.2.3");
	return read.ok ? read.options : read.problem;
}

const flaggerFlags =
	`kubeconfig master kubeconfig-qps kubeconfig-burst metrics-server control-loop-interval log-level port
	slack-url slack-token slack-proxy-url slack-user slack-channel event-webhook msteams-url msteams-proxy-url
	include-label-prefix threadiness zap-replace-globals zap-encoding namespace mesh-provider selector-labels
	ingress-annotations-prefix ingress-class enable-leader-election leader-election-namespace enable-config-tracking
	kubeconfig-service-mesh cluster-name no-cross-namespace-refs`.split(/\s+/);
const flaggerVariables = [
	"SLACK_URL",
	"SLACK_TOKEN",
	"SLACK_PROXY_URL",
	"MSTEAMS_URL",
	"MSTEAMS_PROXY_URL",
	"EVENT_WEBHOOK_URL",
];

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
		["the dashboard is off", [], { dashboard: undefined }],
		["the dashboard has its port", ["--dashboard"], { dashboard: { port: 8090, hosts: [], readersNeedToken: false } }],
		[
			"the dashboard can be told more",
			["--dashboard", "--dashboard-port=0", "--dashboard-hosts=a.example, b", "--dashboard-auth=all"],
			{ dashboard: { port: 0, hosts: ["a.example", "b"], readersNeedToken: true } },
		],
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
		["a missing value", ["--port"], "--port needs a value; write --port=N"],
		["a word that is no flag", ["x"], "a word without dashes is no flag; write --name=value"],
		["a switch that says neither", ["--enable-leader-election=maybe"], "--enable-leader-election: write true or false"],
		["no port", ["--port="], "--port: write a number from 0 to 65535"],
		["a drain that never ends", ["--drain=1000000000h"], "--drain: is too long; the most is 8760h"],
		["no Canaries at a time", ["--threadiness=0"], "--threadiness: write a number from 1 to 256"],
		["no port of the dashboard", ["--dashboard-port=x"], "--dashboard-port: write a number from 0 to 65535"],
		[
			"one port for two",
			["--dashboard", "--port=9000", "--dashboard-port=9000"],
			"--dashboard-port: write another port than that of --port",
		],
		[
			"a wildcard for a name",
			["--dashboard-hosts=*.example"],
			"--dashboard-hosts: write names like haldane.example, without ports or wildcards",
		],
		[
			"a name with a port",
			["--dashboard-hosts=a.example:80"],
			"--dashboard-hosts: write names like haldane.example, without ports or wildcards",
		],
		["another way to let in", ["--dashboard-auth=none"], "--dashboard-auth: write actions or all"],
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
			warnings: [{ flag: "--control-loop-interval", because: "nothing polls: changes are watched" }],
		});
	});

	test.each([
		["a misspelt flag", ["--slack-tokn=xoxb-secret"]],
		["a flag in capitals", ["--SLACK_TOKEN=xoxb-secret"]],
		["a value on its own", ["xoxb-secret"]],
		["a value after a switch", ["--no-cross-namespace-refs", "xoxb-secret"]],
		["an address that is none", ["--slack-url=xoxb-secret"]],
		["an address that is refused", ["--msteams-url=http://xoxb-secret"]],
	])("never repeat what may be a secret: %s", (_what, words) => {
		const problem = read(words);
		expect(problem).toBeTypeOf("string");
		expect(problem).not.toContain("xoxb");
	});

	test.each([
		["its own flag", ["--leader-election-namespace=a", "--namespace=b"], "a"],
		["the watched namespace, as in Flagger", ["--namespace=b"], "b"],
		["haldane-system", [], "haldane-system"],
	])("the lease lies in the namespace of %s", (_whose, words, leaderElectionNamespace) => {
		expect(read(words)).toMatchObject({ leaderElectionNamespace });
	});

	test("every flag and variable of Flagger 1.44 is known", () => {
		const known = flags.map(({ name }) => name);
		expect(flaggerFlags.filter((name) => !known.includes(name))).toEqual([]);
		expect(flags.flatMap(({ env }) => env ?? [])).toEqual(expect.arrayContaining([...flaggerVariables]));
	});

	test("no flag says two things of itself", () => {
		expect(new Set(flags.map(({ name }) => name)).size).toBe(flags.length);
		expect(flags.filter(({ ignored, refused }) => ignored !== undefined && refused !== undefined)).toEqual([]);
	});
});
