// The laws of metering on random modules (DESIGN 4.3): what V8 makes of the emitted module and what
// the machine words mean is the same, whatever the gas limit; and on success gas is exactly the sum
// of the costs of the executed words. PLASMA_SEED and PLASMA_MODULES widen the search by hand.
import { describe, expect, test } from "vitest";
import { type Prepared, prepareModule } from "../../host/program/prepare.ts";
import { type Entry, OracleExecutor, V8Executor } from "../support/both-executors.ts";
import { testPrepareRules } from "../support/prepare-rules.ts";
import { Random } from "../support/random.ts";
import { I64, type RandomModule, randomModule } from "../support/random-module.ts";

const SEED = Number(process.env.PLASMA_SEED ?? 20_251);
const MODULES = Number(process.env.PLASMA_MODULES ?? 300);
const GAS_LIMITS = [400, 4_000, 40_000];
const CHUNKS = 6;

const ENTRY_PRICE = [50, 3, 2] as const;
const rules = testPrepareRules({ hostBase: 5, hostUnit: 1, entry: ENTRY_PRICE });

/** What the entry stub charges beside its words: base, per started KiB of Wasm, per page. */
function entryPrice({ wasm, layout }: Prepared): bigint {
  const [base, perKiB, perPage] = ENTRY_PRICE;
  return BigInt(base + perKiB * Math.ceil(wasm.length / 1024) + perPage * layout.pagesInitial);
}

function entriesOf(module: RandomModule, random: Random): Entry[] {
  const { shape, exported, hasMain } = module;
  const edges = [0n, 1n, 0x7fff_ffffn, 0xffff_ffffn];
  const entries: Entry[] = exported.slice(0, 2).map(({ name, funcidx }) => ({
    name,
    funcidx,
    args: (shape.types[shape.functions[funcidx] ?? 0]?.params ?? []).map((type) =>
      type === I64 && random.oneIn(2)
        ? BigInt(random.next()) << 32n
        : random.oneIn(2)
          ? random.pick(edges)
          : BigInt(random.next()),
    ),
  }));
  return hasMain ? [...entries, { name: "main", funcidx: undefined, args: [] }] : entries;
}

interface Tally {
  runs: number;
  succeeded: number;
  outOfGas: number;
  otherTraps: number;
  words: number;
}

/** Runs each entry under each limit in both executors and checks the two laws. */
function compare(seed: number, tally: Tally): void {
  const module = randomModule(seed);
  const prepared: Prepared = prepareModule(module.wasm, rules, { entryRequired: false });
  const v8 = new V8Executor(prepared);
  const oracle = new OracleExecutor(prepared, rules);
  const random = new Random(seed ^ 0x5eed);
  for (const entry of entriesOf(module, random)) {
    for (const limit of GAS_LIMITS) {
      const gas = BigInt(limit + random.below(limit));
      const depth = random.oneIn(3) ? 20 + random.below(500) : 65_536;
      const expected = oracle.run(entry, gas, depth);
      const got = v8.run(entry, gas, depth);
      const { details, hostGas, ...ended } = expected;
      const where = `seed ${seed}, ${entry.name}, gas ${gas}, depth ${depth}`;
      expect({ where, ...got, memory: undefined }).toEqual({ where, ...ended, memory: undefined });
      expect(Buffer.compare(got.memory, ended.memory), `memory: ${where}`).toBe(0);
      const atEntry = entry.funcidx === undefined ? entryPrice(prepared) : 0n;
      const charged = gas - details.gas - hostGas - atEntry;
      if (ended.outcome === "success") expect(charged, `law of cost: ${where}`).toBe(details.cost);
      else if (ended.trap !== 1) expect(charged, where).toBeGreaterThanOrEqual(details.cost);
      if (ended.outcome === "success") expect(details.depth, `depth: ${where}`).toBe(depth);
      tally.runs += 1;
      tally.words += details.steps;
      if (ended.outcome === "success") tally.succeeded += 1;
      else if (ended.trap === 1) tally.outOfGas += 1;
      else tally.otherTraps += 1;
    }
  }
}

describe(`random modules from seed ${SEED}`, () => {
  const tally: Tally = { runs: 0, succeeded: 0, outOfGas: 0, otherTraps: 0, words: 0 };

  for (let chunk = 0; chunk < CHUNKS; chunk += 1) {
    const from = SEED + Math.floor((chunk * MODULES) / CHUNKS);
    const to = SEED + Math.floor(((chunk + 1) * MODULES) / CHUNKS);
    test(`end alike in V8 and in the oracle, and pay what they execute, seeds ${from} to ${to - 1}`, () => {
      for (let seed = from; seed < to; seed += 1) compare(seed, tally);
    });
  }

  test("reach every kind of end often enough to mean something", () => {
    console.log(`seed ${SEED}: ${JSON.stringify(tally)}`);
    expect(tally.succeeded).toBeGreaterThan(tally.runs / 10);
    expect(tally.outOfGas).toBeGreaterThan(tally.runs / 20);
    expect(tally.otherTraps).toBeGreaterThan(tally.runs / 20);
  });
});
