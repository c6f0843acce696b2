// `plasma build [PATH]`: contracts of a project to Wasm, ABI and source map. Every module is checked
// as a deploy would check it; a module that could not be deployed is written all the same, for
// `plasma inspect`, and the exit code is 1.
import { existsSync, watch } from "node:fs";
import { join, relative, resolve } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { toHex } from "../../host/codec/hex.ts";
import { bytesHash } from "../../host/codec/trees.ts";
import { contractTypes } from "../../host/contract/contract-types.ts";
import { EngineError } from "../../host/errors.ts";
import type { CliCommand, CommandContext, CommandOptions, CommandResult } from "../command.ts";
import { settingValue } from "../configuration.ts";
import { type ContractProject, findContracts } from "../contract-sources.ts";
import { ExitCode } from "../exit-codes.ts";
import { interruption, readText, writeChanged } from "../files.ts";
import { loadRules } from "../load-rules.ts";
import { checkModule, refusalLines } from "../module-check.ts";
import { failureOf, failureText } from "../output.ts";
import { earlierAbi, renamedStorage } from "../renamed-storage.ts";

/** Editors write a file in several steps; a build waits until they are over. */
const SETTLE_MS = 80;

interface BuildSettings {
  readonly out: string;
  readonly rules: string;
  readonly source: string;
}

function readSettings(path: string, options: CommandOptions): BuildSettings {
  const folder = path.endsWith(".ts") ? "." : path;
  const value = (name: string) => settingValue(name, options, folder)!;
  return { out: value("out"), rules: value("rules"), source: value("source") };
}

async function buildProject(project: ContractProject, settings: BuildSettings) {
  // Loading the driver takes time that no other command should pay.
  const { buildCached } = await import("../../host/contract/build-cache.ts");
  const rules = loadRules(settings.rules);
  const contracts = [];
  for (const { name, entry } of project.contracts) {
    const built = await buildCached({ entry, baseDir: project.folder });
    const base = resolve(project.folder, settings.out, name);
    const files = {
      wasm: `${base}.wasm`,
      abi: `${base}.abi.json`,
      sourceMap: `${base}.wasm.map`,
      types: `${base}.ts`,
    };
    const before = existsSync(files.abi) ? earlierAbi(readText(files.abi)) : undefined;
    const source = readText(join(project.folder, entry));
    const renamed = before === undefined ? [] : renamedStorage(before, built.abi, entry, source);
    writeChanged(files.wasm, built.wasm);
    writeChanged(files.abi, `${built.abiJson}\n`);
    writeChanged(files.sourceMap, built.sourceMap);
    writeChanged(files.types, contractTypes(built.abi, entry));
    const { accepted, refusals } = checkModule(built.wasm, rules, built.sourceMap);
    contracts.push({
      name,
      source: entry,
      wasm: relative(".", files.wasm),
      abi: relative(".", files.abi),
      sourceMap: relative(".", files.sourceMap),
      types: relative(".", files.types),
      bytes: built.wasm.length,
      codeHash: toHex(bytesHash(built.wasm)),
      accepted,
      refusals,
      warnings: [built.warnings, ...renamed].filter((text) => text !== "").join("\n"),
    });
  }
  return contracts;
}

/** What a build came to. */
export interface BuildResult {
  readonly accepted: boolean;
  readonly contracts: Awaited<ReturnType<typeof buildProject>>;
  readonly text: string;
}

/** @throws BUILD_…, FILE_…, BUILD_NO_CONTRACT */
export async function buildOnce(
  context: CommandContext,
  path: string,
  options: CommandOptions,
): Promise<BuildResult> {
  const settings = readSettings(path, options);
  const contracts = await buildProject(findContracts(path, settings.source), settings);
  const accepted = contracts.every((contract) => contract.accepted);
  const { colors } = context;
  const lines = contracts.flatMap((contract) => {
    if (contract.warnings !== "") context.note(contract.warnings.trimEnd());
    const size = `${contract.bytes} bytes, code ${contract.codeHash}`;
    const state = contract.accepted ? colors.green("built") : colors.red("refused");
    return [
      `${state} ${colors.bold(contract.wasm)} from ${contract.source}: ${size}`,
      ...refusalLines(contract.wasm, contract.refusals, colors),
    ];
  });
  return { accepted, contracts, text: lines.join("\n") };
}

/** Builds at every change until interrupted; the compiler stays loaded. One line for each build that works. */
async function buildAndWatch(
  context: CommandContext,
  path: string,
  options: CommandOptions,
): Promise<never> {
  const { source } = readSettings(path, options);
  const { folder } = findContracts(path, source);
  const changes = new Changes(join(folder, source));
  for (;;) {
    try {
      context.line(await buildLine(context, path, options));
    } catch (error) {
      // A source that does not compile is what watching is for; our own bug ends it.
      if (!(error instanceof EngineError)) throw error;
      context.note(failureText(failureOf(error), context.colors).trimEnd());
    }
    await changes.next();
  }
}

async function buildLine(
  context: CommandContext,
  path: string,
  options: CommandOptions,
): Promise<string> {
  const { accepted, contracts, text } = await buildOnce(context, path, options);
  if (!accepted) return text;
  const sizes = contracts.map(({ name, bytes }) => `${name} ${bytes} bytes`);
  return `${context.colors.green("built")} ${sizes.join(", ")}; waiting for changes`;
}

/** Changes in a folder, none lost: one that comes while a build runs makes the next begin at once. */
class Changes {
  #hasChanged = false;
  #tell: () => void = () => {};

  constructor(folder: string) {
    watch(folder, { recursive: true, signal: interruption }, () => {
      this.#hasChanged = true;
      this.#tell();
    });
  }

  /** The next change, and the end of its last step. */
  async next(): Promise<void> {
    while (!this.#hasChanged) {
      await new Promise<void>((tell) => {
        this.#tell = tell;
      });
    }
    while (this.#hasChanged) {
      this.#hasChanged = false;
      await sleep(SETTLE_MS);
    }
  }
}

export const buildCommand: CliCommand = {
  name: "build",
  group: "author",
  summary: "compile contracts to Wasm, ABI and source map, and check them",
  examples: ["plasma build", "plasma build assembly/counter.ts --out made --json"],
  configure: (command) =>
    command
      .argument("[path]", "a project's folder or one source file", ".")
      .option("-o, --out <dir>", "folder to write to, from the project's folder (build)")
      .option("--source <dir>", "folder of the sources (assembly)")
      .option("--rules <rules>", "rules that modules are checked under: preset or file (general)")
      .option("--watch", "build again at every change, until Ctrl-C"),
  run: async (context, [path = "."], options): Promise<CommandResult> => {
    if (options.watch !== true) {
      const { accepted, contracts, text } = await buildOnce(context, path, options);
      const exitCode = accepted ? ExitCode.ok : ExitCode.failed;
      return { document: { accepted, contracts }, text, exitCode };
    }
    if (context.json) {
      throw new EngineError({
        code: "CLI_ARGUMENT_INVALID",
        message: "--watch prints a result per change, --json exactly one",
        hint: "leave one of them out",
      });
    }
    return buildAndWatch(context, path, options);
  },
};
