import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { isMap, isScalar, parseAllDocuments, parseDocument } from "yaml";
import { type Edit, editYaml, type NewImage } from "../../../../src/updater/write-back/edit.ts";
import { YAML_LENGTH_MAX } from "../../../../src/updater/write-back/yaml-text.ts";

const DIGEST = `sha256:${"a".repeat(64)}`;
const OLD = `sha256:${"b".repeat(64)}`;
const workload = { kind: "Deployment", namespace: "shop", name: "cart" } as const;

function image(more: Partial<NewImage> = {}): NewImage {
	const tag = more.tag ?? "1.1.0";
	const names = {
		role: "container",
		name: "app",
		image: `ghcr.io/acme/cart:${tag}`,
		from: "ghcr.io/acme/cart:1.0.0",
	} as const;
	return { ...names, tag, digest: DIGEST, why: "it is newer", ...more };
}

const pinned = image({ image: `ghcr.io/acme/cart:1.1.0@${DIGEST}` });

function manifest(text: string, more: Partial<Edit> = {}) {
	return editYaml(text, { spec: { manifest: { file: "cart.yaml" } }, workload, images: [image()], ...more });
}

function kustomization(text: string, ...images: readonly NewImage[]) {
	const spec = { kustomize: { file: "kustomization.yaml" } };
	return editYaml(text, { spec, workload, images: images.length === 0 ? [image()] : images });
}

type Values = NonNullable<Edit["spec"]["helm"]>["values"];

function values(text: string, at: Partial<Values[number]>, ...images: readonly NewImage[]) {
	const spec = { path: "charts/cart", helm: { file: "values.yaml", values: [{ container: "app", ...at }] } };
	return editYaml(text, { spec, workload, images: images.length === 0 ? [image()] : images });
}

/** The example: `<1.0.0>` is where the one is replaced by the other. */
function becomes(marked: string, edit: (text: string) => ReturnType<typeof editYaml>): void {
	const marks = /<([^>|]*)\|([^>]*)>/g;
	const before = marked.replaceAll(marks, "$1");
	const after = marked.replaceAll(marks, "$2");
	expect(edit(before)).toEqual({ ok: true, text: after, changed: true });
	expect(edit(after)).toEqual({ ok: true, text: after, changed: false });
}

const DEPLOYMENT = `# The cart.
apiVersion: apps/v1
kind: Deployment
metadata: {name: cart, namespace: shop}
spec:
    template:
        spec:
            initContainers:
            -   name: app
                image: ghcr.io/acme/init:3
            containers:

            - name: app   # the one
              image: <ghcr.io/acme/cart:1.0.0|ghcr.io/acme/cart:1.1.0>   # kept up to date
              env: [{name: TAG, value: "1.0.0"}]
            - image: ghcr.io/acme/proxy:1.0.0
              name: proxy
`;
const SERVICE = "apiVersion: v1\nkind: Service\nmetadata:\n  name: cart\n";

