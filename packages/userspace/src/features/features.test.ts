import { mapTypes, programKinds } from "@waggle/object";
import { describe, expect, it } from "vitest";
import { kernelTitle, whyNot } from "../fixtures/kernel.js";
import { kernelAtLeast, thisMachine } from "../sys/machine.js";
import { btfFeatures, btfSupport } from "./btf.js";
import { linkKinds, linkSupport } from "./links.js";
import { mapSupport } from "./maps.js";
import { helperSupport, programSupport } from "./programs.js";

const has = (since: string): boolean => kernelAtLeast(thisMachine().release, since);

describe("names", () => {
  it("are known", () => {
    expect(() => programSupport("xpd")).toThrow("there is no kind of program xpd");
    expect(() => mapSupport("lru")).toThrow("there is no map type lru");
    expect(() => helperSupport("xdp", "bpf_lop")).toThrow("there is no helper bpf_lop");
    expect(() => btfSupport("tags")).toThrow("there is no BTF feature tags");
    expect(() => linkSupport("tc")).toThrow("there is no kind of link tc");
  });
});

describe.skipIf(whyNot !== "")(kernelTitle("asking the running kernel"), () => {
  it.each(programKinds)("programs of kind $name", ({ name, since }) => {
    const { supported, reason } = programSupport(name);
    expect(supported === true).toBe(reason === null);
    if (!has(since)) expect(supported).not.toBe(true);
  });

  it("has what every kernel has", () => {
    for (const kind of ["socket-filter", "xdp", "tracepoint", "classifier", "cgroup-skb"])
      expect([kind, programSupport(kind)]).toEqual([kind, { supported: true, reason: null }]);
  });

  it.each(mapTypes)("maps of type $name", ({ name, since }) => {
    const { supported, reason } = mapSupport(name);
    expect(supported === true).toBe(reason === null);
    if (!has(since)) expect(supported).not.toBe(true);
    const optional = [
      "struct-ops",
      "arena",
      "xskmap",
      "cgroup-storage",
      "per-cpu-cgroup-storage",
      "inode-storage",
    ];
    if (has(since) && !optional.includes(name)) expect([name, reason]).toEqual([name, null]);
  });

  it("asks for helpers", () => {
    expect(helperSupport("xdp", "bpf_map_lookup_elem").supported).toBe(true);
    expect(helperSupport("xdp", "bpf_skb_load_bytes")).toMatchObject({ supported: false });
    expect(helperSupport("xdp", "bpf_loop").supported).toBe(has("5.17"));
  });

  it("asks for BTF and links", () => {
    const oldest = {
      functions: "5.0",
      floats: "5.13",
      "decl-tags": "5.16",
      "type-tags": "5.17",
      enum64: "6.0",
    };
    for (const [feature, since] of Object.entries(oldest))
      expect([feature, btfSupport(feature).supported]).toEqual([feature, has(since)]);
    expect(btfFeatures).toContain("kernel");
    const links = { cgroup: "5.7", "perf-event": "5.15", tcx: "6.6" };
    for (const [link, since] of Object.entries(links))
      expect([link, linkSupport(link).supported]).toEqual([link, has(since)]);
    expect(linkKinds).toContain("netkit");
  });
});
