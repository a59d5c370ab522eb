import { groups } from "./shared-words.js";
import { conformance } from "./suite.js";

for (const group of groups) conformance(group);
