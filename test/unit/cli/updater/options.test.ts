import { describe, expect, test } from "vitest";
import { updaterOptionsFrom } from "../../../../src/cli/updater/options.ts";

const options = (...values: readonly (readonly [string, string])[]) =>
	updaterOptionsFrom(new Map([["updater", "true"], ...values]));

describe("options of the updater", () => {
	test("are none where it is off, whatever else is said", () => {
		expect(updaterOptionsFrom(new Map([["updater-schedule", "never"]]))).toBeUndefined();
	});

	test("are these unless said otherwise", () => {
		expect(options()).toEqual({
			schedule: "@every 1m",
			namespaces: undefined,
			selector: {},
			excluded: [],
			registriesFile: undefined,
			dockerConfig: undefined,
			webhooks: { port: 9_300, ip: undefined, secret: undefined, takesUnsigned: false, privateRegistry: undefined },
		});
	});

	test.each<[string, readonly [string, string], object]>([
		["namespaces", ["updater-namespaces", "shop, web,"], { namespaces: ["shop", "web"] }],
		["labels of namespaces", ["updater-namespace-selector", "team=shop"], { selector: { team: "shop" } }],
		["namespaces that are left alone", ["updater-exclude-namespaces", "kube-system"], { excluded: ["kube-system"] }],
		["no webhooks", ["webhook-port", "0"], { webhooks: undefined }],
		["a pod's address", ["pod-ip", "10.1.2.3"], { webhooks: { ip: "10.1.2.3" } }],
		["a pod's address of IPv6", ["pod-ip", "fd00::1"], { webhooks: { ip: "fd00::1" } }],
	])("say %s", (_what, value, said) => expect(options(value)).toMatchObject(said));

	test.each<[string, readonly [string, string]]>([
		["--updater-schedule: ", ["updater-schedule", "sometimes"]],
		["--updater-namespace-selector: write labels like team=shop", ["updater-namespace-selector", "team"]],
		["--webhook-port: write a number from 0 to 65535", ["webhook-port", "http"]],
		["--webhook-port: write a number from 0 to 65535", ["webhook-port", "65536"]],
		["--pod-ip: write an IP address", ["pod-ip", "haldane.example"]],
	])("are refused, and the flag named: %s", (message, value) => {
		expect(options(value)).toEqual(expect.stringContaining(message));
	});
});
