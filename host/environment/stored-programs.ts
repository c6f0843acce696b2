// The programs of an environment: original Wasm from its store, prepared under the rules that each was deployed
// under. Used by the environment itself and by the benchmark that executes its blocks step by step.
import { toHex } from "../codec/hex.ts";
import { keccak256 } from "../codec/keccak.ts";
import { prepareRulesBlob } from "../rules/prepare-rules.ts";
import type { Rules } from "../rules/rules.ts";
import { type ProgramCache, ProgramSource } from "../sandbox/program-source.ts";
import type { StateStore } from "../state/state-store.ts";

/** Programs whose Wasm and prepare rules `store` holds; those of `rules` are at hand anyway. */
export function storedPrograms(
  store: StateStore,
  rules: Rules,
  programs: ProgramCache,
): ProgramSource {
  const blob = prepareRulesBlob(rules);
  const blobHash = toHex(keccak256(blob));
  return new ProgramSource(
    {
      wasm: (hash) => store.blob(hash),
      prepareRules: (hash) => (toHex(hash) === blobHash ? blob : store.blob(hash)),
    },
    programs,
  );
}
