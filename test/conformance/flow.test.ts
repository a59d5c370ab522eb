import { flow, loopsByCallbacks } from "./flow.js";
import { conformance, levels } from "./suite.js";

conformance("control flow", flow, levels);
conformance("loops by callbacks", loopsByCallbacks, levels, {}, "5.17");
