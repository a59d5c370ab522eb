import { groups } from "./loop-bounds.js";
import { conformance } from "./suite.js";

for (const group of groups) conformance(group);
