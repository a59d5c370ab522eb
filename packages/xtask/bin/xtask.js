#!/usr/bin/env node
// A file of its own, not dist/cli.js: npm links a workspace's commands at install time, before anything is built.
import module from "node:module";

// Node 22 keeps compiled code from one run to the next; TypeScript is most of what a build loads.
module.enableCompileCache?.();
await import("../dist/cli.js");
