// The library's questions about a module: may it be deployed under these rules, and what does it become?
// prepare answers both; this file only gives its answers a shape without exceptions.

import { prepareRulesBlob } from "../rules/prepare-rules.ts";
import type { Rules } from "../rules/rules.ts";
import { emitWasm } from "./emit-wasm.ts";
import { ModuleRefusal, prepareModule } from "./prepare.ts";

/** What a module becomes under rules. */
export interface CompiledProgram {
  /** The code record, 235 bytes (docs/formats.md section 9), and its keccak. */
  readonly record: Uint8Array;
  readonly recordHash: Uint8Array;
  /** Machine words, 16 bytes each (docs/program.md section 1). */
  readonly words: Uint8Array;
  /** The metered module that V8 runs. */
  readonly metered: Uint8Array;
}

export type ModuleVerdict =
  | { readonly accepted: true; readonly recordHash: Uint8Array }
  | { readonly accepted: false; readonly refusal: ModuleRefusal };

/** Whether `wasm` may be deployed under `rules`; the refusal says what, where and how to fix it. */
export function checkModule(wasm: Uint8Array, rules: Rules): ModuleVerdict {
  try {
    const { recordHash } = prepareModule(wasm, prepareRulesBlob(rules));
    return { accepted: true, recordHash };
  } catch (error) {
    if (error instanceof ModuleRefusal) return { accepted: false, refusal: error };
    throw error;
  }
}

/**
 * Compiles `wasm` under `rules` into record, machine words and metered module.
 * @throws ModuleRefusal with a WASM_… code when prepare refuses it
 */
export function compileProgram(wasm: Uint8Array, rules: Rules): CompiledProgram {
  const prepared = prepareModule(wasm, prepareRulesBlob(rules));
  const { record, recordHash, words } = prepared;
  return { record, recordHash, words, metered: emitWasm(prepared).bytes };
}
