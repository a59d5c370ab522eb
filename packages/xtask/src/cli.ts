#!/usr/bin/env node
import { run } from "./main.js";
import { processTerminal } from "./terminal.js";

// A reader that goes away (`xtask disasm … | head`) is no error.
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code !== "EPIPE") throw error;
  process.exit(0);
});

process.exitCode = await run(process.argv.slice(2), processTerminal());
