import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { parseChallenge } from "../../../../src/updater/image-registry/authentication/challenge.ts";

const bearer = (realm: string, service: string | undefined, ...scopes: string[]) => ({
	kind: "bearer",
	realm: new URL(realm),
	service,
	scopes,
});

describe("a challenge", () => {
	test.each<[string, string | undefined, unknown]>([
		[
			"of Docker Hub",
			'Bearer realm="https://auth.docker.io/token",service="registry.docker.io",scope="repository:library/nginx:pull"',
			bearer("https://auth.docker.io/token", "registry.docker.io", "repository:library/nginx:pull"),
		],
		[
			"with a comma in its scope, spaces and letters of any case",
			'bEARER Realm = "https://a.example.com/t" ,  SERVICE="s" , scope="repository:a:pull,push"',
			bearer("https://a.example.com/t", "s", "repository:a:pull,push"),
		],
		[
			"with an escape in a quoted text",
			'Bearer realm="https://a.example.com/t",service="a \\"quoted\\", word"',
			bearer("https://a.example.com/t", 'a "quoted", word'),
		],
		[
			"with several scopes",
			'Bearer realm="https://a.example.com/t",scope="repository:a:pull repository:b:pull"',
			bearer("https://a.example.com/t", undefined, "repository:a:pull", "repository:b:pull"),
		],
		["without quotes", "Bearer realm=https:,service=s", undefined],
		["Basic", 'Basic realm="Registry Realm"', { kind: "basic" }],
		[
			"Bearer after Basic wins",
			'Basic realm="x", Bearer realm="https://a.example.com/t"',
			bearer("https://a.example.com/t", undefined),
		],
		["Basic after one that we don't know", 'Negotiate abc==, Basic realm="x"', { kind: "basic" }],
		["Basic in a realm that says Bearer", 'Basic realm="Bearer realm=https://evil.example.com"', { kind: "basic" }],
		["Bearer without realm is none", 'Bearer service="s"', undefined],
		["Bearer with a realm that is no address of HTTP is none", 'Bearer realm="file:///etc/passwd"', undefined],
		[
			"the first of two realms counts",
			'Bearer realm="https://a.example.com/",realm="https://b.example.com/"',
			bearer("https://a.example.com/", undefined),
		],
		["none", undefined, undefined],
		["empty", "", undefined],
		["too long", `Basic realm="${"x".repeat(9_000)}"`, undefined],
	])("%s", (_what, header, expected) => {
		expect(parseChallenge(header)).toEqual(expected);
	});

	test("gives back whatever was quoted", () => {
		const quoted = (text: string) => `"${text.replaceAll(/["\\]/g, "\\$&")}"`;
		fc.assert(
			fc.property(fc.string({ maxLength: 50 }), fc.constantFrom(",", " , ", ",,"), (service, comma) => {
				const header = `Bearer realm="https://a.example.com/t"${comma}service=${quoted(service)}`;
				expect(parseChallenge(header)).toEqual(bearer("https://a.example.com/t", service));
			}),
		);
	});

	test("never throws and always ends", () => {
		const pieces = fc.array(
			fc.constantFrom("Bearer", "Basic", " ", ",", "=", '"', "\\", "realm", "https://a.b", "é", "=="),
		);
		fc.assert(
			fc.property(
				fc.oneof(
					fc.string(),
					pieces.map((all) => all.join("")),
				),
				(header) => {
					parseChallenge(header);
				},
			),
		);
	});
});