describe("a manifest", () => {
	test.each<[string, string]>([
		["as it is", DEPLOYMENT],
		["after other documents", `${SERVICE}---\n${DEPLOYMENT}---\n${SERVICE}`],
		["without a namespace", DEPLOYMENT.replace(", namespace: shop", "")],
		[
			"beside one of another namespace",
			`${DEPLOYMENT}---\n${DEPLOYMENT.replace("shop", "till").replaceAll(/<(.*?)\|.*?>/g, "$1")}`,
		],
		["with Windows' line ends", DEPLOYMENT.replaceAll("\n", "\r\n")],
		["with a byte order mark", `\uFEFF${DEPLOYMENT}`],
		[
			"with quotes",
			DEPLOYMENT.replace(
				"<ghcr.io/acme/cart:1.0.0|ghcr.io/acme/cart:1.1.0>",
				'"<ghcr.io/acme/cart:1.0.0|ghcr.io/acme/cart:1.1.0>"',
			),
		],
		[
			"with single quotes",
			DEPLOYMENT.replace(
				"<ghcr.io/acme/cart:1.0.0|ghcr.io/acme/cart:1.1.0>",
				"'<ghcr.io/acme/cart:1.0.0|ghcr.io/acme/cart:1.1.0>'",
			),
		],
		[
			"in a List",
			"kind: List\nitems:\n- kind: Deployment\n  metadata: {name: cart}\n  spec: {template: {spec: {containers: [{name: app, image: <ghcr.io/acme/cart|ghcr.io/acme/cart:1.1.0>}]}}}\n",
		],
		[
			"as JSON",
			'{"kind": "Deployment", "metadata": {"name": "cart"}, "spec": {"template": {"spec": {"containers": [{"name": "app", "image": "<ghcr.io/acme/cart:1.0.0|ghcr.io/acme/cart:1.1.0>"}]}}}}',
		],
	])("%s: only the image changes", (_how, marked) => {
		becomes(marked, (text) => manifest(text));
	});

	test("of a CronJob, an init container and an image volume", () => {
		const cron = { workload: { ...workload, kind: "CronJob" as const } };
		const job =
			"kind: CronJob\nmetadata: {name: cart}\nspec: {jobTemplate: {spec: {template: {spec: {containers: [{name: app, image: <ghcr.io/acme/cart:1|ghcr.io/acme/cart:1.1.0>}]}}}}}\n";
		becomes(job, (text) => manifest(text, cron));
		const pod =
			"kind: Deployment\nmetadata: {name: cart}\nspec:\n  template:\n    spec:\n      initContainers: [{name: app, image: <ghcr.io/acme/cart:1|ghcr.io/acme/cart:1.1.0>}]\n      volumes:\n      - name: model\n        image: {reference: <ghcr.io/acme/cart:2|ghcr.io/acme/cart:1.1.0>, pullPolicy: Always}\n";
		const images = [image({ role: "initContainer" }), image({ role: "imageVolume", name: "model" })];
		becomes(pod, (text) => manifest(text, { images }));
	});

	test("is pinned by the digest where that is wanted", () => {
		becomes(DEPLOYMENT.replace("cart:1.1.0>", `cart:1.1.0@${DIGEST}>`), (text) => manifest(text, { images: [pinned] }));
	});

	const plain = DEPLOYMENT.replaceAll(/<(.*?)\|.*?>/g, "$1");
	const long = `# ${"x".repeat(YAML_LENGTH_MAX)}\n`;
	const many = Array.from({ length: 12 }, (_, index) => `            - name: c${index}\n`).join("");
	test.each<[string, string, RegExp]>([
		["that is not there", SERVICE, /^cart.yaml has no Deployment shop\/cart$/],
		["of another namespace", plain.replace("shop", "till"), /has no Deployment shop\/cart/],
		["that is there twice", `${plain}---\n${plain}`, /has Deployment shop\/cart 2 times; keep one/],
		["without the container", plain.replaceAll("name: app", "name: web"), /containers has no 'app'; it has web, proxy/],
		[
			"with many other containers",
			`${plain.slice(0, plain.indexOf("            - name: app"))}${many}`,
			/has no 'app'; it has c0, .*, c9 and 2 more$/,
		],
		["with the container twice", plain.replace("name: proxy", "name: app"), /has 'app' 2 times/],
		[
			"of another image",
			plain.replace("acme/cart:", "acme/till:"),
			/containers\[0\].image is ghcr.io\/acme\/till, while the workload runs ghcr.io\/acme\/cart:1.0.0/,
		],
		[
			"without an image",
			plain.replace("image: ghcr.io/acme/cart:1.0.0", "image:"),
			/containers\[0\].image is no image/,
		],
		["that is no YAML", "kind: [", /^cart.yaml is not YAML, line 1: /],
		["that is too long", long, /longer than 262144 characters/],
		["that is nested too deeply", "[a, ".repeat(20_000), /nested too deeply/],
		["that is nested too deeply on one line", `x:\n  ${"- ".repeat(20_000)}`, /nested too deeply/],
		[
			"with an alias for the image",
			`x: &image ghcr.io/acme/cart:1.0.0\n${plain.replace("image: ghcr.io/acme/cart:1.0.0", "image: *image")}`,
			/image is \*image, which is written elsewhere/,
		],
		[
			"with an image that an alias means",
			`${plain.replace("image: ghcr.io/acme/cart", "image: &image ghcr.io/acme/cart")}x: *image\n`,
			/image is used by an alias elsewhere/,
		],
		[
			"in what an alias means",
			`${plain.replace("    template:", "    template: &pod")}x: *pod\n`,
			/used by an alias elsewhere/,
		],
		[
			"with a merged container",
			plain.replace("image: ghcr.io/acme/cart:1.0.0", "<<: {image: ghcr.io/acme/cart:1.0.0}"),
			/image may come by the merge key <</,
		],
		[
			"with the image twice",
			plain.replace("env: [", "image: ghcr.io/acme/cart:1.0.0\n              env: ["),
			/has the key image more than once/,
		],
		[
			"with the image as a block",
			plain.replace(
				"image: ghcr.io/acme/cart:1.0.0 ",
				"image: >-\n                ghcr.io/acme/cart:1.0.0\n             ",
			),
			/block; write it on one line|not YAML/,
		],
	])("%s is refused", (_what, text, problem) => {
		const edited = manifest(text);
		expect(edited).toMatchObject({ ok: false, problem: expect.stringMatching(problem) });
	});

	test("names the document where there are several", () => {
		expect(manifest(`${SERVICE}---\n${plain.replace("acme/cart:", "acme/till:")}`)).toMatchObject({
			problem: expect.stringMatching(/^cart.yaml, document 2, spec.template.spec.containers\[0\].image is /),
		});
	});
});

