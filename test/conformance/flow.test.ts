import { flow, loopsByCallbacks, loopsByIterators } from "./flow.js";
import { conformance, levels } from "./suite.js";

conformance("control flow", flow, levels);
conformance(
  "loops by callbacks",
  loopsByCallbacks,
  levels.map((variant) => ({ ...variant, kernel: "5.17" })),
);
conformance(
  "loops by iterators",
  loopsByIterators,
  levels.map((variant) => ({ ...variant, kernel: "6.4" })),
);
