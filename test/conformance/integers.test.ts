import { groups } from "./integers.js";
import { conformance } from "./suite.js";

for (const group of groups) conformance(group);
