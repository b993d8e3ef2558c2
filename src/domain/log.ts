/**
 * Where a room says what happened. Messages are constant; what varies is a field. Whoever calls passes no secret, and
 * whoever implements it redacts what looks like one all the same.
 */
export interface Log {
	debug(fields: object, message: string): void;
	info(fields: object, message: string): void;
	warn(fields: object, message: string): void;
	error(fields: object, message: string): void;
}

/** Says nothing, for those who are given no log. */
export const silentLog: Log = Object.freeze({ debug() {}, info() {}, warn() {}, error() {} });
