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
