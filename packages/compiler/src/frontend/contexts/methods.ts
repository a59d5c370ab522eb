/** Methods of contexts. */
import type { Call } from "../calls/arguments.js";
import type { ContextValue } from "../values/value.js";
import { sequenceWrite, writableArgument } from "./arguments.js";
import { packetCopy } from "./packet-copies.js";
import { packetRead } from "./packet-reads.js";
import { registerArgument } from "./registers.js";
import { sessionCookie, sessionIsReturn } from "./sessions.js";

/** By the method's name. */
export const contextMethods: Readonly<Record<string, (object: ContextValue) => Call>> = {
  at: (object) => (fn, node) => packetRead(fn, node, object),
  load: packetCopy,
  arg: registerArgument,
  write: sequenceWrite,
  writable: writableArgument,
  isReturn: sessionIsReturn,
  cookie: sessionCookie,
};
