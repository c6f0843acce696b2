// What V8 makes of the emitted module and what the machine words mean is the same, whatever the gas
// limit, on random modules; and on success gas is exactly the sum of the costs of the executed words.
// PLASMA_SEED and PLASMA_MODULES widen the search by hand.
import { describe, expect, test } from "vitest";
import { prepareModule } from "../../host/program/prepare.ts";
import { entriesOf, LawsOfMetering, lawRules, Tally } from "../support/laws-of-metering.ts";
import { Random } from "../support/random.ts";
import { randomModule } from "../support/random-module.ts";

const SEED = Number(process.env.PLASMA_SEED ?? 20_251);
const MODULES = Number(process.env.PLASMA_MODULES ?? 300);
const GAS_LIMITS = [400, 4_000, 40_000];
const CHUNKS = 6;

/** Runs entries of one random module under each limit. */
function compare(seed: number, tally: Tally): void {
  const prepared = prepareModule(randomModule(seed).wasm, lawRules, { entryRequired: false });
  const laws = new LawsOfMetering(`seed ${seed}`, prepared);
  const random = new Random(seed ^ 0x5eed);
  for (const entry of entriesOf(prepared, random).slice(-3)) {
    for (const limit of GAS_LIMITS) {
      const depth = random.oneIn(3) ? 20 + random.below(500) : 65_536;
      laws.check(entry, BigInt(limit + random.below(limit)), depth, tally);
    }
  }
}

describe(`random modules from seed ${SEED}`, () => {
  const tally = new Tally();

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
