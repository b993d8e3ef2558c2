import { describe, expect, test } from "vitest";
import { AlertProviderSecret, parseAlertProvider } from "../../../src/api/alert-provider.ts";
import { unsupportedAlertProvider } from "../../../src/api/unsupported.ts";
import { alertProviderOf } from "./manifests.ts";
import { alertProviderRefusals } from "./refusals.ts";

describe("an AlertProvider", () => {
	test.each(alertProviderRefusals)("is refused for %s", (_claim, object, problem) => {
		expect(parseAlertProvider(object)).toEqual({ ok: false, problems: [problem] });
	});

	test("never has its address repeated, for it is a secret", () => {
		const parsed = parseAlertProvider(
			alertProviderOf({ type: "slack", address: "hooks.slack.com/T0/B0/s3cret", proxy: "s3cret" }),
		);
		expect(parsed).toMatchObject({ ok: false, problems: { length: 2 } });
		expect(JSON.stringify(parsed)).not.toContain("s3cret");
	});

	test("is read with all that Slack takes", () => {
		const object = alertProviderOf({
			type: "slack",
			channel: "on-call",
			username: "haldane",
			proxy: "http://proxy:3128",
			secretRef: { name: "slack" },
		});
		expect(parseAlertProvider(object)).toEqual({ ok: true, provider: object });
	});

	test.each([
		["slack", []],
		["webhook", []],
		["msteams", ["spec.type: msteams is not supported yet; use one of slack, webhook"]],
	])("of type %s is supported or says so", (type, problems) => {
		const parsed = parseAlertProvider(alertProviderOf({ type, address: "https://chat" }));
		expect(parsed.ok && unsupportedAlertProvider(parsed.provider)).toEqual(problems);
	});

	test.each([
		["needs its address", {}, false],
		["needs an address that says something", { address: "" }, false],
		["may have a token", { address: "https://chat", token: "t" }, true],
		["may hold other keys", { address: "https://chat", note: "x" }, true],
	])("whose Secret is read %s", (_claim, secret, isFine) => {
		expect(AlertProviderSecret.safeParse(secret).success).toBe(isFine);
	});
});
