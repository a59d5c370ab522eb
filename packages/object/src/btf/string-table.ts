import { ObjectError } from "../errors.js";
import { BTF_MAX_NAME_OFFSET } from "./kinds.js";

/** A BTF string section in the making: each string once, in the order in which they came, "" first. */
export class StringTable {
  private readonly offsets = new Map<string, number>([["", 0]]);
  private readonly chunks: Uint8Array[] = [new Uint8Array(1)];
  private readonly encoder = new TextEncoder();
  private length = 1;

  /**
   * The offset of `text`, which is added when it is new.
   *
   * @throws ObjectError "bad-btf" for a NUL in the text, and when the kernel's limit on offsets is passed
   */
  offsetOf(text: string): number {
    const known = this.offsets.get(text);
    if (known !== undefined) return known;
    if (text.includes("\0")) {
      throw new ObjectError("bad-btf", `a BTF string may not hold a NUL character: ${JSON.stringify(text)}`);
    }
    const offset = this.length;
    if (offset > BTF_MAX_NAME_OFFSET) {
      throw new ObjectError(
        "bad-btf",
        `BTF strings take more than ${BTF_MAX_NAME_OFFSET} bytes, the kernel's limit`,
      );
    }
    const bytes = this.encoder.encode(`${text}\0`);
    this.chunks.push(bytes);
    this.length += bytes.length;
    this.offsets.set(text, offset);
    return offset;
  }

  /** The section's content so far. */
  bytes(): Uint8Array {
    const out = new Uint8Array(this.length);
    let at = 0;
    for (const chunk of this.chunks) {
      out.set(chunk, at);
      at += chunk.length;
    }
    return out;
  }
}
