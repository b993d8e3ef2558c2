import type { Instant } from "../../domain/instant.ts";
import { timestamp } from "../../domain/instant.ts";
import { invariant } from "../../domain/invariant.ts";
import type { ChangeWindow } from "../rule.ts";
import { nextAfter } from "./next.ts";
import { parseSchedule } from "./parse.ts";

/** Windows that follow each other without a gap count as one, up to so many. */
const JOINED_MAX = 100;
/** Where so many together last for no longer than that, they may well end: whoever waits looks again. */
const SIGHT_MS = 30 * 86_400_000;
/** How often a search may go from the end of a freeze to the next window and back. */
const TURNS_MAX = 100;

/** Whether a window is open, and when that changes; `changesAt` is absent when it does not within sight. */
export interface WindowState {
	readonly open: boolean;
	readonly changesAt?: Instant;
	/** It opens so often that nobody counted to its end: it is open until then, and maybe longer. */
	readonly orLater?: true;
}

/** Whether something may be changed now; else why not, and when it may (absent: not within sight). */
export type MayChange =
	| { readonly now: true }
	/** `orLater`: not before `at`, and it is to be asked again then. */
	| { readonly now: false; readonly at?: Instant; readonly orLater?: true; readonly why: string };

/** The window must have been read before: its cron is one. */
export function isOpen({ cron, durationMs, timeZone }: ChangeWindow, now: Instant): WindowState {
	const parsed = parseSchedule(cron, "standard");
	invariant(parsed.ok, `'${cron}' is no cron of a change window`);
	const { schedule } = parsed;
	// Whatever opened longer ago than a window lasts is closed again.
	let opened = nextAfter(schedule, now - durationMs, timeZone);
	if (opened === undefined) return { open: false };
	if (opened > now) return { open: false, changesAt: opened };
	for (let joined = 0; joined < JOINED_MAX; joined += 1) {
		const next = nextAfter(schedule, opened, timeZone);
		const closes = opened + durationMs;
		if (next === undefined || next > closes) return { open: true, changesAt: closes };
		opened = next;
	}
	const until = opened + durationMs;
	return until - now < SIGHT_MS ? { open: true, changesAt: until, orLater: true } : { open: true };
}

/** May something be changed now: some window is open, or there are none, and no freeze is on. */
export function mayChange(windows: readonly ChangeWindow[], freezes: readonly ChangeWindow[], now: Instant): MayChange {
	const first = obstacleAt(windows, freezes, now);
	if (first === undefined) return { now: true };
	let obstacle: Obstacle | undefined = first;
	for (let turns = 0; turns < TURNS_MAX && obstacle.until !== undefined; turns += 1) {
		const next: Instant = obstacle.until;
		const why = `${first.what} until ${timestamp(next)}`;
		if (obstacle.orLater) return { now: false, at: next, orLater: true, why: `${why} at least` };
		obstacle = obstacleAt(windows, freezes, next);
		if (obstacle === undefined) return { now: false, at: next, why };
	}
	return { now: false, why: `${first.what}, and no end of that is in sight` };
}

interface Obstacle {
	readonly what: string;
	/** Before that it does not go away. */
	readonly until: Instant | undefined;
	readonly orLater: boolean;
}

function obstacleAt(
	windows: readonly ChangeWindow[],
	freezes: readonly ChangeWindow[],
	now: Instant,
): Obstacle | undefined {
	const frozen = freezes.map((freeze) => isOpen(freeze, now)).find(({ open }) => open);
	if (frozen !== undefined)
		return { what: "changes are frozen", until: frozen.changesAt, orLater: frozen.orLater === true };
	const states = windows.map((window) => isOpen(window, now));
	if (states.length === 0 || states.some(({ open }) => open)) return undefined;
	const openings = states.flatMap(({ changesAt }) => (changesAt === undefined ? [] : [changesAt]));
	const until = openings.length === 0 ? undefined : Math.min(...openings);
	return { what: "no change window is open", until, orLater: false };
}
