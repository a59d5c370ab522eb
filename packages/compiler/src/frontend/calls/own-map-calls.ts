/** Methods that only some types of maps have: of queues, of sockets, of what belongs to a thing of the kernel, … */

import ts from "#typescript";
import type { MapDefinition, ValueId } from "../../ir/types.js";
import type { StructType } from "../../types/data-type.js";
import { integers } from "../../types/integers.js";
import { sizeOf } from "../../types/layout.js";
import { lowerExpression } from "../expressions/expressions.js";
import { asKernel } from "../kernel-types/kernel-memory.js";
import { reject } from "../rejections/rejection.js";
import type { FunctionState } from "../state.js";
import { addressOf, memoryAt, newSlot, valueAt, zeroPadding } from "../values/memory.js";
import { boolean, coerce, rejectValue, scalar } from "../values/scalars.js";
import type { Value } from "../values/value.js";
import { argument, contextArgument } from "./arguments.js";
import { callbackAt } from "./kernel-callbacks.js";
import { countLost, errno, type MapCall, memory, modes } from "./map-calls.js";

/** A word of a few, as a number; `fallback` when it is not given. */
function choice(
  node: ts.CallExpression,
  index: number,
  words: Readonly<Record<string, number>>,
  fallback: number,
): number {
  const given = node.arguments[index];
  if (given === undefined) return fallback;
  const found =
    ts.isStringLiteralLike(given) && Object.hasOwn(words, given.text) ? words[given.text] : undefined;
  return found ?? reject(given, "WG2010", `one of ${Object.keys(words).join(", ")} is written here`);
}

function indexAt(fn: FunctionState, node: ts.CallExpression, index: number): ValueId {
  const given = argument(node, index);
  const number = coerce(fn, lowerExpression(fn, given), integers.u32, given);
  return fn.builder.unary("zext32", number.id);
}

/** A number that a helper gives as an `int`. */
const result = (id: ValueId): Value => scalar(integers.i64, id);

/** A copy of a value that a helper writes, or null where it finds none. */
const taken =
  (helper: string): MapCall =>
  (fn, node, map, address) => {
    const { builder } = fn;
    if (map.value === null) return reject(node, "WG2007", "this map has no values");
    const slot = newSlot(fn, "value", map.value);
    builder.zero(slot.pointer, sizeOf(map.value), slot.align, "stack");
    const code = errnoOf(fn, builder.helper(helper, "i64", [address(), slot.pointer]));
    zeroPadding(fn, slot);
    return { ...slot, nullable: true, present: builder.compare("eq", code, builder.i64(0)) };
  };

function errnoOf(fn: FunctionState, id: ValueId): ValueId {
  const value = errno(fn, id);
  return value.kind === "scalar" ? value.id : id;
}

const push =
  (words: Readonly<Record<string, number>>): MapCall =>
  (fn, node, map, address) => {
    const value = memory(fn, argument(node, 0), map.value, "value");
    const flags = fn.builder.i64(choice(node, 1, words, 0));
    return errno(fn, fn.builder.helper("bpf_map_push_elem", "i64", [address(), value, flags]));
  };

const queue: Readonly<Record<string, MapCall>> = {
  // BPF_EXIST: the value that is next to go out makes room.
  push: push({ fail: 0, replace: 2 }),
  pop: taken("bpf_map_pop_elem"),
  peek: taken("bpf_map_peek_elem"),
};

const bloom: Readonly<Record<string, MapCall>> = {
  add: push({}),
  mayHave: (fn, node, map, address) => {
    const { builder } = fn;
    const value = memory(fn, argument(node, 0), map.value, "value");
    const code = errnoOf(fn, builder.helper("bpf_map_peek_elem", "i64", [address(), value]));
    return boolean(builder.compare("eq", code, builder.i64(0)));
  },
};

/** What a map of maps gives: its memory is the kernel's own, and only methods of maps make use of it. */
const innerType: StructType = {
  kind: "struct",
  name: "bpf_map",
  union: false,
  fields: [],
  size: 0,
  align: 8,
};

const nested: Readonly<Record<string, MapCall>> = {
  get: (fn, node, map, address) => {
    const key = memory(fn, argument(node, 0), map.key, "key");
    const pointer = fn.builder.helper("bpf_map_lookup_elem", "ptr", [address(), key]);
    if (map.inner === undefined) return reject(node, "WG2007", "what this map holds is not known");
    return memoryAt(innerType, pointer, "unknown", { nullable: true, map: map.inner });
  },
};

const eachOfItsOwn =
  "the kernel calls the function for each record, and it sees none of this program's variables";

const commands: Readonly<Record<string, MapCall>> = {
  drain: (fn, node, map, address) => {
    const { builder } = fn;
    const callback = callbackAt(fn, argument(node, 0), map, "record", eachOfItsOwn);
    const args = [address(), callback, builder.nullPointer(), builder.i64(0)];
    return result(builder.helper("bpf_user_ringbuf_drain", "i64", args));
  },
};

