import { COMPILER_FAULT, type RejectionClass } from "./row.js";

/** Control flow, limits, results, kernel types and the object's own descriptions. */
export const programClasses: readonly RejectionClass[] = [
  {
    id: "endless-loop",
    patterns: [
      /^infinite loop detected at insn (?<insn>\d+)/,
      /^back-edge from insn (?<insn>\d+) to \d+/,
      /^BPF program contains .*loop/,
    ],
    noun: "the loop",
    explain:
      "The verifier cannot see that this loop ends: nothing that it follows changes from one turn to the next, or the kernel (before 5.3) takes no loops.",
    fix: "Count with a variable that has a constant bound (`for (let i = 0; i < 64; i++)`, `for (const i of range(64))`), and leave early with break.",
  },
  {
    id: "too-many-instructions",
    patterns: [
      /^BPF program is too large\. Processed (?<count>\d+) insn/,
      /^BPF program is too (?:complex|large)/,
    ],
    noun: "the program",
    explain:
      "The verifier gave up after {count} steps: it walks every turn of every loop and every combination of branches.",
    fix: "Lower the number of turns, take branches out of the loop's body, use `loop(n, …)` (kernel 5.17) or a target kernel with iterators, whose bodies are walked once, or split the work with a tail call.",
  },
  {
    id: "too-many-branches",
    patterns: [/^The sequence of (?<count>\d+) jumps is too complex/],
    noun: "the program",
    explain: "There are more than 8192 branches in a row that wait to be followed.",
    fix: "Turn long chains of comparisons into a table or a map, loop over them, or split the work with a tail call.",
  },
  {
    id: "too-many-maps",
    patterns: [/^The total number of (?:maps|btfs) per program has reached the limit of (?<count>\d+)/],
    noun: "the program",
    explain:
      "The program uses more maps than the kernel takes of one: {count}, its sections of variables among them.",
    fix: "Keep several tables as fields of one map's value, or split the work with a tail call.",
  },
  {
    id: "calls-too-deep",
    patterns: [/^the call stack of (?<count>\d+) frames is too deep/, /^recursive (?:subprogram )?call/],
    noun: "the call",
    explain: "Functions call each other more than eight deep, or a function calls itself.",
    fix: "Use a loop instead of recursion, and let small functions be inlined (no `@noinline`).",
  },
  {
    id: "stack-of-calls",
    patterns: [
      /^combined stack size of (?<count>\d+) calls is (?<size>\d+)\. Too large/,
      /^stack size of subprog \d+ is \d+\. Too large/,
      /^stack size \d+.* is too large/,
    ],
    noun: "the stack",
    explain: "The functions that call each other here need more than 512 bytes of stack together.",
    fix: "Keep large arrays and structs in a per-CPU array map, or make fewer functions `@noinline`.",
  },
  {
    id: "tail-call-stack",
    patterns: [/^tail_calls are not allowed when call stack of previous frames is (?<size>\d+) bytes/],
    noun: "the stack",
    explain: "A function that makes a tail call is reached with more than 256 bytes of stack in use.",
    fix: "Make the tail call in the program itself, or move large variables to a map.",
  },
  {
    id: "tail-call-subprogram",
    patterns: [
      /^tail_calls? (?:is|are) (?:not allowed in |only allowed in functions that return 'int')/,
      /^mixing of tail_calls and bpf-to-bpf calls is not supported/,
      /^cannot tail call within /,
    ],
    noun: "the tail call",
    explain:
      "This kernel allows no tail call here: from a callback, or from a function that is not inlined where that gives no int, has no type information, or there is no JIT.",
    fix: "Make the tail call in the program itself.",
  },
  {
    id: "callback-result",
    patterns: [/^At (?:async )?callback return the register R0/],
    noun: "the result",
    explain: "A callback returns something else than 0 (go on) or 1 (stop).",
    fix: "Return nothing, or true to stop.",
  },
  {
    id: "result-range",
    patterns: [
      /^At (?:program exit|bpf_set_retval) the register R(?<reg>\d+) .*should have been in (?<range>.*)/,
      /^R0 not a scalar value/,
      /^(?:At|In) (?:program exit|subprogram exit|async callback)\b.* the register R(?<reg>\d+) is not /,
      /^At (?:program|subprogram) exit the register R(?<reg>\d+) is not /,
      /^cannot return stack pointer to the caller/,
    ],
    noun: "the result",
    explain: "The program may return a value that the kernel does not take from programs of this type.",
    fix: "Return one of the type's own results (such as XdpAction.Pass) on every path; a computed one has to be compared first. The kernel takes: {range}.",
  },
  {
    id: "argument-missing",
    patterns: [/^func '(?<function>\S+)' doesn't have (?<index>\d+)-th argument/],
    noun: "the argument",
    explain:
      "The kernel function or tracepoint {function} has no argument {index} (counted from 0) on this kernel.",
    fix: "Compare the declaration with what `xtask codegen` writes from this kernel.",
  },
  {
    id: "context-field",
    patterns: [
      /^invalid bpf_context access off=(?<offset>-?\d+)(?: size=(?<size>\d+))?/,
      /^invalid access to (?:context|flow keys|sock_common|tcp_sock|xdp_sock)/,
      /^func '\S+' arg\d+ type .* is not a struct/,
      /^BPF_STX? stores into R(?<reg>\d+) ctx is not allowed/,
    ],
    noun: "the context",
    explain:
      "The context of this program has no field of {size} bytes at offset {offset} that may be used in this way: not on this kernel, not for this type of program, or only for reading.",
    fix: "Check the kernel that the field needs, and whether it may be written; a tracepoint's fields are in its `format` file.",
  },
  {
    id: "kernel-type-beyond",
    patterns: [
      /^access beyond (?:struct|the end of member) (?<type>\S+).*?(?:at off (?<offset>\d+)|end_off .*)/,
      /^access beyond the end of /,
    ],
    noun: "the structure",
    explain:
      "The access at offset {offset} is behind the end of the kernel's {type}: the declaration does not agree with this kernel.",
    fix: "Declare it as a KernelStruct, so that its offsets come from the running kernel, or write it again with `xtask codegen`.",
  },
  {
    id: "kernel-type-field",
    patterns: [
      /^R(?<reg>\d+) is ptr_(?<type>\w+) (?:invalid negative access|invalid variable offset|access (?:user|percpu) memory)/,
      /^cannot access ptr member \S+ /,
      /^(?:off|offset) \d+ .*doesn't point to/,
    ],
    noun: "the structure",
    explain: "{it} (struct {type} of the kernel) is read elsewhere than at a field of known offset.",
    fix: "Read it by the names of its fields; elements at a run-time index are read with `.readKernel(…)`.",
  },
  {
    id: "kernel-type-write",
    patterns: [/^only read is supported/, /^Writes through BTF pointers are not allowed/],
    noun: "the structure",
    explain: "Structures of the kernel can be read here and not be written.",
    fix: "Change the kernel's state with the helpers made for it.",
  },
  {
    id: "no-target",
    patterns: [
      /^(?:Tracing|LSM|Tracing\/LSM\/FREPLACE) prog\S* must provide btf_id/i,
      /^attach_btf_id \d+ is (?:invalid|not )/,
      /^(?:Subprog \S+ doesn't exist|.*is not attachable)/,
      /^\S+\(\) is not modifiable/,
      /^\S+ is not sleepable/,
    ],
    noun: "the target",
    explain:
      "The kernel does not have the function, tracepoint or hook that this program is for, or does not let programs of this kind attach there.",
    fix: "Check the name in the decorator; `xtask codegen` lists what the running kernel has.",
  },
  {
    id: "global-arguments",
    patterns: [
      /^Caller passes invalid args into func#\d+(?: \('(?<function>.*)'\))?/,
      /^Global function \S+ /i,
      /^Arg#\d+ type \S+ in \S+ is not supported/,
      /^func '\S+' .*(?:is global|not a pointer)/,
      /^R(?<reg>\d+) is not a pointer$/,
      /^Function \S+ has \d+ > \d+ args/,
      /^(?:Global functions need valid BTF|Invalid (?:BTF|type) of func)/,
    ],
    noun: "the argument",
    explain:
      "A `@global` function is verified on its own, and this call gives it something else than its declaration promises.",
    fix: "Pass whole variables of the declared types, not parts behind them, or make the function `@noinline` instead, which is verified at each call.",
  },
  {
    id: "descriptions",
    patterns: [
      /^number of funcs in func_info/,
      /^func_info BTF section doesn't match/,
      /^missing (?:btf func_info|bpf_line_info)/,
      /^Invalid (?:line_info|insn code at line_info)/,
      /^(?:invalid|nonzero tailing record in) (?:func|line)_info/,
      /^(?:invalid BTF|in-kernel BTF is malformed|BTF )/,
      /^same insn cannot be used with different pointers/,
    ],
    noun: "the object",
    explain: "What the object says about its own functions and lines does not agree with its code.",
    fix: `Build it again with one version of Waggle. ${COMPILER_FAULT}`,
  },
  {
    id: "instruction-too-new",
    patterns: [
      /^unknown opcode/,
      /^BPF_\S+ uses (?:reserved fields|invalid atomic opcode)/,
      /^invalid BPF_\S+ /,
      /^unknown insn class/,
      /^invalid atomic operand size/,
      /BUG_[0-9a-f]{2}$/,
    ],
    noun: "the instruction",
    explain: "The program has an instruction that this kernel does not know: it was built for a newer one.",
    fix: "Build for the kernel at hand (`target.kernel`, `--kernel 5.10`): the compiler then uses what it has, or says what it lacks.",
  },
  {
    id: "code-layout",
    patterns: [
      /^unreachable insn (?<insn>\d+)/,
      /^jump out of range from insn (?<insn>\d+)/,
      /^last insn is not an exit or jmp/,
      /^jump (?:into the middle of ldimm64|to reserved code)/,
      /^call to invalid destination/,
      /^(?:too many subprograms|subprogram can fall through|missing jump table)/,
      /^frame pointer is read only/,
      /^insn \d+ cannot be patched due to 16-bit range/,
      /^(?:invalid|unrecognized) bpf_ld_imm64 insn/,
      /^(?:invalid access to map value pointer|direct value (?:offset of|access on)|no direct value access)/,
      /^(?:attempt to corrupt spilled pointer|invalid size of register (?:spill|fill)|cannot spill pointers)/,
      /^div by zero/,
      /^invalid shift/,
      /^R\d+ is invalid/,
    ],
    noun: "the code",
    explain: "The instructions are put together in a way that no kernel takes.",
    fix: COMPILER_FAULT,
  },
  {
    id: "speculation",
    patterns: [
      /^R(?<reg>\d+) has (?:unknown scalar with mixed signed bounds|pointer with unsupported alu operation)/,
      /^R(?<reg>\d+) tried to \S+ (?:from different maps, paths or scalars|beyond pointer bounds)/,
      /^R(?<reg>\d+) could not be pushed for speculative verification/,
    ],
    noun: "the pointer",
    explain:
      "The arithmetic with {it} could leak memory when the processor guesses wrong, and this process lacks the privilege to allow that.",
    fix: "Load with CAP_PERFMON, or bound the index with a mask.",
  },
  {
    id: "privilege",
    patterns: [
      /^.*(?:are|is) (?:only )?allowed (?:only )?(?:for|to) CAP_/,
      /prohibited for !root/,
      /^(?:program|sleepable|attach).*CAP_\w+/,
    ],
    noun: "the program",
    explain: "The kernel lets only processes with more privileges load a program that does this.",
    fix: "Load as root, or with CAP_BPF and CAP_PERFMON.",
  },
  {
    id: "kernel-bug",
    patterns: [
      /^(?:kernel )?verifier (?:bug|internal error)/i,
      /^REG INVARIANTS VIOLATION/,
      /^(?:bpf verifier is misconfigured|kernel subsystem misconfigured|BUG )/,
      /^insn state internal bug/,
    ],
    noun: "the kernel",
    explain: "The kernel's verifier ran into a fault of its own.",
    fix: "Try another release of the kernel, and report the whole log to bpf@vger.kernel.org.",
  },
];