const IMAGES = `resources: [cart.yaml]
images:
# Ours.
- name: ghcr.io/acme/cart
  newTag: <1.0.0|1.1.0>
- {name: proxy, newName: ghcr.io/acme/proxy, newTag: "2"}
`;

describe("a kustomization", () => {
	const proxy = (tag: string) =>
		image({ name: "proxy", image: `ghcr.io/acme/proxy:${tag}`, from: "ghcr.io/acme/proxy:2", tag });

	test("gets the tag of the entry with the name", () => {
		becomes(IMAGES, (text) => kustomization(text));
	});

	test("gets the tag of the entry that leads to the name, and more than one at a time", () => {
		becomes(IMAGES.replace('"2"', '"<2|3>"'), (text) => kustomization(text, image(), proxy("3")));
	});

	test("gets one tag for two containers of one image", () => {
		const longer = image({ tag: "1.10.0" });
		const marked = IMAGES.replace("1.1.0>", "1.10.0>");
		becomes(marked, (text) => kustomization(text, longer, { ...longer, name: "worker" }));
	});

	test("gets the digest where images are pinned", () => {
		becomes(IMAGES.replace("1.1.0>\n", `1.1.0>\n  digest: <${OLD}|${DIGEST}>\n`), (text) =>
			kustomization(text, pinned),
		);
	});

	test("is read in no time, however much of it is to be looked through for each entry", () => {
		const entries = Array.from({ length: 3_000 }, (_, index) => `- &a${index} {}\n`).join("");
		const keys = Array.from({ length: 3_000 }, (_, index) => `k${index}:\n`).join("");
		expect(kustomization(`${keys}images:\n${entries}`)).toMatchObject({ ok: false });
	});

	test.each<[string, string, readonly NewImage[], RegExp]>([
		[
			"without images",
			"resources: []\n",
			[image()],
			/^kustomization.yaml, images has none that becomes ghcr.io\/acme\/cart:1.0.0; it has none$/,
		],
		["without the image", "images: [{name: till, newTag: '1'}]\n", [image()], /has none that becomes .*; it has till/],
		[
			"with the image twice",
			"images: [{name: ghcr.io/acme/cart, newTag: '1'}, {name: x, newName: ghcr.io/acme/cart, newTag: '1'}]\n",
			[image()],
			/has 2 that become .*; keep one/,
		],
		[
			"without the tag",
			"images: [{name: ghcr.io/acme/cart}]\n",
			[image()],
			/images\[0\].newTag is not there; add it once by hand/,
		],
		[
			"with a digest",
			`images: [{name: ghcr.io/acme/cart, newTag: "1", digest: "${OLD}"}]\n`,
			[image()],
			/digest says what the image is, whatever its tag; remove it, or set pinDigest/,
		],
		[
			"without the digest",
			"images: [{name: ghcr.io/acme/cart, newTag: '1'}]\n",
			[pinned],
			/images\[0\].digest is not there/,
		],
		[
			"for two tags of one image",
			IMAGES,
			[image(), image({ name: "worker", tag: "1.2.0" })],
			/would have to be two things at once/,
		],
	])("%s is refused", (_what, text, images, problem) => {
		expect(kustomization(text, ...images)).toMatchObject({ ok: false, problem: expect.stringMatching(problem) });
	});
});

