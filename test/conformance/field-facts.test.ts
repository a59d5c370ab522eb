import { groups } from "./field-facts.js";
import { conformance } from "./suite.js";

for (const group of groups) conformance(group);
