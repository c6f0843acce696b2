// The code that a bundle brings, by hash, and what of it the execution asked for: a bundle carries what its
// block needs and nothing else.

import { toHex } from "../codec/hex.ts";
import { keccak256 } from "../codec/keccak.ts";
import { bytesHash } from "../codec/trees.ts";
import { EngineError } from "../errors.ts";
import { checkPrepareRules, prepareRulesBlob } from "../rules/prepare-rules.ts";
import type { Rules } from "../rules/rules.ts";
import type { CodeLibrary } from "../sandbox/program-source.ts";
import type { Bundle } from "./bundle.ts";

/** The code of a bundle, by hash; remembers what execution asked for. */
export class BundleCode implements CodeLibrary {
  readonly #wasm = new Map<string, Uint8Array>();
  readonly #rules = new Map<string, Uint8Array>();
  readonly #unused = new Set<string>();
  readonly #usedWasm = new Map<string, Uint8Array>();
  readonly #usedRules = new Map<string, Uint8Array>();

  /** @throws RULES_RANGE when old prepare rules have prices that no rules could have */
  constructor(bundle: Bundle, rules: Rules) {
    for (const wasm of bundle.code) {
      const hash = toHex(bytesHash(wasm));
      this.#wasm.set(hash, wasm);
      this.#unused.add(hash);
    }
    for (const blob of bundle.prepareRules) {
      checkPrepareRules(blob);
      const hash = toHex(keccak256(blob));
      this.#rules.set(hash, blob);
      this.#unused.add(hash);
    }
    const current = prepareRulesBlob(rules);
    this.#rules.set(toHex(keccak256(current)), current);
  }

  /** Code that the block itself brings. */
  add(wasm: Uint8Array, wasmHash = bytesHash(wasm)): void {
    this.#wasm.set(toHex(wasmHash), wasm);
  }

  wasm(wasmHash: Uint8Array): Uint8Array | undefined {
    const name = toHex(wasmHash);
    const wasm = this.#wasm.get(name);
    if (wasm !== undefined && this.#unused.delete(name)) this.#usedWasm.set(name, wasm);
    return wasm;
  }

  /** The bundle's Wasm that was asked for, ascending by hash. */
  used(): Uint8Array[] {
    return [...this.#usedWasm].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, wasm]) => wasm);
  }

  prepareRules(rulesHash: Uint8Array): Uint8Array | undefined {
    const name = toHex(rulesHash);
    const blob = this.#rules.get(name);
    if (blob !== undefined && this.#unused.delete(name)) this.#usedRules.set(name, blob);
    return blob;
  }

  /** The bundle's prepare rules of the past that were asked for. */
  usedPrepareRules(): Uint8Array[] {
    return [...this.#usedRules.values()];
  }

  /** @throws CODE_UNUSED when the bundle carries code that nothing executed */
  checkAllUsed(): void {
    const [unused] = this.#unused;
    if (unused === undefined) return;
    throw new EngineError({
      code: "CODE_UNUSED",
      message: `the bundle carries code that its block does not use: ${unused}`,
    });
  }
}
