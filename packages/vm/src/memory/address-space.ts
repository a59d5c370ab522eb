import { VmError } from "../errors.js";
import { Access, Region, type RegionInit, type RegionKind, regionBase } from "./region.js";

/**
 * Upper bits of every simulated address. No processor of today has such addresses, so that they never meet those that
 * a test gives as user or kernel memory.
 */
const prefix = 0xe000_0000 | 0;

/** Freed regions wait for this many others before their addresses are used anew: stale pointers are found. */
const quarantine = 4096;

/**
 * The memory that programs reach. Addresses are 64 bits as two signed halves: the upper half names a region, the lower
 * counts bytes from `regionBase`.
 */
export class AddressSpace {
  readonly #regions: (Region | undefined)[] = [undefined];
  readonly #freed: number[] = [];
  readonly #gone = new Map<number, string>();
  /** Offset that the last `locate` found. A field, so that the common path allocates nothing. */
  offset = 0;

  /** Adds memory and gives it addresses of its own. */
  add(init: RegionInit): Region {
    const reused = this.#freed.length > quarantine ? this.#freed.shift() : undefined;
    const index = reused ?? this.#regions.length;
    this.#gone.delete(index);
    const region = new Region(index ^ prefix, init);
    this.#regions[index] = region;
    return region;
  }

  /** Takes memory away. A later access says `reason`, e.g. "the packet moved in bpf_xdp_adjust_head". */
  remove(region: Region, reason: string): void {
    const index = region.hi ^ prefix;
    if (this.#regions[index] !== region) return;
    this.#regions[index] = undefined;
    this.#gone.set(index, `${region.name}: ${reason}`);
    this.#freed.push(index);
  }

  /** The region that an address with this upper half is in, whether or not it may be touched there. */
  find(hi: number): Region | undefined {
    const index = hi ^ prefix;
    return index > 0 && index < this.#regions.length ? this.#regions[index] : undefined;
  }

  /**
   * The region of `size` bytes at `hi:lo + displacement`; `offset` is then the place in its bytes.
   * Throws a `VmError` when the access is not allowed.
   */
  locate(hi: number, lo: number, displacement: number, size: number, access: Access): Region {
    const index = hi ^ prefix;
    const region = index > 0 && index < this.#regions.length ? this.#regions[index] : undefined;
    if (region === undefined) throw this.#nothingAt(hi, lo, displacement, size, access);
    const offset = (lo >>> 0) - regionBase + displacement;
    if (offset < region.start || offset + size > region.end) {
      throw outside(region, offset, size, access);
    }
    if (region.stride !== 0 && (offset % region.stride) + size > region.elementSize) {
      throw outside(region, offset, size, access);
    }
    if (isWrite(access)) {
      if (!region.writable) throw readOnly(region, offset, size, access);
    } else if (region.written !== null) {
      checkWritten(region, region.written, offset, size);
    }
    if (region.guard !== null && region.guard !== undefined) region.guard(region, offset, size, access);
    if (region.pages !== null) {
      const page = region.pages.at(offset, size);
      this.offset = offset - page.start;
      return page.region;
    }
    this.offset = offset;
    return region;
  }

  #nothingAt(hi: number, lo: number, displacement: number, size: number, access: Access): VmError {
    const address = ((BigInt(hi >>> 0) << 32n) | BigInt(lo >>> 0)) + BigInt(displacement);
    const what = describe(size, access);
    const stale = this.#gone.get(hi ^ prefix);
    if (stale !== undefined) {
      return new VmError(
        "bad-address",
        `${what} through a pointer that is no longer valid (${stale})`,
        "take the pointer anew after that call",
      );
    }
    if (hi === 0 && lo === 0) {
      return new VmError(
        "null-dereference",
        `${what} through a null pointer${displacement === 0 ? "" : ` (offset ${displacement})`}`,
        "compare the result of the lookup, packet read or reservation with null before its use",
      );
    }
    return new VmError(
      "bad-address",
      `${what} at 0x${BigInt.asUintN(64, address).toString(16)}, which is not memory of the program`,
      hi === 0
        ? "this looks like a number, or a pointer cut to 32 bits: keep pointers in 64-bit registers"
        : "memory of user space and of the kernel is read with the probe read helpers; give it to the run as `memory`",
    );
  }
}

function isWrite(access: Access): boolean {
  return access === Access.Store || access === Access.Atomic || access === Access.HelperWrite;
}

const verbs: Readonly<Record<Access, string>> = {
  [Access.Load]: "read",
  [Access.Store]: "write",
  [Access.Atomic]: "atomic operation",
  [Access.HelperRead]: "read by a helper",
  [Access.HelperWrite]: "write by a helper",
};

/** "write of 4 bytes". */
export function describe(size: number, access: Access): string {
  return `${verbs[access]} of ${size} byte${size === 1 ? "" : "s"}`;
}

const boundsHelp: Readonly<Record<RegionKind, string>> = {
  stack: "a function has 512 bytes of stack, below its frame pointer",
  context: "read only the fields that the context of this program type has",
  packet:
    "check the read against the end of the packet first: ctx.at() does, and gives null when it does not fit",
  map: "a map is used through the map helpers, never through its address",
  "map value": "a map value is only as large as its type: check the index against the length of the array",
  "data section": "a variable is only as large as its type: check the index against the length of the array",
  "ring buffer record": "a record is only as large as it was reserved",
};

function outside(region: Region, offset: number, size: number, access: Access): VmError {
  const [from, length] =
    region.stride === 0
      ? [offset - region.start, region.end - region.start]
      : [((offset % region.stride) + region.stride) % region.stride, region.elementSize];
  const place = region.kind === "stack" ? `fp${offset - region.end}` : `offset ${from}`;
  const extent = region.kind === "stack" ? "fp-512 to fp" : `${length} bytes`;
  return new VmError(
    "out-of-bounds",
    `${describe(size, access)} at ${place} is outside the ${region.name} (${extent})`,
    boundsHelp[region.kind],
  );
}

const readOnlyHelp: Partial<Record<RegionKind, string>> = {
  "data section":
    "constants are set before the program runs: use a map or a plain static field for what changes",
  context: "the context cannot be changed here; copy what you need",
};

function readOnly(region: Region, offset: number, size: number, access: Access): VmError {
  return new VmError(
    "read-only",
    `${describe(size, access)} to the ${region.name} at offset ${offset - region.start}, which is read-only`,
    readOnlyHelp[region.kind] ?? "copy the value to the stack and change the copy",
  );
}

function checkWritten(region: Region, written: Uint8Array, offset: number, size: number): void {
  for (let index = offset; index < offset + size; index++) {
    if (written[index] === 0) {
      throw new VmError(
        "uninitialised-stack",
        `${size} byte${size === 1 ? "" : "s"} of stack at fp${offset - region.end} are read, but the byte at fp${index - region.end} was never written`,
        "give every field a value, padding between fields included, before the memory is read or passed to a helper",
      );
    }
  }
}
