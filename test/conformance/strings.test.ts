import { strings } from "./strings.js";
import { conformance, cpus } from "./suite.js";

conformance("text", [strings]);
conformance("text, other cpus", [strings], cpus);
