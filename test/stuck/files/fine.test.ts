import { expect, it } from "vitest";

it("passes beside it", () => expect(1 + 1).toBe(2));
