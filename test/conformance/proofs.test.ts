import { proofs } from "./proofs.js";
import { conformance, cpus } from "./suite.js";

conformance("proofs of indexes", [proofs]);
conformance("proofs of indexes, other cpus", [proofs], cpus);
