import { ObjectError } from "../errors.js";
import { forEachReference, shapeOf } from "./references.js";
import type { Btf, BtfType, TypeId } from "./types.js";

/**
 * Collects types into a `Btf`. Equal types share an id, so that asking for `u32` twice is cheap; variables and sections
 * are things rather than types, and each one added is new. A recursive struct takes its id first with `reserve` and is
 * then given its members with `define`.
 */
export class BtfBuilder {
  private readonly types: (BtfType | null)[] = [{ kind: "void" }];
  private readonly known = new Map<string, TypeId>([["void", 0]]);

  /** The id of `type`, which is added unless an equal one was added before. */
  add(type: BtfType): TypeId {
    if (type.kind === "variable" || type.kind === "section") return this.types.push(type) - 1;
    const key = keyOf(type);
    const known = this.known.get(key);
    if (known !== undefined) return known;
    const id = this.types.push(type) - 1;
    this.known.set(key, id);
    return id;
  }

  /** A new id whose type follows with `define`. */
  reserve(): TypeId {
    return this.types.push(null) - 1;
  }

  /**
   * Gives the reserved `id` its type. It is not shared with equal types.
   *
   * @throws ObjectError "bad-btf" when `id` is not reserved, or is defined already
   */
  define(id: TypeId, type: BtfType): void {
    if (this.types[id] !== null)
      throw new ObjectError("bad-btf", `BTF type ${id} is not waiting for a definition`);
    this.types[id] = type;
  }

  /** @throws ObjectError "bad-btf" when a reserved type was never defined, or a reference goes nowhere */
  build(): Btf {
    const types = this.types.map((type, id) => {
      if (type === null) throw new ObjectError("bad-btf", `BTF type ${id} was reserved and never defined`);
      forEachReference(type, (to) => {
        if (to >= this.types.length)
          throw new ObjectError("bad-btf", `BTF type ${id} refers to type ${to}, which does not exist`);
      });
      return type;
    });
    return { types };
  }
}

function keyOf(type: BtfType): string {
  const ids: TypeId[] = [];
  forEachReference(type, (id) => ids.push(id));
  return ids.length === 0 ? shapeOf(type) : `${shapeOf(type)} ${ids.join()}`;
}
