import { lookup as resolve } from "node:dns";
import { BlockList, isIP, type LookupFunction } from "node:net";

/** Where clouds keep their machines' credentials: no metric and no hook lives there, so nobody may send us there. */
const reserved = new BlockList();
reserved.addSubnet("169.254.0.0", 16, "ipv4");
reserved.addAddress("100.100.100.200", "ipv4");
reserved.addSubnet("fe80::", 10, "ipv6");
reserved.addAddress("fd00:ec2::254", "ipv6");

/** True for link-local addresses and the metadata services of clouds; false for names and all other addresses. */
export function isReserved(address: string): boolean {
	const bare = address.replace(/^\[|\]$/g, "").replace(/%.*$/, "");
	const family = isIP(bare);
	return family !== 0 && reserved.check(bare, family === 6 ? "ipv6" : "ipv4");
}

/** DNS as `net.connect` asks for it, refusing names that stand for a reserved address. */
export const guardedLookup: LookupFunction = (host, options, answer) => {
	resolve(host, options, (error, found, family) => {
		const addresses = Array.isArray(found) ? found.map(({ address }) => address) : [found];
		if (error === null && addresses.some(isReserved)) {
			const refusal: NodeJS.ErrnoException = new Error("the address is reserved for the machine itself");
			refusal.code = "ERESERVED";
			answer(refusal, "", 0);
		} else answer(error, found, family);
	});
};
