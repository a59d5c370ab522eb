/** Packets that helpers may move, read again after the call: what compiles loads, and sees the packet as it is then. */
import { join } from "node:path";
import { compile, formatDiagnostics } from "@waggle/compiler";
import { link } from "@waggle/linker";
import { canLoad, loadObject } from "@waggle/userspace";
import { describe, expect, test } from "vitest";

const source = `import { classifier, noinline, skbPullData, skbStoreBytes, TcAction, xdp, XdpAction, xdpAdjustHead } from "@waggle/kernel";
import type { ClassifierContext, u32, XdpContext } from "@waggle/kernel";
import type { EthHdr, IpHdr } from "@waggle/kernel/net";
function pull(ctx: ClassifierContext): boolean { return skbPullData(ctx, 34) === 0n; }
function ip(ctx: ClassifierContext): IpHdr | null { if (!pull(ctx)) return null; return ctx.at<IpHdr>(14); }
export class Fine {
  @noinline static own(ctx: ClassifierContext): u32 { return pull(ctx) ? 1 : 0; }
  @classifier() static again(ctx: ClassifierContext): TcAction {
    let here = ctx.at<IpHdr>(14);
    if (here === null) return TcAction.Ok;
    const ttl = here.ttl;
    if (skbPullData(ctx, 34) !== 0n) return TcAction.Ok;
    here = ctx.at<IpHdr>(14);
    if (here === null) return TcAction.Ok;
    here.ttl = ttl;
    if (Fine.own(ctx) === 0) return TcAction.Ok;
    const after = ip(ctx);
    return after !== null && after.ttl === ttl ? TcAction.Shot : TcAction.Pipe;
  }
  @classifier() static turns(ctx: ClassifierContext): TcAction {
    let sum: u32 = 0;
    for (let i: u32 = 0; i < 4; i++) {
      const here = ctx.at<IpHdr>(14);
      if (here === null) break;
      sum += here.ttl;
      skbPullData(ctx, i);
    }
    return sum === 256 ? TcAction.Shot : TcAction.Ok;
  }
  @classifier() static argument(ctx: ClassifierContext): TcAction {
    const eth = ctx.at<EthHdr>(0);
    if (eth === null) { skbPullData(ctx, 14); return TcAction.Ok; }
    skbStoreBytes(ctx, 0, eth.destination, 0n);
    return TcAction.Shot;
  }
  @xdp() static head(ctx: XdpContext): XdpAction {
    const old = ctx.at<EthHdr>(0);
    if (old === null) return XdpAction.Pass;
    const first = old.source[0];
    if (xdpAdjustHead(ctx, -14) !== 0n) return XdpAction.Aborted;
    const eth = ctx.at<EthHdr>(0);
    if (eth === null) return XdpAction.Aborted;
    eth.source[0] = first + 1;
    return XdpAction.Tx;
  }
}
`;

const variants = ["5.10", "6.1", "6.14"].flatMap((target) =>
  ([0, 2] as const).map((optimize) => ({ target, optimize })),
);

/** A frame of 60 bytes whose sender begins with 7, with a time to live of 64. */
const packet = new Uint8Array(60);
packet[6] = 7;
packet[12] = 8;
packet[14] = 0x45;
packet[22] = 64;

const kernel = canLoad();
describe.each(variants)("from $target on, level $optimize", ({ target, optimize }) => {
  const file = join(import.meta.dirname, "moved-packets-case.ts");
  const { classes, diagnostics } = compile({
    files: [file],
    overlay: new Map([[file, source]]),
    target: { kernel: target },
    optimize,
    check: true,
  });

  test("packets that are read again compile", () => {
    expect(formatDiagnostics(diagnostics, { color: false, cwd: import.meta.dirname })).toBe("");
  });

  test.skipIf(!kernel.ok)(`they load and run${kernel.ok ? "" : ` (skipped: ${kernel.reason})`}`, () => {
    using app = loadObject(link(classes.map(({ name, object }) => ({ name, bytes: object }))).object);
    const run = (name: string) => app.programs[name]?.testRun({ data: packet });
    expect(run("again")?.result).toBe(2);
    expect(run("turns")?.result).toBe(2);
    expect(run("argument")?.result).toBe(2);
    const head = run("head");
    expect([head?.result, head?.data.length, head?.data[6]]).toEqual([3, 74, 8]);
  });
});
