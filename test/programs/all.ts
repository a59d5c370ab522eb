import { cgroup } from "./cgroup.js";
import type { Suite } from "./check.js";
import { examples } from "./examples.js";
import { helperChecks } from "./helpers.js";
import { maps } from "./maps.js";
import { commands, kernelFacts, netfilter, timers, writable } from "./others.js";
import { packets } from "./packets.js";
import { lsmCgroup, multi, probes, sessions, trampolines, userMulti } from "./probes.js";
import { sockets } from "./sockets.js";
import { tasks } from "./tasks.js";
import { tools } from "./tools.js";
import { calls, tracing } from "./tracing.js";

/** Every suite. What each check loads is of its own class, which the list cannot say. */
export const suites = [
  cgroup,
  packets,
  maps,
  writable,
  netfilter,
  kernelFacts,
  timers,
  commands,
  helperChecks,
  sockets,
  tasks,
  tracing,
  calls,
  probes,
  multi,
  userMulti,
  sessions,
  trampolines,
  lsmCgroup,
  ...tools,
  ...examples,
] as unknown as readonly Suite<never>[];
