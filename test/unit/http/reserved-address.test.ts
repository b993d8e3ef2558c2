import { expect, test } from "vitest";
import { guardedLookup, isReserved } from "../../../src/http/reserved-address.ts";

test.each([
	["169.254.169.254", true],
	["169.254.0.1", true],
	["100.100.100.200", true],
	["[fe80::1]", true],
	["fe80::1%eth0", true],
	["fd00:ec2::254", true],
	["::ffff:169.254.169.254", true],
	["10.0.0.1", false],
	["127.0.0.1", false],
	["::1", false],
	["fd00::1", false],
	["prometheus.monitoring", false],
	["169.254.169.254.nip.io", false],
])("%s: reserved is %s", (address, reserved) => {
	expect(isReserved(address)).toBe(reserved);
});

test.each([{ all: true }, { all: false }])(
	"a name that stands for an ordinary address is looked up, %o",
	async (options) => {
		const found = await new Promise((resolve, reject) => {
			guardedLookup("localhost", options, (error, address) => (error === null ? resolve(address) : reject(error)));
		});
		expect(JSON.stringify(found)).toMatch(/127\.0\.0\.1|::1/);
	},
);

// The resolver answers an address with itself, which is how a test gets a name that stands for one.
test.each([{ all: true }, { all: false }])(
	"a name that stands for a reserved address is refused, %o",
	async (options) => {
		const refusal = await new Promise((resolve) => {
			guardedLookup("169.254.169.254", options, (error) => resolve(error?.code));
		});
		expect(refusal).toBe("ERESERVED");
	},
);
