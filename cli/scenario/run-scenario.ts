// Runs a loaded scenario, block by block, on a store: builds each body, executes it and compares what
// came of every entry with what the scenario expects. Writes nothing and prints nothing; `onBlock` gets
// each block with its bundle as soon as it is durable.
import { fromHex, type Hex, toHex } from "../../host/codec/hex.ts";
import { bytesHash } from "../../host/codec/trees.ts";
import {
  createEnvironment,
  type DebugInfo,
  type Environment,
  type StoreLocation,
} from "../../host/environment/environment.ts";
import type { ExecutedBlock, ExecutedEntry } from "../../host/environment/environment-core.ts";
import { Outcome } from "../../host/outcome.ts";
import type { Rules } from "../../host/rules/rules.ts";
import { Actors } from "./actors.ts";
import { type BuiltEntry, buildBody } from "./build-body.ts";
import { checkExpectation, type Mismatch } from "./expectation.ts";
import { scenarioError } from "./json-field.ts";
import type { LoadedModule, LoadedScenario } from "./load-scenario.ts";
import { PRODUCER } from "./scenario.ts";

/** First time of a scenario that names none. */
const FIRST_TIME = 1_700_000_000n;

/** An entry after execution. */
export interface RunEntry extends BuiltEntry {
  readonly executed: ExecutedEntry;
  /** In which way it is not what the scenario expects. */
  readonly mismatches: readonly Mismatch[];
}

export interface RunBlock {
  readonly executed: ExecutedBlock;
  readonly time: bigint;
  readonly rules: Rules;
  /** Whether the block before had others. */
  readonly isChange: boolean;
  readonly entries: readonly RunEntry[];
}

export interface RunOptions {
  readonly store: StoreLocation;
  /** Whether to make bundles, with ABIs and source maps of the modules deployed so far. */
  readonly bundles: boolean;
  /** Hears of a block before it is executed; the result hears how many entries are done. */
  readonly onStart?: (height: bigint, transactions: number) => (done: number) => void;
  readonly onBlock?: (block: RunBlock, actors: Actors) => void | Promise<void>;
}

export interface Run {
  readonly environment: Hex;
  readonly actors: Actors;
  /** Failed expectations over all blocks. */
  readonly failed: number;
  /** Entries that expected anything. */
  readonly checked: number;
}

/** Runs every block. @throws SCENARIO_…, ABI_… with the JSON path; STATE_…, HOST_FAULT, BODY_TOO_LARGE */
export async function runScenario(loaded: LoadedScenario, options: RunOptions): Promise<Run> {
  const { scenario, rules } = loaded;
  const actors = new Actors(scenario);
  const genesis = [...scenario.accounts].map(([name, balance]) => ({
    address: actors.address(name),
    balance,
  }));
  const environment = await createEnvironment({ rules, store: options.store, genesis });
  try {
    const chain = new ScenarioChain(environment, loaded, actors, options);
    for (const [index, block] of scenario.blocks.entries()) await chain.runBlock(index, block.time);
    return { environment: environment.id, actors, failed: chain.failed, checked: chain.checked };
  } finally {
    await environment.close();
  }
}

class ScenarioChain {
  failed = 0;
  checked = 0;
  #time: bigint | undefined;
  readonly #nonces = new Map<string, bigint>();
  readonly #deployed = new Set<LoadedModule>();
  readonly #environment: Environment;
  readonly #loaded: LoadedScenario;
  readonly #actors: Actors;
  readonly #options: RunOptions;

  constructor(
    environment: Environment,
    loaded: LoadedScenario,
    actors: Actors,
    options: RunOptions,
  ) {
    this.#environment = environment;
    this.#loaded = loaded;
    this.#actors = actors;
    this.#options = options;
  }

  async runBlock(index: number, time: bigint | undefined): Promise<void> {
    const { blockRules, modules, scenario } = this.#loaded;
    const rules = blockRules[index]!;
    const isChange = rules !== (blockRules[index - 1] ?? this.#loaded.rules);
    const entries = scenario.blocks[index]!.transactions;
    const body = buildBody(
      {
        rules,
        environmentId: fromHex(this.#environment.id, 32),
        actors: this.#actors,
        modules,
        nonces: this.#nonces,
      },
      entries,
    );
    for (const entry of entries) {
      if (entry.kind === "deploy") this.#deployed.add(modules.get(entry.file)!);
    }
    this.#time = this.#nextTime(index, time);
    const onProgress = this.#options.onStart?.(this.#environment.head.height + 1n, body.length);
    const executed = await this.#environment.executeBlock({
      time: this.#time,
      producer: this.#actors.address(PRODUCER),
      transactions: body.map(({ bytes }) => bytes),
      ...(isChange ? { rules } : {}),
      bundle: this.#options.bundles,
      debug: this.#debug(),
      ...(onProgress === undefined ? {} : { onProgress }),
    });
    const compared = this.#compare(body, executed);
    const run: RunBlock = { executed, time: this.#time, rules, isChange, entries: compared };
    await this.#options.onBlock?.(run, this.#actors);
  }

  /** @throws SCENARIO_TIME when the default is over u64 */
  #nextTime(index: number, given: bigint | undefined): bigint {
    if (given !== undefined) return given;
    if (this.#time === undefined) return FIRST_TIME;
    const time = this.#time + BigInt(this.#loaded.blockRules[index]!.block.intervalSeconds);
    if (time < 2n ** 64n) return time;
    const message = `got ${time}, the rules' interval after the block before, expected a u64`;
    throw scenarioError("SCENARIO_TIME", `blocks[${index}]`, message);
  }

  #compare(body: readonly BuiltEntry[], executed: ExecutedBlock): RunEntry[] {
    return body.map((built, i) => {
      const entry = executed.entries[i]!;
      if (built.entry.kind !== "raw" && entry.outcome !== Outcome.skipped) {
        const { from } = built.entry;
        this.#nonces.set(from, (this.#nonces.get(from) ?? 0n) + 1n);
      }
      const mismatches = checkExpectation(built, entry, this.#actors);
      if (Object.keys(built.entry.expect).length > 0) this.checked += 1;
      this.failed += mismatches.length;
      return { ...built, executed: entry, mismatches };
    });
  }

  /** Each module once: two files may hold the same bytes. */
  #debug(): DebugInfo[] {
    if (!this.#options.bundles) return [];
    const entries = new Map<Hex, DebugInfo>();
    for (const { wasm, abiJson = "", sourceMap = "" } of this.#deployed) {
      if (abiJson === "" && sourceMap === "") continue;
      const wasmHash = toHex(bytesHash(wasm));
      entries.set(wasmHash, { wasmHash, abiJson, sourceMap });
    }
    return [...entries.values()];
  }
}
