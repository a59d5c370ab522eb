import { groups } from "./references.js";
import { conformance } from "./suite.js";

for (const group of groups) conformance(group);
