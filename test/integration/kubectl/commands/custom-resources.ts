import { type Command, once } from "../command.ts";

export const customResources: readonly Command[] = [];
