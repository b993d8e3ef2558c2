import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { Refusal } from "../../../../src/sandbox/contract.ts";
import { decodeProtobuf } from "../../../../src/sandbox/protobuf/decode.ts";
import { fieldsOf, messageOfKind } from "../../../../src/sandbox/protobuf/fields.ts";
import { builtinKinds } from "../../../../src/sandbox/schema/builtin-kinds.ts";
import { bodyOf, bytes, double, entry, integer, varint } from "./encode.ts";
import { kubectlBodies } from "./kubectl-bodies.ts";

const named = (name: string) => bytes(1, bytes(1, name));

function refusalOf(body: Uint8Array): Refusal {
	try {
		decodeProtobuf(body);
	} catch (error) {
		if (error instanceof Refusal) return error;
		throw error;
	}
	throw new Error("it was decoded");
}

describe("what kubectl sends", () => {
	test.each(kubectlBodies)(
		"to create a $kind is the JSON that it would send",
		({ apiVersion, kind, content, body }) => {
			const decoded = decodeProtobuf(Buffer.from(body.join(""), "base64"));
			expect(decoded).toEqual({ apiVersion, kind, ...content });
		},
	);

	test("is decoded or refused however it is damaged", () => {
		const bodies = kubectlBodies.map(({ body }) => Buffer.from(body.join(""), "base64"));
		const damage = fc.record({ body: fc.constantFrom(...bodies), at: fc.nat(), byte: fc.nat(255), cut: fc.boolean() });
		fc.assert(
			fc.property(damage, ({ body, at, byte, cut }) => {
				const damaged = Buffer.from(body);
				damaged[at % body.length] = byte;
				try {
					decodeProtobuf(cut ? body.subarray(0, at % body.length) : damaged);
				} catch (error) {
					expect(error).toBeInstanceOf(Refusal);
				}
			}),
			{ numRuns: 1_000 },
		);
	});

	test("is refused when its end is missing", () => {
		for (const { body } of kubectlBodies) {
			const whole = Buffer.from(body.join(""), "base64");
			expect(refusalOf(whole.subarray(0, -6))).toMatchObject({ code: 400, reason: "BadRequest" });
		}
	});
});

describe("the table", () => {
	test.each(builtinKinds.map(({ apiVersion, kind }) => [apiVersion, kind] as const))(
		"knows %s %s",
		(apiVersion, kind) => {
			const message = messageOfKind(apiVersion, kind);
			expect(fieldsOf(message ?? "").get(1)).toMatchObject({ name: "metadata", type: "meta/v1.ObjectMeta" });
		},
	);

	test("has every message that another holds", () => {
		const seen = new Set(builtinKinds.map(({ apiVersion, kind }) => messageOfKind(apiVersion, kind) ?? ""));
		for (const message of seen) {
			for (const { type } of fieldsOf(message).values()) if (type.length > 1) seen.add(type);
		}
		expect(seen.size).toBeGreaterThan(300);
	});
});

