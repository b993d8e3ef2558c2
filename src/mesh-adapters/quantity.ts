const SUFFIX = {
	n: 1e-9,
	u: 1e-6,
	m: 1e-3,
	"": 1,
	k: 1e3,
	M: 1e6,
	G: 1e9,
	T: 1e12,
	P: 1e15,
	E: 1e18,
	Ki: 2 ** 10,
	Mi: 2 ** 20,
	Gi: 2 ** 30,
	Ti: 2 ** 40,
	Pi: 2 ** 50,
	Ei: 2 ** 60,
} as const;

const QUANTITY = /^([+-]?(?:\d+\.?\d*|\.\d+))(?:([numkMGTPE]|[KMGTPE]i)?|[eE]([+-]?\d+))$/;

/** The number that a Kubernetes quantity says, be it `50`, `"50"`, `"1500m"` or `"1e3"`; undefined when it is none. */
export function quantity(value: unknown): number | undefined {
	if (typeof value === "number") return Number.isFinite(value) ? value : undefined;
	const [, amount, suffix = "", exponent = "0"] = (typeof value === "string" ? QUANTITY.exec(value) : null) ?? [];
	if (amount === undefined) return undefined;
	return Number(`${amount}e${exponent}`) * SUFFIX[suffix as keyof typeof SUFFIX];
}
