import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, rmdirSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { withTracefs } from "@waggle/userspace";
import { describe, expect, it } from "vitest";
import { openEvents } from "../../../packages/xtask/src/codegen/tracefs.js";

const asNobody = <T>(run: () => T): T => {
  process.seteuid?.(65534);
  try {
    return run();
  } finally {
    process.seteuid?.(0);
  }
};

describe("tracefs that is not mounted", () => {
  it("is mounted privately for the time of a call", () => {
    const seen = withTracefs((path) => ({ path, there: existsSync(`${path}/events/sched`) }));
    expect(seen).toEqual({ path: expect.stringMatching(/^\/proc\/self\/fd\/\d+$/), there: true });
    expect(existsSync(seen.path)).toBe(false);
    expect(existsSync("/sys/kernel/tracing/events")).toBe(false);
  });

  it("gives xtask codegen the formats of tracepoints all the same", () => {
    const events = openEvents();
    if ("unavailable" in events) throw new Error(events.unavailable);
    expect(events.names()).toContain("syscalls/sys_enter_openat");
    expect(events.format("syscalls", "sys_enter_openat")).toContain("name: sys_enter_openat\n");
    expect(events.format("syscalls", "sys_enter_nope")).toBeNull();
  });

  it("is told from tracefs that may not be read", () => {
    const missing = asNobody(() => openEvents());
    expect(missing).toEqual({
      unavailable: expect.stringMatching(/^tracefs is not mounted .*, and a private mount failed with EPERM/),
    });
    const folder = mkdtempSync(join(tmpdir(), "waggle-tracefs-"));
    execFileSync("mount", ["-t", "tracefs", "-o", "mode=0700", "tracefs", folder]);
    try {
      const unreadable = asNobody(() => openEvents([folder]));
      expect(unreadable).toEqual({
        unavailable: expect.stringContaining(
          `tracefs is mounted at ${folder}, and this process may not read it: run as root or with CAP_DAC_READ_SEARCH`,
        ),
      });
      expect(openEvents([folder])).toHaveProperty("names");
    } finally {
      execFileSync("umount", [folder]);
      rmdirSync(folder);
    }
  });
});
