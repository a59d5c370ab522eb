/** What the other folders of the compiler use of the IR. */
export * from "./analysis/control-flow.js";
export * from "./analysis/dominators.js";
export * from "./analysis/facts.js";
export * from "./analysis/loops.js";
export * from "./analysis/values.js";
export * from "./bug-error.js";
export * from "./builder.js";
export * from "./check.js";
export * from "./evaluate.js";
export * from "./interpret.js";
export * from "./operations.js";
export * from "./parse.js";
export { type PrintOptions, printFunction, printInstruction, printModule } from "./print.js";
export * from "./rewrite.js";
export { IrSyntaxError } from "./text-reader.js";
export * from "./types.js";
