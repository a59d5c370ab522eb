import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";

/** Hash of a file's content as lower-case hex; null when it cannot be read. */
export function hashFile(path: string): string | null {
  try {
    return hashBytes(readFileSync(path));
  } catch {
    return null;
  }
}

/** Hash of bytes as lower-case hex. */
export function hashBytes(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}

/** A `hashFile` that reads each file once: inputs are shared by the classes of a build. */
export function memoizedHash(): (path: string) => string | null {
  const known = new Map<string, string | null>();
  return (path) => {
    const seen = known.get(path);
    if (seen !== undefined) return seen;
    const hash = hashFile(path);
    known.set(path, hash);
    return hash;
  };
}
