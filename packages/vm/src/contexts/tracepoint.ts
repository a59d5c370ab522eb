import {
  type Btf,
  type BtfMember,
  nearest,
  type ProgramSpec,
  skipModifiers,
  valueCodec,
} from "@waggle/object";
import { VmError } from "../errors.js";
import { describe } from "../memory/address-space.js";
import { Access } from "../memory/region.js";
import { badInput, type ContextRequest, type ContextRow } from "./context.js";
import { type RecordField, syscallFields, tracepointRecords } from "./tracepoint-records.js";

/** The bytes that every record begins with: not for programs (tp_prog_is_valid_access, kernel/trace/bpf_trace.c). */
const commonBytes = 8;
/** `PERF_MAX_TRACE_SIZE` of linux/trace_events.h. */
const mostBytes = 8192;

/** Tracepoints: the record of the event, given as bytes or by its fields. */
export const tracepointContext: ContextRow = {
  programType: "BPF_PROG_TYPE_TRACEPOINT",
  inputs: ["fields"],
  build: (request) => {
    const { space } = request;
    const region = space.add({
      kind: "context",
      name: "context (tracepoint record)",
      bytes: recordOf(request),
      writable: false,
      guard: (_, offset, size, access) => {
        if (offset >= commonBytes && offset % size === 0 && access !== Access.HelperWrite) return;
        throw new VmError(
          "bad-access",
          `${describe(size, access)} at offset ${offset} of the context (tracepoint record)`,
          offset < commonBytes
            ? "the first 8 bytes (common_* fields) are not open to programs; use the helpers for the current task"
            : "fields are read at a multiple of their size",
        );
      },
    });
    return {
      address: region.address(0),
      packet: null,
      outputs: () => ({}),
      release: () => space.remove(region, "its run is over"),
    };
  },
};

function recordOf(request: ContextRequest): Uint8Array {
  const given = request.input.fields ?? {};
  if (given instanceof Uint8Array) {
    if (given.length <= mostBytes) return given.slice();
    throw badInput(
      request,
      `the record has ${given.length} bytes`,
      `a record has at most ${mostBytes} bytes`,
    );
  }
  if (typeof given !== "object" || Array.isArray(given)) {
    throw badInput(
      request,
      "fields is neither an object nor a Uint8Array",
      "give fields: { name: value } or the record's bytes",
    );
  }
  const names = Object.entries(given);
  const fields = layoutOf(request);
  if (fields === null) {
    if (names.length === 0) return new Uint8Array(commonBytes);
    throw unknownRecord(request);
  }
  const size = Math.ceil(Math.max(16, ...fields.map((field) => field.offset + field.size)) / 8) * 8;
  if (size > mostBytes) {
    throw badInput(
      request,
      `the program's parameter has ${size} bytes`,
      `a record has at most ${mostBytes} bytes: declare only the fields of the tracepoint`,
    );
  }
  const bytes = new Uint8Array(size);
  const view = new DataView(bytes.buffer);
  for (const [name, value] of names) {
    const field = fields.find((item) => item.name === name);
    if (field === undefined) {
      const near = nearest(
        name,
        fields.map((item) => item.name),
      );
      throw badInput(
        request,
        `the record has no field ${name}`,
        near === null
          ? `its fields are ${fields.map((item) => item.name).join(", ")}`
          : `did you mean ${near}?`,
      );
    }
    field.encode(view, bytes, value, request);
  }
  return bytes;
}

interface EncodedField {
  readonly name: string;
  readonly offset: number;
  readonly size: number;
  readonly encode: (view: DataView, bytes: Uint8Array, value: unknown, request: ContextRequest) => void;
}

/** The record's fields: from the type of the program's parameter, or from the table of known tracepoints; else null. */
function layoutOf(request: ContextRequest): readonly EncodedField[] | null {
  const { program, btf, littleEndian } = request;
  const members = btf === null ? null : parameterMembers(btf, program);
  if (btf !== null && members !== null) {
    return members.map((member) => {
      const offset = member.bitOffset / 8;
      const codec = valueCodec(btf, member.type, littleEndian ? "little" : "big", `field ${member.name}`);
      // The kernel language has addresses as 64-bit integers.
      const kind = btf.types[skipModifiers(btf, member.type)]?.kind;
      const mayPoint = codec.size === 8 && (kind === "pointer" || kind === "int");
      return {
        name: member.name,
        offset,
        size: codec.size,
        encode: (view, _, value) => codec.encode(view, offset, placed(value, mayPoint, request)),
      };
    });
  }
  const target = program.attachTarget ?? "";
  const rows =
    tracepointRecords[target] ?? (/^syscalls\/sys_(enter|exit)_/.test(target) ? syscallFields(target) : null);
  if (rows === null) return null;
  return rows.map((row) => ({ name: row.name, offset: row.offset, size: row.size, encode: encodeRow(row) }));
}

function unknownRecord(request: ContextRequest): VmError {
  const target = request.program.attachTarget ?? "(none in the section name)";
  return badInput(
    request,
    `the fields of tracepoint ${target} are not known here`,
    "give the record as bytes: run({ fields: new Uint8Array(…) }), laid out as its format file says",
  );
}

function parameterMembers(btf: Btf, program: ProgramSpec): readonly BtfMember[] | null {
  const at = (id: number) => btf.types[skipModifiers(btf, id)];
  const type = program.functions[0]?.type ?? null;
  const declared = type === null ? undefined : btf.types[type];
  const proto = declared?.kind === "function" ? at(declared.type) : declared;
  const parameter = proto?.kind === "function-proto" ? proto.params[0] : undefined;
  const pointer = parameter === undefined ? undefined : at(parameter.type);
  const struct = pointer?.kind === "pointer" ? at(pointer.type) : undefined;
  return struct?.kind === "struct" && struct.members.length > 0 ? struct.members : null;
}

/** A string for a pointer is put into user memory; its address is the value. */
function placed(value: unknown, mayPoint: boolean, request: ContextRequest): unknown {
  const isContent = typeof value === "string" || value instanceof Uint8Array;
  return mayPoint && isContent ? request.memory.place(value) : value;
}

function encodeRow(row: RecordField): EncodedField["encode"] {
  return (view, bytes, value, request) => {
    if (row.text === true) {
      if (typeof value !== "string")
        throw badInput(request, `field ${row.name} is not a string`, "give text");
      bytes.set(new TextEncoder().encode(value).subarray(0, row.size - 1), row.offset);
      return;
    }
    const resolved = placed(value, row.size === 8, request);
    if (typeof resolved !== "bigint" && !(typeof resolved === "number" && Number.isInteger(resolved))) {
      throw badInput(request, `field ${row.name} is not a whole number`, "give a number or a bigint");
    }
    const number = BigInt(resolved);
    const bits = row.size * 8;
    if (BigInt.asIntN(bits, number) !== number && BigInt.asUintN(bits, number) !== number) {
      throw badInput(
        request,
        `field ${row.name} is ${number}, which does not fit ${bits} bits`,
        "give a smaller number",
      );
    }
    for (let index = 0; index < row.size; index++) {
      const shift = BigInt(8 * (request.littleEndian ? index : row.size - 1 - index));
      view.setUint8(row.offset + index, Number((number >> shift) & 0xffn));
    }
  };
}