describe("a value", () => {
	test.each([
		["nought behind a pointer", "apps/v1", "Deployment", bytes(2, integer(1, 0)), { spec: { replicas: 0 } }],
		["nought that JSON leaves out", "apps/v1", "Deployment", bytes(2, integer(5, 0)), { spec: {} }],
		["a number below nought", "v1", "Pod", bytes(2, integer(25, -5)), { spec: { priority: -5 } }],
		["bytes", "v1", "Secret", entry(2, "p", "q"), { data: { p: "cQ==" } }],
		["an entry without a value", "v1", "ConfigMap", bytes(2, bytes(1, "empty")), { data: { empty: "" } }],
		[
			"a port's name",
			"v1",
			"Service",
			bytes(2, bytes(1, integer(3, 80), bytes(4, integer(1, 1), bytes(3, "http")))),
			{
				spec: { ports: [{ port: 80, targetPort: "http" }] },
			},
		],
		[
			"an amount",
			"v1",
			"Pod",
			bytes(2, bytes(2, bytes(8, bytes(1, bytes(1, "cpu"), bytes(2, bytes(1, "50m")))))),
			{
				spec: { containers: [{ resources: { limits: { cpu: "50m" } } }] },
			},
		],
		[
			"a reference that JSON has inline",
			"v1",
			"Pod",
			bytes(2, bytes(1, bytes(1, "v"), bytes(2, bytes(19, bytes(1, bytes(1, "cm")))))),
			{
				spec: { volumes: [{ name: "v", configMap: { name: "cm" } }] },
			},
		],
		[
			"a handler that JSON has inline",
			"v1",
			"Pod",
			bytes(2, bytes(2, bytes(10, bytes(1, bytes(3, bytes(1, integer(2, 80)))), integer(2, 5)))),
			{
				spec: { containers: [{ livenessProbe: { tcpSocket: { port: 80 }, initialDelaySeconds: 5 } }] },
			},
		],
		[
			"a time",
			"v1",
			"Namespace",
			bytes(1, bytes(8, integer(1, 1_893_456_000))),
			{
				metadata: { creationTimestamp: "2030-01-01T00:00:00Z" },
			},
		],
		[
			"no time",
			"v1",
			"Event",
			Buffer.concat([bytes(1, bytes(8)), bytes(6), bytes(10)]),
			{
				metadata: {},
				firstTimestamp: null,
				eventTime: null,
			},
		],
		[
			"a lease's fine time",
			"coordination.k8s.io/v1",
			"Lease",
			bytes(2, bytes(1, "me"), integer(2, 15), bytes(4, integer(1, 1), integer(2, 2_003_999))),
			{
				spec: { holderIdentity: "me", leaseDurationSeconds: 15, renewTime: "1970-01-01T00:00:01.002003Z" },
			},
		],
		[
			"JSON in bytes",
			"v1",
			"ConfigMap",
			bytes(1, bytes(17, bytes(1, "me"), bytes(7, bytes(1, '{"f:data":{}}')))),
			{
				metadata: { managedFields: [{ manager: "me", fieldsV1: { "f:data": {} } }] },
			},
		],
		[
			"numbers packed together",
			"batch/v1",
			"Job",
			bytes(2, bytes(11, bytes(1, bytes(1, "FailJob"), bytes(2, bytes(3, varint(3n), varint(300n)))))),
			{
				spec: { podFailurePolicy: { rules: [{ action: "FailJob", onExitCodes: { values: [3, 300] } }] } },
			},
		],
		[
			"lists by name",
			"authorization.k8s.io/v1",
			"SubjectAccessReview",
			bytes(2, entry(5, "scopes", bytes(1, "a"))),
			{
				spec: { extra: { scopes: ["a"] } },
			},
		],
		[
			"options of a deletion, in any group",
			"apps/v1",
			"DeleteOptions",
			Buffer.concat([integer(1, 0), bytes(4, "Foreground")]),
			{
				gracePeriodSeconds: 0,
				propagationPolicy: "Foreground",
			},
		],
		["a field that isn't known", "v1", "ConfigMap", Buffer.concat([bytes(99, "x"), integer(98, 1), double(97, 1)]), {}],
	] as const)("can be %s", (_what, apiVersion, kind, content, expected) => {
		expect(decodeProtobuf(bodyOf(apiVersion, kind, content))).toEqual({ apiVersion, kind, ...expected });
	});

	test("of a schema has the names and the forms of JSON", () => {
		const text = bytes(5, "string");
		const schema = bytes(
			1,
			...[bytes(3, "#/x"), double(9, 1.5), bytes(20, bytes(1, '"a"')), bytes(24, bytes(1, text)), entry(29, "p", text)],
			...[bytes(30, integer(1, 0)), integer(38, 1), entry(32, "d", bytes(2, "e"))],
		);
		const body = bodyOf("apiextensions.k8s.io/v1", "CustomResourceDefinition", bytes(2, bytes(7, bytes(4, schema))));
		expect(decodeProtobuf(body)).toMatchObject({
			spec: {
				versions: [
					{
						schema: {
							openAPIV3Schema: {
								...{ $ref: "#/x", maximum: 1.5, enum: ["a"], items: { type: "string" } },
								...{ properties: { p: { type: "string" } }, additionalProperties: false, dependencies: { d: ["e"] } },
								"x-kubernetes-preserve-unknown-fields": true,
							},
						},
					},
				],
			},
		});
	});

	test("of a map has whatever key it was given", () => {
		const { data } = decodeProtobuf(
			bodyOf("v1", "ConfigMap", entry(2, "__proto__", "x"), entry(2, "constructor", "y")),
		);
		expect(JSON.stringify(data)).toBe('{"__proto__":"x","constructor":"y"}');
	});

	test("may be more packed numbers than a call has arguments", () => {
		const rule = bytes(1, bytes(2, bytes(3, Buffer.alloc(1_000_000, 1))));
		const { spec } = decodeProtobuf(bodyOf("batch/v1", "Job", bytes(2, bytes(11, rule))));
		expect(spec).toMatchObject({ podFailurePolicy: { rules: [{ onExitCodes: { values: { length: 1_000_000 } } }] } });
	});

	test("is the one that was encoded", () => {
		const texts = fc.dictionary(fc.string(), fc.string({ unit: "grapheme" }));
		fc.assert(
			fc.property(texts, fc.string({ minLength: 1 }), fc.integer({ min: 1 }), (labels, name, generation) => {
				const own = Object.entries(labels).map(([key, value]) => entry(11, key, value));
				const metadata = bytes(1, bytes(1, name), integer(7, generation), ...own);
				expect(decodeProtobuf(bodyOf("v1", "ConfigMap", metadata)).metadata).toEqual({
					...{ name, generation },
					...(own.length === 0 ? {} : { labels }),
				});
			}),
		);
	});

	test("may be JSON in the envelope", () => {
		const typeMeta = bytes(1, bytes(1, "v1"), bytes(2, "Gizmo"));
		const body = [Buffer.from("k8s\0"), typeMeta, bytes(2, '{"a":1}'), bytes(4, "application/json")];
		expect(decodeProtobuf(Buffer.concat(body))).toEqual({ apiVersion: "v1", kind: "Gizmo", a: 1 });
	});
});

