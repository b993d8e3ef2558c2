import { type Command, once } from "../command.ts";

export const rollingOut: readonly Command[] = [];
