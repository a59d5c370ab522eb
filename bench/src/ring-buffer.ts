import { spawn } from "node:child_process";
import { performance } from "node:perf_hooks";
import { createInterface } from "node:readline";
import ringFill from "./ebpf/ring-fill.js";
import { interleaved } from "./statistics.js";
import type { Row } from "./table.js";

const RECORDS = 300_000;
const TURNS = 9;

/** Asks libbpf's reader (c/ring-reader.c) to fill and read its buffer, a line at a time. */
function startReader(reader: string, object: string) {
  const child = spawn(reader, [object], { stdio: ["pipe", "pipe", "inherit"] });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  return {
    read: async (): Promise<{ nanoseconds: number; sum: bigint }> => {
      child.stdin.write(`${RECORDS}\n`);
      const { value, done } = await lines.next();
      if (done) throw new Error("libbpf's reader has ended");
      const [read = "", nanoseconds = "", sum = ""] = String(value).split(" ");
      if (Number(read) !== RECORDS) throw new Error(`libbpf's reader read ${read} of ${RECORDS} records`);
      return { nanoseconds: Number(nanoseconds), sum: BigInt(sum) };
    },
    stop: () => child.stdin.end(),
  };
}

/** Reading a ring buffer that is full of records, as decoded objects, beside libbpf's ring_buffer__consume in C. */
export async function ringBufferRow(reader: string, object: string): Promise<Row> {
  using app = ringFill.load();
  const data = new Uint8Array(64);
  const peer = startReader(reader, object);
  let expected = 0n;
  // Modulo 2^64, as C adds: bigints of any size would cost more than reading the records.
  const sum = new BigUint64Array(1);
  const ours = () => {
    app.programs.fill.testRun({ data, repeat: RECORDS });
    let [small, count] = [0, 0];
    sum[0] = 0n;
    const start = performance.now();
    app.maps.samples.drain((sample) => {
      count += 1;
      sum[0] = BigInt.asUintN(64, (sum[0] ?? 0n) + sample.sequence + sample.bytes);
      small += sample.pid + sample.cpu + sample.port + sample.flags;
    });
    const nanoseconds = (performance.now() - start) * 1e6;
    if (count !== RECORDS) throw new Error(`read ${count} of ${RECORDS} records`);
    expected = BigInt.asUintN(64, (sum[0] ?? 0n) + BigInt(small));
    return nanoseconds / RECORDS;
  };
  const theirs = async () => {
    const { nanoseconds, sum } = await peer.read();
    if (sum !== expected) throw new Error(`the readers disagree: ${expected} and ${sum}`);
    return nanoseconds / RECORDS;
  };
  try {
    return { what: "ring buffer: a record decoded", ...(await interleaved(TURNS, ours, theirs)), unit: "ns" };
  } finally {
    peer.stop();
  }
}
