// What Plasma means to reach, by figure of a suite's report, in three steps: the first that it must
// reach, the next, and the goal. Written down before anything was measured, and changed only for a
// stated reason. They hold at size large; benchmarks-page.ts puts them beside what was measured.

export interface Target {
  /** Row of the design's list of numbers. */
  readonly row: string;
  readonly what: string;
  readonly suite: string;
  /** Field of the suite's document, and of its quartiles where it has them. */
  readonly figure: string;
  readonly better: "higher" | "lower";
  readonly unit: "ratio" | "perSecond" | "bytes" | "ms" | "moves" | "seconds";
  readonly must: number;
  /** Absent where there is only one. */
  readonly next?: number;
  readonly goal: number;
  /** Accounts that the figure is for: with others, measured for a quicker page, it is compared with nothing. */
  readonly accounts?: number;
}

const ratio = { row: "N1", suite: "metering", better: "lower", unit: "ratio" } as const;
const rate = { row: "N2", suite: "transfers", better: "higher", unit: "perSecond" } as const;
const disk = { row: "N3", suite: "disk", accounts: 10_000_000 } as const;
const state = { row: "–", suite: "state" } as const;
const machine = { suite: "machine", better: "higher", unit: "perSecond" } as const;
const dispute = { suite: "dispute", better: "lower" } as const;
/** A fifth and a tenth of the block interval of the rules that they run under; disputes as in N10. */
const big = { row: "–", suite: "big", better: "lower" } as const;
const slowest = { row: "N13", suite: "gas", better: "lower", unit: "ratio" } as const;
const proof = { row: "N7", suite: "proof", better: "lower", unit: "bytes" } as const;

