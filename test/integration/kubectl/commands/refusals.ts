import { type Command, once } from "../command.ts";

export const refusals: readonly Command[] = [];
