import { conformance, cpus, levels } from "./suite.js";
import { tools } from "./tools.js";

conformance("what tools do", tools, levels);
conformance("what tools do, other cpus", tools, cpus);
