export * from "./codes.js";
export * from "./diagnostic.js";
export * from "./failure.js";
export * from "./format.js";
