/** What a helper copies into a struct on the stack has zeroed padding, as a literal has: both are one key. */
import { fileURLToPath } from "node:url";
import { compile, formatDiagnostics } from "@waggle/compiler";
import { link } from "@waggle/linker";
import { canLoad, isRingBuffer, loadObject } from "@waggle/userspace";
import { expect, test } from "vitest";

const source = `import type { Bits, u16, u32, u64, u8, XdpContext } from "@waggle/kernel";
import { HashMap, Queue, u64 as wide, XdpAction, xdp, xdpLoadBytes, zeroed } from "@waggle/kernel";
interface Key { a: u16; b: u32; c: Bits<u8, 3>; n: u16 }
interface Result { loaded: u64; popped: u64 }
export class Keys {
  static readonly keys = new HashMap<Key, u64>({ maxEntries: 4 });
  static readonly queue = new Queue<Key>({ maxEntries: 4 });
  static readonly results = new HashMap<u32, Result>({ maxEntries: 1 });
  @xdp() static load(ctx: XdpContext): XdpAction {
    const packet = ctx.at<Key>(2);
    if (packet === null) return XdpAction.Aborted;
    Keys.keys.set({ a: packet.a, b: packet.b, c: packet.c, n: packet.n }, 1n);
    Keys.queue.push(packet);
    const key = zeroed<Key>();
    if (xdpLoadBytes(ctx, 2, key) !== 0n) return XdpAction.Aborted;
    const popped = Keys.queue.pop();
    if (popped === null) return XdpAction.Aborted;
    Keys.results.set(0, { loaded: wide(Keys.keys.has(key)), popped: wide(Keys.keys.has(popped)) });
    return XdpAction.Pass;
  }
}
`;

const { ok } = canLoad();
test.skipIf(!ok)("the padding of what helpers copy to the stack is zero", () => {
  const cwd = fileURLToPath(new URL(".", import.meta.url));
  const overlay = new Map([[`${cwd}keys.ts`, source]]);
  const { classes, diagnostics } = compile({ files: ["keys.ts"], cwd, overlay, target: { kernel: "5.18" } });
  expect(formatDiagnostics(diagnostics, { color: false, cwd })).toBe("");
  const { object } = link(classes.map(({ name, object: bytes }) => ({ name, bytes })));
  using app = loadObject(object);
  const data = Uint8Array.from({ length: 64 }, (_, index) => 255 - index);
  expect(app.programs.load?.testRun({ data }).result).toBe(2);
  const { results } = app.maps;
  if (results === undefined || isRingBuffer(results)) throw new Error("no map of results");
  expect(results.get(0)).toEqual({ loaded: 1n, popped: 1n });
});
