import { z } from "zod";
import { DURATION_MAX, DURATION_MS_MAX, DURATION_PATTERN, durationMs } from "../domain/duration.ts";

/**
 * What holds between the fields of one object, said twice and kept side by side: `rule` for the API server (CEL, with
 * `self` as the object after defaulting) and `holds` for us, who also read objects that no such rule guarded.
 */
export interface Rule<T> {
	readonly rule: string;
	readonly holds: (value: T) => boolean;
	/** A lower-case sentence that names the field and the mend. */
	readonly message: string;
}

/** The schema with a description for `kubectl explain` and rules that both the API server and the parser check. */
export function ruled<S extends z.ZodType>(schema: S, description: string, ...rules: Rule<z.output<S>>[]): S {
	const checks = rules.map(({ holds, message }) => z.refine<z.output<S>>(holds, { error: message }));
	return schema.check(...checks).meta({
		description,
		"x-kubernetes-validations": rules.map(({ rule, message }) => ({ rule, message })),
	});
}

/** True when exactly one of the values is there. */
export function exactlyOne(...values: readonly unknown[]): boolean {
	return values.filter((value) => value !== undefined).length === 1;
}

const DURATION_LENGTH_MAX = 32;

/** A duration text of Go, such as `30s`, `1m30s` or `1h`, of a year at most. */
export const Duration = z
	.string()
	.max(DURATION_LENGTH_MAX)
	.regex(new RegExp(DURATION_PATTERN), {
		error: ({ input }) => `'${input}' is not a duration; write it like 30s or 1m30s`,
	})
	.refine((text) => (durationMs(text) ?? 0) <= DURATION_MS_MAX, {
		error: ({ input }) => `'${input}' is too long; the most is ${DURATION_MAX}`,
	});

/** A duration of at least one second: nothing is looked at more often than that. */
export const Interval = (description: string) =>
	ruled(Duration, description, {
		// What may be more than CEL can hold is more than a second too, and is left to the parser, which says what is wrong.
		rule: `!self.matches(r'${DURATION_PATTERN}') || self.matches('[0-9]{7}') || duration(self) >= duration('1s')`,
		holds: (text) => (durationMs(text) ?? 1_000) >= 1_000,
		message: "must be at least 1s",
	});

/** A share in percent, 0 to 100. */
export const Percent = z.int().min(0).max(100);

/** A TCP port. */
export const Port = z.int().min(1).max(65_535);

/** Text without length of its own in the API, held to what a name or a label may be. */
export const Name = z.string().min(1).max(253);

/** A map from text to `value`, of at most `most` entries: CEL can only be priced where maps are bounded. */
export function mapOf<V extends z.ZodType>(value: V, most: number, description: string) {
	return z
		.record(z.string(), value)
		.refine((map) => Object.keys(map).length <= most, { error: `holds more than ${most} entries` })
		.meta({ description, maxProperties: most });
}

/** A list of texts, of at most `most` entries. */
export function texts(most: number, description: string) {
	return z.array(z.string().max(2_048)).max(most).describe(description);
}

/** Labels or annotations. */
export const Metadata = (description: string) =>
	z
		.object({
			labels: mapOf(z.string().max(63), 64, "Labels, by key.").optional(),
			annotations: mapOf(z.string(), 64, "Annotations, by key.").optional(),
		})
		.describe(description);

/** How a text is compared. */
export const StringMatch = ruled(
	z.object({
		exact: z.string().max(4_096).optional().describe("The whole text."),
		prefix: z.string().max(4_096).optional().describe("How the text begins."),
		suffix: z.string().max(4_096).optional().describe("How the text ends."),
		regex: z.string().max(4_096).optional().describe("A regular expression (RE2) that the whole text must match."),
	}),
	"How a text is compared: exactly one of exact, prefix, suffix and regex.",
	{
		rule: "[has(self.exact), has(self.prefix), has(self.suffix), has(self.regex)].exists_one(given, given)",
		holds: ({ exact, prefix, suffix, regex }) => exactlyOne(exact, prefix, suffix, regex),
		message: "give exactly one of exact, prefix, suffix and regex",
	},
);
export type StringMatch = z.infer<typeof StringMatch>;

/** A reference to an object of another kind in the Canary's namespace. */
export function reference<const Kinds extends readonly [string, ...string[]]>(kinds: Kinds) {
	return {
		apiVersion: z.string().min(1).max(253).describe("Group and version of the object, such as apps/v1."),
		kind: z.enum(kinds).describe("Kind of the object."),
		name: Name.describe("Name of the object."),
	};
}

/** A reference by name, with a namespace where other namespaces are allowed. */
export const NamespacedRef = (what: string) =>
	z
		.object({
			name: Name.describe(`Name of the ${what}.`),
			namespace: z.string().max(63).optional().describe(`Namespace of the ${what}; the Canary's own when absent.`),
		})
		.describe(`The ${what} to use.`);

/** A Secret in the namespace of the object that names it. */
export const SecretRef = (use: string) =>
	z.object({ name: Name.describe("Name of the Secret.") }).describe(`A Secret in the same namespace; ${use}.`);
