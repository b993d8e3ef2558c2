import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { parseTemplate, renderTemplate, templateWords } from "../../../src/analysis/template.ts";

const values = {
	words: {
		name: "cart",
		namespace: "shop",
		target: "cart-v2",
		service: "cart-svc",
		ingress: undefined,
		route: "cart-route",
		interval: "1m",
	},
	variables: { x: "5..", "with-dash": "d", __proto__x: "p" },
};

function rendered(source: string): string {
	const template = parseTemplate(source);
	if (!template.ok) return `refused: ${template.problem}`;
	const result = renderTemplate(template.pieces, values);
	return result.ok ? result.text : `refused: ${result.problem}`;
}

describe("a template", () => {
	test.each([
		["keeps plain text", "up == 1", "up == 1"],
		[
			"knows every word",
			"{{name}} {{ namespace }} {{target}} {{service}} {{route}} {{\tinterval\n}}",
			"cart shop cart-v2 cart-svc cart-route 1m",
		],
		["puts words inside braces of PromQL", 'a{b="{{ target }}"}[{{ interval }}]', 'a{b="cart-v2"}[1m]'],
		["knows variables", "{{ variables.x }}", "5.."],
		["knows variables that are no Go names", '{{ index variables "with-dash" }}', "d"],
		["eats space before", "a \n\t{{- name }} b", "acart b"],
		["eats space after", "a {{ name -}} \n b", "a cartb"],
		["eats space on both sides", "a {{- name -}} b", "acartb"],
		["eats space between two actions", "{{ name -}} \n {{- target }}", "cartcart-v2"],
		["drops comments", "a{{/* not }} me */}}b", "ab"],
		["drops comments with their space", "a {{- /* no */ -}} b", "ab"],
		["renders nothing twice", "{{ variables.x }}{{/* {{ name }} */}}", "5.."],
		["leaves single braces alone", "a{b=~`{`}}", "a{b=~`{`}}"],
	])("%s", (_name, source, text) => {
		expect(rendered(source)).toBe(text);
	});

	const known =
		"use one of {{ name }}, {{ namespace }}, {{ target }}, {{ service }}, {{ ingress }}, {{ route }}, {{ interval }} and {{ variables.x }}";
	test.each([
		["an unknown word", "{{ pod }}", `'{{ pod }}' is not known; ${known}`],
		["a field", "{{ .Namespace }}", `'{{ .Namespace }}' is not known; ${known}`],
		["a function", "{{ printf name }}", `'{{ printf name }}' is not known; ${known}`],
		["a pipe", "{{ name | quote }}", `'{{ name | quote }}' is not known; ${known}`],
		["a condition", "{{ if name }}", `'{{ if name }}' is not known; ${known}`],
		["nothing at all", "{{ }}", `'{{  }}' is not known; ${known}`],
		["a dash without space", "{{-name}}", `'{{ -name }}' is not known; ${known}`],
		["an object's own words", "{{ toString }}", `'{{ toString }}' is not known; ${known}`],
		["an open action", "a {{ name", "'{{ name' has no end; close it with }}"],
		["an open comment", "a {{/* name", "'{{/* name' has no end; close it with }}"],
		[
			"a missing variable",
			"{{ variables.y }}",
			"{{ variables.y }} has no value; the metric gives x, with-dash, __proto__x",
		],
		[
			"a variable of every object",
			"{{ variables.constructor }}",
			"{{ variables.constructor }} has no value; the metric gives x, with-dash, __proto__x",
		],
		["a word without value", "{{ ingress }}", "{{ ingress }} has no value in this Canary"],
	])("refuses %s", (_name, source, problem) => {
		expect(rendered(source)).toBe(`refused: ${problem}`);
	});

	test("never throws, whatever the text", () => {
		const scrap = fc.constantFrom("{{", "}}", "-", " ", "/*", "*/", "name", "variables.", "x", "\n", "{", "}", '"');
		fc.assert(
			fc.property(
				fc.array(scrap).map((scraps) => scraps.join("")),
				(source) => void rendered(source),
			),
			{
				numRuns: 2_000,
			},
		);
	});

	test("is its own text where it has no action", () => {
		fc.assert(
			fc.property(
				fc.string().filter((text) => !text.includes("{{")),
				(text) => {
					expect(rendered(text)).toBe(text);
				},
			),
		);
	});

	test("puts each value in once, without reading it again", () => {
		fc.assert(
			fc.property(fc.constantFrom(...templateWords), fc.string(), fc.string(), (word, value, around) => {
				const calm = around.replaceAll(/[{}]/g, "");
				const template = parseTemplate(`${calm}{{ ${word} }}${calm}`);
				const words = { ...values.words, [word]: `${value}{{ name }}` };
				expect(template.ok && renderTemplate(template.pieces, { words, variables: {} })).toEqual({
					ok: true,
					text: `${calm}${value}{{ name }}${calm}`,
				});
			}),
		);
	});
});
