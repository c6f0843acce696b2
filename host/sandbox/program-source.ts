// From a code record in state to something that can run: finds the original Wasm by its hash, prepares
// it again under the record's rules, and insists that the result is the record that state holds. So a
// forged record or swapped Wasm never runs.

import { equalBytes, toHex } from "../codec/hex.ts";
import { EngineError } from "../errors.ts";
import { decodeCodeRecord } from "../program/code-record.ts";
import { type Prepared, prepareModule } from "../program/prepare.ts";

/** A contract's prepared program; `compiled` is where a runner keeps what it made of it. */
export interface Program {
  readonly recordHash: Uint8Array;
  readonly prepared: Prepared;
  readonly pagesInitial: number;
  compiled: unknown;
}

/** Programs by code record. */
export interface Programs {
  /**
   * The program of `record` (235 bytes, as held in state) with `recordHash` (as the account names it).
   * @throws CODE_MISSING when the Wasm or the prepare rules of the record are not at hand
   * @throws CODE_MISMATCH when preparing the Wasm gives another record
   */
  get(record: Uint8Array, recordHash: Uint8Array): Program;
}

/** Where original Wasm and prepare rules come from: the node's store, or a bundle. */
export interface CodeLibrary {
  wasm(wasmHash: Uint8Array): Uint8Array | undefined;
  prepareRules(rulesHash: Uint8Array): Uint8Array | undefined;
}

/** Original Wasm of the programs kept: 64 of the largest, thousands of common ones. */
const CACHE_BYTES_MAX = 16 * 1_048_576;

/** Programs of one thread, least recently used dropped first. Outlives blocks and bundles. */
export class ProgramCache {
  readonly #byRecordHash = new Map<string, Program>();
  readonly #bytesMax: number;
  #bytes = 0;

  /** `bytesMax` bounds the original Wasm of the programs; what is made of them is a multiple of it. */
  constructor(bytesMax = CACHE_BYTES_MAX) {
    this.#bytesMax = bytesMax;
  }

  /** The program of a record hash, made by `prepare` where it is not known. */
  get(recordHash: string, prepare: () => Program): Program {
    const known = this.#byRecordHash.get(recordHash);
    if (known !== undefined) {
      this.#byRecordHash.delete(recordHash);
      this.#byRecordHash.set(recordHash, known);
      return known;
    }
    const program = prepare();
    this.#byRecordHash.set(recordHash, program);
    this.#bytes += sizeOf(program);
    for (const [oldest, dropped] of this.#byRecordHash) {
      if (this.#bytes <= this.#bytesMax || dropped === program) break;
      this.#byRecordHash.delete(oldest);
      this.#bytes -= sizeOf(dropped);
    }
    return program;
  }
}

function sizeOf({ prepared }: Program): number {
  return prepared.wasm.length;
}

/** Programs out of a library. Asks the library for every record once, even where the cache knows it. */
export class ProgramSource implements Programs {
  readonly #library: CodeLibrary;
  readonly #cache: ProgramCache;
  /** By the first 48 bits of the record hash: a number, since this is asked at every call. */
  readonly #known = new Map<number, Program>();
  #knownBytes = 0;

  constructor(library: CodeLibrary, cache: ProgramCache) {
    this.#library = library;
    this.#cache = cache;
  }

  get(record: Uint8Array, recordHash: Uint8Array): Program {
    const prefix = hashPrefix(recordHash);
    const known = this.#known.get(prefix);
    if (known !== undefined && equalBytes(known.recordHash, recordHash)) return known;
    const fields = decodeCodeRecord(record);
    const wasm = this.#library.wasm(fields.wasmHash);
    if (wasm === undefined) throw missing("Wasm", fields.wasmHash);
    const rules = this.#library.prepareRules(fields.rulesHash);
    if (rules === undefined) throw missing("prepare rules", fields.rulesHash);
    const program = this.#cache.get(toHex(recordHash), () => {
      const prepared = prepareModule(wasm, rules);
      if (!equalBytes(prepared.recordHash, recordHash)) throw mismatch(fields.wasmHash);
      return {
        recordHash: prepared.recordHash,
        prepared,
        pagesInitial: fields.pagesInitial,
        compiled: undefined,
      };
    });
    // The cache knows programs by hash: that the state holds this very record must not depend on it.
    if (!equalBytes(program.prepared.record, record)) throw mismatch(fields.wasmHash);
    this.#remember(prefix, program);
    return program;
  }

  /** Holds no more than a cache does: otherwise nothing would ever leave that. */
  #remember(prefix: number, program: Program): void {
    this.#knownBytes += sizeOf(program);
    if (this.#knownBytes > CACHE_BYTES_MAX) {
      this.#known.clear();
      this.#knownBytes = sizeOf(program);
    }
    this.#known.set(prefix, program);
  }
}

/** The first 48 bits of a hash [32], as a number. */
export function hashPrefix(hash: Uint8Array): number {
  const high = hash[0]! * 256 + hash[1]!;
  const low = ((hash[2]! << 24) | (hash[3]! << 16) | (hash[4]! << 8) | hash[5]!) >>> 0;
  return high * 2 ** 32 + low;
}

function missing(what: string, hash: Uint8Array): EngineError {
  return new EngineError({ code: "CODE_MISSING", message: `no ${what} with hash ${toHex(hash)}` });
}

function mismatch(wasmHash: Uint8Array): EngineError {
  return new EngineError({
    code: "CODE_MISMATCH",
    message: `the Wasm with hash ${toHex(wasmHash)} prepares to another code record than state holds`,
  });
}
