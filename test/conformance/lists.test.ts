import { groups } from "./lists.js";
import { conformance } from "./suite.js";

for (const group of groups) conformance(group);
