/** Where classifiers and XDP programs end up on an interface: direction, queueing discipline, mode. */
import { execFileSync } from "node:child_process";
import { createSocket, type Socket } from "node:dgram";
import { once } from "node:events";
import { canLoad, loadSpec, type UntypedApp } from "@waggle/userspace";
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import * as f from "../../packages/userspace/src/fixtures/specs.js";
import { makeVeth, type Veth } from "./veth.js";

const run = (command: string, ...args: string[]): string =>
  execFileSync(command, args, { stdio: "pipe" }).toString();
const kernel = canLoad();
const why = !kernel.ok ? kernel.reason : process.getuid?.() !== 0 ? "not root" : "";

/** Bytes of the datagrams that are counted, and of the packets that they become: what else comes along does not matter. */
const DATAGRAM = 333;
const PACKET = DATAGRAM + 8 + 20 + 14;

function load(kind: "classifier" | "action"): UntypedApp {
  // TC_ACT_UNSPEC of a classifier, TC_ACT_OK of an action: the packet goes on.
  const { instructions, ...program } = f.counting("count", kind, "hits", kind === "action" ? 0 : -1);
  // r6 = ctx->len; if (r6 != PACKET) go to the last two instructions.
  const only = [f.op(0x61, 6, 1), f.op(0x55, 6, 0, instructions.length - 2, PACKET)];
  const references = program.references.map((each) => ({ ...each, instruction: each.instruction + 2 }));
  const counting = { ...program, instructions: [...only, ...instructions], references };
  return loadSpec(f.spec([f.map("hits", "array")], [counting]));
}
const hits = (app: UntypedApp): number => {
  const map = app.maps.hits;
  if (map === undefined || !("get" in map)) throw new Error("no map");
  return Number(map.get(0));
};
type Place = { direction: "ingress" | "egress"; mechanism?: "link" | "netlink"; priority?: number };
const attach = (app: UntypedApp, name: string, place: Place) => {
  const program = app.programs.count;
  if (program?.kind === "classifier") return program.attach({ interface: name, ...place });
  if (program?.kind === "action") return program.attach({ interface: name, direction: place.direction });
  throw new Error("no classifier");
};

