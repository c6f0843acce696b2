// Opens a scenario and every file that it names: rules, modules, and AssemblyScript, which is built as
// `plasma build` builds it. After this nothing of a run depends on the disk, so a missing file is told
// before the first block and not after the tenth.
import { existsSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import type { ContractAbi } from "../../host/abi/abi.ts";
import { parseAbi } from "../../host/abi/parse-abi.ts";
import { ABI_SECTION } from "../../host/contract/build.ts";
import { buildCached } from "../../host/contract/build-cache.ts";
import { readSection } from "../../host/contract/custom-section.ts";
import { EngineError } from "../../host/errors.ts";
import { TRANSACTION_BYTES_MAX } from "../../host/limits.ts";
import { parseRulesText } from "../../host/rules/parse-rules.ts";
import type { Rules } from "../../host/rules/rules.ts";
import { inFile, readBytes, readText } from "../files.ts";
import { scenarioError } from "./json-field.ts";
import { parseScenario, SCENARIO_BYTES_MAX } from "./parse-scenario.ts";
import type { Scenario, ScenarioRules } from "./scenario.ts";

const RULES_BYTES_MAX = 262_144;
const MAP_BYTES_MAX = 64 * 1_048_576;

/** A module that a scenario deploys. */
export interface LoadedModule {
  readonly wasm: Uint8Array;
  /** Absent where the module carries none. */
  readonly abi?: ContractAbi;
  readonly abiJson?: string;
  /** Where one lies beside the module, or its source was built here. */
  readonly sourceMap?: string;
}

export interface LoadedScenario {
  readonly file: string;
  readonly scenario: Scenario;
  /** Of the genesis. */
  readonly rules: Rules;
  /** By block, those that apply to it. */
  readonly blockRules: readonly Rules[];
  /** By the path as the scenario writes it. */
  readonly modules: ReadonlyMap<string, LoadedModule>;
}

/** @throws SCENARIO_…, RULES_…, FILE_…, ABI_…, BUILD_…, with the scenario's file */
export async function loadScenario(file: string): Promise<LoadedScenario> {
  const scenario = inFile(file, () => parseScenario(readText(file, SCENARIO_BYTES_MAX)));
  const folder = file === "-" ? "." : dirname(file);
  const modules = new Map<string, LoadedModule>();
  for (const { transactions } of scenario.blocks) {
    for (const entry of transactions) {
      if (entry.kind !== "deploy" || modules.has(entry.file)) continue;
      modules.set(entry.file, await loadModule(resolve(folder, entry.file), file, entry.path));
    }
  }
  const rules = loadRules(scenario.rules, folder);
  let current = rules;
  const blockRules = scenario.blocks.map((block) => {
    if (block.rules !== undefined) current = loadRules(block.rules, folder);
    return current;
  });
  return { file, scenario, rules, blockRules, modules };
}

function loadRules(rules: ScenarioRules, folder: string): Rules {
  if (!("file" in rules)) return rules;
  const file = resolve(folder, rules.file);
  return inFile(file, () => parseRulesText(readText(file, RULES_BYTES_MAX)));
}

async function loadModule(file: string, scenario: string, path: string): Promise<LoadedModule> {
  if (!existsSync(file)) {
    const error = scenarioError(
      "FILE_NOT_FOUND",
      `${path}.deploy`,
      `there is no file ${file}`,
      file.endsWith(".wasm")
        ? 'build the contract first with "plasma build"; paths are relative to the scenario'
        : "paths are relative to the scenario",
    );
    throw inFile(scenario, () => {
      throw error;
    });
  }
  if (file.endsWith(".ts")) return buildModule(file);
  const wasm = readBytes(file, TRANSACTION_BYTES_MAX);
  const map = `${file}.map`;
  const sourceMap = existsSync(map) ? { sourceMap: readText(map, MAP_BYTES_MAX) } : {};
  const abiJson = abiSection(wasm);
  if (abiJson === undefined) return { wasm, ...sourceMap };
  return { wasm, abi: inFile(file, () => parseAbi(readJson(abiJson))), abiJson, ...sourceMap };
}

/** What is no Wasm has no ABI; that it is none is for prepare to say, as an outcome. */
function abiSection(wasm: Uint8Array): string | undefined {
  try {
    const section = readSection(wasm, ABI_SECTION);
    return section === undefined ? undefined : new TextDecoder().decode(section);
  } catch (error) {
    if (error instanceof EngineError) return undefined;
    throw error;
  }
}

/** @throws ABI_SYNTAX */
function readJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    const message = `the section ${ABI_SECTION} is not JSON`;
    throw new EngineError({ code: "ABI_SYNTAX", message, cause });
  }
}

/** Builds as from the project's folder, since the source's path there is part of the module's bytes. */
export async function buildModule(file: string): Promise<Required<LoadedModule>> {
  const baseDir = projectFolder(file);
  const entry = relative(baseDir, resolve(file)).replaceAll("\\", "/");
  const { wasm, abi, abiJson, sourceMap } = await buildCached({ entry, baseDir });
  return { wasm, abi, abiJson, sourceMap };
}

/** The nearest folder above with a package.json, else the file's own. */
function projectFolder(file: string): string {
  const own = dirname(resolve(file));
  for (let folder = own; ; folder = dirname(folder)) {
    if (existsSync(join(folder, "package.json"))) return folder;
    if (dirname(folder) === folder) return own;
  }
}
