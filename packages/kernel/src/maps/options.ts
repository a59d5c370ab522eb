/** What maps are made with. */

/** How many entries a map holds at most. */
export interface MapOptions {
  /** A constant above 0. The loader may change it before the map is made. */
  readonly maxEntries: number;
  /** false makes entries as they come instead of all at once: less memory, and more work for each; `BPF_F_NO_PREALLOC`, kernel 4.6. */
  readonly preallocate?: boolean;
  /** Whose programs and processes reach it by this map's name under /sys/fs/bpf; `LIBBPF_PIN_BY_NAME`. */
  readonly pinning?: "by-name";
  /** User space reads and writes the values in place, without system calls; arrays, kernel 5.5. `BPF_F_MMAPABLE`. */
  readonly mapped?: boolean;
  /** Programs cannot write it; `BPF_F_RDONLY_PROG`, kernel 5.2. */
  readonly readonlyForPrograms?: boolean;
}

/** How large a ring buffer is. */
export interface RingBufferOptions {
  /** A power of two and a multiple of the page size, in bytes. The loader may change it before the map is made. */
  readonly bytes: number;
}

/** What `set` does about an entry that exists: "any" replaces or creates, "create" fails with -EEXIST, "update" fails with -ENOENT. */
export type SetMode = "any" | "create" | "update";
