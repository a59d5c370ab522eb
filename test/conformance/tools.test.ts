import { conformance } from "./suite.js";
import { groups } from "./tools.js";

for (const group of groups) conformance(group);
