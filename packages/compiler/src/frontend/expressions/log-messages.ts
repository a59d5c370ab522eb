/**
 * `` log.info`opened ${path}` ``: a record in a ring buffer with the site's number and the values. The text stays in the object. The
 * level is compared with a constant that the loader sets, so that the verifier cuts out what is below it.
 */

import {
  LOG_HEADER,
  LOG_LEVEL,
  LOG_MAP,
  type LogHint,
  type LogSite,
  type LogType,
  logLevels,
} from "@waggle/object";
import ts from "#typescript";
import type { DataType } from "../../types/data-type.js";
import { integers } from "../../types/integers.js";
import { sizeOf } from "../../types/layout.js";
import { countLost } from "../calls/map-calls.js";
import { reject } from "../rejections/rejection.js";
import { type ClassState, type FunctionState, kernelName, locationOf, symbolOf } from "../state.js";
import { memoryAt, writePlace } from "../values/memory.js";
import { solid } from "../values/scalars.js";
import type { MemoryValue, ScalarValue, Value } from "../values/value.js";
import { lowerExpression } from "./expressions.js";

/** Bytes of the ring buffer; a loader may make it larger. */
const bufferBytes = 65_536;
/** A record is not larger than this, so that many fit. */
const mostBytes = 4096;

/** The level of a tag of @waggle/kernel; null for other tags. */
function levelOf(fn: FunctionState, tag: ts.Expression): number | null {
  if (!ts.isPropertyAccessExpression(tag)) return null;
  const symbol = symbolOf(fn.owner, tag.expression);
  if (kernelName(fn.owner, symbol) !== "log") return null;
  const level = (logLevels as readonly string[]).indexOf(tag.name.text);
  return level < 0 ? null : level;
}

/** A tagged template; rejects those that are no messages. */
export function lowerLogMessage(fn: FunctionState, node: ts.TaggedTemplateExpression): Value {
  const level = levelOf(fn, node.tag);
  if (level === null)
    return reject(
      node,
      "WG1003",
      "a template makes a string, which BPF does not have",
      "log.info`…` sends a message",
    );
  if (!ts.isExpressionStatement(node.parent)) return reject(node, "WG1001", "a message has no value");
  declareLog(fn.owner);
  const { builder } = fn;
  const [wanted, after] = [builder.block(), builder.block()];
  const most = builder.load("i32", builder.global(LOG_LEVEL), { width: 1, region: "readonly" });
  // 255 is less than no level: nothing is sent.
  const asked = builder.binary("and", builder.binary("add", most, builder.i32(1)), builder.i32(255));
  builder.branch(builder.compare("ugt", asked, builder.i32(level)), wanted, after);
  builder.switchTo(wanted);
  send(fn, node, level);
  builder.jump(after);
  builder.switchTo(after);
  return { kind: "void" };
}

function declareLog({ ownMaps, ownData }: ClassState): void {
  if (ownMaps.has(LOG_MAP)) return;
  ownMaps.set(LOG_MAP, {
    name: LOG_MAP,
    type: "ring-buffer",
    key: null,
    value: null,
    maxEntries: bufferBytes,
    flags: 0,
    pinned: false,
    record: null,
    location: null,
  });
  const level = logLevels.indexOf("info");
  ownData.set(LOG_LEVEL, {
    name: LOG_LEVEL,
    section: ".rodata",
    type: integers.u8,
    initial: Uint8Array.of(level),
    mutable: false,
  });
}

interface Part {
  readonly value: ScalarValue | MemoryValue;
  readonly type: LogType;
  readonly hint: LogHint;
  readonly data: DataType;
  readonly node: ts.Expression;
}

function send(fn: FunctionState, node: ts.TaggedTemplateExpression, level: number): void {
  const { builder, owner } = fn;
  const { template } = node;
  const spans = ts.isNoSubstitutionTemplateLiteral(template) ? [] : template.templateSpans;
  const head = ts.isNoSubstitutionTemplateLiteral(template) ? template : template.head;
  const parts = spans.map(({ expression }) => partOf(fn, expression));
  const { values, end } = layOut(parts);
  const size = Math.ceil(end / 8) * 8;
  if (size > mostBytes)
    reject(
      node,
      "WG1009",
      `the message carries ${size} bytes, and ${mostBytes} are the most`,
      "send a part of it",
    );
  const site = siteAt(owner, node, level, [head.text, ...spans.map(({ literal }) => literal.text)], values);
  const record = builder.helper("bpf_ringbuf_reserve", "ptr", [
    builder.map(LOG_MAP),
    builder.i64(size),
    builder.i64(0),
  ]);
  const [there, full, after] = [builder.block(), builder.block(), builder.block()];
  builder.branch(builder.compare("ne", record, builder.nullPointer()), there, full);
  builder.switchTo(full);
  countLost(fn, LOG_MAP);
  builder.jump(after);
  builder.switchTo(there);
  const at = (offset: number, width: 4 | 8) => ({ width, region: "map", displacement: offset }) as const;
  builder.store(record, builder.i32(site.id | 0), at(0, 4));
  const cpu = builder.unary("trunc32", builder.helper("bpf_get_smp_processor_id", "i64", []));
  builder.store(record, cpu, at(4, 4));
  builder.store(record, builder.helper("bpf_ktime_get_ns", "i64", []), at(8, 8));
  for (const [index, part] of parts.entries()) {
    const value = values[index];
    if (value === undefined) continue;
    const place = memoryAt(part.data, record, "map", {
      displacement: value.offset,
      align: alignAt(value.offset),
    });
    writePlace(fn, place, part.value, part.node);
  }
  // The room behind the values is the buffer's old content.
  for (let offset = end; offset < size; ) {
    const width = alignAt(offset);
    builder.store(record, width === 8 ? builder.i64(0) : builder.i32(0), {
      width,
      region: "map",
      displacement: offset,
    });
    offset += width;
  }
  builder.helperVoid("bpf_ringbuf_submit", [record, builder.i64(0)]);
  builder.jump(after);
  builder.switchTo(after);
}

