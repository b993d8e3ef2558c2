/** Whether git takes the text as the name of a branch (git-check-ref-format), and never as an option or a range of its own. */
export function isBranchName(text: string): boolean {
	if (text === "" || text.length > BRANCH_LENGTH_MAX || text === "@" || text === "HEAD") return false;
	if (/[\p{Cc}\s~^:?*[\\]|\.\.|@\{|\/\/|\.$|^-|^\/|\/$/u.test(text)) return false;
	return text.split("/").every((part) => !part.startsWith(".") && !part.endsWith(".lock"));
}

const BRANCH_LENGTH_MAX = 250;
const PATH_LENGTH_MAX = 1_024;

/** Whether the text names one file of a repository: no way out of it, none into git's own, nothing that git reads as a pattern. */
export function isFilePath(text: string): boolean {
	if (text === "" || text.length > PATH_LENGTH_MAX || /[\p{Cc}\\]|^:/u.test(text)) return false;
	return text.split("/").every((part) => part !== "" && part !== "." && part !== ".." && part.toLowerCase() !== ".git");
}

export type Protocol = "https" | "http" | "ssh" | "file";

/** The protocol of a repository's address; undefined when it is none that git can be given safely. */
export function protocolOf(address: string): Protocol | undefined {
	if (address.length > ADDRESS_LENGTH_MAX || /[\p{Cc}\s]|^-/u.test(address)) return undefined;
	if (address.startsWith("file:///")) return "file";
	// A password or a token in an address ends up in logs and process lists.
	const url =
		/^(https?|ssh):\/\/(?:([\w.-]+)@)?([A-Za-z0-9][A-Za-z0-9.-]*|\[[0-9a-fA-F:]+\])(?::\d{1,5})?\/[^?#]+$/.exec(
			address,
		);
	if (url !== null) return isTokenLike(url[2] ?? "") ? undefined : (url[1] as Protocol);
	return /^[A-Za-z0-9_][\w.]*@[A-Za-z0-9][A-Za-z0-9.-]*:[^-?#][^?#]*$/.test(address) ? "ssh" : undefined;
}

const ADDRESS_LENGTH_MAX = 2_048;

/** Some hosts take a token in the place of a user, and messages repeat the address. */
function isTokenLike(user: string): boolean {
	return user.length >= TOKEN_LENGTH_MIN || /^(gh[a-z]_|github_pat_|gl[a-z]+-|ATBB|ATCTT)/.test(user);
}

const TOKEN_LENGTH_MIN = 32;
