// Which contracts a block executed: their original Wasm goes into the bundle, unless the block itself
// deployed it before the first use, and the prepare rules of those deployed under others than the block's.
// One per block, in front of the node's program source.

import { toHex } from "../codec/hex.ts";
import { keccak256 } from "../codec/keccak.ts";
import type { Program, Programs } from "../sandbox/program-source.ts";

/** Passes programs through and remembers which were needed from outside the block. */
export class ProgramUse implements Programs {
  readonly #programs: Programs;
  readonly #seen = new Set<Program>();
  readonly #deployed = new Set<string>();
  readonly #needed = new Map<string, Uint8Array>();
  readonly #current: string;
  readonly #prepareRules = new Map<string, Uint8Array>();

  /** `prepareRules` are those of the block's rules. */
  constructor(programs: Programs, prepareRules: Uint8Array) {
    this.#programs = programs;
    this.#current = toHex(keccak256(prepareRules));
  }

  get(record: Uint8Array, recordHash: Uint8Array): Program {
    const program = this.#programs.get(record, recordHash);
    if (!this.#seen.has(program)) {
      this.#seen.add(program);
      const { wasm, codeRecord, rules } = program.prepared;
      const rulesHash = toHex(codeRecord.rulesHash);
      if (rulesHash !== this.#current) this.#prepareRules.set(rulesHash, rules);
      const hash = toHex(codeRecord.wasmHash);
      if (!this.#deployed.has(hash)) this.#needed.set(hash, wasm);
    }
    return program;
  }

  /** The prepare rules of the past that a bundle must carry. */
  prepareRules(): Uint8Array[] {
    return [...this.#prepareRules.values()];
  }

  /** The hash of Wasm that the block itself brought. */
  deployed(wasmHash: Uint8Array): void {
    this.#deployed.add(toHex(wasmHash));
  }

  /** The Wasm a bundle must carry, ascending by hash. */
  needed(): Uint8Array[] {
    return [...this.#needed].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, wasm]) => wasm);
  }
}
