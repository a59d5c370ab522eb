const reasons: Readonly<Record<string, string>> = {
  EACCES: "permission denied",
  EPERM: "operation not permitted",
  ENOSPC: "no space left on the device",
  EDQUOT: "the disk quota is used up",
  EROFS: "the file system is read-only",
  ENOTDIR: "a part of the path is a file, not a folder",
  EISDIR: "it is a folder",
  EEXIST: "a file of that name is in the way",
  ENOENT: "no such file or folder",
  ENAMETOOLONG: "the name is too long",
  EMFILE: "too many open files",
};

/** The errno name of a failed file operation; null for any other value. */
export function errnoOf(error: unknown): string | null {
  if (!(error instanceof Error) || !("code" in error) || typeof error.code !== "string") return null;
  return error.code;
}

/** Why a file operation failed, in words and by errno: "no space left on the device (ENOSPC)". */
export function systemReason(error: unknown): string {
  const errno = errnoOf(error);
  if (errno === null) return error instanceof Error ? error.message : String(error);
  return `${reasons[errno] ?? "the operation failed"} (${errno})`;
}
