import { Failure, type Remedy } from "../domain/failure.ts";

/** What kept git from its work. */
export type GitTrouble =
	/** The credentials are missing, wrong, or not enough for what was asked. */
	| "auth"
	/** There is no such repository, or none that these credentials may see. */
	| "repository"
	| "branch"
	| "file"
	/** A rule of the server's: a protected branch, a hook. */
	| "refused"
	/** What was asked for can't be done as it is written. */
	| "request"
	/** The server was not reached, or gave no useful answer in time. */
	| "unreachable"
	/** Somebody else pushed first, each time. */
	| "moved"
	/** Too much is waiting already. */
	| "busy"
	| "failed";

const remedies: Readonly<Record<GitTrouble, Remedy>> = {
	auth: "edit",
	repository: "edit",
	branch: "edit",
	file: "edit",
	refused: "edit",
	request: "edit",
	unreachable: "retry",
	moved: "retry",
	busy: "retry",
	failed: "retry",
};

/** A repository could not be read or written. The message names the repository first and holds no secret. */
export class GitFailure extends Failure {
	override readonly name = "GitFailure";
	readonly remedy: Remedy;
	readonly trouble: GitTrouble;

	constructor(trouble: GitTrouble, message: string, options?: ErrorOptions) {
		super(message, options);
		this.trouble = trouble;
		this.remedy = remedies[trouble];
	}
}

/** What git says when something goes wrong, in its plain English, the most telling first. */
const signs: readonly (readonly [RegExp, GitTrouble])[] = [
	[/couldn't find remote ref|remote branch .* not found/i, "branch"],
	[
		/authentication failed|could not read (username|password)|terminal prompts disabled|permission denied|host key verification failed|invalid (username|credentials)|error: 40[13]\b|returned error: 40[13]\b|load key .*(invalid|error)/i,
		"auth",
	],
	[/repository .*not found|does not appear to be a git repository|returned error: 404|error: 404/i, "repository"],
	[/unable to update url base from redirection|returned error: 3\d\d/i, "repository"],
	[/transport '.*' not allowed/i, "request"],
	[
		/could not resolve|connection (refused|timed out|reset|closed)|failed to connect|network is unreachable|early eof|hung up|unexpected disconnect|returned error: (429|5\d\d)|certificate|operation timed out|unable to access/i,
		"unreachable",
	],
];

/** What the words on git's standard error mean; `failed` when nobody knows. */
export function troubleIn(words: string): GitTrouble {
	return signs.find(([sign]) => sign.test(words))?.[1] ?? "failed";
}

const WORDS_MAX = 300;

/** Git's own words on one line, without secrets, control characters and hints, cut to what a status can hold. */
export function saying(words: string, secrets: readonly string[]): string {
	let text = words;
	for (const secret of secrets) if (secret !== "") text = text.replaceAll(secret, "***");
	const lines = text
		.split(/[\r\n]+/)
		.map((line) => line.replaceAll(/\p{Cc}/gu, " ").trim())
		.filter((line) => line !== "" && !/^(hint|warning|To|From) ?:? /.test(line));
	const whole = lines.join("; ").replaceAll(/\/\/[^/@\s]+@/g, "//");
	return whole.length > WORDS_MAX ? `${whole.slice(0, WORDS_MAX)}…` : whole;
}
