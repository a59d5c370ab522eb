import { conformance } from "./suite.js";
import { groups } from "./widening.js";

for (const group of groups) conformance(group);
