import { groups } from "./loop-endings.js";
import { conformance } from "./suite.js";

for (const group of groups) conformance(group);
