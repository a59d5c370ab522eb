import { flow, loopsByCallbacks } from "./flow.js";
import { conformance, levels } from "./suite.js";

conformance("control flow", flow, levels);
conformance(
  "loops by callbacks",
  loopsByCallbacks,
  levels.map((variant) => ({ ...variant, kernel: "5.17" })),
);
