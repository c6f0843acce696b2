// `plasma bench SCENARIO`: what a scenario of one's own costs. It is run once as `plasma run` does it,
// which gives the bodies, the witnesses and what to compare with; then the bench thread repeats its blocks
// on fresh environments. Rates are of whole blocks; times by method, ns per gas and the overhead of
// metering are of transactions alone.
import { decodeBundle } from "../../host/chain/bundle.ts";
import { type Hex, toHex } from "../../host/codec/hex.ts";
import { bytesHash } from "../../host/codec/trees.ts";
import { memoryStore } from "../../host/environment/environment.ts";
import { EngineError } from "../../host/errors.ts";
import type { Outcome } from "../../host/outcome.ts";
import { encodeRules } from "../../host/rules/encode-rules.ts";
import { inFileAsync } from "../files.ts";
import { invalidArgument } from "../invalid-argument.ts";
import { counted } from "../output.ts";
import { Actors } from "../scenario/actors.ts";
import type { LoadedScenario } from "../scenario/load-scenario.ts";
import { countOutcomes } from "../scenario/run-report.ts";
import { runScenario } from "../scenario/run-scenario.ts";
import { PRODUCER } from "../scenario/scenario.ts";
import { measure } from "./bench-thread.ts";
import type { ScenarioBenchBlock, ScenarioResult } from "./measure-scenario.ts";
import { type CalledEntry, callOf, type MethodFigures, methodFigures } from "./method-figures.ts";
import { type Quartiles, quartiles, significant, significantQuartiles } from "./samples.ts";
import type { BenchInput, BenchReport, BenchSuite, BenchTable } from "./suite.ts";

/** A scenario is what it is: sizes differ in how often it is repeated. */
const SHAPES = {
  small: { rounds: 3, warmRounds: 1, warmMillis: 0 },
  large: { rounds: 15, warmRounds: 3, warmMillis: 1_000 },
} as const;

/** Samples of transactions that are kept until the end; 8 bytes each, in two threads. */
const SAMPLES_MAX = 20_000_000;
/** Rows of methods on the terminal; the JSON has all. */
const METHOD_ROWS_MAX = 20;

/** What the scenario's own run came to. */
interface FirstRun {
  readonly blocks: readonly ScenarioBenchBlock[];
  readonly entries: readonly CalledEntry[];
  readonly outcomes: Readonly<Record<keyof typeof Outcome, number>>;
  readonly gasUsed: number;
  readonly witnessBytes: number;
  readonly expectations: { readonly checked: number; readonly failed: number };
}

/**
 * The suite that measures a loaded scenario.
 * @throws SCENARIO_RANGE without a transaction to measure
 */
export function scenarioSuite(loaded: LoadedScenario): BenchSuite {
  const { file, scenario } = loaded;
  if (scenario.blocks.every(({ transactions }) => transactions.length === 0)) {
    throw new EngineError({
      code: "SCENARIO_RANGE",
      message: "got a scenario without transactions, expected one to measure",
      where: { file, field: "blocks" },
      hint: "give a scenario with at least one transaction",
    });
  }
  const scenarioHash = hashOf(loaded);
  return {
    name: "scenario",
    measures: "your own transactions: rate, gas, time by method, witness, overhead of metering",
    scenarioHash,
    run: (input) => inFileAsync(file, () => run(input, loaded, scenarioHash)),
  };
}

/**
 * Hash of the scenario as it was read. Contracts and files of rules are not part of it: a report on the
 * same transactions with another build of a contract is what a baseline is for.
 */
function hashOf({ scenario }: LoadedScenario): Hex {
  const { seed, accounts, blocks } = scenario;
  const text = JSON.stringify([seed, [...accounts], blocks], (_key, value: unknown) =>
    typeof value === "bigint" ? String(value) : value,
  );
  return toHex(bytesHash(new TextEncoder().encode(text)));
}