describe("the values of a chart", () => {
	test.each<[string, string, Partial<Values[number]>, NewImage]>([
		[
			"a tag",
			"web:\n  image:\n    repository: ghcr.io/acme/cart\n    tag: <1.0.0|1.1.0> # kept\n",
			{ tag: "web.image.tag" },
			image(),
		],
		["a whole image", "image: '<ghcr.io/acme/cart:1.0.0|ghcr.io/acme/cart:1.1.0>'\n", { image: "image" }, image()],
		["a number that becomes text", 'tag: <1.0|"1.10">\n', { tag: "tag" }, image({ tag: "1.10" })],
		["what would be a date", 'tag: <"x"|"2027-01-04">\n', { tag: "tag" }, image({ tag: "2027-01-04" })],
		["what would be a boolean to some", 'tag: <x|"on">\n', { tag: "tag" }, image({ tag: "on" })],
		["what would be a number to some", 'tag: <x|"12e3456">\n', { tag: "tag" }, image({ tag: "12e3456" })],
		["nothing so far", "tag: <|1.1.0 ># to be set\nx: 1\n", { tag: "tag" }, image()],
		["what is said to be text", 'tag: !!str <1.0|"1.10">\n', { tag: "tag" }, image({ tag: "1.10" })],
		["nothing at all", "tag:<| 1.1.0>\nx: 1\n", { tag: "tag" }, image()],
		["an item of a list", "images:\n- {tag: <1.0.0|1.1.0>}\n", { tag: "images.0.tag" }, image()],
		["tag and digest", `tag: <1.0.0|1.1.0>\ndigest: <""|"${DIGEST}">\n`, { tag: "tag", digest: "digest" }, pinned],
		["an empty digest", `tag: <1.0.0|1.1.0>\ndigest: <~|${DIGEST}>\n`, { tag: "tag", digest: "digest" }, pinned],
		[
			"a name without its registry",
			"repository: acme/cart\ntag: <1.0.0|1.1.0>\n",
			{ repository: "repository", tag: "tag" },
			image(),
		],
	])("%s", (_what, marked, at, wanted) => {
		becomes(marked, (text) => values(text, at, wanted));
	});

	test("1.10 is not taken for 1.1", () => {
		expect(values("tag: 1.10\n", { tag: "tag" }, image({ tag: "1.1" }))).toMatchObject({ text: 'tag: "1.1"\n' });
	});

	test.each<[string, string, Partial<Values[number]>, NewImage, RegExp]>([
		[
			"a path that is not there",
			"tag: 1\n",
			{ tag: "image.tag" },
			image(),
			/^charts\/cart\/values.yaml, image.tag is not there; add it once by hand$/,
		],
		["a path to more than a value", "image: {tag: 1}\n", { tag: "image" }, image(), /image is not a single value/],
		[
			"an image of another name",
			"image: ghcr.io/acme/till:1\n",
			{ image: "image" },
			image(),
			/is ghcr.io\/acme\/till, while/,
		],
		[
			"a repository of another name",
			"repository: acme/till\ntag: 1\n",
			{ repository: "repository", tag: "tag" },
			image(),
			/repository is acme\/till, while/,
		],
		["no path for a digest", "tag: 1\n", { tag: "tag" }, pinned, /pinDigest needs the path of a digest/],
		[
			"a digest that is not wanted",
			`tag: 1\ndigest: ${OLD}\n`,
			{ tag: "tag", digest: "digest" },
			image(),
			/digest needs pinDigest/,
		],
		[
			"a value that is said to be a number",
			"tag: !!float 1.0\n",
			{ tag: "tag" },
			image(),
			/float; write it without the tag/,
		],
		["a container of another name", "tag: 1\n", { container: "web", tag: "tag" }, image(), /has none for 'app'/],
	])("%s is refused", (_what, text, at, wanted, problem) => {
		expect(values(text, at, wanted)).toMatchObject({ ok: false, problem: expect.stringMatching(problem) });
	});
});

