import { VmError } from "../errors.js";
import type { Region, RegionKind, Word } from "../memory/region.js";
import type { MapContext } from "./table-map.js";

/** `BPF_F_RDONLY_PROG` of linux/bpf.h: programs may not write. */
const readOnlyForPrograms = 1 << 7;

/** A map's values may take this much; more is refused instead of exhausting the test's memory. */
const largest = 1 << 30;
/** Slabs up to this size are made at once: their accesses are quicker. */
const largestWhole = 16 * 1024;
/** Pages of larger slabs: many small elements, or a part of one that is large. */
const pageBytes = 4096;
const largeElementPageBytes = 64 * 1024;

/** Values of a map in slots of one region, with a copy for each CPU where the map has such. Memory is taken for slots that are used. */
export class Slab {
  readonly region: Region;
  readonly copies: number;
  readonly #stride: number;
  readonly #size: number;

  /** @param slots how many slots there may be */
  constructor(
    private readonly context: MapContext,
    slots: number,
    kind: RegionKind = "map value",
  ) {
    const { spec, cpus, space } = context;
    this.copies = spec.type.perCpu ? cpus.count : 1;
    this.#size = spec.valueSize;
    this.#stride = Math.ceil(spec.valueSize / 8) * 8;
    const total = this.#stride * this.copies * slots;
    const asked = this.#stride * this.copies * spec.maxEntries;
    if (asked > largest) {
      throw new VmError(
        "bad-map",
        `map ${spec.name} is too large: ${spec.maxEntries} values of ${spec.valueSize} bytes take ${asked} bytes`,
        `give it fewer entries in the test; a simulated map holds at most ${largest} bytes`,
      );
    }
    const isWhole = total <= largestWhole;
    this.region = space.add({
      kind,
      name: kind === "data section" ? `data section ${spec.name}` : `value of map ${spec.name}`,
      bytes: new Uint8Array(isWhole ? total : 0),
      writable: spec.data?.readOnly !== true && (spec.flags & readOnlyForPrograms) === 0,
      slab: { stride: this.#stride, size: this.#size },
      ...(isWhole ? {} : { pages: { total, unit: pageUnit(this.#stride) } }),
    });
  }

  /** The bytes of one copy of a value, not copied. */
  bytes(slot: number, copy: number): Uint8Array {
    return this.region.block(this.#start(slot, copy), this.#size);
  }

  /** The address of the current CPU's copy. */
  address(slot: number): Word {
    return this.region.address(this.#start(slot, this.currentCopy()));
  }

  /** The copy that a program on the current CPU sees. */
  currentCopy(): number {
    return this.copies === 1 ? 0 : this.context.cpus.current;
  }

  /** Every copy of a value, copied. */
  snapshot(slot: number): Uint8Array[] {
    return Array.from({ length: this.copies }, (_, copy) =>
      this.region.copy(this.#start(slot, copy), this.#size),
    );
  }

  /** Sets every copy; without `values`, to zero. */
  fill(slot: number, values: readonly Uint8Array[] = []): void {
    for (let copy = 0; copy < this.copies; copy++) {
      const value = values[copy];
      if (value === undefined) this.bytes(slot, copy).fill(0);
      else this.bytes(slot, copy).set(value);
    }
  }

  #start(slot: number, copy: number): number {
    return (slot * this.copies + copy) * this.#stride;
  }
}

/** No element lies on two pages, unless it is larger than one. */
function pageUnit(stride: number): number {
  return stride > pageBytes ? largeElementPageBytes : Math.floor(pageBytes / stride) * stride;
}