describe.skipIf(why !== "")(`classifiers on an interface${why === "" ? "" : ` (skipped: ${why})`}`, () => {
  let veth: Veth;
  let socket: Socket | undefined;
  const qdiscs = (): string[] => run("tc", "qdisc", "show", "dev", veth.near).match(/clsact|ingress/g) ?? [];
  beforeAll(async () => {
    veth = makeVeth("wgltc");
    // Packets go out at once, without address resolution before them.
    const mac = "02:00:00:00:00:02";
    run("ip", "-n", "wgltc", "link", "set", "wgltcf", "address", mac);
    run("ip", "neighbour", "replace", veth.farAddress, "lladdr", mac, "dev", veth.near, "nud", "permanent");
    // Until then what is sent is dropped before it reaches a classifier.
    const areUp = () => [
      run("ip", "link", "show", veth.near).includes("state UP"),
      run("ip", "-n", "wgltc", "link", "show", "wgltcf").includes("state UP"),
    ];
    await vi.waitFor(() => expect(areUp()).toEqual([true, true]), { timeout: 20_000, interval: 50 });
    socket = createSocket("udp4");
    socket.bind(4711, veth.nearAddress);
    await once(socket, "listening");
  });
  afterAll(() => {
    socket?.close();
    veth?.[Symbol.dispose]();
  });
  beforeEach(() => {
    for (const kind of new Set(qdiscs())) run("tc", "qdisc", "del", "dev", veth.near, kind);
  });
  const receive = (count: number) => veth.send(count, DATAGRAM, 4711);
  const send = async (count: number) => {
    for (let i = 0; i < count; i++)
      await new Promise((resolve) => socket?.send(Buffer.alloc(DATAGRAM), 9, veth.farAddress, resolve));
  };
  const counted = async (app: UntypedApp) => {
    const before = hits(app);
    receive(5);
    const received = hits(app) - before;
    await send(3);
    return { received, sent: hits(app) - before - received };
  };

  test("by netlink each direction sees its own packets", async () => {
    using app = load("classifier");
    attach(app, veth.near, { direction: "egress", mechanism: "netlink" });
    expect(await counted(app)).toEqual({ received: 0, sent: 3 });
    using other = load("classifier");
    attach(other, veth.near, { direction: "ingress", mechanism: "netlink" });
    expect(await counted(other)).toEqual({ received: 5, sent: 0 });
  });

  test.each(["classifier", "action"] as const)(
    "%s for what is sent, where the discipline is ingress",
    async (kind) => {
      run("tc", "qdisc", "add", "dev", veth.near, "ingress");
      using app = load(kind);
      expect(() => attach(app, veth.near, { direction: "egress", mechanism: "netlink" })).toThrow(
        expect.objectContaining({
          code: "unsupported-attach",
          message: expect.stringMatching(
            /has the queueing discipline "ingress" where clsact would be, and that sees no egress packets: remove it \(tc qdisc del dev wgltcn ingress\), or use mechanism "link"/,
          ),
        }),
      );
      // An action needs a filter that matches everything (CONFIG_NET_CLS_MATCHALL), which this kernel may lack.
      if (kind === "action") return;
      attach(app, veth.near, { direction: "ingress", mechanism: "netlink" });
      expect((await counted(app)).received).toBe(5);
      app.close();
      expect(qdiscs()).toEqual(["ingress"]);
    },
  );

  test("clsact goes with the last filter of the process that made it", () => {
    const [first, second] = [load("classifier"), load("classifier")];
    const link = attach(first, veth.near, { direction: "egress", mechanism: "netlink" });
    attach(second, veth.near, { direction: "ingress", mechanism: "netlink" });
    expect(qdiscs()).toEqual(["clsact"]);
    link.detach();
    expect(qdiscs()).toEqual(["clsact"]);
    second.close();
    expect(qdiscs()).toEqual([]);
    first.close();
  });

  test("clsact stays where another has made it, or has a filter on it", () => {
    run("tc", "qdisc", "add", "dev", veth.near, "clsact");
    using app = load("classifier");
    attach(app, veth.near, { direction: "egress", mechanism: "netlink" }).detach();
    expect(qdiscs()).toEqual(["clsact"]);
    run("tc", "qdisc", "del", "dev", veth.near, "clsact");
    const link = attach(app, veth.near, { direction: "egress", mechanism: "netlink" });
    run("tc", "filter", "add", "dev", veth.near, "ingress", "u32", "match", "u32", "0", "0", "flowid", "1:1");
    link.detach();
    expect(qdiscs()).toEqual(["clsact"]);
    expect(run("tc", "filter", "show", "dev", veth.near, "ingress")).toContain("u32");
  });

  test("a filter that is refused leaves nothing behind", () => {
    using app = load("classifier");
    const program = app.programs.count;
    if (program?.kind !== "classifier") throw new Error("no classifier");
    const place = {
      interface: veth.near,
      direction: "egress",
      mechanism: "netlink",
      priority: 1,
      handle: 1,
    } as const;
    using link = program.attach(place);
    expect(() => program.attach(place)).toThrow(/There is a filter with this priority and handle/);
    expect(qdiscs()).toEqual(["clsact"]);
    link.detach();
    expect(qdiscs()).toEqual([]);
    // The interface may go before the link does.
    const late = program.attach({ ...place, interface: veth.near });
    run("tc", "qdisc", "del", "dev", veth.near, "clsact");
    late.detach();
  });

  test("an interface by another of its names", () => {
    const other = "waggle-another-name-of-an-interface";
    run("ip", "link", "property", "add", "dev", veth.near, "altname", other);
    using app = load("classifier");
    expect(attach(app, other, { direction: "ingress" }).target).toBe("ingress of interface wgltcn");
    expect(() => attach(app, `${other}s`, { direction: "ingress" })).toThrow(`Did you mean ${other}?`);
  });

  test("one program twice in one place", () => {
    using app = load("classifier");
    const place = { direction: "ingress", mechanism: "link" } as const;
    attach(app, veth.near, place);
    expect(() => attach(app, veth.near, place)).toThrow(
      /EEXIST .* This program is attached there already, and a place takes each program once/,
    );
    attach(app, veth.near, { ...place, direction: "egress" });
  });

  test("XDP in a driver that the packets are too large for", () => {
    using app = loadSpec(f.spec([], [f.program("count", "xdp", [f.move(0, 2), f.exit])]));
    const program = app.programs.count;
    if (program?.kind !== "xdp") throw new Error("no xdp");
    run("ip", "link", "set", veth.near, "mtu", "9000");
    run("ip", "-n", "wgltc", "link", "set", "wgltcf", "mtu", "9000");
    const cure =
      /ERANGE .*The MTU of wgltcn, or of its peer, is larger than its driver takes without frags: lower the MTU, .* or attach with mode "generic"/;
    expect(() => program.attach({ interface: veth.near })).toThrow(cure);
    expect(() => program.attach({ interface: veth.near, mechanism: "netlink" })).toThrow(cure);
    expect(() => program.attach({ interface: veth.near, mechanism: "netlink" })).toThrow(/The kernel says "/);
    expect(program.attach({ interface: veth.near, mode: "generic" }).attached).toBe(true);
  });
});
