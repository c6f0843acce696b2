// The rules that an environment has had, in its store: each order names its rules by hash, and code names the
// prepare rules that it was deployed under. Kept by those hashes beside Wasm, for ever: old code runs on.
import { equalBytes } from "../codec/hex.ts";
import { keccak256 } from "../codec/keccak.ts";
import { EngineError } from "../errors.ts";
import { decodeRules, encodeRules } from "../rules/encode-rules.ts";
import { prepareRulesBlob } from "../rules/prepare-rules.ts";
import type { Rules } from "../rules/rules.ts";
import type { StateStore } from "../state/state-store.ts";

/** Keeps rules and the prepare rules made of them; durable with the next commit. */
export function keepRules(store: StateStore, rules: Rules): void {
  for (const bytes of [encodeRules(rules), prepareRulesBlob(rules)]) {
    const hash = keccak256(bytes);
    if (store.blob(hash) === undefined) store.putBlob(hash, bytes);
  }
}

/**
 * The rules with this hash. Stores older than rule changes hold none, but their genesis's are at hand.
 * @throws STATE_DAMAGED when the store has lost them
 */
export function storedRules(store: StateStore, hash: Uint8Array, genesis: Rules): Rules {
  const bytes = store.blob(hash);
  if (bytes !== undefined) return decodeRules(bytes);
  if (equalBytes(keccak256(encodeRules(genesis)), hash)) return genesis;
  throw new EngineError({
    code: "STATE_DAMAGED",
    message: "the store has a block whose rules it does not have",
  });
}
