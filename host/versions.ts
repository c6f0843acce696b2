// The versions that a user may need to tell apart: of the package, of the files, of the semantics.

import { FILE_FORMAT } from "./codec/file-header.ts";
import { PROGRAM_VERSION, RULES_VERSION, SEMANTICS_VERSION } from "./rules/rules.ts";

export const versions = {
  package: "0.1.0",
  format: FILE_FORMAT,
  rules: RULES_VERSION,
  program: PROGRAM_VERSION,
  semantics: SEMANTICS_VERSION,
} as const;
