import { isIPv4, isIPv6 } from "node:net";

const DURATION = /^[+-]?(\d+(\.\d*)?\s*(ns|us|µs|ms|s|m|h|d|w)\s*)+$|^0$/;

const formats: Readonly<Record<string, (value: string) => boolean>> = {
	"date-time": (value) => /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/i.test(value),
	date: (value) => /^\d{4}-\d\d-\d\d$/.test(value) && !Number.isNaN(Date.parse(value)),
	duration: (value) => DURATION.test(value),
	ipv4: (value) => isIPv4(value),
	ipv6: (value) => isIPv6(value),
	uri: (value) => URL.canParse(value) || value.startsWith("/"),
	uuid: (value) => /^[0-9a-f]{8}-?([0-9a-f]{4}-?){3}[0-9a-f]{12}$/i.test(value),
	email: (value) => /^[^@\s]+@[^@\s]+$/.test(value),
	byte: (value) => /^[A-Za-z0-9+/=\s]*$/.test(value),
	cidr: (value) => {
		const [address = "", bits = "", ...rest] = value.split("/");
		const most = isIPv4(address) ? 32 : isIPv6(address) ? 128 : -1;
		return rest.length === 0 && /^\d{1,3}$/.test(bits) && Number(bits) <= most;
	},
};

/** Whether a text is of a format. Formats that Kubernetes does not know, and some that it does, allow every text. */
export function hasFormat(value: string, format: string): boolean {
	return formats[format]?.(value) ?? true;
}
