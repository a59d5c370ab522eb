/** The kernel whose types programs are relocated for: one that a test names, or the one that the object declares. */
import { type Btf, ObjectError, type ObjectSpec, openBtf } from "@waggle/object";
import { VmError } from "../errors.js";
import { declaredKernel } from "../memory/declared-kernel.js";

/** The kernel that is simulated. */
export interface SimulatedKernel {
  /**
   * Its types: the content of its `/sys/kernel/btf/vmlinux`, whatever machine the test runs on. Programs are then relocated as a
   * loader does it there (CO-RE): fields lie where that kernel has them, and what it lacks does not exist. Without it all
   * exists that the object declares.
   */
  readonly btf?: Uint8Array;
  /** How it was built, for `kconfig`: `{ CONFIG_HZ: 250 }`. What is not named is not set. */
  readonly config?: Readonly<Record<string, boolean | number | bigint | string>>;
}

/** Types of a kernel for one object. */
export interface KernelTypes {
  readonly btf: Btf;
  /** Whose they are, for messages: "the object", or "the kernel" that the test named. */
  readonly owner: "the object" | "the kernel";
}

/** What was opened, by the bytes: tests make many simulations of one kernel. */
const opened = new WeakMap<Uint8Array, Btf>();

/**
 * The types that options ask for; null when neither they nor the object have any.
 *
 * @throws VmError "bad-option" for bytes that are no BTF, or that of a kernel of the other byte order
 */
export function kernelTypesOf(spec: ObjectSpec, kernel: SimulatedKernel = {}): KernelTypes | null {
  const { btf: bytes } = kernel;
  if (bytes === undefined) {
    const btf = declaredKernel(spec);
    return btf === null ? null : { btf, owner: "the object" };
  }
  const btf = opened.get(bytes) ?? open(bytes);
  opened.set(bytes, btf);
  // BTF begins with the number 0xeb9f in its own byte order.
  const byteOrder = bytes[0] === 0x9f ? "little" : "big";
  if (byteOrder !== spec.byteOrder) {
    throw new VmError(
      "bad-option",
      `kernel.btf is of a ${byteOrder}-endian kernel, and the object of a ${spec.byteOrder}-endian one`,
      `build the object with target.byteOrder "${byteOrder}", or give the types of another kernel`,
    );
  }
  return { btf, owner: "the kernel" };
}

function open(bytes: Uint8Array): Btf {
  try {
    return openBtf(bytes);
  } catch (error) {
    if (!(error instanceof ObjectError)) throw error;
    throw new VmError(
      "bad-option",
      `kernel.btf: ${error.message}`,
      'give the bytes of a kernel\'s types, such as readFileSync("/sys/kernel/btf/vmlinux")',
    );
  }
}
