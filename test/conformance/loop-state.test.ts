import { groups } from "./loop-state.js";
import { conformance } from "./suite.js";

for (const group of groups) conformance(group);
