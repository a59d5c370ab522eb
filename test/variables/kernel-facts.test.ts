/** What programs ask of the running kernel, in process: the test says how it was built, and functions are there that are simulated. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { compile, formatDiagnostics } from "@waggle/compiler";
import { simulateObject, VmError } from "@waggle/vm";
import { afterAll, beforeAll, expect, test } from "vitest";

const here = fileURLToPath(new URL(".", import.meta.url));
const source = `import { ArrayMap, isNull, kconfig, kfuncExists, kfuncs, ksym, u32, u64, xdp, XdpAction } from "@waggle/kernel";
import type { CString, XdpContext } from "@waggle/kernel";
declare module "@waggle/kernel" { interface Kfuncs { bpf_rcu_read_lock(): void; bpf_rcu_read_unlock(): void; bpf_iter_num_new(it: object, start: u32, end: u32): u32 } }
export class Facts {
  static readonly seen = new ArrayMap<u64>({ maxEntries: 8 });
  static readonly name = new ArrayMap<CString<16>>({ maxEntries: 1 });
  private static tell(index: u32, value: u64): void {
    const place = Facts.seen.get(index);
    if (place !== null) place.value = value;
  }
  @xdp() static run(_ctx: XdpContext): XdpAction {
    Facts.tell(0, u64(kconfig<u32>("CONFIG_HZ")));
    Facts.tell(1, kconfig<u64>("CONFIG_ILLEGAL_POINTER_VALUE"));
    Facts.tell(2, kconfig<boolean>("CONFIG_PREEMPT") ? 1n : 0n);
    Facts.tell(3, kfuncExists("bpf_rcu_read_lock") ? 1n : 0n);
    Facts.tell(4, kfuncExists("bpf_iter_num_new") ? 1n : 0n);
    Facts.tell(5, isNull(ksym("vfs_read")) ? 1n : 0n);
    if (kfuncExists("bpf_rcu_read_lock")) { kfuncs.bpf_rcu_read_lock(); kfuncs.bpf_rcu_read_unlock(); }
    const name = Facts.name.get(0);
    if (name !== null) name.set(kconfig<CString<16>>("CONFIG_DEFAULT_HOSTNAME"));
    return XdpAction.Pass;
  }
  @xdp() static calls(_ctx: XdpContext): XdpAction {
    kfuncs.bpf_rcu_read_lock();
    kfuncs.bpf_rcu_read_unlock();
    return XdpAction.Pass;
  }
}
`;
let folder = "";
let object: Uint8Array = new Uint8Array();
beforeAll(() => {
  folder = mkdtempSync(join(here, ".facts-"));
  writeFileSync(join(folder, "facts.ts"), source);
  const { classes, diagnostics } = compile({ files: ["facts.ts"], cwd: folder, target: { kernel: "6.12" } });
  expect(formatDiagnostics(diagnostics, { color: false, cwd: folder })).toBe("");
  object = classes[0]?.object ?? object;
});
afterAll(() => rmSync(folder, { recursive: true }));

const packet = { data: new Uint8Array(64) };

function seen(config?: Readonly<Record<string, boolean | number | bigint | string>>): readonly unknown[] {
  const sim = simulateObject(object, config === undefined ? {} : { kernel: { config } });
  sim.programs.run?.run(packet);
  const get = (name: string, index: number): unknown => {
    const map = sim.maps[name];
    return map !== undefined && "get" in map ? map.get(index) : undefined;
  };
  return [...Array.from({ length: 6 }, (_, index) => get("seen", index)), get("name", 0)];
}

test("options are those that the test names, and nothing else is set", () => {
  const config = {
    CONFIG_HZ: 250,
    CONFIG_ILLEGAL_POINTER_VALUE: 0xdead_0000_0000_0000n,
    CONFIG_PREEMPT: true,
    CONFIG_DEFAULT_HOSTNAME: "hive",
  };
  expect(seen(config)).toEqual([250n, 0xdead_0000_0000_0000n, 1n, 0n, 1n, 1n, "hive"]);
  expect(seen()).toEqual([0n, 0n, 0n, 0n, 1n, 1n, ""]);
});

test("an option that does not fit says so", () => {
  expect(() => seen({ CONFIG_HZ: "fast" })).toThrow(/CONFIG_HZ/);
});

test("a function that is not simulated and not asked about is an error", () => {
  const sim = simulateObject(object);
  expect(() => sim.programs.calls?.run(packet)).toThrow(VmError);
  expect(() => sim.programs.calls?.run(packet)).toThrow(
    /kernel function bpf_rcu_read_lock is called, which is not simulated yet/,
  );
});

test("what the loader finds out is none of the variables of the source", () => {
  expect(Object.keys(simulateObject(object).variables)).toEqual([]);
});
