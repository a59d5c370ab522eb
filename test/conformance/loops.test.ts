import { countedLoops, loopsWrittenOut, walkedLoops } from "./loops.js";
import { conformance, levels } from "./suite.js";

const since = (kernel: string) => levels.map((variant) => ({ ...variant, kernel }));

conformance("loops that the verifier walks", walkedLoops, levels);
conformance("loops of many turns", countedLoops, since("5.17"));
conformance("loops that are written out", loopsWrittenOut, since("5.2"));
conformance("loops of many turns, by iterators", countedLoops, since("6.4"));
