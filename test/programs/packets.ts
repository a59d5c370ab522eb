import { ok, strictEqual } from "node:assert";
import type { App } from "@waggle/userspace";
import { type Suite, until } from "./check.js";
import { datagramArrives, datagramReceiver, sendDatagram } from "./datagrams.js";
import type { Packets } from "./kernel/packets.js";

type Kernel = typeof Packets;
const port = 47_021;
const config = { port };
const hits = (app: App<Kernel>, index: number): bigint => app.maps.hits.get(index) ?? 0n;
const seen = (app: App<Kernel>, index: number): bigint => app.maps.seen.get(index) ?? 0n;

const arrives = (): Promise<boolean> => datagramArrives("hello", port);

export const packets: Suite<Kernel> = {
  className: "Packets",
  file: "packets",
  kernel: "5.10",
  checks: [
    {
      name: "XDP drops datagrams on lo",
      kinds: ["xdp"],
      run: async (load) => {
        using app = load({ config, programs: ["drop"] });
        const link = app.programs.drop.attach({ interface: "lo" });
        strictEqual(await arrives(), false);
        strictEqual(hits(app, 0), 1n);
        strictEqual(seen(app, 0), 1n);
        link.detach();
        strictEqual(await arrives(), true);
      },
    },
    {
      name: "classifiers mark and drop by netlink",
      kinds: ["classifier"],
      run: async (load) => {
        using app = load({ config, programs: ["mark", "shoot"] });
        const place = { interface: "lo", direction: "ingress", mechanism: "netlink" } as const;
        const second = app.programs.shoot.attach({ ...place, priority: 2 });
        const first = app.programs.mark.attach({ ...place, priority: 1 });
        strictEqual(first.mechanism, "netlink");
        strictEqual(await arrives(), false);
        strictEqual(seen(app, 1), 14n + 20n + 8n + 5n);
        strictEqual(seen(app, 2), 78n);
        first.detach();
        strictEqual(await arrives(), true);
        second.detach();
        strictEqual(hits(app, 1), 1n);
      },
    },
    {
      name: "classifiers come before and after others on tcx",
      kinds: ["classifier"],
      since: "6.6",
      run: async (load) => {
        using app = load({ config, programs: ["mark", "shoot"] });
        const place = { interface: "lo", direction: "egress" } as const;
        const shoot = app.programs.shoot.attach(place);
        strictEqual(shoot.mechanism, "link");
        const after = app.programs.mark.attach({ ...place, order: { after: app.programs.shoot } });
        strictEqual(await arrives(), true);
        after.detach();
        app.programs.mark.attach({ ...place, order: { before: "all" } });
        strictEqual(await arrives(), false);
        strictEqual(seen(app, 2), 78n);
      },
    },
    {
      name: "an action takes every packet of a filter",
      kinds: ["action"],
      needs: ["tc-action"],
      run: async (load) => {
        using app = load({ config, programs: ["act"] });
        app.programs.act.attach({ interface: "lo", direction: "ingress" });
        strictEqual(await arrives(), true);
        strictEqual(seen(app, 3), 14n + 20n + 8n + 5n);
      },
    },
    {
      name: "a socket filter cuts datagrams and drops others",
      kinds: ["socket-filter"],
      run: async (load) => {
        using app = load({ config, programs: ["filter"] });
        const { socket, got } = await datagramReceiver(port);
        const link = app.programs.filter.attach({ socket });
        await sendDatagram("hello", port);
        await sendDatagram("hi", port);
        await until(() => hits(app, 4) === 2n && got.length > 0, "a datagram");
        strictEqual(got.join(), "he");
        strictEqual(seen(app, 4), BigInt(port));
        link.detach();
        await sendDatagram("hello", port);
        await until(() => got.length === 2, "a datagram");
        strictEqual(got[1], "hello");
        socket.close();
      },
    },
    {
      name: "a flow dissector is asked",
      kinds: ["flow-dissector"],
      run: (load) => {
        using app = load({ programs: ["dissect"] });
        const link = app.programs.dissect.attach();
        ok(link.attached);
        const data = new Uint8Array(60);
        data[12] = 8;
        app.programs.dissect.testRun({ data });
        strictEqual(hits(app, 5), 1n);
        strictEqual(seen(app, 5), 0x800n);
      },
    },
  ],
};