async function firstRun(loaded: LoadedScenario): Promise<FirstRun> {
  const blocks: ScenarioBenchBlock[] = [];
  const entries: CalledEntry[] = [];
  let outcomes = { success: 0, revert: 0, trap: 0, skipped: 0 };
  let gasUsed = 0;
  let witnessBytes = 0;
  const { checked, failed } = await runScenario(loaded, {
    store: memoryStore(),
    bundles: true,
    onBlock: (block, actors) => {
      const { blockHash, stateRoot, bundle } = block.executed;
      const transactions = block.entries.map(({ bytes }) => bytes);
      const rules = block.isChange ? { rules: encodeRules(block.rules) } : {};
      blocks.push({ time: block.time, ...rules, transactions, blockHash, stateRoot });
      for (const entry of block.entries) entries.push(callOf(entry, actors));
      outcomes = countOutcomes(outcomes, block);
      gasUsed += Number(block.executed.gasUsed);
      witnessBytes += decodeBundle(bundle!).witness.length;
    },
  });
  return { blocks, entries, outcomes, gasUsed, witnessBytes, expectations: { checked, failed } };
}

/** @throws CLI_ARGUMENT_INVALID when that many samples would not fit in memory */
function refuseMany(rounds: number, transactions: number): void {
  if (rounds * transactions <= SAMPLES_MAX) return;
  const most = Math.max(1, Math.floor(SAMPLES_MAX / transactions));
  const got = `${rounds} of ${counted(transactions, "transaction")}`;
  throw invalidArgument("--repetitions", `got ${got}, expected at most ${most}`);
}

async function run(
  { context, size, repetitions }: BenchInput,
  loaded: LoadedScenario,
  scenarioHash: Hex,
): Promise<BenchReport> {
  const shape = SHAPES[size];
  const rounds = repetitions ?? shape.rounds;
  const { scenario, rules } = loaded;
  const count = scenario.blocks.reduce((sum, block) => sum + block.transactions.length, 0);
  refuseMany(rounds, count);
  const first = await firstRun(loaded);
  const actors = new Actors(scenario);
  const accounts = [...scenario.accounts].map(([name, balance]) => ({
    address: actors.address(name),
    balance,
  }));
  const progress = context.progress("rounds", rounds);
  const measured = await measure(
    "scenario",
    {
      rules: encodeRules(rules),
      accounts,
      producer: actors.address(PRODUCER),
      blocks: first.blocks,
      ...shape,
      rounds,
    },
    (done) => progress.update(done),
  ).finally(() => progress.stop());
  return report(loaded, scenarioHash, rounds, first, measured);
}

/** The figures with quartiles, by name; those that gas or comparable transactions are missing for are not there. */
function ratesOf(
  first: FirstRun,
  measured: ScenarioResult,
): Readonly<Record<string, Quartiles | undefined>> {
  const { blockSeconds, transactionMillis, meteredMillis, plainMillis, compared } = measured;
  const { gasUsed, entries } = first;
  const nanos = transactionMillis.map(
    (millis) => (millis.reduce((sum, one) => sum + one, 0) * 1e6) / gasUsed,
  );
  const hasGas = gasUsed > 0;
  return {
    transactionsPerSecond: quartiles(blockSeconds.map((seconds) => entries.length / seconds)),
    gasPerSecond: hasGas ? quartiles(blockSeconds.map((seconds) => gasUsed / seconds)) : undefined,
    nanosPerGas: hasGas ? quartiles(nanos) : undefined,
    overheadOverUnmetered:
      compared > 0
        ? quartiles(meteredMillis.map((millis, round) => millis / plainMillis[round]!))
        : undefined,
  };
}

const rateNames = {
  transactionsPerSecond: "transactions/s",
  gasPerSecond: "gas/s",
  nanosPerGas: "ns per gas",
  overheadOverUnmetered: "metered / unmetered",
} as const;

