/** Longest name that is read. It bounds what a crafted file can make us allocate; real names are far shorter. */
const MAX_NAME_LENGTH = 4096;

/** The content of a STRTAB section: NUL-terminated names, found by their offsets. */
export class StringTable {
  readonly #data: Uint8Array;
  readonly #seen = new Map<number, string>();
  readonly #decoder = new TextDecoder("utf-8", { fatal: true });

  constructor(data: Uint8Array) {
    this.#data = data;
  }

  /**
   * The name at an offset.
   * @param fail is called with what is wrong, worded to follow "the name of …", and must throw
   */
  at(offset: number, fail: (problem: string) => never): string {
    const seen = this.#seen.get(offset);
    if (seen !== undefined) return seen;
    const data = this.#data;
    // A table may be absent when every name is empty.
    if (offset === 0 && data.length === 0) return "";
    if (offset >= data.length) {
      fail(`is at byte ${offset} of a string table of ${data.length} bytes`);
    }
    const limit = Math.min(data.length, offset + MAX_NAME_LENGTH + 1);
    const end = data.subarray(offset, limit).indexOf(0);
    if (end < 0) {
      fail(
        limit === data.length ? "does not end within its table" : `is longer than ${MAX_NAME_LENGTH} bytes`,
      );
    }
    let name: string;
    try {
      name = this.#decoder.decode(data.subarray(offset, offset + end));
    } catch {
      return fail("is not UTF-8");
    }
    this.#seen.set(offset, name);
    return name;
  }
}

/** Makes the content of a STRTAB section. Equal names share their bytes. */
export class StringTableBuilder {
  readonly #offsets = new Map<string, number>([["", 0]]);
  readonly #parts: Uint8Array[] = [new Uint8Array(1)];
  #size = 1;

  /** The offset of a name, which must not contain NUL. */
  add(name: string): number {
    const known = this.#offsets.get(name);
    if (known !== undefined) return known;
    const offset = this.#size;
    const part = new TextEncoder().encode(`${name}\0`);
    this.#parts.push(part);
    this.#size += part.length;
    this.#offsets.set(name, offset);
    return offset;
  }

  bytes(): Uint8Array {
    const all = new Uint8Array(this.#size);
    let at = 0;
    for (const part of this.#parts) {
      all.set(part, at);
      at += part.length;
    }
    return all;
  }
}
