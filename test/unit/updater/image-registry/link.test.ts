import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { nextPage } from "../../../../src/updater/image-registry/link.ts";

const page = "https://r.example.com/v2/a/tags/list?n=2";
const next = (url: string) => ({ kind: "next", url });

describe("the next page", () => {
	test.each<[string, string | undefined, unknown]>([
		["of a path", '</v2/a/tags/list?last=b&n=2>; rel="next"', next("https://r.example.com/v2/a/tags/list?last=b&n=2")],
		["of a query alone", "<?last=b>; rel=next", next("https://r.example.com/v2/a/tags/list?last=b")],
		["of a whole address", '<https://r.example.com/v2/x>; rel="next"', next("https://r.example.com/v2/x")],
		[
			"among others",
			'</first>; rel="first", </b>; title="a, <c>; rel=next"; rel="next last"',
			next("https://r.example.com/b"),
		],
		["of a relation of any case", '</b>; REL="NEXT"', next("https://r.example.com/b")],
		["after parameters without values", '</b>; crossorigin; rel="next"', next("https://r.example.com/b")],
		["is not there when the first rel is another", '</b>; rel="prev"; rel="next"', { kind: "none" }],
		["is not there", '</b>; rel="prev"', { kind: "none" }],
		["is not there without a header", undefined, { kind: "none" }],
		["is not there in what is no link", "next", { kind: "none" }],
		["is never on another host", '<https://evil.example.com/v2/x>; rel="next"', { kind: "elsewhere" }],
		["is never on another host without scheme", '<//evil.example.com/v2/x>; rel="next"', { kind: "elsewhere" }],
		["is never on another port", '<https://r.example.com:8443/v2/x>; rel="next"', { kind: "elsewhere" }],
		["is never by http", '<http://r.example.com/v2/x>; rel="next"', { kind: "elsewhere" }],
		["never brings a password", '<https://u:p@r.example.com/v2/x>; rel="next"', { kind: "elsewhere" }],
		["is never what is no address", '<https://[>; rel="next"', { kind: "elsewhere" }],
	])("%s", (_what, header, expected) => {
		expect(nextPage(header, page)).toEqual(expected);
	});

	test("is found behind any other links", () => {
		const path = fc.stringMatching(/^[a-z0-9/_.~%-]{0,20}$/);
		const other = fc.tuple(path, fc.constantFrom("prev", "first", "last")).map(([to, rel]) => `</${to}>; rel="${rel}"`);
		fc.assert(
			fc.property(fc.array(other, { maxLength: 4 }), path, (others, to) => {
				const header = [...others, `</x${to}>; rel="next"`].join(", ");
				expect(nextPage(header, page)).toEqual(next(new URL(`/x${to}`, page).href));
			}),
		);
	});

	test("is of the same origin whatever is written", () => {
		const target = fc.oneof(fc.webUrl(), fc.string(), fc.stringMatching(/^[/:@\\a-z.?#]{0,12}$/));
		fc.assert(
			fc.property(target, (to) => {
				const found = nextPage(`<${to}>; rel="next"`, page);
				if (found.kind === "next") expect(new URL(found.url).origin).toBe("https://r.example.com");
			}),
		);
	});
});
