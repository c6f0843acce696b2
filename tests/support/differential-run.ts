// The differential run: cases out of one seed, by index, so that any of them can be repeated alone. A case is a
// world of random contracts on V8 and in the machine, a batch of random modules under the laws of metering, or
// a module of binaryen's fuzzer. Used by the test with few cases and by `npm run differential` with many.
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import {
  nativeHostCrypto,
  nativeSignatureChecker,
  nativeSigner,
  nativeStateHasher,
} from "../../host/environment/native.ts";
import { EngineError } from "../../host/errors.ts";
import { Machine } from "../../host/machine/machine.ts";
import { prepareModule } from "../../host/program/prepare.ts";
import type { ChainPlatform } from "./contract-chain.ts";
import { contractsOf, runWorld } from "./contract-world.ts";
import { contractEndings, EndingCounts, moduleEndings } from "./ending-counts.ts";
import { fuzzModule } from "./fuzz-module.ts";
import { entriesOf, LawsOfMetering, lawRules } from "./laws-of-metering.ts";
import { Random } from "./random.ts";
import { randomModule } from "./random-module.ts";

const MODULES_PER_BATCH = 3;
const ENTRIES_MAX = 3;
const FUZZ_ENTRIES_MAX = 24;
const FUZZ_BYTES = 20_000;
const GAS_LIMITS = [400, 4_000, 40_000];

export type CaseKind = "contracts" | "modules" | "binaryen";

const platform: ChainPlatform = {
  hasher: nativeStateHasher(),
  crypto: nativeHostCrypto,
  signatures: nativeSignatureChecker,
  signer: nativeSigner,
};

/** How many of its steps each block of a world may have proven. */
export interface ProofBudget {
  proofsOf(worldIndex: number): number;
}

export interface Finding {
  readonly index: number;
  readonly kind: CaseKind;
  readonly message: string;
  readonly files: readonly string[];
  /** The command that repeats the case. */
  readonly again: string;
}

/** What a run came to so far. */
export interface DifferentialReport {
  readonly seed: number;
  cases: number;
  /** Module and gas limit pairs. */
  pairs: number;
  /** Steps of blocks in the machine, and how many of them both judges have decided. */
  steps: number;
  proven: number;
  mismatches: number;
  readonly endings: EndingCounts;
  readonly findings: Finding[];
}

/** Endings that no case met, though a run of some length must. */
export const missingEndings = ({ endings }: DifferentialReport): string[] =>
  endings.missing([...moduleEndings, ...contractEndings]);

/** Cases of one seed. */
export class DifferentialRun {
  readonly report: DifferentialReport;
  readonly #budget: ProofBudget;
  /** Where a failing module is kept. */
  readonly #folder: string;
  readonly #machine = new Machine();

  constructor(seed: number, budget: ProofBudget, folder: string) {
    this.#budget = budget;
    this.#folder = folder;
    const counts = { cases: 0, pairs: 0, steps: 0, proven: 0, mismatches: 0 };
    this.report = { seed, ...counts, endings: new EndingCounts(), findings: [] };
  }

  /** Every third case is a world; binaryen, which takes seconds, comes once in fifty. */
  kindOf(index: number): CaseKind {
    if (index % 50 === 49) return "binaryen";
    return index % 3 === 0 ? "contracts" : "modules";
  }

  /** Runs a case; a mismatch, a host fault and a refused module are noted as findings. */
  async run(index: number): Promise<void> {
    const { report } = this;
    report.cases += 1;
    try {
      await this.#runCase(index);
    } catch (thrown) {
      const isFinding = thrown instanceof EngineError || (thrown as Error).name === "Disagreement";
      if (!isFinding) throw thrown;
      report.mismatches += 1;
      report.findings.push(this.#keep(index, (thrown as Error).message));
    }
  }

  /** Apart from those of other cases and of neighbouring seeds. */
  #seedOf(index: number): number {
    return new Random(Math.imul(this.report.seed, 0x9e37_79b1) ^ (index * 64)).next();
  }

  async #runCase(index: number): Promise<void> {
    const { report } = this;
    const seed = this.#seedOf(index);
    switch (this.kindOf(index)) {
      case "contracts": {
        const proofsMax = this.#budget.proofsOf(index / 3);
        const counts = report.endings;
        const machine = this.#machine;
        const end = await runWorld({ seed, platform, counts, machine, proofsMax });
        report.pairs += end.pairs;
        report.steps += end.steps;
        report.proven += end.proven;
        return;
      }
      case "modules":
        for (let i = 0; i < MODULES_PER_BATCH; i++) {
          this.checkModule(`seed ${seed + i}`, randomModule(seed + i).wasm, seed + i, ENTRIES_MAX);
        }
        return;
      default:
        this.checkModule(`binaryen ${seed}`, fuzzModule(seed, FUZZ_BYTES), seed, FUZZ_ENTRIES_MAX);
    }
  }

  /** A module's last entries under each limit, in V8, in the oracle and in the machine. */
  checkModule(name: string, wasm: Uint8Array, seed: number, entriesMax: number): void {
    const { report } = this;
    const prepared = prepareOrNothing(name, wasm);
    if (prepared === undefined) return;
    const laws = new LawsOfMetering(name, prepared, this.#machine);
    const random = new Random(seed ^ 0x5eed);
    for (const entry of entriesOf(prepared, random).slice(-entriesMax)) {
      for (const limit of GAS_LIMITS) {
        const depth = random.oneIn(3) ? 20 + random.below(500) : 65_536;
        laws.check(entry, BigInt(limit + random.below(limit)), depth, report.endings);
        report.pairs += 1;
      }
    }
  }

  #keep(index: number, message: string): Finding {
    const { seed } = this.report;
    const kind = this.kindOf(index);
    mkdirSync(this.#folder, { recursive: true });
    const files = modulesOf(kind, this.#seedOf(index)).map((wasm, i) => {
      const file = join(this.#folder, `${kind}-${seed}-${index}-${i}.wasm`);
      writeFileSync(file, wasm);
      return file;
    });
    const again = `npm run differential -- --seed ${seed} --case ${index}`;
    return { index, kind, message, files, again };
  }
}

/** Binaryen makes some modules that are over a limit of ours; every other refusal is a finding. */
function prepareOrNothing(name: string, wasm: Uint8Array) {
  try {
    return prepareModule(wasm, lawRules, { entryRequired: false });
  } catch (thrown) {
    const isLimit = thrown instanceof EngineError && thrown.code.startsWith("WASM_LIMIT_");
    if (isLimit && name.startsWith("binaryen")) return undefined;
    throw thrown;
  }
}

function modulesOf(kind: CaseKind, seed: number): Uint8Array[] {
  if (kind === "contracts") return contractsOf(seed);
  if (kind === "binaryen") return [fuzzModule(seed, FUZZ_BYTES)];
  return Array.from({ length: MODULES_PER_BATCH }, (_, i) => randomModule(seed + i).wasm);
}
