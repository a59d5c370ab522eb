/** Every group, for those who run them elsewhere. */
import { groups as callbacks } from "./callbacks.js";
import { groups as choices } from "./choices.js";
import { groups as constructs } from "./constructs.js";
import { groups as copies } from "./copies.js";
import { groups as data } from "./data.js";
import { groups as fieldFacts } from "./field-facts.js";
import { groups as flow } from "./flow.js";
import { groups as functions } from "./functions.js";
import { groups as integers } from "./integers.js";
import { groups as knownValues } from "./known-values.js";
import { groups as lists } from "./lists.js";
import { groups as locks } from "./locks.js";
import { groups as loopBounds } from "./loop-bounds.js";
import { groups as loopEndings } from "./loop-endings.js";
import { groups as loopForms } from "./loop-forms.js";
import { groups as loopState } from "./loop-state.js";
import { groups as loops } from "./loops.js";
import { groups as memory } from "./memory.js";
import { groups as parsers } from "./parsers.js";
import type { Group } from "./program.js";
import { groups as proofs } from "./proofs.js";
import { groups as references } from "./references.js";
import { groups as sharedWords } from "./shared-words.js";
import { groups as stackReads } from "./stack-reads.js";
import { groups as strings } from "./strings.js";
import { groups as tools } from "./tools.js";
import { groups as types } from "./types.js";
import { groups as widening } from "./widening.js";

export const all: readonly Group[] = [
  ...constructs,
  ...memory,
  ...copies,
  ...integers,
  ...flow,
  ...loops,
  ...lists,
  ...fieldFacts,
  ...knownValues,
  ...loopForms,
  ...loopEndings,
  ...loopBounds,
  ...locks,
  ...references,
  ...sharedWords,
  ...stackReads,
  ...loopState,
  ...proofs,
  ...choices,
  ...widening,
  ...parsers,
  ...functions,
  ...callbacks,
  ...data,
  ...strings,
  ...types,
  ...tools,
];
