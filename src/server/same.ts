import { createHash, timingSafeEqual } from "node:crypto";

/** Without telling by the time it takes how much of it was right. */
export function same(given: string, expected: string): boolean {
	const digest = (text: string) => createHash("sha256").update(text).digest();
	return timingSafeEqual(digest(given), digest(expected));
}
