export { ScaffoldError, UsageError } from "./errors.js";
export type { Project } from "./scaffold.js";
export { scaffold } from "./scaffold.js";
export type { Template } from "./templates.js";
export { findTemplate, listTemplates } from "./templates.js";
export type { WaggleSource } from "./waggle-source.js";
export { waggleSource } from "./waggle-source.js";
