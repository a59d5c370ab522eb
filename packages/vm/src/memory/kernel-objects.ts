import type { ObjectSpec } from "@waggle/object";
import {
  type Btf,
  type BtfMember,
  nearest,
  ObjectError,
  sizeOfType,
  skipModifiers,
  type TypeId,
  typeAt,
  typesNamed,
  valueCodec,
} from "@waggle/object";
import { VmError } from "../errors.js";
import type { Task } from "../helpers/call.js";
import type { KernelTypes } from "../simulate/kernel-types.js";
import type { TestMemory } from "./test-memory.js";

/**
 * A value in the kernel's memory. Structs are objects whose missing members are zero; behind a pointer there may be an
 * object, text (with a NUL behind it) or bytes, each placed at an address of its own, or the pointer is an address.
 */
export type KernelContent =
  | number
  | bigint
  | boolean
  | string
  | null
  | Uint8Array
  | readonly KernelContent[]
  | KernelObject;

/** A kernel struct by member, e.g. `{ tgid: 7, real_parent: { tgid: 3 } }`; what a pointer leads to may be a `TypedKernelObject`. */
export interface KernelObject {
  readonly [member: string]: KernelContent | undefined;
}

/** A kernel struct behind a pointer whose type its members alone do not tell: `{ type: "mm_struct", value: { … } }`. */
export type TypedKernelObject = { readonly type: string; readonly value: KernelObject };

/**
 * Puts the current task into kernel memory at its address, as the `task_struct` that the simulated kernel has. `pid`, `tgid`
 * and `comm` are the task's own unless `kernel` gives others. Nothing is put there when no program reads one, or when the
 * test has its own bytes at that address.
 *
 * @throws VmError "bad-input" for members that the kernel does not have and values that do not fit
 */
export function placeTask(
  spec: ObjectSpec,
  kernel: KernelTypes | null,
  task: Task,
  memory: TestMemory,
): void {
  const given = Object.keys(task.kernel).length > 0;
  const isRead = spec.btf !== null && structNamed(spec.btf, "task_struct") !== undefined;
  const root = kernel === null || !isRead ? undefined : structNamed(kernel.btf, "task_struct");
  if (kernel === null || root === undefined) {
    if (!given) return;
    throw bad(
      `task.kernel: ${isRead ? "the kernel has no" : "the object does not declare"} task_struct`,
      isRead
        ? "give the types of a whole kernel in kernel.btf"
        : "a program that reads no member of the current task needs none: leave it out",
    );
  }
  if (memory.from(task.address, "kernel") !== null && !given) return;
  const layout = new KernelLayout(spec, kernel, memory);
  const names = membersOf(kernel.btf, root).map((member) => member.name);
  const own = Object.entries({ pid: task.pid, tgid: task.tgid }).filter(([name]) => names.includes(name));
  layout.putTask(root, task, { ...Object.fromEntries(own), ...task.kernel });
}

/** The kernel's largest structs have some ten thousand bytes. */
const largestObject = 1 << 20;

const isObject = (value: KernelContent): value is KernelObject =>
  typeof value === "object" && value !== null && !Array.isArray(value) && !(value instanceof Uint8Array);

function explicit(value: KernelObject): TypedKernelObject | null {
  const { type, value: inner, ...rest } = value;
  const fits = typeof type === "string" && inner !== undefined && isObject(inner);
  return fits && Object.keys(rest).length === 0 ? { type, value: inner } : null;
}

/** The struct or union that is called so, whatever its flavour. */
function structNamed(btf: Btf, name: string): TypeId | undefined {
  return typesNamed(btf, name).find((id) => {
    const { kind } = typeAt(btf, id);
    return kind === "struct" || kind === "union";
  });
}

const nameOf = (btf: Btf | null, id: TypeId): string => {
  const type = btf === null ? null : typeAt(btf, skipModifiers(btf, id));
  return type !== null && "name" in type ? type.name : "";
};

/** Members by name, those of anonymous structs and unions among them, at their offset in the whole. */
function membersOf(btf: Btf, id: TypeId, base = 0): readonly BtfMember[] {
  const type = typeAt(btf, skipModifiers(btf, id));
  if (type.kind !== "struct" && type.kind !== "union") return [];
  return type.members.flatMap((member) =>
    member.name === ""
      ? membersOf(btf, member.type, base + member.bitOffset)
      : [{ ...member, bitOffset: base + member.bitOffset }],
  );
}