describe("a body is refused", () => {
	const deep = (levels: number): Uint8Array => (levels === 0 ? bytes(5, "string") : bytes(28, deep(levels - 1)));
	const envelope = (...parts: readonly Uint8Array[]) =>
		Buffer.concat([Buffer.from("k8s\0"), bytes(1, bytes(1, "v1"), bytes(2, "ConfigMap")), ...parts]);

	test.each([
		["when it is JSON", Buffer.from("{}"), 400, "doesn't begin as Kubernetes' protobuf"],
		["when it names no kind", Buffer.concat([Buffer.from("k8s\0"), bytes(2, named("x"))]), 400, "version/kind"],
		["when its kind isn't known", bodyOf("v1", "Gizmo", named("x")), 415, "Gizmo in v1"],
		["when its kind is of another group", bodyOf("rbac.example.com/v1", "Role"), 415, "Role in rbac.example.com/v1"],
		["when it is a part of an object", bodyOf("v1", "PodSpec"), 415, "PodSpec in v1"],
		["when it is compressed", envelope(bytes(3, "gzip")), 415, "gzip"],
		["when its content is of another type", envelope(bytes(4, "text/plain")), 415, "text/plain"],
		[
			"when text is encoded as a number",
			bodyOf("v1", "ConfigMap", bytes(1, integer(1, 5))),
			400,
			"name of meta/v1.ObjectMeta",
		],
		[
			"when a number is encoded as text",
			bodyOf("apps/v1", "Deployment", bytes(2, bytes(1, "5"))),
			400,
			"replicas of apps/v1.DeploymentSpec",
		],
		["when a number has no end", bodyOf("v1", "ConfigMap", Buffer.alloc(11, 0xff)), 400, "ten bytes"],
		["when a length is a lie", bodyOf("v1", "ConfigMap", Buffer.from([10, 100, 1])), 400, "ends too early"],
		["when a field is number nought", bodyOf("v1", "ConfigMap", Buffer.from([0, 1])), 400, "no field 0"],
		["when it has a group", bodyOf("v1", "ConfigMap", varint(99n * 8n + 3n)), 400, "type 3"],
		[
			"when JSON within it is broken",
			bodyOf("apps/v1", "ControllerRevision", bytes(2, bytes(1, "{"))),
			400,
			"JSON within it",
		],
		["when a time is none", bodyOf("v1", "Namespace", bytes(1, bytes(8, integer(1, 1e15)))), 400, "years 1 and 9999"],
		["when a port is neither", bodyOf("v1", "Service", bytes(2, bytes(1, bytes(4, integer(1, 2))))), 400, "neither"],
		[
			"when it is nested too deeply",
			bodyOf("apiextensions.k8s.io/v1", "CustomResourceDefinition", bytes(2, bytes(7, bytes(4, bytes(1, deep(300)))))),
			400,
			"deeper than 200",
		],
		["when it is too large", Buffer.alloc(3 * 1024 * 1024 + 1), 400, "larger than"],
	])("%s", (_what, body, code, message) => {
		const refusal = refusalOf(body);
		expect(refusal.code).toBe(code);
		expect(refusal.reason).toBe(code === 400 ? "BadRequest" : "UnsupportedMediaType");
		expect(refusal.message).toContain(message);
	});
});