const redirect: MapCall = (fn, node, _map, address) => {
  const { builder } = fn;
  const otherwise = node.arguments[1];
  const flags =
    otherwise === undefined
      ? builder.i64(0)
      : builder.unary("zext32", coerce(fn, lowerExpression(fn, otherwise), integers.u32, otherwise).id);
  const id = builder.helper("bpf_redirect_map", "i64", [address(), indexAt(fn, node, 0), flags]);
  return scalar(integers.u32, builder.unary("trunc32", id));
};

/** BPF_F_BROADCAST and BPF_F_EXCLUDE_INGRESS of linux/bpf.h. */
const Broadcast = { all: 1 << 3, exceptIngress: 1 << 4 } as const;

const broadcast: MapCall = (fn, node, _map, address) => {
  const { builder } = fn;
  const given = argument(node, 0);
  if (given.kind !== ts.SyntaxKind.TrueKeyword && given.kind !== ts.SyntaxKind.FalseKeyword)
    return reject(given, "WG2010", "whether the interface of origin is left out is true or false");
  const flags = Broadcast.all | (given.kind === ts.SyntaxKind.TrueKeyword ? Broadcast.exceptIngress : 0);
  const id = builder.helper("bpf_redirect_map", "i64", [address(), builder.i64(0), builder.i64(flags)]);
  return scalar(integers.u32, builder.unary("trunc32", id));
};

/** BPF_F_INGRESS of linux/bpf.h. */
const sides = { egress: 0, ingress: 1 };

/** Sockets by index or by key: each helper has two names. */
function sockets(kind: "map" | "hash"): Readonly<Record<string, MapCall>> {
  const keyAt = (fn: FunctionState, node: ts.CallExpression, map: MapDefinition): ValueId =>
    kind === "map" ? indexAt(fn, node, 1) : memory(fn, argument(node, 1), map.key, "key");
  return {
    add: (fn, node, map, address) => {
      const context = contextArgument(fn, argument(node, 0));
      const key = memory(fn, argument(node, 1), map.key, "key");
      const args = [context, address(), key, fn.builder.i64(choice(node, 2, modes, 0))];
      return result(fn.builder.helper(`bpf_sock_${kind}_update`, "i64", args));
    },
    redirect: (fn, node, map, address) => {
      const { builder } = fn;
      const given = argument(node, 0);
      const context = lowerExpression(fn, given);
      if (context.kind !== "context") return rejectValue(context, given);
      const family = context.context.program.name === "sk-msg" ? "msg" : "sk";
      const args = [context.pointer, address(), keyAt(fn, node, map), builder.i64(choice(node, 2, sides, 0))];
      const id = builder.helper(`bpf_${family}_redirect_${kind}`, "i64", args);
      return scalar(integers.u32, builder.unary("trunc32", id));
    },
    assign: (fn, node, map, address) => {
      const { builder } = fn;
      const context = contextArgument(fn, argument(node, 0));
      const key = memory(fn, argument(node, 1), map.key, "key");
      const socket = builder.helper("bpf_map_lookup_elem", "ptr", [address(), key]);
      const [there, missing, join] = [builder.block(), builder.block(), builder.block()];
      const code = builder.param(join, "i64");
      builder.branch(builder.compare("ne", socket, builder.nullPointer()), there, missing);
      builder.switchTo(there);
      const given = builder.helper("bpf_sk_assign", "i64", [context, socket, builder.i64(0)]);
      // The lookup took a reference to the socket.
      builder.helperVoid("bpf_sk_release", [socket]);
      builder.jump(join, [given]);
      builder.switchTo(missing);
      builder.jump(join, [builder.const("i64", BigInt.asUintN(64, -2n))]);
      builder.switchTo(join);
      return result(code);
    },
  };
}

const reuseport: Readonly<Record<string, MapCall>> = {
  select: (fn, node, map, address) => {
    const context = contextArgument(fn, argument(node, 0));
    const key = memory(fn, argument(node, 1), map.key, "key");
    const args = [context, address(), key, fn.builder.i64(0)];
    return result(fn.builder.helper("bpf_sk_select_reuseport", "i64", args));
  },
};

const isOne = (fn: FunctionState, id: ValueId): Value =>
  boolean(fn.builder.compare("eq", fn.builder.unary("trunc32", id), fn.builder.i32(1)));

const cgroups: Readonly<Record<string, MapCall>> = {
  hasCurrentTask: (fn, node, _map, address) =>
    isOne(fn, fn.builder.helper("bpf_current_task_under_cgroup", "i64", [address(), indexAt(fn, node, 0)])),
  hasSocketOf: (fn, node, _map, address) => {
    const context = contextArgument(fn, argument(node, 0));
    return isOne(
      fn,
      fn.builder.helper("bpf_skb_under_cgroup", "i64", [context, address(), indexAt(fn, node, 1)]),
    );
  },
};

