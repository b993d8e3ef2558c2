import type { Command } from "./command.ts";
import { changing } from "./commands/changing.ts";
import { creating } from "./commands/creating.ts";
import { customResources } from "./commands/custom-resources.ts";
import { deleting } from "./commands/deleting.ts";
import { discovering } from "./commands/discovering.ts";
import { everyday } from "./commands/everyday.ts";
import { policies } from "./commands/policies.ts";
import { reading } from "./commands/reading.ts";
import { refusals } from "./commands/refusals.ts";
import { rollingOut } from "./commands/rolling-out.ts";

/** In this order: each finds what those before it have left. */
export const commands: readonly Command[] = [
	...creating,
	...reading,
	...discovering,
	...everyday,
	...changing,
	...rollingOut,
	...customResources,
	...refusals,
	...policies,
	...deleting,
];
