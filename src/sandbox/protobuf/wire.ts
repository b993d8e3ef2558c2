import { Refusal } from "../contract.ts";

/** How a field's value is encoded: the numbers are protobuf's. */
export const wireTypes = { varint: 0, fixed64: 1, bytes: 2, fixed32: 5 } as const;

/** Reads protobuf's encoding from its beginning to its end. Throws BadRequest for bytes that end too early or aren't protobuf. */
export interface Wire {
	isAtEnd(): boolean;
	/** A field's number and how its value is encoded. */
	key(): { readonly number: number; readonly type: number };
	/** Its lower 64 bits, unsigned. */
	varint(): bigint;
	double(): number;
	bytes(): Buffer;
	/** Past a value that nobody reads. */
	skip(type: number): void;
}

export function createWire(buffer: Buffer): Wire {
	let at = 0;

	function varint(): bigint {
		const first = buffer[at];
		if (first !== undefined && first < 0x80) {
			at += 1;
			return BigInt(first);
		}
		let value = 0n;
		for (let shift = 0n; shift < 70n; shift += 7n) {
			const byte = buffer[at];
			if (byte === undefined) throw truncated();
			at += 1;
			value |= BigInt(byte & 0x7f) << shift;
			if (byte < 0x80) return BigInt.asUintN(64, value);
		}
		throw malformed("a number is longer than ten bytes");
	}

	function advance(count: bigint): Buffer {
		if (count > buffer.length - at) throw truncated();
		const from = at;
		at += Number(count);
		return buffer.subarray(from, at);
	}

	const bytes = () => advance(varint());
	return {
		isAtEnd: () => at >= buffer.length,
		key() {
			const key = varint();
			const number = key >> 3n;
			if (number < 1n || number > FIELD_NUMBER_MAX) throw malformed(`there is no field ${number}`);
			return { number: Number(number), type: Number(key & 7n) };
		},
		varint,
		double: () => advance(8n).readDoubleLE(),
		bytes,
		skip(type) {
			if (type === wireTypes.varint) varint();
			else if (type === wireTypes.fixed64) advance(8n);
			else if (type === wireTypes.bytes) bytes();
			else if (type === wireTypes.fixed32) advance(4n);
			// Groups, which Kubernetes has none of, and what is not defined.
			else throw malformed(`a value is encoded as type ${type}`);
		},
	};
}

const FIELD_NUMBER_MAX = 2n ** 29n - 1n;

/** Of a body that is not what it says it is. */
export function malformed(why: string): Refusal {
	return new Refusal(400, "BadRequest", `error decoding the protobuf of the body: ${why}`);
}

function truncated(): Refusal {
	return malformed("it ends too early");
}
