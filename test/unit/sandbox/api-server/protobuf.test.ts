import { describe, expect, test } from "vitest";
import { decodeProtobuf } from "../../../../src/sandbox/api-server/protobuf/decode.ts";

/** A field of text or of a message. */
function bytes(number: number, ...contents: readonly (string | Uint8Array)[]): Buffer {
	const content = Buffer.concat(contents.map((one) => Buffer.from(one as string)));
	return Buffer.concat([varint((number << 3) | 2), varint(content.length), content]);
}

function integer(number: number, value: number): Buffer {
	return Buffer.concat([varint(number << 3), varint(value)]);
}

function varint(value: number): Buffer {
	const bytesOf: number[] = [];
	for (let rest = value; ; rest = Math.floor(rest / 128)) {
		bytesOf.push(rest < 128 ? rest : (rest % 128) | 128);
		if (rest < 128) return Buffer.from(bytesOf);
	}
}

function body(apiVersion: string, kind: string, ...content: readonly Uint8Array[]): Buffer {
	return Buffer.concat([Buffer.from("k8s\0"), bytes(1, bytes(1, apiVersion), bytes(2, kind)), bytes(2, ...content)]);
}

const named = (name: string) => bytes(1, bytes(1, name));

describe("a body in protobuf", () => {
	test("says what its JSON says, without what is nought, false or empty", () => {
		const metadata = bytes(
			1,
			bytes(1, "one"),
			bytes(2, ""),
			integer(7, 0),
			bytes(8),
			bytes(11, bytes(1, "app"), bytes(2, "x")),
		);
		const data = bytes(2, bytes(1, "a"), bytes(2, "b"));
		expect(decodeProtobuf(body("v1", "ConfigMap", metadata, data))).toEqual({
			apiVersion: "v1",
			kind: "ConfigMap",
			metadata: { name: "one", labels: { app: "x" } },
			data: { a: "b" },
		});
	});

	test("keeps a nought that was said", () => {
		const spec = bytes(2, integer(1, 0), integer(5, 0));
		expect(decodeProtobuf(body("apps/v1", "Deployment", named("web"), spec)).spec).toEqual({ replicas: 0 });
	});

	test("has the forms that JSON has of its own", () => {
		const port = bytes(1, bytes(2, "TCP"), integer(3, 80), bytes(4, integer(1, 1), integer(2, 0), bytes(3, "http")));
		expect(decodeProtobuf(body("v1", "Service", named("web"), bytes(2, port), bytes(3)))).toMatchObject({
			spec: { ports: [{ protocol: "TCP", port: 80, targetPort: "http" }] },
		});
		const at = bytes(1, bytes(1, "one"), bytes(8, integer(1, 1893456000)));
		expect(decodeProtobuf(body("v1", "Namespace", at)).metadata).toEqual({
			name: "one",
			creationTimestamp: "2030-01-01T00:00:00Z",
		});
		const secret = bytes(2, bytes(1, "p"), bytes(2, "q"));
		expect(decodeProtobuf(body("v1", "Secret", named("s"), secret)).data).toEqual({ p: "cQ==" });
	});

	test("has in the outer object what protobuf puts into one of its own", () => {
		const reference = bytes(3, bytes(3, bytes(1, bytes(1, "settings")), bytes(2, "colour")));
		const container = bytes(2, bytes(1, "main"), bytes(7, bytes(1, "COLOUR"), reference));
		expect(decodeProtobuf(body("v1", "Pod", named("one"), bytes(2, container))).spec).toEqual({
			containers: [
				{
					name: "main",
					env: [{ name: "COLOUR", valueFrom: { configMapKeyRef: { name: "settings", key: "colour" } } }],
				},
			],
		});
	});

	test.each([
		["JSON", Buffer.from("{}"), "it is no protobuf"],
		[
			"a kind that isn't known",
			body("v1", "Gizmo", named("one")),
			"a Gizmo in protobuf, which this server doesn't read",
		],
		["a field that isn't known", body("v1", "ConfigMap", bytes(99, "x")), "field 99 of a ConfigMap in protobuf"],
		["what ends too early", body("v1", "ConfigMap", named("one")).subarray(0, -2), "the protobuf is broken"],
		["what says no kind", Buffer.concat([Buffer.from("k8s\0"), bytes(2, named("one"))]), "couldn't get version/kind"],
	])("is refused when it is %s", (_what, text, message) => {
		expect(() => decodeProtobuf(text)).toThrow(message);
	});
});
