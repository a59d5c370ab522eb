/** Headers of network protocols and their constants. */
export * from "./ethernet.js";
export * from "./ip.js";
export * from "./transport.js";
