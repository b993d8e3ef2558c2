import { expect, test } from "vitest";
import { veil } from "../../../../src/server/dashboard/veil.ts";
import { canaryOf, dashboardOver } from "./bench.ts";

const KEY = "k";
const template = (value: string, image = "web:1.0.0") => ({
	spec: {
		containers: [
			{
				name: "web",
				image,
				args: ["--verbose"],
				env: [
					{ name: "PASSWORD", value },
					{ name: "POD", valueFrom: { x: 1 } },
				],
			},
		],
		initContainers: [{ env: [{ name: "SEED", value }] }],
	},
});

test("hides values of environment variables, and shows all else of a template", () => {
	const shown = veil(template("hunter2"), KEY);
	const mark = expect.stringMatching(/^hidden \([\da-f]{8}\)$/);
	expect(shown).toEqual({
		spec: {
			containers: [
				{
					name: "web",
					image: "web:1.0.0",
					args: ["--verbose"],
					env: [
						{ name: "PASSWORD", value: mark },
						{ name: "POD", valueFrom: { x: 1 } },
					],
				},
			],
			initContainers: [{ env: [{ name: "SEED", value: mark }] }],
		},
	});
});

test("tells hidden values apart, by a key that cannot be guessed", () => {
	expect(veil(template("a"), KEY)).toEqual(veil(template("a"), KEY));
	expect(veil(template("a"), KEY)).not.toEqual(veil(template("b"), KEY));
	expect(veil(template("a"), KEY)).not.toEqual(veil(template("a"), "another key"));
});

test.each([
	["https://hooks.example/services/T0/secret", /^https:\/\/hooks\.example\/hidden \([\da-f]{8}\)$/],
	["HTTP://user:secret@hooks.example:8080", /^http:\/\/hooks\.example:8080\/hidden \([\da-f]{8}\)$/],
	["http://hooks.example/?token=secret", /^http:\/\/hooks\.example\/hidden \([\da-f]{8}\)$/],
	["http://hooks.example", /^http:\/\/hooks\.example$/],
	["web:1.0.0", /^web:1\.0\.0$/],
	["http://[", /^http:\/\/\[$/],
])("shows of %s its host", (url, shown) => {
	expect(veil({ webhooks: [{ url }] }, KEY)).toEqual({ webhooks: [{ url: expect.stringMatching(shown) }] });
});

test("leaves what is no object as it is", () => {
	expect(veil([1, true, null, undefined, { value: "kept" }], KEY)).toEqual([
		1,
		true,
		null,
		undefined,
		{ value: "kept" },
	]);
});

test("lies over the spec, the templates and the route of a Canary", async () => {
	const secret = "https://hooks.example/secret";
	const env = [{ name: "A", value: "secret" }];
	const { request } = dashboardOver(
		[canaryOf("cart", { status: {}, spec: { analysis: { webhooks: [{ url: secret }] } } })],
		{
			shown: (part) => veil(part, KEY),
			routeOf: () => ({ apiVersion: "v1", kind: "Route", name: "cart" }),
			get: async ({ kind, name }) => ({
				apiVersion: "v1",
				kind,
				metadata: { name },
				spec: kind === "Route" ? { redirect: secret } : { template: { spec: { containers: [{ env }] } } },
			}),
		},
	);
	const text = await (await request("/api/canaries/shop/cart")).text();
	expect(text).toContain("hooks.example");
	expect(text).not.toContain("secret");
});
