import { callbacks, data, forms, generics, oldVisits, parameters, results, visits } from "./functions.js";
import { conformance, levels } from "./suite.js";

conformance("functions", [parameters, results, generics, callbacks]);
conformance("static and module data", [data]);
conformance(
  "closures as loops, with callbacks of the kernel",
  [visits],
  levels.map((variant) => ({ ...variant, kernel: "5.17" })),
);
conformance("closures as loops, without callbacks", [oldVisits]);
conformance(
  "subprograms and global functions",
  [forms],
  levels.map((variant) => ({ ...variant, kernel: "5.12" })),
);
