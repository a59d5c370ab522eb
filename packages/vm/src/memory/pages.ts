import type { Region } from "./region.js";

/** Some of the bytes, from `start` of the whole on. */
export interface Page {
  readonly start: number;
  readonly bytes: Uint8Array;
  readonly region: Region;
}

/**
 * Memory that is made where it is touched, for maps and sections that may be far larger than what a test uses of them. What was never
 * touched reads as zero.
 */
export class Pages {
  /** By number; pages that were joined stand under each of their numbers. */
  readonly #pages = new Map<number, Page>();

  /**
   * @param total bytes of the whole
   * @param unit bytes of a page
   * @param asRegion what a page is to those who access it
   */
  constructor(
    private readonly total: number,
    private readonly unit: number,
    private readonly asRegion: (bytes: Uint8Array) => Region,
  ) {}

  /** The page that holds a range of bytes, made if need be. A range over several pages joins them. */
  at(offset: number, size: number): Page {
    const page = this.#pages.get(Math.floor(offset / this.unit));
    return page !== undefined && offset + size <= page.start + page.bytes.length
      ? page
      : this.#make(offset, size);
  }

  /** A copy of a range of bytes. It makes no pages. */
  copy(offset: number, size: number): Uint8Array {
    const result = new Uint8Array(size);
    const first = Math.floor(offset / this.unit);
    const last = Math.floor((offset + size - 1) / this.unit);
    for (let number = first; number <= last; number++) {
      const page = this.#pages.get(number);
      if (page === undefined) continue;
      const from = Math.max(offset, page.start);
      const to = Math.min(offset + size, page.start + page.bytes.length);
      result.set(page.bytes.subarray(from - page.start, to - page.start), from - offset);
      number = Math.floor((page.start + page.bytes.length - 1) / this.unit);
    }
    return result;
  }

  #make(offset: number, size: number): Page {
    const { unit, total } = this;
    let first = Math.floor(offset / unit);
    let last = Math.max(first, Math.floor((offset + size - 1) / unit));
    const joined = new Set<Page>();
    for (let number = first; number <= last; number++) {
      const page = this.#pages.get(number);
      if (page === undefined) continue;
      joined.add(page);
      first = Math.min(first, page.start / unit);
      last = Math.max(last, Math.floor((page.start + page.bytes.length - 1) / unit));
    }
    const start = first * unit;
    const bytes = new Uint8Array(Math.min(total, (last + 1) * unit) - start);
    for (const old of joined) bytes.set(old.bytes, old.start - start);
    const page: Page = { start, bytes, region: this.asRegion(bytes) };
    for (let number = first; number <= last; number++) this.#pages.set(number, page);
    return page;
  }
}
