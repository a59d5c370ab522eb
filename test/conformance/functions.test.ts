import { callbacks, generics, parameters, results } from "./functions.js";
import { conformance } from "./suite.js";

conformance("functions", [parameters, results, generics, callbacks]);
