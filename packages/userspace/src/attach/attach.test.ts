import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync, readlinkSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { isRingBuffer, type UntypedApp } from "../app.js";
import { kernelTitle, whyNot } from "../fixtures/kernel.js";
import * as f from "../fixtures/specs.js";
import { loadSpec } from "../load/load.js";
import { fileErrorCode } from "../sys/file-system.js";
import { interfaces } from "./netlink.js";
import { withTracefs } from "./tracefs.js";
import { tracepointId } from "./tracepoint.js";
import { findInterface } from "./xdp.js";

const space = `waggle${process.pid}`;
const near = `wg${process.pid % 100000}a`;
const far = `wg${process.pid % 100000}b`;
const ip = (...args: string[]) => execFileSync("ip", args, { stdio: "pipe" });

/** Descriptors of this process for what programs are attached by. Other processes of the machine attach and detach meanwhile. */
const attachments = () =>
  readdirSync("/proc/self/fd")
    .map(descriptorTarget)
    .filter((target) => /bpf[-_]link|perf_event/.test(target))
    .map((target) => (target.includes("perf") ? "perf-event" : "link"))
    .sort();

function descriptorTarget(fd: string): string {
  try {
    return readlinkSync(`/proc/self/fd/${fd}`);
  } catch (error) {
    // The one that the folder was read with.
    if (fileErrorCode(error) !== "ENOENT") throw error;
    return "";
  }
}

const hits = (app: UntypedApp): bigint => {
  const map = app.maps.hits;
  if (map === undefined || isRingBuffer(map)) throw new Error("no map");
  return (map.get(0) as bigint | undefined) ?? -1n;
};
const counter = (type: "xdp" | "tracepoint") =>
  f.spec(
    [f.map("hits", "array")],
    [
      {
        ...f.counting(type === "xdp" ? "count" : "tick", type, "hits", type === "xdp" ? 2 : 0),
        attachTarget: type === "xdp" ? null : "syscalls/sys_enter_getppid",
      },
    ],
  );

/** Programs of the named type on an app, so that the tests need no casts. */
function programsOf(app: UntypedApp) {
  const xdp = app.programs.count;
  const tracepoint = app.programs.tick;
  return {
    attachXdp: (target: string | number, more: object = {}) => {
      if (xdp?.kind !== "xdp") throw new Error("no xdp program");
      return xdp.attach({ interface: target, ...more });
    },
    attachTracepoint: (more: object = {}) => {
      if (tracepoint?.kind !== "tracepoint") throw new Error("no tracepoint program");
      return tracepoint.attach(more);
    },
  };
}

describe("finding an interface", () => {
  const known = [{ name: "eth0", index: 2, up: true, xdp: null }];
  it("names what there is", () => {
    expect(findInterface("eth0", known).index).toBe(2);
    expect(findInterface(2, known).name).toBe("eth0");
    expect(() => findInterface("eht0", known)).toThrow(
      "there is no network interface eht0. Did you mean eth0? There are: eth0.",
    );
    expect(() => findInterface(9, known)).toThrow("there is no network interface with index 9.");
  });
});

describe.skipIf(process.platform !== "linux")("interfaces", () => {
  it("has the loopback interface", () => {
    expect(interfaces()).toContainEqual(expect.objectContaining({ name: "lo", index: 1 }));
  });
});

describe.skipIf(whyNot !== "")(kernelTitle("attaching to tracepoints"), () => {
  it.each(["link", "perf-event"] as const)("runs through a %s until it is detached", (mechanism) => {
    using app = loadSpec(counter("tracepoint"));
    const before = attachments();
    const link = programsOf(app).attachTracepoint({ mechanism });
    expect(link.mechanism).toBe(mechanism);
    expect(attachments().length).toBeGreaterThan(before.length);
    expect(attachments()).toContain(mechanism);
    for (let i = 0; i < 10; i++) void process.ppid;
    expect(hits(app)).toBeGreaterThanOrEqual(10n);
    link.detach();
    link.detach();
    expect(link.attached).toBe(false);
    expect(attachments()).toEqual(before);
    const after = hits(app);
    for (let i = 0; i < 10; i++) void process.ppid;
    expect(hits(app)).toBe(after);
  });

  it("takes another tracepoint than the decorator's, and detaches with the app", () => {
    const before = attachments();
    const app = loadSpec(counter("tracepoint"));
    const link = programsOf(app).attachTracepoint({ name: "sys_exit_getppid" });
    void process.ppid;
    expect(hits(app)).toBeGreaterThan(0n);
    app.close();
    expect(link.attached).toBe(false);
    expect(attachments()).toEqual(before);
  });

  it("names the nearest tracepoint", () => {
    expect(() => tracepointId({ category: "syscals", name: "x" })).toThrow("Did you mean syscalls?");
    expect(() => tracepointId({ category: "syscalls", name: "sys_enter_getpidd" })).toThrow(
      "there is no tracepoint syscalls/sys_enter_getpidd in this kernel. Did you mean syscalls/sys_enter_getpid?",
    );
    expect(() => tracepointId({ category: "syscalls", name: "../../x" })).toThrow("there is no tracepoint");
    using app = loadSpec({
      ...counter("tracepoint"),
      programs: [f.counting("tick", "tracepoint", "hits", 0)],
    });
    expect(() => programsOf(app).attachTracepoint()).toThrow("names no tracepoint");
  });

  it("reads tracefs where it is not mounted, and leaves nothing mounted", () => {
    const before = readFileSync("/proc/self/mounts", "utf8");
    const id = withTracefs((path) => readFileSync(`${path}/events/sched/sched_switch/id`, "utf8"), []);
    expect(Number(id)).toBeGreaterThan(0);
    expect(readFileSync("/proc/self/mounts", "utf8")).toBe(before);
  });

  it("says what is attached by other means", () => {
    using app = loadSpec(f.spec([], [f.program("count", "lwt-in", [f.move(0, 0), f.exit])]));
    expect(() => (app.programs.count as { attach(): void } | undefined)?.attach()).toThrow(
      "programs of kind lwt-in are not attached by this call: a route attaches them",
    );
  });
});

