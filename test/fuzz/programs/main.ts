/** `npm run fuzz -- --count N [--seed S] [--time SECONDS]`. */
import { canLoad } from "@waggle/userspace";
import { readFuzzOptions } from "../shared/arguments.js";
import { fuzz } from "./run.js";

const { ok, reason } = { reason: "", ...canLoad() };
if (!ok) console.log(`fuzz: in process only: ${reason}`);
const options = readFuzzOptions(process.argv.slice(2), { count: 1000 });
const { agreed, differed, limited } = fuzz(options, { kernel: ok, print: console.log });
if (limited > 0) console.log(`${limited} more are refused by the compiler for a limit of some kernel`);
console.log(`fuzz: ${agreed} agreed, ${differed} differed`);
process.exitCode = differed === 0 ? 0 : 1;
