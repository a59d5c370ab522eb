import type { RejectionClass } from "./row.js";

/** Reads and writes through pointers (check_mem_access, check_stack_*, check_packet_access of kernel/bpf/verifier.c). */
export const memoryClasses: readonly RejectionClass[] = [
  {
    id: "null-unchecked",
    patterns: [
      /^R(?<reg>\d+) invalid mem access '\w*or_null\w*'/,
      /^R(?<reg>\d+) pointer arithmetic on \w*or_null\w* prohibited, null-check it first/,
      /^R(?<reg>\d+) type=\w*or_null\w* expected=/,
      /^Possibly NULL pointer passed to /,
    ],
    noun: "the pointer",
    explain: "{it} may be null here: no check on this path has ruled that out.",
    fix: "Compare it with null first and return or skip (`if (x === null) return …`), and use it only where that is settled. A check of a copy made before arithmetic does not count.",
  },
  {
    id: "no-result",
    patterns: [/^R0 !read_ok/],
    noun: "the result",
    explain: "The program or function ends, or uses the result of a call, where no result is known.",
    fix: "Return a value on every path, and use no result of a helper that gives none.",
  },
  {
    id: "uninitialized",
    patterns: [/^R(?<reg>\d+) !read_ok/, /^R(?<reg>\d+) is not readable/],
    noun: "a value",
    explain:
      "{it} is read here, but on this path nothing was assigned to it, or a call since then has destroyed it.",
    fix: "Give the variable a value on every path to this line.",
  },
  {
    id: "not-a-pointer",
    patterns: [/^R(?<reg>\d+) invalid mem access '(?:inv|scalar)'/, /^invalid mem access '(?:inv|scalar)'/],
    noun: "the address",
    explain:
      "{it} is a plain number for the verifier here, and memory may only be reached through a pointer that it knows. A pointer becomes a number when its record was submitted or discarded, when a helper changed the packet, or when it was read from memory that has no types.",
    fix: "Take the reference again after the call (`ctx.at(…)` after the packet was changed); never use a record after submit or discard; read addresses of the kernel or of a process with `.readKernel(…)` or `.readUser(…)`.",
  },
  {
    id: "untrusted-pointer",
    patterns: [
      /^R(?<reg>\d+) must be (?:referenced or trusted|a rcu pointer)/,
      /^R(?<reg>\d+) type=(?:untrusted_|rcu_)\w+ expected=/,
    ],
    noun: "the pointer",
    explain:
      "{it} comes from memory that may be freed or changed at any time, and {call} takes only pointers that the kernel vouches for.",
    fix: "Pass a pointer that is an argument of the program or the result of a helper that acquires one; of others only fields can be read.",
  },
  {
    id: "wrong-memory",
    patterns: [/^R(?<reg>\d+) invalid mem access '(?<type>[^']+)'/],
    noun: "the pointer",
    explain: "{it} is a pointer ({type}) whose memory cannot be read or written directly.",
    fix: "Reach it by the calls made for it: a map by get and set, the end of a packet only by comparison.",
  },
  {
    id: "index-negative",
    patterns: [/^R(?<reg>\d+) min value is negative, either use unsigned index/],
    noun: "the index",
    explain: "{it} may be negative here, so that the access may lie before the start of the memory.",
    fix: "Use an unsigned type (u32), or check `i >= 0` as well as the upper bound.",
  },
  {
    id: "index-unbounded",
    patterns: [
      /^math between (?<type>\w+) pointer and register with unbounded min value is not allowed/,
      /^R(?<reg>\d+) unbounded memory access, make sure to bounds check/,
      /^invalid unbounded variable-offset(?:.*) stack R?(?<reg>\d+)?/,
    ],
    noun: "the index",
    explain: "No bound is known for {it} here, so that the access may lie anywhere.",
    fix: "Check it on this path before the access (`if (i >= array.length) return …`), or use `array.at(i)` and handle null, or a mask (`i & 63`). The bound must be on the very value that is used, not on one that it was computed from.",
  },
  {
    id: "index-too-large",
    patterns: [/^R(?<reg>\d+) max value is outside of the (?:allowed memory range|array range)/],
    noun: "the index",
    explain: "{it} has a bound here, but at its largest value the access ends behind the memory.",
    fix: "Lower the bound to the number of elements (`i < array.length`); where one access takes several bytes, the bound is the size less those bytes.",
  },
  {
    id: "offset-too-far",
    patterns: [
      /^math between (?<type>\w+) pointer and (?<offset>-?\d+) is not allowed/,
      /^(?<type>\w+) pointer offset (?<offset>-?\d+) is not allowed/,
      /^value (?<offset>-?\d+) makes (?<type>\w+) pointer be out of bounds/,
    ],
    noun: "the offset",
    explain:
      "The offset {offset} is farther from the start of the memory than the verifier follows (2^29 bytes).",
    fix: "Use a smaller offset or a bounded index.",
  },
  {
    id: "beyond-map-value",
    patterns: [
      /^invalid access to map (?:value|key), (?:value|key)_size=(?<limit>\d+) off=(?<offset>-?\d+) size=(?<size>\d+)/,
    ],
    noun: "the value",
    explain:
      "{size} bytes at offset {offset} are not all inside the map's value or key, which has {limit} bytes.",
    fix: "Check the index against the array's length before the access, and that the map's type is the one that is read or written.",
  },
  {
    id: "beyond-memory",
    patterns: [
      /^invalid access to memory, mem_size=(?<limit>\d+) off=(?<offset>-?\d+) size=(?<size>\d+)/,
      /^R(?<reg>\d+) min value is outside of the (?:allowed memory range|array range)/,
      /^R(?<reg>\d+) invalid (?:negative )?\w+ buffer (?:access|offset)/,
      /^R(?<reg>\d+) invalid variable buffer offset/,
    ],
    noun: "the memory",
    explain:
      "The access is not all inside the memory that {it} points to (a record, a buffer or a data section).",
    fix: "Check the index against the length before the access, and reserve or define memory as large as what is written.",
  },
  {
    id: "packet-unchecked",
    patterns: [
      /^invalid access to packet, off=(?<offset>-?\d+) size=(?<size>\d+), R(?<reg>\d+)\(.*r=(?<checked>\d+)\)/,
      /^R(?<reg>\d+) offset is outside of the packet/,
    ],
    noun: "the packet",
    explain:
      "The packet may end before the bytes that are read or written through {it}: this path has not checked that it is that long, or has checked fewer bytes.",
    fix: "Read it with `ctx.at<T>(offset)` of a type that covers these bytes and handle null; check again after anything that moved the offset or changed the packet. An offset that is a run-time value needs a small bound (`& 0xff`).",
  },
  {
    id: "packet-read-only",
    patterns: [/^cannot write into packet/],
    noun: "the packet",
    explain: "Programs of this type may read the packet but not write into it.",
    fix: "Write through the type's helper (such as skb_store_bytes), or do it in an XDP or tc program.",
  },
  {
    id: "stack-range",
    patterns: [
      /^invalid (?:read from|write to|indirect access to|(?:indirect )?)\s*stack R?(?<reg>\d+)? ?off=(?<offset>-?\d+)(?: size=(?<size>\d+))?/,
      /^invalid stack type R(?<reg>\d+) off=(?<offset>-?\d+) access_size=(?<size>-?\d+)/,
      /^invalid (?:read from|write to) stack R(?<reg>\d+) off=(?<offset>-?\d+)/,
    ],
    noun: "the variable",
    explain:
      "The bytes at {offset} from the frame's top ({size} of them) are not all inside the function's stack (512 bytes), or were never written.",
    fix: "Pass a buffer as large as what is read or written, give variables a value before they are read, and keep large arrays in a per-CPU array map.",
  },
  {
    id: "stack-uninitialized",
    patterns: [
      /^invalid (?:indirect )?read from stack (?:R(?<reg>\d+) )?(?:off (?<offset>-?\d+)\+\d+|var_off )/,
      /^corrupted spill memory/,
      /^reading from stack (?:R(?<reg>\d+) )?off (?<offset>-?\d+)\+\d+ .*slot poisoned/,
    ],
    noun: "the variable",
    explain:
      "{it} is read on the stack where not all of its bytes were written before, the padding between fields among them.",
    fix: "Give every field a value where the variable is made: an object literal sets its padding as well.",
  },
  {
    id: "stack-variable-offset",
    patterns: [
      /^invalid (?:indirect )?variable-offset.* stack R(?<reg>\d+)/,
      /^variable stack (?:access|read|write)/,
      /^R(?<reg>\d+) variable (?:offset )?stack access prohibited/,
      /^variable offset stack pointer cannot be passed/,
    ],
    noun: "the array",
    explain:
      "{it} is on the stack and indexed with a run-time value whose bound does not keep it inside the array.",
    fix: "Bound the index by the array's length right before the access, or keep the array in a map's value, where the bound may come from elsewhere.",
  },
  {
    id: "context-moved",
    patterns: [
      /^dereference of modified (?<type>\w+) ptr R?(?<reg>\d+)? ?off=(?<offset>-?\d+) disallowed/,
      /^negative offset (?<type>\w+) ptr R(?<reg>\d+) off=(?<offset>-?\d+) disallowed/,
    ],
    noun: "the pointer",
    explain:
      "{it} ({type}) was moved before it was used; the kernel wants it as it was given, with constant offsets only.",
    fix: "Read the fields of the context by their names, and pass the context itself on.",
  },
  {
    id: "context-variable-offset",
    patterns: [/^variable (?<type>\w+) access var_off=/],
    noun: "the context",
    explain: "The context is read at an offset that is only known at run time.",
    fix: "Read its fields by their names; choose between them with if or switch.",
  },
  {
    id: "misaligned",
    patterns: [/^misaligned (?<type>\w+ )?access off .* size (?<size>\d+)/],
    noun: "the address",
    explain:
      "{size} bytes are read or written at an address that is not a multiple of {size}, which this processor, or an atomic operation, does not allow.",
    fix: "Place the field at a multiple of its size (order fields by size, or use `Aligned`), or read it in smaller parts.",
  },
  {
    id: "read-only-memory",
    patterns: [
      /^write into map forbidden/,
      /^write to change key R(?<reg>\d+) not allowed/,
      /^R(?<reg>\d+) cannot write into (?<type>\w+)/,
      /^only read from (?<type>\S+) is supported/,
    ],
    noun: "the memory",
    explain:
      "{it} lies in read-only memory: constants, `@config` fields, or memory that the kernel lends for reading.",
    fix: "Write to a static variable or to a map; configuration is set from user space before load.",
  },
  {
    id: "map-no-read",
    patterns: [/^read from map forbidden/],
    noun: "the map",
    explain: "The map was made with a flag that keeps programs from reading it (BPF_F_WRONLY_PROG).",
    fix: "Make the map without that flag.",
  },
  {
    id: "atomic-place",
    patterns: [
      /^(?:BPF_ATOMIC|BPF_XADD)\w* (?:stores into|loads from) R(?<reg>\d+) (?<type>\w+) is not allowed/,
    ],
    noun: "the place",
    explain: "{it} is in memory ({type}) on which the kernel allows no atomic operation.",
    fix: "Use atomic operations on map values, static variables and variables of the program.",
  },
  {
    id: "pointer-arithmetic",
    patterns: [
      /^R(?<reg>\d+) pointer arithmetic on (?<type>\w+) prohibited/,
      /^R(?<reg>\d+) pointer arithmetic with .* operator prohibited/,
      /^R(?<reg>\d+) (?:pointer|bitwise operator) \S+ (?:on )?pointer prohibited/,
      /^R(?<reg>\d+) 32-bit pointer arithmetic prohibited/,
      /^R(?<reg>\d+) tried to subtract pointer from scalar/,
      /^R(?<reg>\d+) subtraction from stack pointer prohibited/,
      /^R(?<reg>\d+) pointer arithmetic prohibited/,
      /^R(?<reg>\d+) partial copy of pointer/,
      /^R(?<reg>\d+) variable offset/,
    ],
    noun: "the pointer",
    explain: "{it} is a pointer here and is computed with in a way that the verifier cannot follow.",
    fix: "Compute with the index or offset, and apply it in one step to the array or packet. Where no computation with a reference is in the source, this is the compiler's fault: please report it.",
  },
  {
    id: "pointer-leak",
    patterns: [
      /^R(?<reg>\d+) leaks addr (?:into|as) /,
      /^leaking pointer from stack/,
      /^R(?<reg>\d+) pointer comparison prohibited/,
    ],
    noun: "the pointer",
    explain: "{it} is a kernel address, which a program without the privilege may not give away.",
    fix: "Store what it points to rather than the address, or load with CAP_PERFMON.",
  },
];
