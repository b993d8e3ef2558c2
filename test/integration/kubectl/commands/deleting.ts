import { type Command, once } from "../command.ts";

export const deleting: readonly Command[] = [];
