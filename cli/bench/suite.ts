// What a benchmark is and what it hands back. A suite measures in the bench thread and describes its
// result here; commands/bench.ts adds the machine, prints, saves and compares. Everything is derived
// from a fixed seed, and a hash over what was computed shows that two runs did the same work.
import type { Hex } from "../../host/codec/hex.ts";
import type { CommandContext } from "../command.ts";
import type { Quartiles } from "./samples.ts";

/** `small` ends in seconds and runs inside the tests; `large` is what figures are quoted from. */
export const benchSizes = ["small", "large"] as const;
export type BenchSize = (typeof benchSizes)[number];

/** Numbers that some suites can be given instead of their own. */
export const benchCounts = ["blocks", "keys", "accounts", "search"] as const;
export type BenchCount = (typeof benchCounts)[number];

export type BenchCounts = Readonly<Partial<Record<BenchCount, number | undefined>>>;

export interface BenchInput extends BenchCounts {
  readonly context: CommandContext;
  readonly size: BenchSize;
  /** Samples asked for; the suite's own number where absent. */
  readonly repetitions: number | undefined;
  /** Where `gas` writes the prices that it measured. */
  readonly schedule?: string;
}

/** A figure that a baseline is compared in. */
export interface Metric {
  /** Field of the report's document. */
  readonly name: string;
  readonly better: "higher" | "lower";
}

export interface BenchReport {
  readonly seed: string;
  readonly repetitions: number;
  /** Over everything the measured work computed. */
  readonly resultHash: Hex;
  readonly quartiles: Readonly<Record<string, Quartiles>>;
  /** The suite's own fields. */
  readonly figures: Readonly<Record<string, unknown>>;
  readonly metrics: readonly Metric[];
  /** The figures for people, without the machine. */
  readonly tables: readonly BenchTable[];
  /** What to know about the tables, a sentence each. */
  readonly notes: readonly string[];
  /** True where the measured work itself is not as its input expects. */
  readonly missed?: boolean;
}

/** A table of text, for the terminal and for pages. */
export interface BenchTable {
  readonly head: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

export interface BenchSuite {
  readonly name: string;
  /** What it measures, in one sentence. */
  readonly measures: string;
  /** What it measures beside its name and size; a baseline must be of the same. */
  readonly scenarioHash?: Hex;
  /** Which options of its own it takes from the command line. */
  readonly takes?: readonly (BenchCount | "schedule")[];
  readonly run: (input: BenchInput) => Promise<BenchReport>;
}
