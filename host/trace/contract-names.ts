// What is known of a contract beside its code: ABI and source lines, by the hash of its Wasm. Artifacts that
// the user names come first, then the bundle's debug part, then the ABI inside the Wasm. All of it is
// untrusted: what cannot be read is as if it were not there.
import type { ContractAbi } from "../abi/abi.ts";
import { parseAbi } from "../abi/parse-abi.ts";
import type { DebugEntry } from "../chain/bundle.ts";
import { toHex } from "../codec/hex.ts";
import { bytesHash } from "../codec/trees.ts";
import { EngineError } from "../errors.ts";
import { customSection } from "../program/names.ts";
import type { Prepared } from "../program/prepare.ts";
import { WordPlaces } from "../program/word-places.ts";
import { SourceLines } from "./source-lines.ts";

/** Names for one module. */
export interface ModuleNames {
  readonly abi: ContractAbi | undefined;
  readonly lines: SourceLines | undefined;
}

const ABI_SECTION = "plasma.abi";
const utf8 = new TextDecoder();

export class ContractNames {
  /** By Wasm hash; what is named first comes first. */
  readonly #entries = new Map<string, DebugEntry[]>();
  readonly #modules = new Map<string, ModuleNames>();
  readonly #places = new Map<Prepared, WordPlaces>();

  /** `entries` in order of preference. */
  constructor(entries: readonly DebugEntry[]) {
    for (const entry of entries) {
      const hash = toHex(entry.wasmHash);
      const known = this.#entries.get(hash);
      if (known === undefined) this.#entries.set(hash, [entry]);
      else known.push(entry);
    }
  }

  /** Names for a module that runs, or that prepare refused. */
  module(wasm: Uint8Array, wasmHash = bytesHash(wasm)): ModuleNames {
    const hash = toHex(wasmHash);
    let names = this.#modules.get(hash);
    if (names === undefined) {
      names = this.#read(hash, wasm);
      this.#modules.set(hash, names);
    }
    return names;
  }

  /** ABIs of all modules asked for so far. */
  abis(): ContractAbi[] {
    return [...this.#modules.values()].flatMap(({ abi }) => abi ?? []);
  }

  places(prepared: Prepared): WordPlaces {
    let places = this.#places.get(prepared);
    if (places === undefined) {
      places = new WordPlaces(prepared);
      this.#places.set(prepared, places);
    }
    return places;
  }

  #read(hash: string, wasm: Uint8Array): ModuleNames {
    const entries = this.#entries.get(hash) ?? [];
    const section = customSection(wasm, ABI_SECTION);
    const abis = [...entries.map(({ abi }) => abi), ...(section === undefined ? [] : [section])];
    const maps = entries.map(({ sourceMap }) => sourceMap);
    return { abi: first(abis, readAbi), lines: first(maps, SourceLines.read) };
  }
}

function first<T>(
  texts: readonly Uint8Array[],
  read: (text: string) => T | undefined,
): T | undefined {
  for (const text of texts) {
    const found = text.length === 0 ? undefined : read(utf8.decode(text));
    if (found !== undefined) return found;
  }
  return undefined;
}

function readAbi(text: string): ContractAbi | undefined {
  try {
    return parseAbi(JSON.parse(text));
  } catch (error) {
    if (error instanceof EngineError || error instanceof SyntaxError) return undefined;
    throw error;
  }
}
