import { groups } from "./loop-forms.js";
import { conformance } from "./suite.js";

for (const group of groups) conformance(group);