class KernelLayout {
  /** Objects that have their place: what is given twice, or leads back to itself, is one object in memory too. */
  readonly #placed = new Map<object, { readonly type: TypeId; readonly address: bigint }>();
  /** Structs whose members programs follow: what a pointer without a type may lead to. */
  readonly #followed: readonly TypeId[];

  readonly btf: Btf;
  readonly #owner: string;
  /** Why a member may be missing. */
  readonly #few: string;

  constructor(
    readonly spec: ObjectSpec,
    { btf, owner }: KernelTypes,
    readonly memory: TestMemory,
  ) {
    this.btf = btf;
    this.#owner = owner;
    this.#few = owner === "the object" ? "; it declares the members that programs read" : "";
    const roots = spec.programs.flatMap((program) => program.coreRelocations.map((one) => one.type));
    const names = new Set(roots.map((id) => nameOf(spec.btf, id)));
    const found = [...names].flatMap((name) => structNamed(btf, name) ?? []);
    this.#followed = [...new Set(found)];
  }

  putTask(type: TypeId, task: Task, value: KernelObject): void {
    const bytes = this.#room(type);
    this.memory.placeKernel(bytes, task.address);
    this.#placed.set(task.kernel, { type, address: task.address });
    const comm = membersOf(this.btf, type).find((one) => one.name === "comm");
    if (comm !== undefined && value.comm === undefined) {
      // By bytes, as the kernel cuts it: text that is cut need not be UTF-8.
      const room = Math.min(15, sizeOfType(this.btf, comm.type) - 1);
      bytes.set(new TextEncoder().encode(task.comm).subarray(0, room), comm.bitOffset / 8);
    }
    this.#struct(bytes, 0, type, value, "task.kernel");
  }

