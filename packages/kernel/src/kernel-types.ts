/**
 * The kernel's own types, whose layout differs from kernel to kernel: `xtask codegen` writes them. An access to a field is
 * relocated when the object is loaded (CO-RE), so only the names of a declaration count, not its order or completeness.
 */
import { kernelOnly } from "./kernel-only.js";
import type { KernelPtr } from "./pointers.js";
import type { KERNEL, KERNEL_UNION } from "./symbols.js";

/** What a struct of the kernel extends: `interface task_struct extends KernelStruct<"task_struct"> { … }`. */
export interface KernelStruct<Name extends string = string> {
  readonly [KERNEL]?: Name;
}

/** What a union of the kernel extends. */
export interface KernelUnion<Name extends string = string> extends KernelStruct<Name> {
  readonly [KERNEL_UNION]?: true;
}

/** A field of `T`, or of a struct within it: "real_parent", "se.vruntime". */
export type FieldPath<T> = (keyof T & string) | `${keyof T & string}.${string}`;

/**
 * Whether the kernel that the object is loaded into has the type, or the field of it. Known when the program is loaded: the
 * branch that is not taken need not fit that kernel. `bpf_core_type_exists`, `bpf_core_field_exists` of libbpf.
 */
export function exists<T extends object>(_field?: FieldPath<T>): boolean {
  return kernelOnly("exists()");
}

/** The size of the type, or of the field, in that kernel, in bytes; 0 for a type that it does not have. `bpf_core_type_size`. */
export function sizeOf<T extends object>(_field?: FieldPath<T>): number {
  return kernelOnly("sizeOf()");
}

/** Where the field begins in that kernel, in bytes from the start of `T`. `bpf_core_field_offset`. */
export function offsetOf<T extends object>(_field: FieldPath<T>): number {
  return kernelOnly("offsetOf()");
}

/** Whether that kernel's enum has the member: `enumExists<typeof pid_type>("PIDTYPE_TGID")`. `bpf_core_enum_value_exists`. */
export function enumExists<E extends object>(_member: keyof E & string): boolean {
  return kernelOnly("enumExists()");
}

/** The member's value in that kernel. `bpf_core_enum_value`. */
export function enumValue<E extends object>(_member: keyof E & string): bigint {
  return kernelOnly("enumValue()");
}

/**
 * The same address, seen as another declaration of the type: what a kernel before or after a change calls it, declared as
 * `interface task_struct___old extends KernelStruct<"task_struct___old">`. What follows `___` is not part of the name.
 */
export function flavour<T extends KernelStruct>(_pointer: KernelPtr): KernelPtr<T> {
  return kernelOnly("flavour()");
}

/** The current task; `bpf_get_current_task_btf` from kernel 5.11 on where the program may call it, else `bpf_get_current_task`. */
export function currentTask<T extends KernelStruct<"task_struct">>(): KernelPtr<T> {
  return kernelOnly("currentTask()");
}
