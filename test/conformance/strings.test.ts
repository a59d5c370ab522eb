import { strings } from "./strings.js";
import { conformance, cpus } from "./suite.js";
import { textLiterals } from "./text-literals.js";

conformance("text", [strings, textLiterals]);
conformance("text, other cpus", [strings, textLiterals], cpus);
