import { badRequest } from "../refusals.ts";

/** Reads protobuf's encoding from its beginning to its end. Throws the refusal of bytes that end too early. */
export interface Wire {
	isAtEnd(): boolean;
	/** A field's number and how its value is encoded. */
	key(): { readonly number: number; readonly type: number };
	/** Signed, of up to 64 bits. */
	integer(): number;
	bytes(): Buffer;
	message(): Wire;
	skip(type: number): void;
}

export function createWire(buffer: Buffer): Wire {
	let at = 0;

	function varint(): bigint {
		let value = 0n;
		for (let shift = 0n; shift < 70n; shift += 7n) {
			const byte = buffer[at];
			if (byte === undefined) throw broken();
			at += 1;
			value |= BigInt(byte & 0x7f) << shift;
			if (byte < 0x80) return value;
		}
		throw broken();
	}

	function advance(count: number): Buffer {
		if (count > buffer.length - at) throw broken();
		at += count;
		return buffer.subarray(at - count, at);
	}

	const bytes = () => advance(Number(varint()));
	return {
		isAtEnd: () => at >= buffer.length,
		key() {
			const key = Number(varint());
			return { number: key >> 3, type: key & 7 };
		},
		integer: () => Number(BigInt.asIntN(64, varint())),
		bytes,
		message: () => createWire(bytes()),
		skip(type) {
			if (type === 0) varint();
			else if (type === 1) advance(8);
			else if (type === 2) bytes();
			else if (type === 5) advance(4);
			else throw broken();
		},
	};
}

function broken() {
	return badRequest("error decoding the body: the protobuf is broken");
}
