/** A point in time: milliseconds since the epoch, UTC. Passed as an argument; only the shell reads a clock. */
export type Instant = number;

/** RFC 3339 in UTC with milliseconds, as Kubernetes status fields hold it. */
export function timestamp(instant: Instant): string {
	return new Date(instant).toISOString();
}

/** The instant of an RFC 3339 text, or undefined when it is none. */
export function instantOf(text: string | undefined): Instant | undefined {
	if (text === undefined) return undefined;
	const instant = Date.parse(text);
	return Number.isNaN(instant) ? undefined : instant;
}
