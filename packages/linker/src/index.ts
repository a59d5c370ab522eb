export type { LinkInput } from "./inputs.js";
export type { LinkOptions, LinkOutput } from "./link.js";
export { link } from "./link.js";
export type { LinkErrorCode } from "./link-error.js";
export { LinkError } from "./link-error.js";
