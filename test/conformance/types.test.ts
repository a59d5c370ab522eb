import { conformance } from "./suite.js";
import { atomics, bitFields, elements, enums, fetching, layouts } from "./types.js";

conformance("types", [layouts, bitFields, enums, atomics, elements]);
conformance("types of kernel 5.12", [fetching], undefined, {}, "5.12");
