import type { ValueId } from "./types.js";

/** What the source calls values, for reports of the verifier's errors. */
export class ValueNames {
  readonly #names = new Map<ValueId, string>();
  /** Values whose name is that of a field. */
  readonly #fields = new Set<ValueId>();

  /** All of them. */
  get all(): ReadonlyMap<ValueId, string> {
    return this.#names;
  }

  /** The variable that a value is; the first counts. */
  variable(value: ValueId, name: string): void {
    if (!this.#names.has(value) || this.#fields.delete(value)) this.#names.set(value, name);
  }

  /** How the source writes the field that a value was read from; a variable that gets the value counts more. */
  field(value: ValueId, text: string): void {
    if (this.#names.has(value)) return;
    this.#names.set(value, text);
    this.#fields.add(value);
  }
}
