import { groups } from "./functions.js";
import { conformance } from "./suite.js";

for (const group of groups) conformance(group);
