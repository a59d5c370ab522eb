import { groups } from "./known-values.js";
import { conformance } from "./suite.js";

for (const group of groups) conformance(group);
