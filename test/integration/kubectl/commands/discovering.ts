import { type Command, once } from "../command.ts";

export const discovering: readonly Command[] = [];
