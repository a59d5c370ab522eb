import { ObjectError } from "../errors.js";
import { setLookup } from "./names.js";
import { openSections } from "./parse.js";
import type { Btf, BtfType, TypeId } from "./types.js";

/** Says in errors which file is damaged: who meets the error may be busy with another one. */
function inFile<T>(file: string | null, run: () => T): T {
  try {
    return run();
  } catch (error) {
    if (file === null || !(error instanceof ObjectError)) throw error;
    throw new ObjectError(error.code, `${file} is damaged: ${error.message}`, error.where);
  }
}

/**
 * As `parseBtf`, for a kernel's own types, of which there are some hundred thousand and a program asks for a few: each is
 * decoded when it is first looked at, so that opening takes a tenth of the time. What a damaged blob has wrong is told
 * when it is met, if it is met.
 *
 * @param file what the types were read from, for errors
 * @throws ObjectError "bad-btf", now for the sections and later for a type
 */
export function openBtf(bytes: Uint8Array, file: string | null = null): Btf {
  const { reader, offsetsOf } = inFile(file, () => openSections(bytes, null));
  const places: number[] = [0];
  const names: number[] = [0];
  inFile(file, () => {
    for (const { at, name } of reader.headers()) {
      places.push(at);
      names.push(name);
    }
  });
  const decoded: BtfType[] = [{ kind: "void" }];
  decoded.length = places.length;
  const typeOf = (id: TypeId): BtfType | undefined => {
    const at = places[id];
    if (decoded[id] === undefined && at !== undefined)
      decoded[id] = inFile(file, () => reader.read(reader.headerAt(at, id), id));
    return decoded[id];
  };
  const isId = (key: string | symbol): key is string => typeof key === "string" && /^\d+$/.test(key);
  const types = new Proxy(decoded, {
    get: (target, key) => (isId(key) ? typeOf(Number(key)) : Reflect.get(target, key)),
    has: (target, key) => (isId(key) ? Number(key) < target.length : Reflect.has(target, key)),
  });
  const btf: Btf = { types };
  setLookup(btf, (name) => {
    const offsets = new Set(offsetsOf(name));
    const found: TypeId[] = [];
    for (let id = 1; id < names.length; id++) if (offsets.has(names[id] ?? 0)) found.push(id);
    return found;
  });
  return btf;
}
