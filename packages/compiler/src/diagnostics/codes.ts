/** What a code means, for the documentation. */
export interface CodeRow {
  readonly title: string;
  readonly explanation: string;
}

/**
 * Every code of the compiler and of the builds around it. Codes are stable: one that is no longer used is not given to another mistake.
 * Each has a page, docs/errors/CODE.md.
 */
export const codes = {
  WG1001: {
    title: "Not in the language",
    explanation:
      "The construct has no meaning in BPF, or none yet. The message says which and what to write instead.",
  },
  WG1002: {
    title: "Floating point",
    explanation:
      "BPF has integers only. Scale the value, for example to thousandths, and compute with integers.",
  },
  WG1003: {
    title: "Text as a value",
    explanation:
      "There is no heap to hold strings. Text lies in a CString<N>; a string literal can be compared with it or copied into it.",
  },
  WG1004: {
    title: "Heap object",
    explanation: "A program cannot allocate. Use a struct on the stack, a map, or a record of a ring buffer.",
  },
  WG1005: {
    title: "Closure",
    explanation:
      "Functions are not values. Write a plain function at the top of a file or a private static method, and call it by name.",
  },
  WG1006: {
    title: "Exceptions",
    explanation: "There is nothing to unwind. Return a value that says what went wrong.",
  },
  WG1007: { title: "Asynchronous code", explanation: "A program runs to its end without waiting." },
  WG1008: {
    title: "Recursion",
    explanation: "The verifier accepts no recursion. Write a loop with a constant bound.",
  },
  WG1009: {
    title: "Too many parameters",
    explanation: "A BPF function has five registers for arguments. Pass a struct.",
  },
  WG1010: {
    title: "Unbounded loop",
    explanation: "The verifier must see that a loop ends. Count with a variable up to a constant.",
  },
  WG1011: {
    title: "Index not proved",
    explanation:
      "An index must be provably below the array's length: a constant, a masked value, a loop counter, or a variable that was compared since it was assigned.",
  },
  WG1012: {
    title: "Unchecked cast",
    explanation:
      "A cast that TypeScript takes on trust may change the meaning of memory. Convert with u8() and the like.",
  },
  WG1013: {
    title: "Unknown name",
    explanation:
      "The name is not one that kernel code can use: kernel code knows its own file's and imported constants and functions, and @waggle/kernel.",
  },
  WG1014: {
    title: "Loose comparison",
    explanation: "== and != compare after conversions that BPF does not have. Write === or !==.",
  },
  WG1015: {
    title: "Reference to the stack kept",
    explanation:
      "A reference to an object on the stack cannot outlive or replace another. Assign the fields.",
  },
  WG1016: {
    title: "Assignment to a constant",
    explanation: "@config fields, contexts and constants cannot be written by kernel code.",
  },
  WG1017: {
    title: "Dynamic property",
    explanation: "A field is named in the source. Only arrays are indexed.",
  },
  WG1018: {
    title: "Always the same",
    explanation: "The comparison has one outcome only, which is a mistake more often than not.",
  },
  WG1020: {
    title: "Non-null assertion",
    explanation: "The verifier wants to see the check, not a promise. Compare with null.",
  },
  WG1021: {
    title: "Without effect",
    explanation:
      "The statement computes something that nobody takes, which is a mistake more often than not.",
  },
  WG1022: {
    title: "Overwritten reference",
    explanation:
      "The name refers to memory that is overwritten before the name is used again, where JavaScript would keep the old object. Copy it first.",
  },
  WG1023: {
    title: "Reference to a part of a context kept",
    explanation:
      "The verifier wants each access of a context at a constant offset. A reference that may be to one of several places cannot be to a context.",
  },
  WG2001: {
    title: "Literal out of range",
    explanation: "The number does not fit the integer type that it is given to.",
  },
  WG2002: {
    title: "Narrowing",
    explanation:
      "The value may not fit the type. TypeScript does not see this after arithmetic; the compiler does. Say which bits are wanted with a conversion.",
  },
  WG2003: {
    title: "Types without a common type",
    explanation:
      "Operands meet at the smallest type that holds both. Signed and unsigned of one width, and 32 and 64 bits, have none: convert one.",
  },
  WG2004: {
    title: "Byte orders",
    explanation:
      "Big-endian numbers compare with === only. Convert to host order to compute or to order them.",
  },
  WG2005: {
    title: "No layout",
    explanation:
      "The type has no fixed size in memory. Use flavoured integers, booleans, structs, FixedArray and CString.",
  },
  WG2006: {
    title: "Layouts differ",
    explanation: "TypeScript accepts a struct with more or reordered fields; memory does not.",
  },
  WG2007: { title: "Bad map", explanation: "A map is a static readonly field made with constant options." },
  WG2008: {
    title: "Bad decorator",
    explanation:
      "Decorators of @waggle/kernel go on static members of an exported class, and only those decorators have a meaning there.",
  },
  WG2009: {
    title: "Bad member of a kernel class",
    explanation: "A kernel class holds static programs, functions, maps and constants. It has no instances.",
  },
  WG2010: { title: "Bad constant", explanation: "The value must be known when the program is compiled." },
  WG2011: {
    title: "Type without a width",
    explanation: "number and bigint do not say how many bits. Use u32, i32, u64 and so on.",
  },
  WG2014: {
    title: "Helper of another program type",
    explanation: "The kernel offers the helper to programs of another type only.",
  },
  WG2015: {
    title: "Newer kernel needed",
    explanation:
      "The oldest kernel that the object is compiled for does not have it. Target a newer one, or do without.",
  },
  WG2013: {
    title: "Licence",
    explanation:
      "The kernel gives some helpers only to programs under a licence that is compatible with the GPL.",
  },
  WG2012: {
    title: "Record not released",
    explanation: "A reserved ring buffer record must be submitted or discarded on every path.",
  },
  WG2019: {
    title: "Section not ended",
    explanation:
      "A program must leave every section that it enters: after bpf_rcu_read_lock, bpf_preempt_disable and bpf_local_irq_save it calls the function that ends the section, on every path.",
  },
  WG2018: {
    title: "Packet moved",
    explanation:
      "A call may have moved the packet, and the verifier forgets references to it there. Read what is needed again after the call.",
  },
  WG2017: {
    title: "Record of another ring buffer",
    explanation:
      "A record goes to the reader of the ring buffer that it was reserved from, whichever is named when it is submitted. Name that one.",
  },
  WG2016: {
    title: "Wraps before it widens",
    explanation:
      "Arithmetic of u8, u16, i8 and i16 wraps at their width. A result that may have wrapped is then given to a wider type, which is too late to keep all of it.",
  },
  WG3001: {
    title: "Stack too large",
    explanation:
      "A function has 512 bytes of stack. What is more goes to per-CPU scratch memory of 32 KiB, but not references, nor what a kernel function keeps.",
  },
  WG3002: {
    title: "Calls too deep",
    explanation:
      "The kernel runs eight functions inside one another at most, on 512 bytes of stack together.",
  },
  WG3003: {
    title: "Newer instruction set needed",
    explanation:
      "The instruction set that target.cpu names does not have it. v3 is the default from Linux 5.1 on.",
  },
  WG3004: {
    title: "Too large to copy",
    explanation:
      "A copy is a load and a store for each part that the alignment allows, up to 1024 of them. Work on a smaller part.",
  },
  WG3005: {
    title: "Function too large",
    explanation: "A jump reaches 32767 instructions far. Move a part into a function of its own.",
  },
  WG3006: {
    title: "Moved to scratch memory",
    explanation:
      "A warning: variables that do not fit on the stack share memory with other runs that interrupt this one on its CPU.",
  },
  WG3007: {
    title: "Instruction set of a newer kernel",
    explanation: "target.cpu names an instruction set that the oldest kernel targeted does not run.",
  },
  WG3008: {
    title: "Tail call in a loop that the kernel drives",
    explanation:
      "The body of such a loop is a function that the kernel calls, and the kernel takes no tail call out of it.",
  },
  WG4001: {
    title: "No kernel class",
    explanation: "The files that are built hold no exported class with a program of @waggle/kernel.",
  },
  WG4002: {
    title: "Two classes, one output",
    explanation:
      "Outputs are named after classes, and file names do not differ in case. Rename one of the classes.",
  },
  WG4003: {
    title: "Output cannot be written",
    explanation: "The file or its folder cannot be written, or holds what was not made by the command.",
  },
  WG4005: {
    title: "File cannot be read",
    explanation: "The file is not there, or does not hold what the command expects.",
  },
  WG4006: {
    title: "Cache cannot be written",
    explanation: "A warning: the outputs are good, and the next build compiles everything again.",
  },
  WG4007: {
    title: "Wrong configuration",
    explanation: "xtask.config.ts cannot be run, or holds what is no setting.",
  },
  WG4008: {
    title: "Name that the kernel does not have",
    explanation: "The types that codegen reads have no type, function, tracepoint or hook of the name.",
  },
  WG9001: {
    title: "Bug in Waggle",
    explanation:
      "The compiler failed where it should have made code or said what is wrong. Your code may be right: report the bug.",
  },
  WG9002: {
    title: "Nested too deeply",
    explanation:
      "The compiler ran out of stack while it followed the nesting of statements or expressions. Move the inner part into a function.",
  },
} as const satisfies Record<string, CodeRow>;

/** A code of a diagnostic that is not TypeScript's own. */
export type Code = keyof typeof codes;
