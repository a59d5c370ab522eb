/** One entry of an archive. Paths are relative, without a leading slash; parents come before what is in them. */
export type CpioEntry =
  | { readonly kind: "directory"; readonly path: string }
  | { readonly kind: "file"; readonly path: string; readonly data: Uint8Array; readonly executable?: boolean }
  | { readonly kind: "symlink"; readonly path: string; readonly target: string }
  | {
      readonly kind: "character-device";
      readonly path: string;
      readonly major: number;
      readonly minor: number;
    };

// S_IFMT of inode(7).
const fileTypes = {
  directory: 0o040000,
  file: 0o100000,
  symlink: 0o120000,
  "character-device": 0o020000,
} as const;

const ALIGNMENT = 4;
const END_OF_ARCHIVE = "TRAILER!!!";

/**
 * An archive in the "newc" format, which the kernel unpacks as its first root file system: a header of hexadecimal
 * text, the name, the data, each padded to 4 bytes (Documentation/driver-api/early-userspace/buffer-format.rst).
 * Everything in it belongs to root. Parent directories that are not listed are added.
 */
export function writeCpio(entries: readonly CpioEntry[]): Buffer {
  const chunks: Uint8Array[] = [];
  let inode = 1;
  const add = (path: string, mode: number, data: Uint8Array, device: readonly [number, number] = [0, 0]) => {
    const name = Buffer.from(`${path}\0`);
    const links = (mode & 0o170000) === fileTypes.directory ? 2 : 1;
    const fields = [
      inode++,
      mode,
      0, // user
      0, // group
      links,
      0, // time of change
      data.length,
      0, // device that holds the file, major and minor
      0,
      ...device,
      name.length,
      0, // checksum, which this variant does not have
    ];
    const header = `070701${fields.map((field) => field.toString(16).padStart(8, "0")).join("")}`;
    chunks.push(...padded(Buffer.concat([Buffer.from(header), name])), ...padded(data));
  };
  for (const entry of withParents(entries)) {
    const executable = entry.kind !== "file" || entry.executable === true;
    const mode = fileTypes[entry.kind] | (executable ? 0o755 : 0o644);
    if (entry.kind === "file") add(entry.path, mode, entry.data);
    else if (entry.kind === "symlink") add(entry.path, mode, Buffer.from(entry.target));
    else if (entry.kind === "directory") add(entry.path, mode, Buffer.alloc(0));
    else add(entry.path, mode, Buffer.alloc(0), [entry.major, entry.minor]);
  }
  add(END_OF_ARCHIVE, 0, Buffer.alloc(0));
  return Buffer.concat(chunks);
}

function padded(bytes: Uint8Array): Uint8Array[] {
  const rest = bytes.length % ALIGNMENT;
  return rest === 0 ? [bytes] : [bytes, new Uint8Array(ALIGNMENT - rest)];
}

/** The entries, each once, with the directories that they need before them. */
function withParents(entries: readonly CpioEntry[]): CpioEntry[] {
  const known = new Map<string, CpioEntry>();
  for (const entry of entries) {
    const parts = entry.path.split("/");
    for (let depth = 1; depth < parts.length; depth++) {
      const path = parts.slice(0, depth).join("/");
      if (!known.has(path)) known.set(path, { kind: "directory", path });
    }
    known.set(entry.path, entry);
  }
  return [...known.values()];
}
