// Finds a contract for a test: compiles AssemblyScript source (where it changed) or reads Wasm
// that carries its ABI.

import { existsSync, readFileSync } from "node:fs";
import { relative, resolve } from "node:path";
import type { ContractAbi } from "../abi/abi.ts";
import { parseAbi } from "../abi/parse-abi.ts";
import { ABI_SECTION } from "../contract/build.ts";
import { buildCached } from "../contract/build-cache.ts";
import { readSection } from "../contract/custom-section.ts";
import { EngineError } from "../errors.ts";

export interface LoadedContract {
  readonly wasm: Uint8Array;
  readonly abi: ContractAbi;
  readonly abiJson: string;
  /** Empty where there is none. */
  readonly sourceMap: string;
}

const built = new Map<string, Promise<LoadedContract>>();

/**
 * The Wasm and ABI behind `path`, which ends in `.ts` or `.wasm`.
 * @throws BUILD_… when the source does not compile · TEST_CONTRACT_UNREADABLE
 */
export function loadContract(path: string): Promise<LoadedContract> {
  const full = resolve(path);
  let contract = built.get(full);
  if (contract === undefined) {
    contract = full.endsWith(".ts") ? compile(full) : Promise.resolve(full).then(readWasm);
    built.set(full, contract);
  }
  return contract;
}

function compile(full: string): Promise<LoadedContract> {
  const baseDir = process.cwd();
  return buildCached({ entry: relative(baseDir, full).replaceAll("\\", "/"), baseDir });
}

function readWasm(full: string): LoadedContract {
  let wasm: Uint8Array;
  try {
    wasm = new Uint8Array(readFileSync(full));
  } catch (cause) {
    throw unreadable(full, "it cannot be read", cause);
  }
  const section = readSection(wasm, ABI_SECTION);
  if (section === undefined) throw unreadable(full, `it has no section ${ABI_SECTION}`, undefined);
  const abiJson = new TextDecoder().decode(section);
  const map = `${full}.map`;
  const sourceMap = existsSync(map) ? readFileSync(map, "utf8") : "";
  return { wasm, abi: parseAbi(JSON.parse(abiJson)), abiJson, sourceMap };
}

function unreadable(full: string, why: string, cause: unknown): EngineError {
  return new EngineError({
    code: "TEST_CONTRACT_UNREADABLE",
    message: `no contract at ${full}: ${why}`,
    where: { file: full },
    cause,
  });
}
