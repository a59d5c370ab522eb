import { COMPILER_FAULT, type RejectionClass } from "./row.js";

/** Calls of helpers and kernel functions (check_helper_call, check_func_arg, check_reference_leak, check_kfunc_call). */
export const callClasses: readonly RejectionClass[] = [
  {
    id: "kernel-type-missing",
    // What CO-RE puts in the place of an instruction whose type or field the kernel does not have: POISON_HELPER of @waggle/object.
    patterns: [/^invalid func unknown#195896080\b/],
    noun: "the field",
    explain:
      "This kernel does not have the type or field that is read here, and the program comes here all the same.",
    fix: 'Ask first: if (exists<task_struct>("field")) …, and read another flavour of the type otherwise.',
  },
  {
    id: "helper-unknown",
    patterns: [/^invalid func (?<helper>\S+)#(?<id>\d+)/],
    noun: "the helper",
    explain: "This kernel has no helper with the number {id}: it is older than the helper.",
    fix: "Set the oldest kernel that the program must run on (`target.kernel`, `--kernel 5.10`): the compiler then says what that kernel lacks and what to use instead.",
  },
  {
    id: "helper-not-allowed",
    patterns: [
      /^program of this type cannot use helper (?<helper>\S+?)#\d+/,
      /^unknown func (?<helper>\S+?)#\d+/,
      /^helper call is not allowed in probe/,
    ],
    noun: "the helper",
    explain: "This kernel does not give {helper} to programs of this type.",
    fix: "Use what this type of program has, or a newer kernel: `xtask build-ebpf --kernel` of the kernel at hand names the right one.",
  },
  {
    id: "gpl-only",
    patterns: [
      /^cannot call GPL[- ]\S+ function from (?:non-GPL compatible|proprietary) program/,
      /^Cannot access kernel 'struct .*' from non-GPL compatible program/,
      /^cannot call kernel function from non-GPL compatible program/,
    ],
    noun: "the function",
    explain: "The kernel offers this only to programs under a licence that is compatible with the GPL.",
    fix: "State a compatible licence (`GPL`, `Dual MIT/GPL`) where the program's licence is set, if the code's licence allows it.",
  },
  {
    id: "helper-sleeps",
    patterns: [
      /^helper call might sleep/,
      /^program must be sleepable to call sleepable/,
      /^sleepable (?:helper|kfunc) \S+/,
    ],
    noun: "the helper",
    explain: "{call} may wait for memory, and this program runs where nothing may wait.",
    fix: "Mark the program as sleepable where its kind allows that, or use the variant that does not wait (readUser rather than copyFromUser).",
  },
  {
    id: "size-negative",
    patterns: [/^R(?<reg>\d+) min value is negative, either use unsigned or/],
    noun: "the size",
    explain: "{it}, the size given to {call}, may be negative here.",
    fix: "Use an unsigned type, and bound it: `if (n > 64) return …`, or `n & 63`.",
  },
  {
    id: "size-unbounded",
    patterns: [/^R(?<reg>\d+) unbounded memory access, use/],
    noun: "the size",
    explain: "{it}, the size given to {call}, has no upper bound here.",
    fix: "Check it against the buffer's length before the call (`if (n > buffer.length) return …`).",
  },
  {
    id: "size-zero",
    patterns: [/^R(?<reg>\d+) invalid zero-sized read/, /^invalid zero-sized read/],
    noun: "the size",
    explain:
      "{it} is of size zero, or may be, and {call} takes at least one byte. A map without keys cannot be looked up either.",
    fix: "Check that the size is not 0 before the call.",
  },
  {
    id: "size-not-constant",
    patterns: [
      /^R(?<reg>\d+) (?:is not a known constant|must be a known constant|is not a const)/,
      /^R(?<reg>\d+) unbounded size/,
    ],
    noun: "the size",
    explain: "{it} is only known at run time, and {call} takes a constant there.",
    fix: "Use a constant: for a record of the largest size reserve that much, for several sizes a branch for each.",
  },
  {
    id: "map-mismatch",
    patterns: [
      /^cannot pass map_type (?<type>\d+) into func (?<helper>\S+?)#\d+/,
      /^expected prog array map for tail call/,
      /^map_type (?<type>\d+) .*not (?:allowed|supported)/,
      /^invalid map_ptr to access map->key/,
      /^callback function not allowed for map/,
    ],
    noun: "the map",
    explain: "The map is of a kind that {call} does not work on.",
    fix: "Use the operations that the map's class offers; tail calls take a ProgramArray.",
  },
  {
    id: "map-missing",
    patterns: [/^fd \d+ is not pointing to valid bpf_map/, /^fd_idx \d+ is not a map/],
    noun: "the map",
    explain: "The program refers to a map that was closed or was never made.",
    fix: "Load the object with all of its maps; do not close one while programs are loaded.",
  },
  {
    id: "map-not-for-program",
    patterns: [
      /^Sleepable programs can only use /,
      /^\S+ (?:progs|programs?) cannot use \S+ yet/,
      /^(?:trace type|perf_event|tracing) programs? (?:with|can only use)/,
      /^(?:only one cgroup storage|bpf_struct_ops map cannot be used)/,
      /^offload device mismatch/,
    ],
    noun: "the map",
    explain: "Programs of this type may not use a map of this kind.",
    fix: "Use an array or a hash map, allocated at load.",
  },
  {
    id: "argument-context",
    patterns: [/^R(?<reg>\d+) type=(?<type>\S+) expected=ctx/],
    noun: "the argument",
    explain: "{call} takes the program's own context as {arg}, and {it} is something else ({type}).",
    fix: "Pass on the `ctx` that the program was given.",
  },
  {
    id: "record-expected",
    patterns: [
      /^R(?<reg>\d+) type=(?<type>\S+) expected=(?:mem|ringbuf_mem|alloc_mem|sock\w*)$/,
      /^R(?<reg>\d+) must be referenced when passed to release function/,
      /^arg \d+ is an unacquired reference/,
      /^release helper \S+ expects referenced/,
      /^func \S+#\d+ reference has not been acquired before/,
    ],
    noun: "the record",
    explain:
      "{it} is no record or object that is still held: it was given back already on this path, or was never taken.",
    fix: "Submit or discard (or release) each record once on every path, and the very one that was reserved.",
  },
  {
    id: "callback",
    patterns: [
      /^callback function not static/,
      /^R(?<reg>\d+) type=\S+ expected=func/,
      /^.*expected pointer to func/,
    ],
    noun: "the callback",
    explain: "{call} takes a function of the program as callback, and this is none.",
    fix: "Pass an arrow function right in the call.",
  },
  {
    id: "argument-type",
    patterns: [
      /^R(?<reg>\d+) type=(?<type>\S+) expected=(?<expected>.+)/,
      /^R(?<reg>\d+) is of type (?<type>\S+) but (?<expected>\S+) is expected/,
      /^R(?<reg>\d+) is not a scalar/,
      /^R(?<reg>\d+) has no valid kptr/,
    ],
    noun: "the argument",
    explain: "{call} does not take {it} as {arg}: it is of a kind ({type}) that is not allowed there.",
    fix: "Pass a variable of the program, or a copy of the value in one (`const key: Key = { … }`), not an address taken from elsewhere.",
  },
  {
    id: "packet-in-helper",
    patterns: [/^helper access to the packet is not allowed/],
    noun: "the packet",
    explain: "{call} does not take memory of the packet.",
    fix: "Copy the bytes into a variable and pass that.",
  },
  {
    id: "leak-at-tail-call",
    patterns: [/^tail_call would lead to reference leak/],
    noun: "a record",
    explain:
      "A tail call does not come back, and a record or object is still held here: it could never be given back.",
    fix: "Submit, discard or release it before the tail call.",
  },
  {
    id: "reference-leak",
    patterns: [
      /^Unreleased reference id=\d+ alloc_insn=(?<alloc>\d+)/,
      /^BPF_\S+ .*would lead to reference leak/,
      /^\S+ would lead to reference leak/,
    ],
    noun: "a record",
    explain: "The program ends on this path with a record or object that it took and did not give back.",
    fix: "Submit or discard every record (release every object) on every path, early returns included.",
  },
  {
    id: "lock",
    patterns: [
      /^bpf_spin_(?:un)?lock /,
      /^map '.*' (?:has to have BTF|has no valid|doesn't have 'struct bpf_spin_lock')/,
      /^(?:Locking two bpf_spin_locks|function calls are not allowed while holding a lock)/,
      /^\S+ cannot be used inside bpf_(?:spin_lock|rcu_read_lock|preempt_disable|local_irq_save)-ed region/,
      /^(?:bpf_rcu_read_unlock|bpf_preempt_enable|unlock) /,
      /has to be at (?:the|a) constant offset/,
    ],
    noun: "the lock",
    explain:
      "A lock is used in a way that the verifier cannot prove right: taken twice, not given back on every path, held over a call, or not in a map's value that has it.",
    fix: "Take one lock at a time, call nothing while it is held, and unlock on every path.",
  },
  {
    id: "iterator-state",
    patterns: [
      /^expected an? (?:un)?initialized (?<type>\S+) as (?:arg #|R)\d+/,
      /^Expected an initialized dynptr/,
    ],
    noun: "the iterator",
    explain: "An iterator (or dynptr) is used that was not made, or was destroyed already, on this path.",
    fix: COMPILER_FAULT,
  },
  {
    id: "jit-missing",
    patterns: [
      /^(?:callbacks|calling kernel functions|stack args) are not (?:allowed|supported) in non-JITed programs/,
      /^JIT (?:doesn't|does not) support (?:bpf-to-bpf calls|calling)/,
      /^JIT is required for /,
      /^program requires BPF JIT compiler/,
      /^stack depth \d+ exceeds interpreter stack depth limit/,
    ],
    noun: "the call",
    explain:
      "The kernel's JIT compiler is off, or the kernel has none for this processor, and the program needs it: for callbacks, kernel functions or deep stacks.",
    fix: "Turn it on (`sysctl net.core.bpf_jit_enable=1`). Loops of few turns (`for (const i of range(64))`) need no callback.",
  },
  {
    id: "kfunc-missing",
    patterns: [
      /^kernel btf_id \d+ is not a function/,
      /^cannot find address for kernel function/,
      /^failed to find BTF for kernel function/,
      /^invalid kernel function call/,
      /^calling kernel function is not supported/,
    ],
    noun: "the function",
    explain:
      "This kernel does not have that function for programs, or was built without what calling it takes.",
    fix: "Ask whether it is there before the call (`exists`), or name a newer kernel as the target.",
  },
  {
    id: "kfunc-not-allowed",
    patterns: [
      /^calling kernel function (?<helper>\S+) is not allowed/,
      /^kernel function \S+ .*not allowed/,
      /^destructive kfunc/,
    ],
    noun: "the function",
    explain: "The kernel does not let programs of this type call this function.",
    fix: "Call it from a program of a type that may, or use a helper.",
  },
  {
    id: "kfunc-argument",
    patterns: [
      /^arg#\d+ /,
      /^R(?<reg>\d+) (?:expected |pointer type .* must point to)/,
      /^R(?<reg>\d+) must have zero offset when passed/,
      /^Unrecognized arg#\d+ type/,
      /^(?:R(?<reg2>\d+) )?kernel function \S+ args#\d+ /,
    ],
    noun: "the argument",
    explain: "{it} is not what the function's declaration in the kernel asks for.",
    fix: "Compare the call with the declaration that `xtask codegen` writes from this kernel.",
  },
];
