import { groups } from "./copies.js";
import { conformance } from "./suite.js";

for (const group of groups) conformance(group);
