import { groups } from "./stack-reads.js";
import { conformance } from "./suite.js";

for (const group of groups) conformance(group);