/** The thing that a value belongs to: a pointer that the verifier trusts. */
function ownerAt(fn: FunctionState, node: ts.CallExpression): ValueId {
  const given = argument(node, 0);
  const value = lowerExpression(fn, given);
  if (value.kind === "memory" && value.region === "context") return addressOf(fn, value);
  const kernel = asKernel(fn.owner, value, fn.owner.checker.getTypeAtLocation(given), given);
  if (kernel?.trusted === true && kernel.access.length === 0) return kernel.base;
  return reject(
    given,
    "WG1001",
    "the verifier does not trust this pointer, and a value belongs to one that it does",
    "arguments of fentry, LSM, iterator and BTF tracepoint programs are, and currentTask(); what is read through them is from kernel 6.2 on",
  );
}

/** BPF_LOCAL_STORAGE_GET_F_CREATE of linux/bpf.h. */
const storageModes = { find: 0, create: 1 };

function storage(name: string): Readonly<Record<string, MapCall>> {
  return {
    get: (fn, node, map, address) => {
      const { builder } = fn;
      if (map.value === null) return reject(node, "WG2007", "this map has no values");
      const owner = ownerAt(fn, node);
      const flags = builder.i64(choice(node, 1, storageModes, 0));
      const args = [address(), owner, builder.nullPointer(), flags];
      const pointer = builder.helper(`bpf_${name}_storage_get`, "ptr", args);
      return valueAt(map, map.value, pointer, { nullable: true });
    },
    delete: (fn, node, _map, address) => {
      const owner = ownerAt(fn, node);
      return result(fn.builder.helper(`bpf_${name}_storage_delete`, "i64", [address(), owner]));
    },
  };
}

/** `BPF_F_*` of bpf_get_stackid. */
const stackFlags: Readonly<Record<string, number>> = { user: 1 << 8, byHash: 1 << 9, replace: 1 << 10 };

const stacks: Readonly<Record<string, MapCall>> = {
  take: (fn, node, _map, address) => {
    const context = contextArgument(fn, argument(node, 0));
    const flags = fn.builder.i64(stackOptions(node.arguments[1]));
    return result(fn.builder.helper("bpf_get_stackid", "i64", [context, address(), flags]));
  },
};

/** The flags of `{ user: true, skip: 2 }`. */
export function stackOptions(given: ts.Expression | undefined): number {
  if (given === undefined) return 0;
  if (!ts.isObjectLiteralExpression(given)) return reject(given, "WG2010", "options are an object literal");
  let flags = 0;
  for (const property of given.properties) {
    if (!ts.isPropertyAssignment(property))
      return reject(property, "WG2010", "an option is written out: name and value");
    const { name, initializer } = property;
    const skip = ts.isNumericLiteral(initializer) ? Number(initializer.text) : null;
    if (name.getText() === "skip" && skip !== null && Number.isInteger(skip) && skip <= 255) flags |= skip;
    else if (name.getText() === "skip")
      reject(initializer, "WG2010", "frames that are left out are a number of 0 to 255");
    else if (initializer.kind === ts.SyntaxKind.TrueKeyword) flags |= stackFlags[name.getText()] ?? 0;
    else if (initializer.kind !== ts.SyntaxKind.FalseKeyword)
      reject(initializer, "WG2010", "true or false is written here");
  }
  return flags;
}

const perfEvents: Readonly<Record<string, MapCall>> = {
  output: (fn, node, map, address) => {
    const { builder } = fn;
    const context = contextArgument(fn, argument(node, 0));
    if (map.record === null) return reject(node, "WG2007", "this map has no records");
    const record = memory(fn, argument(node, 1), map.record, "record");
    // BPF_F_CURRENT_CPU
    const args = [
      context,
      address(),
      builder.const("i64", 0xffff_ffffn),
      record,
      builder.i64(sizeOf(map.record)),
    ];
    const code = builder.helper("bpf_perf_event_output", "i64", args);
    const [full, join] = [builder.block(), builder.block()];
    builder.branch(builder.compare("slt", code, builder.i64(0)), full, join);
    builder.switchTo(full);
    countLost(fn, map.name);
    builder.jump(join);
    builder.switchTo(join);
    return result(code);
  },
};

/** By map type and method: a type that is here has no other methods. */
export const ownMethods: Readonly<Record<string, Readonly<Record<string, MapCall>>>> = {
  queue,
  stack: queue,
  "bloom-filter": bloom,
  "array-of-maps": nested,
  "hash-of-maps": nested,
  devmap: { redirect, broadcast },
  "devmap-hash": { redirect, broadcast },
  cpumap: { redirect },
  xskmap: { redirect },
  sockmap: sockets("map"),
  sockhash: sockets("hash"),
  "reuseport-sockarray": reuseport,
  "cgroup-array": cgroups,
  "sk-storage": storage("sk"),
  "inode-storage": storage("inode"),
  "task-storage": storage("task"),
  "cgrp-storage": storage("cgrp"),
  "stack-trace": stacks,
  "perf-event-array": perfEvents,
  "user-ring-buffer": commands,
};
