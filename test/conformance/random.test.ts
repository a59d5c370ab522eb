import { groups } from "./random.js";
import { conformance } from "./suite.js";

for (const group of groups) conformance(group);
