import { fieldsOf, invalid, type Problem } from "./problems.ts";

/** What the API says of a name that is not a DNS label beginning with a letter. */
export const DNS_1035_LABEL =
	"a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic character, and end with an alphanumeric character (e.g. 'my-name',  or 'abc-123', regex used for validation is '[a-z]([-a-z0-9]*[a-z0-9])?')";
const DNS_1123_LABEL =
	"a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')";
const DNS_1123_SUBDOMAIN =
	"a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')";

export function isDnsLabel1035(name: string): boolean {
	return name.length <= 63 && /^[a-z]([-a-z0-9]*[a-z0-9])?$/.test(name);
}

/** What is wrong with a name, in the API's words; nothing when it is good. */
export function dnsLabel1035Problems(name: string): readonly string[] {
	return problems(name, 63, /^[a-z]([-a-z0-9]*[a-z0-9])?$/, DNS_1035_LABEL);
}

export function dnsLabelProblems(name: string): readonly string[] {
	return problems(name, 63, /^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/, DNS_1123_LABEL);
}

export function dnsSubdomainProblems(name: string): readonly string[] {
	return problems(name, 253, /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/, DNS_1123_SUBDOMAIN);
}

function problems(name: string, most: number, pattern: RegExp, why: string): readonly string[] {
	return [
		...(name.length > most ? [`must be no more than ${most} characters`] : []),
		...(pattern.test(name) ? [] : [why]),
	];
}

const LABEL_NAME =
	"name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')";
const LABEL_VALUE =
	"a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')";

/** Of the key of a label or an annotation: `name`, or `prefix/name`. */
export function labelKeyProblems(key: string): readonly string[] {
	const slash = key.indexOf("/");
	const name = key.slice(slash + 1);
	if (slash === 0) return ["prefix part must be non-empty"];
	const prefix = slash > 0 ? dnsSubdomainProblems(key.slice(0, slash)).map((why) => `prefix part ${why}`) : [];
	if (name === "") return [...prefix, "name part must be non-empty", LABEL_NAME];
	return [
		...prefix,
		...(name.length > 63 ? ["name part must be no more than 63 characters"] : []),
		...(/^([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]$/.test(name) ? [] : [LABEL_NAME]),
	];
}

export function labelValueProblems(value: string): readonly string[] {
	return [
		...(value.length > 63 ? ["must be no more than 63 characters"] : []),
		...(/^(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?$/.test(value) ? [] : [LABEL_VALUE]),
	];
}

/** What is wrong with a map of labels. */
export function labelProblemsAt(labels: unknown, at: string): readonly Problem[] {
	return Object.entries(fieldsOf(labels)).flatMap(([key, value]) => [
		...labelKeyProblems(key).map((why) => invalid(at, key, why)),
		...labelValueProblems(String(value)).map((why) => invalid(at, value, why)),
	]);
}
