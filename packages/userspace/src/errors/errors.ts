import { ObjectError, type ObjectErrorCode } from "@waggle/object";

/**
 * Every error that this package throws on purpose derives from `BpfError` and has a `code` that stays the same across
 * releases: programs branch on the code (or the class), people read the message.
 */
export abstract class BpfError extends Error {
  /** What went wrong, stable across releases. */
  abstract readonly code: string;
}

/** Codes of a failed system call, by what the caller can do about it. */
export type SystemCallErrorCode =
  | "not-permitted"
  | "not-supported"
  | "invalid-argument"
  | "too-large"
  | "no-memory"
  | "no-space"
  | "busy"
  | "exists"
  | "not-found"
  | "no-such-device"
  | "too-many-files"
  | "failed";

/** What a `SystemCallError` is made of. */
export interface SystemCallFailure {
  readonly code: SystemCallErrorCode;
  /** The call and what it was for, e.g. `BPF_MAP_CREATE of map stats`. */
  readonly call: string;
  /** Name of the errno, e.g. `EPERM`. */
  readonly errno: string;
  readonly errnoNumber: number;
  /** The errno in words. */
  readonly description: string;
  /** What would likely make the call succeed; null when not known. */
  readonly cure: string | null;
}

/** The kernel refused a call. `PermissionError` and `NotSupportedError` are the two that callers treat apart. */
export class SystemCallError extends BpfError {
  override readonly name: string = "SystemCallError";
  readonly code: SystemCallErrorCode;
  /** The call and what it was for, e.g. `BPF_MAP_CREATE of map stats`. */
  readonly call: string;
  /** Name of the errno, e.g. `EPERM`. */
  readonly errno: string;
  readonly errnoNumber: number;
  /** What would likely make the call succeed; null when not known. */
  readonly cure: string | null;

  constructor(failure: SystemCallFailure) {
    const cure = failure.cure === null ? "" : ` ${failure.cure}`;
    super(`${failure.call} failed: ${failure.errno} (${failure.description}).${cure}`);
    this.code = failure.code;
    this.call = failure.call;
    this.errno = failure.errno;
    this.errnoNumber = failure.errnoNumber;
    this.cure = failure.cure;
  }
}

/** The process lacks a privilege; `cure` names it. */
export class PermissionError extends SystemCallError {
  override readonly name = "PermissionError";
}

/** The kernel lacks the feature; `cure` names the kernel that has it. Tests skip on this. */
export class NotSupportedError extends SystemCallError {
  override readonly name = "NotSupportedError";
}

/** This process cannot make BPF calls at all: not Linux, or a processor whose call numbers are not known. */
export class PlatformError extends BpfError {
  override readonly name = "PlatformError";
  readonly code = "unsupported-platform";
}

/** Something was used after it was closed. */
export class ClosedError extends BpfError {
  override readonly name = "ClosedError";
  readonly code = "closed";

  /** @param what what was used, e.g. `map stats` */
  constructor(what: string) {
    super(`${what} is closed: the app or reader that owned it was disposed.`);
  }
}

export type LoadErrorCode =
  | "unsupported-relocation"
  | "unknown-target"
  | "incompatible-map"
  | "wrong-byte-order"
  | "unknown-map"
  | "unknown-program"
  | "missing-program"
  | "bad-option"
  | "bad-reference"
  | ObjectErrorCode;

/**
 * The object, or what was asked of it, cannot be loaded here; nothing was left in the kernel. For bytes that are no valid
 * object and for configuration that does not fit, the code and the message are those of the `ObjectError` in `cause`.
 */
export class LoadError extends BpfError {
  override readonly name = "LoadError";

  constructor(
    readonly code: LoadErrorCode,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

/** Runs what reads or changes an object; its `ObjectError` becomes a `LoadError`, so that one class covers loading. */
export function asLoadError<T>(run: () => T): T {
  try {
    return run();
  } catch (error) {
    if (error instanceof ObjectError) throw new LoadError(error.code, error.message, { cause: error });
    throw error;
  }
}

/** The kernel refused an entry of a batch. The entries before it are done, those from it on are not. */
export class BatchError extends SystemCallError {
  override readonly name = "BatchError";

  /** @param done how many entries were set or deleted before */
  constructor(
    failure: SystemCallFailure,
    readonly done: number,
  ) {
    super(failure);
  }
}

export type AttachErrorCode =
  | "unknown-interface"
  | "unknown-tracepoint"
  | "unknown-function"
  | "ambiguous-function"
  | "indirect-function"
  | "unknown-file"
  | "unknown-cgroup"
  | "unknown-namespace"
  | "tracefs-unavailable"
  | "tracefs-unreadable"
  | "reads-beyond-record"
  | "bad-option"
  | "unsupported-attach";

/** The place to attach to does not exist or cannot be used. */
export class AttachError extends BpfError {
  override readonly name = "AttachError";

  constructor(
    readonly code: AttachErrorCode,
    message: string,
  ) {
    super(message);
  }
}

/** Why an object cannot be pinned. */
export type PinErrorCode = "no-bpf-file-system" | "cannot-create-folder";

/** The path is not one at which an object can be pinned; nothing was pinned. */
export class PinError extends BpfError {
  override readonly name = "PinError";

  constructor(
    readonly code: PinErrorCode,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

export type MapErrorCode =
  | "unsupported-operation"
  | "bad-value"
  | "already-reading"
  | "record-size"
  | "read-only";

/** A map was used in a way that its type does not allow, or with a value that does not fit it. */
export class MapError extends BpfError {
  override readonly name = "MapError";

  constructor(
    readonly code: MapErrorCode,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}
