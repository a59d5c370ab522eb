import { callbacks, data, generics, parameters, results } from "./functions.js";
import { conformance } from "./suite.js";

conformance("functions", [parameters, results, generics, callbacks]);
conformance("static and module data", [data]);