const alignAt = (offset: number): 1 | 2 | 4 | 8 =>
  ([8, 4, 2] as const).find((align) => offset % align === 0) ?? 1;

/** Places values so that no room is left between them: the widest numbers first, text and bytes last. */
function layOut(parts: readonly Part[]): { readonly values: LogSite["values"]; readonly end: number } {
  const isRaw = ({ type }: Part): boolean => type === "text" || type === "bytes";
  const widthOf = (part: Part): number => (isRaw(part) ? 0 : sizeOf(part.data));
  const offsets = new Map<Part, number>();
  let end = LOG_HEADER;
  for (const part of [...parts].sort((a, b) => widthOf(b) - widthOf(a))) {
    offsets.set(part, end);
    end += sizeOf(part.data);
  }
  const values = parts.map((part) => ({
    offset: offsets.get(part) ?? 0,
    size: sizeOf(part.data),
    type: part.type,
    hint: part.hint,
  }));
  return { values, end };
}

const hinted: Readonly<Record<string, LogHint>> = {
  ip4: "ip4",
  ip6: "ip6",
  mac: "mac",
  hex: "hex",
  symbol: "symbol",
  errno: "errno",
};

/** What fills a gap, without the call that says how it is shown. */
function partOf(fn: FunctionState, node: ts.Expression): Part {
  const call = ts.isCallExpression(node) ? node : null;
  const name = call === null ? null : kernelName(fn.owner, symbolOf(fn.owner, call.expression));
  const hint = name !== null && Object.hasOwn(hinted, name) ? hinted[name] : undefined;
  const given = hint === undefined ? node : (call?.arguments[0] ?? node);
  const value = lowerExpression(fn, given);
  if (value.kind === "memory") {
    if (value.nullable)
      reject(
        given,
        "WG1001",
        "this may be null, and a message shows what is there",
        "compare it with null first",
      );
    if (value.type.kind !== "array")
      return reject(given, "WG1001", "a message shows numbers, text and bytes", "name the fields one by one");
    return {
      value,
      type: value.type.text ? "text" : "bytes",
      hint: hint ?? "plain",
      data: value.type,
      node: given,
    };
  }
  if (value.kind === "text")
    return reject(
      given,
      "WG1001",
      "text that stays the same is part of the message",
      "write it outside of the gaps",
    );
  const number = solid(fn, value, given);
  const data = number.type.kind === "pointer" ? integers.u64 : number.type;
  const shown = number.type.kind === "pointer" && hint === undefined ? "hex" : (hint ?? "plain");
  return { value: { ...number, type: data }, type: typeOf(data.name), hint: shown, data, node: given };
}

const bigEndian: Readonly<Record<string, LogType>> = { __be16: "be16", __be32: "be32", __be64: "be64" };
const typeOf = (name: string): LogType => bigEndian[name] ?? (name as LogType);

function siteAt(
  owner: ClassState,
  node: ts.TaggedTemplateExpression,
  level: number,
  texts: readonly string[],
  values: LogSite["values"],
): LogSite {
  const location = locationOf(owner, node);
  const file = owner.sources[location.file]?.path ?? "";
  const { line, column } = location;
  const name = logLevels[level] ?? "info";
  const same = (site: LogSite): boolean =>
    site.file === file && site.line === line && site.column === column && sameValues(site.values, values);
  const known = [...owner.logs.values()].find(same);
  if (known !== undefined) return known;
  // Without the path, which differs from machine to machine.
  let id = hash(`${owner.declaration.name?.text} ${line}:${column} ${texts.join("\0")}`);
  // A site in a generic function is one for each of its instances.
  while (owner.logs.has(id)) id = (id + 1) >>> 0;
  const site: LogSite = { id, level: name, file, line, column, texts, values };
  owner.logs.set(id, site);
  return site;
}

const sameValues = (left: LogSite["values"], right: LogSite["values"]): boolean =>
  JSON.stringify(left) === JSON.stringify(right);

/** FNV-1a, so that sites of objects that are linked into one keep apart. */
function hash(text: string): number {
  let value = 0x811c9dc5;
  for (const byte of new TextEncoder().encode(text)) value = Math.imul(value ^ byte, 0x01000193) >>> 0;
  return value;
}