function canMakeNetworks(): string {
  try {
    ip("netns", "list");
    return "";
  } catch (error) {
    return `needs ip (iproute2): ${String(error)}`;
  }
}
const whyNoNetwork = whyNot === "" ? canMakeNetworks() : whyNot;

describe.skipIf(whyNoNetwork !== "")(
  `attaching to interfaces${whyNoNetwork && ` (skipped: ${whyNoNetwork})`}`,
  () => {
    beforeAll(() => {
      ip("netns", "add", space);
      ip("link", "add", near, "type", "veth", "peer", "name", far, "netns", space);
      ip("link", "set", near, "up");
      ip("-n", space, "link", "set", far, "up");
    });
    afterAll(() => {
      ip("link", "del", near);
      ip("netns", "del", space);
    });
    const attached = () => interfaces().find((one) => one.name === near)?.xdp ?? null;
    const traffic = () =>
      ip("-n", space, "link", "set", far, "down") && ip("-n", space, "link", "set", far, "up");

    it.each([
      ["link", "generic"],
      ["link", "driver"],
      ["netlink", "generic"],
      ["netlink", "driver"],
    ] as const)("attaches with %s in %s mode, and detaches", (mechanism, mode) => {
      using app = loadSpec(counter("xdp"));
      const link = programsOf(app).attachXdp(near, { mode, mechanism });
      expect(link).toMatchObject({ mechanism, target: `interface ${near}`, attached: true });
      expect(attached()?.mode).toBe(mode);
      link.detach();
      expect(attached()).toBeNull();
    });

    it("leaves another's program alone when netlink has replaced its own", () => {
      using first = loadSpec(counter("xdp"));
      using second = loadSpec(counter("xdp"));
      const stale = programsOf(first).attachXdp(near, { mode: "generic", mechanism: "netlink" });
      ip("link", "set", near, "xdpgeneric", "off");
      const link = programsOf(second).attachXdp(near, { mode: "generic", mechanism: "netlink" });
      stale.detach();
      expect(attached()?.mode).toBe("generic");
      link.detach();
      expect(attached()).toBeNull();
    });

    it("sees packets", async () => {
      using app = loadSpec(counter("xdp"));
      programsOf(app).attachXdp(findInterface(near).index);
      traffic();
      // The peer announces itself (IPv6 neighbour discovery) soon after it comes up.
      for (let i = 0; i < 1200 && hits(app) === 0n; i++)
        await new Promise((resolve) => setTimeout(resolve, 50));
      expect(hits(app)).toBeGreaterThan(0n);
      app.close();
      expect(attached()).toBeNull();
    });

    it("says that another program is there, and that a driver cannot", () => {
      using app = loadSpec(counter("xdp"));
      const { attachXdp } = programsOf(app);
      attachXdp(near, { mode: "generic" });
      expect(() => attachXdp(near, { mode: "generic" })).toThrow(
        /EBUSY.*Another XDP program is attached to wg/,
      );
      expect(() => attachXdp(near, { mode: "generic", mechanism: "netlink" })).toThrow(/EBUSY|EEXIST/);
      expect(() => attachXdp(near, { mode: "offload" })).toThrow(
        /cannot run XDP in mode "offload"|EBUSY|EEXIST/,
      );
      expect(() => attachXdp(`${near}x`)).toThrow(`Did you mean ${near}?`);
    });
  },
);
