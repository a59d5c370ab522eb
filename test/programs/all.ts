import { cgroup } from "./cgroup.js";
import type { Suite } from "./check.js";
import { packets } from "./packets.js";
import { lsmCgroup, multi, probes, trampolines, userMulti } from "./probes.js";
import { calls, tracing } from "./tracing.js";

/** Every suite. What each check loads is of its own class, which the list cannot say. */
export const suites = [
  cgroup,
  packets,
  tracing,
  calls,
  probes,
  multi,
  userMulti,
  trampolines,
  lsmCgroup,
] as unknown as readonly Suite<never>[];
