/** What the distribution specification and Docker's registry call errors, and the status that goes with each. */
const STATUS = {
	BLOB_UNKNOWN: 404,
	BLOB_UPLOAD_UNKNOWN: 404,
	DENIED: 403,
	DIGEST_INVALID: 400,
	MANIFEST_BLOB_UNKNOWN: 400,
	MANIFEST_INVALID: 400,
	MANIFEST_UNKNOWN: 404,
	NAME_INVALID: 400,
	NAME_UNKNOWN: 404,
	PAGINATION_NUMBER_INVALID: 400,
	SIZE_INVALID: 413,
	TAG_INVALID: 400,
	UNSUPPORTED: 405,
} as const;

/** Why the registry refuses a request. */
export class RegistryRefusal extends Error {
	override readonly name = "RegistryRefusal";
	readonly code: keyof typeof STATUS;

	constructor(code: keyof typeof STATUS, message: string) {
		super(message);
		this.code = code;
	}

	get status(): number {
		return STATUS[this.code];
	}
}