  #struct(bytes: Uint8Array, offset: number, id: TypeId, value: KernelObject, path: string): void {
    const members = membersOf(this.btf, id);
    for (const [name, content] of Object.entries(value)) {
      if (content === undefined) continue;
      const member = members.find((one) => one.name === name);
      if (member === undefined) throw this.#unknown(id, name, path);
      const place = `${path}.${name}`;
      if (member.bitSize > 0) this.#bits(bytes, offset * 8 + member.bitOffset, member, content, place);
      else this.#value(bytes, offset + member.bitOffset / 8, member.type, content, place);
    }
  }

  #value(bytes: Uint8Array, offset: number, id: TypeId, content: KernelContent, path: string): void {
    const bare = skipModifiers(this.btf, id);
    const type = typeAt(this.btf, bare);
    if (type.kind === "pointer") {
      const address = this.#pointer(type.type, content, path);
      this.#encode(bytes, offset, id, address, path);
    } else if ((type.kind === "struct" || type.kind === "union") && isObject(content)) {
      this.#struct(bytes, offset, bare, content, path);
    } else if (type.kind === "array" && Array.isArray(content)) {
      if (content.length > type.length)
        throw bad(
          `${path} has ${content.length} elements, of ${type.length}`,
          `give at most as many as ${this.#owner} declares`,
        );
      const size = sizeOfType(this.btf, type.type);
      for (const [index, element] of content.entries())
        this.#value(bytes, offset + index * size, type.type, element, `${path}[${index}]`);
    } else this.#encode(bytes, offset, id, content, path);
  }

  #encode(bytes: Uint8Array, offset: number, id: TypeId, value: unknown, path: string): void {
    const size = sizeOfType(this.btf, id);
    const wide =
      size === 8 && typeof value === "number" && Number.isSafeInteger(value) ? BigInt(value) : value;
    try {
      const codec = valueCodec(this.btf, id, this.spec.byteOrder, path);
      codec.encode(new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength), offset, wide);
    } catch (error) {
      if (error instanceof ObjectError)
        throw bad(error.message, `give a value of the type that ${this.#owner} declares`);
      throw error;
    }
  }

  /** The bits of a bit field, from the lowest; BTF counts from the lowest or the highest, by the byte order. */
  #bits(bytes: Uint8Array, start: number, member: BtfMember, content: KernelContent, path: string): void {
    const { bitSize } = member;
    const type = typeAt(this.btf, skipModifiers(this.btf, member.type));
    const signed =
      (type.kind === "int" && type.encoding === "signed") || (type.kind === "enum" && type.signed);
    const [min, max] = signed
      ? [-(1n << BigInt(bitSize - 1)), (1n << BigInt(bitSize - 1)) - 1n]
      : [0n, (1n << BigInt(bitSize)) - 1n];
    const whole = typeof content === "bigint" || typeof content === "boolean" || Number.isInteger(content);
    const value = whole ? BigInt(content as bigint | boolean | number) : null;
    if (value === null || value < min || value > max)
      throw bad(`${path} is ${String(content)}`, `give a whole number from ${min} to ${max}`);
    for (let bit = 0; bit < bitSize; bit++) {
      if (((value >> BigInt(bit)) & 1n) === 0n) continue;
      const little = this.spec.byteOrder === "little";
      const at = start + (little ? bit : bitSize - 1 - bit);
      bytes[at >> 3] = (bytes[at >> 3] ?? 0) | (little ? 1 << (at & 7) : 0x80 >> (at & 7));
    }
  }

  /** Memory for an object of a type. */
  #room(type: TypeId): Uint8Array {
    const size = sizeOfType(this.btf, type);
    if (size <= largestObject) return new Uint8Array(size);
    throw bad(
      `${this.#name(type)} has ${size} bytes`,
      `an object of the simulated kernel has at most ${largestObject}: is the object's BTF damaged?`,
    );
  }

  #pointer(to: TypeId, content: KernelContent, path: string): unknown {
    if (content === null) return 0n;
    if (typeof content === "string" || content instanceof Uint8Array) return this.memory.placeKernel(content);
    if (!isObject(content)) return content;
    const typed = explicit(content);
    const value = typed?.value ?? content;
    const known = this.#placed.get(value);
    if (known !== undefined) return known.address;
    const type = typed === null ? this.#typeOf(to, value, path) : this.#named(typed.type, path);
    const bytes = this.#room(type);
    const address = this.memory.placeKernel(bytes);
    this.#placed.set(value, { type, address });
    this.#struct(bytes, 0, type, value, path);
    return address;
  }

  /** What a pointer leads to: as BTF says, or the one struct that programs follow and that has all the members. */
  #typeOf(to: TypeId, value: KernelObject, path: string): TypeId {
    const target = skipModifiers(this.btf, to);
    const { kind } = typeAt(this.btf, target);
    if (kind === "struct" || kind === "union") return target;
    const keys = Object.keys(value);
    const has = (id: TypeId, name: string): boolean =>
      membersOf(this.btf, id).some((one) => one.name === name);
    const fitting = this.#followed.filter((id) => keys.every((name) => has(id, name)));
    const [only, another] = fitting;
    if (only !== undefined && another === undefined) return only;
    if (only !== undefined)
      throw bad(
        `${path} may be ${fitting.map((id) => this.#name(id)).join(" or ")}`,
        `say which: { type: "${this.#name(only)}", value: { … } }`,
      );
    const unknown = keys.find((name) => !this.#followed.some((id) => has(id, name)));
    if (unknown === undefined)
      throw bad(
        `${path}: no kernel type of ${this.#owner} has all of ${keys.join(", ")}`,
        `${this.#known()}${this.#few}`,
      );
    const all = this.#followed.flatMap((id) => membersOf(this.btf, id).map((one) => one.name));
    const near = nearest(unknown, all);
    throw bad(
      `${path}: no kernel type of ${this.#owner} has a member ${unknown}`,
      near === null ? `${this.#known()}${this.#few}` : `did you mean ${near}?`,
    );
  }

  #named(name: string, path: string): TypeId {
    const id = structNamed(this.btf, name);
    if (id !== undefined) return id;
    const near = nearest(
      name,
      this.#followed.map((one) => this.#name(one)),
    );
    throw bad(
      `${path}: ${this.#owner} has no type ${name}`,
      near === null ? this.#known() : `did you mean ${near}?`,
    );
  }

  #unknown(id: TypeId, name: string, path: string): VmError {
    const names = membersOf(this.btf, id).map((one) => one.name);
    const near = nearest(name, names);
    return bad(
      `${path}: ${this.#name(id)} of ${this.#owner} has no member ${name}`,
      near === null
        ? this.#few === ""
          ? "name a member as that kernel has it"
          : `it has those that programs read: ${names.join(", ")}`
        : `did you mean ${near}?`,
    );
  }

  #name(id: TypeId): string {
    const type = typeAt(this.btf, id);
    return "name" in type && type.name !== "" ? type.name : "an anonymous struct";
  }

  #known(): string {
    return `its kernel types are ${this.#names()}`;
  }

  #names(): string {
    return this.#followed.map((id) => this.#name(id)).join(", ") || "none";
  }
}

const bad = (reason: string, help: string): VmError => new VmError("bad-input", reason, help);