describe("whatever else is in the file", () => {
	const word = fc.stringMatching(/^[a-z]{1,6}$/);
	const space = fc.constantFrom("", "\n", "# a comment\n", "\n\n  # indented\n");
	const quote = fc.constantFrom("", "'", '"');
	const tag = fc.oneof(
		fc.stringMatching(/^[0-9]{1,2}\.[0-9]{1,2}(\.[0-9]{1,2})?$/),
		fc.stringMatching(/^\w[\w.-]{0,20}$/),
	);
	const other = fc.oneof(
		fc.tuple(word, word).map(([key, value]) => `${key}1: ${value}   # why\n`),
		fc.tuple(word, word).map(([key, value]) => `${key}2: {a: [1, ${value}],  b:  'x' }\n`),
		fc.tuple(word, word).map(([key, value]) => `${key}3: |-\n    ${value}\n\n    text\n`),
		fc.tuple(word, word).map(([key, value]) => `${key}4: &${key} ${value}\n${key}5: *${key}\n`),
	);

	test("stays as it was, character by character, and reads as it did", () => {
		const some = fc.array(other, { maxLength: 4 });
		fc.assert(
			fc.property(
				some,
				some,
				space,
				space,
				quote,
				tag,
				tag,
				fc.boolean(),
				(before, after, above, below, mark, old, wanted, isWindows) => {
					const plain = `${before.join("")}${above}tag: ${mark}@@${mark} # this\n${below}${after.join("")}`;
					const whole = isWindows ? plain.replaceAll("\n", "\r\n") : plain;
					const [head = "", tail = ""] = whole.split("@@");
					const text = `${head}${old}${tail}`;
					if (parseDocument(text, { uniqueKeys: false }).errors.length > 0) return;
					const edited = values(text, { tag: "tag" }, image({ tag: wanted, image: `ghcr.io/acme/cart:${wanted}` }));
					if (!edited.ok) throw new Error(edited.problem);
					expect(edited.text.startsWith(head)).toBe(true);
					expect(edited.text.endsWith(tail)).toBe(true);
					const value = edited.text.slice(head.length, edited.text.length - tail.length);
					expect([wanted, old, `"${wanted}"`]).toContain(value);
					expect(readings(edited.text)).toEqual(
						readings(text).map(([key, reading]) => [key, key === "tag" ? wanted : reading]),
					);
				},
			),
			{ numRuns: 300 },
		);
	});

	/** Keys and values of the top, numbers as they are written. */
	function readings(text: string) {
		return parseAllDocuments(text, { uniqueKeys: false }).flatMap(({ contents }) =>
			isMap(contents)
				? contents.items.map(({ key, value }): [string, unknown] => [
						String(key),
						isScalar(value) && typeof value.value !== "string" ? value.source : JSON.parse(JSON.stringify(value)),
					])
				: [],
		);
	}
});
