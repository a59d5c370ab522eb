import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";
import { ClosingLine } from "../../../scripts/closing-line.js";
import { StuckFiles } from "../../../scripts/stuck-files.js";

export default defineConfig({
  test: {
    include: ["test/stuck/files/*.test.ts"],
    setupFiles: [fileURLToPath(new URL("../../../scripts/report-worker.ts", import.meta.url))],
    reporters: [new StuckFiles(4), new ClosingLine()],
  },
});
