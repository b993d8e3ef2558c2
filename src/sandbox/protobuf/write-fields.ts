import { wireTypes } from "./wire.ts";

/** Writes a field of a message with its number. Values that it is not made for are a mistake of the caller. */
export type FieldWriter = (number: number, value: unknown) => readonly Buffer[];

export const text: FieldWriter = (number, value) => delimited(number, [Buffer.from(String(value))]);
export const flag: FieldWriter = (number, value) => [varint(key(number, wireTypes.varint)), varint(value ? 1 : 0)];
export const whole: FieldWriter = (number, value) => [
	varint(key(number, wireTypes.varint)),
	varint(BigInt.asUintN(64, BigInt(value as number))),
];
export const double: FieldWriter = (number, value) => {
	const bytes = Buffer.alloc(8);
	bytes.writeDoubleLE(value as number);
	return [varint(key(number, wireTypes.fixed64)), bytes];
};

/** Of an array. */
export function repeated(item: FieldWriter): FieldWriter {
	return (number, value) => (value as readonly unknown[]).flatMap((one) => item(number, one));
}

/** A message that has the value in a field of that number, and nothing else. */
export function within(inner: number, writer: FieldWriter): FieldWriter {
	return (number, value) => delimited(number, writer(inner, value));
}

/** Of an object: what `write` makes of it. */
export function message(write: (value: Readonly<Record<string, unknown>>) => readonly Buffer[]): FieldWriter {
	return (number, value) => delimited(number, write(value as Readonly<Record<string, unknown>>));
}

function delimited(number: number, parts: readonly Buffer[]): readonly Buffer[] {
	const length = parts.reduce((sum, { length: bytes }) => sum + bytes, 0);
	return [varint(key(number, wireTypes.bytes)), varint(length), ...parts];
}

function key(number: number, type: number): number {
	return number * 8 + type;
}

function varint(value: number | bigint): Buffer {
	const bytes: number[] = [];
	let rest = BigInt(value);
	for (; rest > 0x7fn; rest >>= 7n) bytes.push(Number(rest & 0x7fn) | 0x80);
	return Buffer.from([...bytes, Number(rest)]);
}
