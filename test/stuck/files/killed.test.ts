import { it } from "vitest";

it("is ended by a signal", () => {
  process.kill(process.pid, "SIGSEGV");
});
