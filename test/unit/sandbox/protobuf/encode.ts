/** Fields of a message as protobuf encodes them; each function writes one. */
export function bytes(number: number, ...contents: readonly (string | Uint8Array)[]): Buffer {
	const content = Buffer.concat(contents.map((one) => Buffer.from(one as string)));
	return Buffer.concat([varint(BigInt((number << 3) | 2)), varint(BigInt(content.length)), content]);
}

export function integer(number: number, value: number): Buffer {
	return Buffer.concat([varint(BigInt(number << 3)), varint(BigInt.asUintN(64, BigInt(value)))]);
}

export function double(number: number, value: number): Buffer {
	const content = Buffer.alloc(8);
	content.writeDoubleLE(value);
	return Buffer.concat([varint(BigInt((number << 3) | 1)), content]);
}

export function entry(number: number, key: string, value: string | Uint8Array): Buffer {
	return bytes(number, bytes(1, key), bytes(2, value));
}

export function varint(value: bigint): Buffer {
	const encoded: number[] = [];
	for (let rest = value; ; rest >>= 7n) {
		encoded.push(Number(rest & 0x7fn) | (rest < 128n ? 0 : 128));
		if (rest < 128n) return Buffer.from(encoded);
	}
}

/** A whole body of that kind. */
export function bodyOf(apiVersion: string, kind: string, ...content: readonly Uint8Array[]): Buffer {
	return Buffer.concat([Buffer.from("k8s\0"), bytes(1, bytes(1, apiVersion), bytes(2, kind)), bytes(2, ...content)]);
}
