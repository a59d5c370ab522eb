import { conformance } from "./suite.js";
import { groups } from "./types.js";

for (const group of groups) conformance(group);
