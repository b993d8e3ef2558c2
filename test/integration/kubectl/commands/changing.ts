import { type Command, once } from "../command.ts";

export const changing: readonly Command[] = [];
