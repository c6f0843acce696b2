// The versions that a user may need to tell apart: of the package, of the files, of the semantics.

import { PROGRAM_VERSION, RULES_VERSION, SEMANTICS_VERSION } from "./rules/rules.ts";

/** Format number in the header of every file. */
export const FORMAT_VERSION = 1;

export const versions = {
  package: "0.1.0",
  format: FORMAT_VERSION,
  rules: RULES_VERSION,
  program: PROGRAM_VERSION,
  semantics: SEMANTICS_VERSION,
} as const;
