import { runOperator } from "../../../src/cli/run.ts";

// The operator as a process of its own: options as JSON in the only argument, told to stop by SIGTERM.
const stopping = new AbortController();
process.once("SIGTERM", () => stopping.abort());
process.exitCode = await runOperator(JSON.parse(process.argv[2] ?? "{}"), stopping.signal);
