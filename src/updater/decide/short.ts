import { WHY_LENGTH_MAX } from "../../api/image-record.ts";

/** What fits into a record: whoever said it may have had much to say. */
export function short(why: string): string {
	return why.length <= WHY_LENGTH_MAX ? why : `${why.slice(0, WHY_LENGTH_MAX - 1)}…`;
}