function report(
  loaded: LoadedScenario,
  scenarioHash: Hex,
  rounds: number,
  first: FirstRun,
  measured: ScenarioResult,
): BenchReport {
  const rates = ratesOf(first, measured);
  const methods = methodFigures(first.entries, measured.transactionMillis);
  const last = first.blocks.at(-1)!;
  const { outcomes, witnessBytes, expectations, gasUsed } = first;
  const transactions = first.entries.length;
  const medians = Object.keys(rateNames).map((name) => {
    const rate = rates[name];
    return [name, rate === undefined ? null : significant(rate.median)];
  });
  return {
    seed: loaded.scenario.seed,
    repetitions: rounds,
    resultHash: last.blockHash,
    quartiles: Object.fromEntries(
      Object.entries(rates).flatMap(([name, rate]) =>
        rate === undefined ? [] : [[name, significantQuartiles(rate)]],
      ),
    ),
    figures: {
      file: loaded.file,
      scenarioHash,
      blocks: first.blocks.length,
      transactions,
      outcomes,
      expectations,
      gasUsed,
      ...Object.fromEntries(medians),
      leftOut: measured.leftOut,
      methods,
      witnessBytes,
      witnessBytesPerTransaction: significant(witnessBytes / transactions),
      stateRoot: last.stateRoot,
    },
    metrics: [
      { name: "transactionsPerSecond", better: "higher" },
      { name: "nanosPerGas", better: "lower" },
      { name: "overheadOverUnmetered", better: "lower" },
      { name: "witnessBytesPerTransaction", better: "lower" },
    ],
    tables: [ratesTable(rates), methodsTable(methods)],
    notes: notesOf(loaded.file, first, measured.leftOut, methods.length),
    missed: expectations.failed > 0,
  };
}

function ratesTable(rates: Readonly<Record<string, Quartiles | undefined>>): BenchTable {
  const text = (value: number): string =>
    value >= 1_000 ? String(Math.round(value)) : String(significant(value, 3));
  const rows = Object.entries(rateNames).map(([name, title]) => {
    const rate = rates[name];
    if (rate === undefined) return [title, "none", ""];
    return [title, text(rate.median), `${text(rate.q1)}-${text(rate.q3)}`];
  });
  return { head: ["figure", "median", "quartiles"], rows };
}

function methodsTable(methods: readonly MethodFigures[]): BenchTable {
  return {
    head: ["contract", "method", "calls", "gas", "p50 µs", "p99 µs"],
    rows: methods
      .slice(0, METHOD_ROWS_MAX)
      .map(({ contract, method, calls, gasMedian, p50Micros, p99Micros }) => [
        contract,
        method,
        String(calls),
        String(gasMedian),
        p50Micros.toFixed(1),
        p99Micros.toFixed(1),
      ]),
  };
}

function notesOf(file: string, first: FirstRun, leftOut: number, methods: number): string[] {
  const { blocks, entries, outcomes, witnessBytes, expectations, gasUsed } = first;
  const counts = Object.entries(outcomes).map(([name, count]) => `${count} ${name}`);
  const perTransaction = Math.round(witnessBytes / entries.length);
  return [
    ...(methods > METHOD_ROWS_MAX
      ? [`${methods - METHOD_ROWS_MAX} more methods are in the JSON`]
      : []),
    `${file}: ${counted(entries.length, "transaction")} in ${counted(blocks.length, "block")}, ${gasUsed} gas: ${counts.join(", ")}`,
    "rates are of whole blocks in memory, with signatures, receipts and state roots; all else is of transactions alone",
    "metered / unmetered compares time only: gas and outcomes without metering are taken from the metered run",
    ...(leftOut > 0
      ? [`${counted(leftOut, "transaction")} ended by gas or depth and left out of that comparison`]
      : []),
    `witnesses of ${witnessBytes} bytes, ${perTransaction} per transaction`,
    `last state root ${blocks.at(-1)!.stateRoot}, equal in every round and without metering`,
    ...(expectations.failed > 0
      ? [
          `${expectations.failed} of ${counted(expectations.checked, "expectation")} of the scenario failed: "plasma run" shows which`,
        ]
      : []),
  ];
}
