import type { DecoderSource } from "./codec-source.js";

/** A codec inside a value: offsets are checked by whoever starts, paths are put together as a mismatch rises. */
export interface Codec {
  readonly size: number;
  /** Decoded parts in a value, itself included: what decoding costs. */
  readonly parts: number;
  readonly decode: (view: DataView, offset: number) => unknown;
  /** Writes over zeroes. @throws Mismatch */
  readonly encode: (view: DataView, offset: number, value: unknown) => void;
  /**
   * JavaScript that reads the value `at` bytes after the start of the one around it; not set for what is better called,
   * as engines do not optimize huge functions.
   */
  readonly source?: (source: DecoderSource, at: number) => string;
  /** Reads that are written out in the source: 1 unless told. */
  readonly written?: number;
  /** Set for structs and unions: their fields, for an anonymous member to become part of the struct around it. */
  readonly embed?: EmbeddedFields;
}

/** How the fields of an anonymous struct or union are read into, and taken from, the object around it. */
export interface EmbeddedFields {
  readonly names: readonly string[];
  readonly decodeInto: (target: Record<string, unknown>, view: DataView, offset: number) => void;
  /** The same as properties of an object literal. */
  readonly properties: (source: DecoderSource, at: number) => readonly string[];
}

/** What a codec throws inside: `steps` collects the path from the inside out. */
export class Mismatch {
  private readonly steps: string[] = [];

  constructor(private readonly problem: string) {}

  /** Adds the step by which the level above came here, and returns the mismatch itself. */
  at(step: string | number): this {
    this.steps.push(typeof step === "number" ? `[${step}]` : step);
    return this;
  }

  path(label: string): string {
    let path = label;
    for (const step of this.steps.toReversed()) {
      path += path === "" || step.startsWith("[") ? step : `.${step}`;
    }
    return path;
  }

  text(label: string): string {
    return `${this.path(label) || "value"}${this.problem}`;
  }
}

/** `value` as an error shows it: short, and telling 5 from 5n and "5". */
export function show(value: unknown): string {
  switch (typeof value) {
    case "bigint":
      return `${value}n`;
    case "string":
      return JSON.stringify(value.length > 40 ? `${value.slice(0, 40)}…` : value);
    case "object":
      if (value === null) return "null";
      if (Array.isArray(value)) return `an array of ${value.length}`;
      if (ArrayBuffer.isView(value)) return `${value.constructor.name} of ${value.byteLength} bytes`;
      return "an object";
    case "function":
      return "a function";
    default:
      return String(value);
  }
}
