import { invalid, type Problem } from "../problems.ts";

/** What is wrong with the number of a port. */
export function portProblems(at: string, port: unknown): readonly Problem[] {
	if (typeof port === "number" && port >= 1 && port <= 65_535) return [];
	return [invalid(at, port, "must be between 1 and 65535, inclusive")];
}

/** What is wrong with the name of a port. */
export function portNameProblems(at: string, name: string): readonly Problem[] {
	const problems: Problem[] = [];
	if (name.length > 15) problems.push(invalid(at, name, "must be no more than 15 characters"));
	if (!/^[-a-z0-9]+$/.test(name)) {
		problems.push(invalid(at, name, "must contain only alpha-numeric characters (a-z, 0-9), and hyphens (-)"));
	}
	if (name !== "" && !/[a-z]/.test(name) && /^[-0-9]+$/.test(name)) {
		problems.push(invalid(at, name, "must contain at least one letter (a-z)"));
	}
	if (name.includes("--")) problems.push(invalid(at, name, "must not contain consecutive hyphens"));
	if (/^-|-$/.test(name)) problems.push(invalid(at, name, "must not begin or end with a hyphen"));
	return problems;
}
