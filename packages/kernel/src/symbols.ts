/**
 * Keys of the phantom properties that carry what the type checker and the compiler need to know. None exists at run
 * time; unique symbols keep them out of an editor's completions.
 */

/** On integers: the set of integer types that widen into this one without loss, itself the last to be added. */
export declare const INT: unique symbol;
/** On big-endian numbers: their width in bits. */
export declare const BIG_ENDIAN: unique symbol;
/** On arrays: their length. */
export declare const LENGTH: unique symbol;
/** On `CString`: its size in bytes. */
export declare const TEXT: unique symbol;
/** On opaque addresses: which memory they are in. */
export declare const POINTER: unique symbol;
/** On addresses of user memory: the type of what is there. */
export declare const POINTEE: unique symbol;
/** On structs of the kernel: their name in its BTF. */
export declare const KERNEL: unique symbol;
/** On unions of the kernel. */
export declare const KERNEL_UNION: unique symbol;
/** On `Ref`: the type of what it refers to. */
export declare const REF: unique symbol;
/** On maps: kind, key and value. */
export declare const MAP: unique symbol;
/** On contexts: the program kind that receives it. */
export declare const CONTEXT: unique symbol;
/** On what contexts lead to: the struct of linux/bpf.h that it is. */
export declare const CONTEXT_STRUCT: unique symbol;
/** On tracepoint contexts: the tracepoint. */
export declare const TRACEPOINT: unique symbol;
/** On values that a message shows in a way of its own. */
export declare const SHOWN: unique symbol;
/** On unions of one's own. */
export declare const UNION: unique symbol;
/** On packed structs. */
export declare const PACKED: unique symbol;
/** On structs of a chosen alignment: it, in bytes. */
export declare const ALIGNED: unique symbol;
/** On bit fields: their width in bits. */
export declare const BITS: unique symbol;
/** On fields and parameters: the BTF tags of what is declared. */
export declare const TAGGED: unique symbol;
/** On structs: their BTF tags. */
export declare const TAGS: unique symbol;
/** On kernel functions: parameters and result. */
export declare const KERNEL_FUNCTION: unique symbol;
/** On structs of the kernel's own that lie in values of maps: their name in linux/bpf.h. */
export declare const KERNEL_OBJECT: unique symbol;
