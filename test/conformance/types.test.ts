import { conformance } from "./suite.js";
import { atomics, bitFields, elements, enums, exchanges, fetching, layouts } from "./types.js";

conformance("types", [layouts, bitFields, enums, atomics, elements, exchanges]);
conformance("types of kernel 5.12", [fetching], undefined, {}, "5.12");