export const targets: readonly Target[] = [
  {
    ...ratio,
    what: "metered kernels over plain V8, geometric mean",
    figure: "ratioGeomean",
    must: 1.1,
    next: 1.08,
    goal: 1.05,
  },
  {
    ...ratio,
    what: "metered kernels over plain V8, worst",
    figure: "ratioMax",
    must: 1.3,
    next: 1.25,
    goal: 1.15,
  },
  {
    ...rate,
    what: "token transfers/s, unsigned",
    figure: "unsignedPerSecond",
    must: 40_000,
    next: 60_000,
    goal: 100_000,
  },
  {
    ...rate,
    what: "token transfers/s, signed",
    figure: "signedPerSecond",
    must: 12_000,
    next: 20_000,
    goal: 24_000,
  },
  {
    ...rate,
    what: "token transfers/s, signed and durable",
    figure: "durablePerSecond",
    must: 10_000,
    next: 18_000,
    goal: 20_000,
  },
  {
    ...disk,
    what: "token transfers, signed and durable: times slower at 10^7 accounts on disk than at 100,000",
    figure: "slowdown",
    better: "lower",
    unit: "ratio",
    must: 2,
    goal: 1.25,
  },
  {
    ...disk,
    what: "token transfers/s, signed and durable, at 10^7 accounts on disk",
    figure: "durablePerSecond",
    better: "higher",
    unit: "perSecond",
    must: 10_000,
    goal: 16_000,
  },
  {
    ...state,
    what: "state updates/s at 10^6 keys, in memory",
    figure: "updatesPerSecond",
    better: "higher",
    unit: "perSecond",
    must: 250_000,
    goal: 250_000,
  },
  {
    ...state,
    what: "state updates/s at 10^6 keys, durable",
    figure: "durableUpdatesPerSecond",
    better: "higher",
    unit: "perSecond",
    must: 60_000,
    goal: 60_000,
  },
  {
    ...state,
    what: "p99 of a commit, last tenth of 3,600 blocks over the first",
    figure: "commitMsP99Ratio",
    better: "lower",
    unit: "ratio",
    must: 1.5,
    goal: 1.5,
  },
  {
    ...rate,
    row: "N4",
    what: "replay from bundles, signed transactions/s",
    suite: "replay",
    figure: "signedPerSecond",
    must: 10_000,
    goal: 20_000,
  },
  {
    ...machine,
    row: "N5",
    what: "steps/s of the proof machine, geometric mean of kernels",
    figure: "stepsPerSecondGeomean",
    must: 200_000_000,
    goal: 500_000_000,
  },
  {
    ...machine,
    row: "N6",
    what: "states/s of the proof machine with a hash after every step",
    figure: "statesPerSecond",
    must: 150_000,
    goal: 250_000,
  },
  {
    ...proof,
    what: "bytes of a step proof: one stack leaf",
    figure: "oneLeafBytes",
    must: 1_500,
    goal: 1_350,
  },
  {
    ...proof,
    what: "bytes of a step proof: two stack leaves",
    figure: "twoLeavesBytes",
    must: 1_900,
    goal: 1_710,
  },
  {
    ...proof,
    what: "bytes of a step proof: memory",
    figure: "memoryBytes",
    must: 2_200,
    goal: 1_980,
  },
  {
    ...proof,
    what: "bytes of a step proof: memory, split stack",
    figure: "splitStackBytes",
    must: 2_600,
    goal: 2_340,
  },
  {
    ...proof,
    what: "bytes of a step proof: split memory, split stack",
    figure: "bothSplitBytes",
    must: 3_300,
    goal: 2_970,
  },
  {
    ...proof,
    what: "bytes of a step proof: storage path at 2^24 keys",
    figure: "storagePathBytes",
    must: 2_800,
    goal: 2_520,
  },
  {
    ...proof,
    what: "bytes of a step proof: largest seen, under the hard limit",
    figure: "largestBytes",
    must: 9_216,
    goal: 9_216,
  },
  {
    row: "N6",
    what: "the same by all threads of a dispute, on one block",
    suite: "dispute",
    figure: "statesPerSecond",
    better: "higher",
    unit: "perSecond",
    must: 150_000,
    goal: 250_000,
  },
  {
    ...dispute,
    row: "N9",
    what: "moves of a dispute over 2^32 steps: eight, one to open level B, one step",
    figure: "movesMax",
    unit: "moves",
    must: 10,
    goal: 10,
  },
  {
    ...dispute,
    row: "N10",
    what: "seconds of a full local dispute about 50 million steps, typical",
    figure: "typicalSeconds",
    unit: "seconds",
    must: 5,
    goal: 3,
  },
  {
    ...dispute,
    row: "N10",
    what: "seconds of the same where the block stores at random over 16 MiB",
    figure: "adversarialSeconds",
    unit: "seconds",
    must: 60,
    goal: 20,
  },
  {
    row: "N12",
    what: "two environments, a core each, over one",
    suite: "environments",
    figure: "scaling",
    better: "higher",
    unit: "ratio",
    must: 1.8,
    goal: 1.95,
  },
  {
    row: "N12",
    what: "time of an environment beside an attacker over its time alone, both on the same two cores",
    suite: "environments",
    figure: "victimSlowdown",
    better: "lower",
    unit: "ratio",
    must: 1.25,
    goal: 1.25,
  },
  {
    row: "N12",
    what: "ms of its blocks then, 99 of 100; its rules give it a second",
    suite: "environments",
    figure: "victimBlockMsP99",
    better: "lower",
    unit: "ms",
    must: 1_000,
    goal: 1_000,
  },
  {
    ...big,
    what: "ms to execute the slowest block of large work",
    figure: "executeMsMax",
    unit: "ms",
    must: 2_000,
    goal: 1_000,
  },
  {
    ...big,
    what: "ms to replay the slowest block of large work from its bundle",
    figure: "replayMsMax",
    unit: "ms",
    must: 2_000,
    goal: 1_000,
  },
  {
    ...big,
    what: "seconds of the longest dispute about a block of large work",
    figure: "disputeSecondsMax",
    unit: "seconds",
    must: 60,
    goal: 20,
  },
  {
    ...slowest,
    what: "slowest program found, ns per gas over the median: ALU, control, calls, host calls",
    figure: "worstCompute",
    must: 4,
    goal: 3,
  },
  {
    ...slowest,
    what: "the same with up to 1 MiB of memory",
    figure: "worstMemory",
    must: 10,
    goal: 6,
  },
  {
    row: "–",
    what: "ms to rebuild a contract after an edit",
    suite: "build",
    figure: "warmMs",
    better: "lower",
    unit: "ms",
    must: 500,
    goal: 500,
  },
];

/** Part by which `measured` falls short of `wanted`; 0 or less where it is reached. */
export function shortOf(
  { better }: Pick<Target, "better">,
  measured: number,
  wanted: number,
): number {
  return better === "lower" ? measured / wanted - 1 : 1 - measured / wanted;
}

/** How far a measured figure came: the best step reached, or by how much the first is missed. */
export function standing(target: Target, measured: number): string {
  const steps = [
    { name: "goal", wanted: target.goal },
    { name: "next", wanted: target.next },
    { name: "must", wanted: target.must },
  ];
  for (const { name, wanted } of steps) {
    if (wanted !== undefined && shortOf(target, measured, wanted) <= 0) return `${name} reached`;
  }
  return `**missed** by ${(shortOf(target, measured, target.must) * 100).toFixed(1)} %`;
}
