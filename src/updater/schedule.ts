/** When the registry is asked, and when workloads may be changed. Pure: instants are arguments, wherever they come from. */
export { isTimeZone } from "./schedule/local-time.ts";
export { nextAfter } from "./schedule/next.ts";
export {
	type ParsedSchedule,
	parseSchedule,
	type Schedule,
	type ScheduleDialect,
	SHORTEST_MS,
} from "./schedule/parse.ts";
export { isOpen, type MayChange, mayChange, type WindowState } from "./schedule/windows.ts";
