import { Pages } from "./pages.js";

/** Who touches memory, and how: a program's own instruction, or a helper on its behalf. */
export const Access = { Load: 0, Store: 1, Atomic: 2, HelperRead: 3, HelperWrite: 4 } as const;
/** A value of `Access`. */
export type Access = (typeof Access)[keyof typeof Access];

/** What a region holds; it decides the advice in errors. */
export type RegionKind =
  | "stack"
  | "context"
  | "packet"
  | "map"
  | "map value"
  | "data section"
  | "ring buffer record";

/** A 64-bit value as two signed 32-bit halves. */
export interface Word {
  readonly lo: number;
  readonly hi: number;
}

/** What may be changed about a region when it is made. */
export interface RegionInit {
  readonly kind: RegionKind;
  /** How messages call it, e.g. "value of map stats". */
  readonly name: string;
  readonly bytes: Uint8Array;
  /** Makes `bytes` where they are touched: `total` of them, in pages of `unit`. `bytes` is then empty. */
  readonly pages?: { readonly total: number; readonly unit: number };
  /** First byte of `bytes` that may be touched; 0 when left out. */
  readonly start?: number;
  /** One past the last byte that may be touched; the length of `bytes` when left out. */
  readonly end?: number;
  readonly writable?: boolean;
  /** A slab of equal elements: distance between them, and how many bytes of each may be touched. */
  readonly slab?: { readonly stride: number; readonly size: number };
  /** Memory whose bytes must be written before they are read. */
  readonly tracked?: boolean;
  /** Further rules for an access; throws a `VmError` when one is broken. */
  readonly guard?: (region: Region, offset: number, size: number, access: Access) => void;
  /** 4-byte loads that give a whole pointer instead of the bytes in memory, as context rewriting in the kernel does. */
  readonly pointerAt?: (offset: number) => Word | null;
  /** What the region stands for; the map behind a map pointer. */
  readonly owner?: unknown;
}

/** A piece of simulated memory. All its addresses share the upper half, so that finding it is one array access. */
export class Region {
  readonly kind: RegionKind;
  readonly name: string;
  readonly bytes: Uint8Array;
  readonly view: DataView;
  readonly start: number;
  readonly end: number;
  readonly writable: boolean;
  readonly stride: number;
  readonly elementSize: number;
  /** One byte for each byte of `bytes`: 1 when it was written. Null when all of it may be read. */
  readonly written: Uint8Array | null;
  readonly guard: RegionInit["guard"] | null;
  readonly pointerAt: RegionInit["pointerAt"] | null;
  readonly owner: unknown;
  /** Null when all of the memory is in `bytes`. */
  readonly pages: Pages | null;

  constructor(
    /** Upper half of its addresses, signed. */
    readonly hi: number,
    init: RegionInit,
  ) {
    this.kind = init.kind;
    this.name = init.name;
    this.bytes = init.bytes;
    this.view = viewOf(init.bytes);
    this.start = init.start ?? 0;
    this.end = init.end ?? init.pages?.total ?? init.bytes.length;
    this.writable = init.writable ?? true;
    this.stride = init.slab?.stride ?? 0;
    this.elementSize = init.slab?.size ?? 0;
    this.written = init.tracked === true ? new Uint8Array(init.bytes.length) : null;
    this.guard = init.guard ?? null;
    this.pointerAt = init.pointerAt ?? null;
    this.owner = init.owner ?? null;
    const { pages, ...plain } = init;
    // A page is accessed as a region is, after the access was checked against the whole.
    this.pages =
      pages === undefined
        ? null
        : new Pages(pages.total, pages.unit, (bytes) => new Region(hi, { ...plain, bytes }));
  }

  /** Some of its bytes in place. */
  block(offset: number, size: number): Uint8Array {
    if (this.pages === null) return this.bytes.subarray(offset, offset + size);
    const page = this.pages.at(offset, size);
    return page.bytes.subarray(offset - page.start, offset - page.start + size);
  }

  /** A copy of some of its bytes. */
  copy(offset: number, size: number): Uint8Array {
    return this.pages === null ? this.bytes.slice(offset, offset + size) : this.pages.copy(offset, size);
  }

  /** The address of byte `offset`. */
  address(offset: number): Word {
    return { lo: (regionBase + offset) | 0, hi: this.hi };
  }
}

/** Lower half of the address of a region's first byte: small steps before it still name the region in messages. */
export const regionBase = 0x10000;

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
