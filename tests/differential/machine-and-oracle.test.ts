// The machine's words against the readable oracle, which agrees with V8: equal ends, gas, depth, memory,
// globals and results, on random modules under several gas limits, in every mode of the interpreter.
// PLASMA_SEED and PLASMA_MODULES widen the search by hand.
import { describe, expect, test } from "vitest";
import { Machine } from "../../host/machine/machine.ts";
import { prepareModule } from "../../host/program/prepare.ts";
import { OracleExecutor } from "../support/both-executors.ts";
import { entriesOf, lawRules, Tally } from "../support/laws-of-metering.ts";
import { MachineExecutor, type MachineMode } from "../support/machine-executor.ts";
import { Random } from "../support/random.ts";
import { randomModule } from "../support/random-module.ts";

const SEED = Number(process.env.PLASMA_SEED ?? 31_337);
const MODULES = Number(process.env.PLASMA_MODULES ?? 300);
const GAS_LIMITS = [400, 4_000, 40_000];
const CHUNKS = 6;
/** Noting is for single steps: a longer run takes too long in a test. */
const NOTED_MAX = 3_000;

const machine = new Machine();

function compare(seed: number, tally: Tally): void {
  const prepared = prepareModule(randomModule(seed).wasm, lawRules, { entryRequired: false });
  const random = new Random(seed ^ 0x5eed);
  const oracle = new OracleExecutor(prepared, lawRules);
  const executor = new MachineExecutor(prepared, machine);
  for (const entry of entriesOf(prepared, random).slice(-3)) {
    for (const limit of GAS_LIMITS) {
      const depth = random.oneIn(3) ? 20 + random.below(500) : 65_536;
      const gas = BigInt(limit + random.below(limit));
      const { details, hostGas: _, ...expected } = oracle.run(entry, gas, depth);
      const modes: MachineMode[] =
        details.steps > NOTED_MAX ? ["fast", "exact"] : ["fast", "exact", "noting"];
      let steps: bigint | undefined;
      for (const mode of modes) {
        const got = executor.run(entry, gas, depth, mode);
        const where = `seed ${seed}, ${entry.name}, gas ${gas}, depth ${depth}, ${mode}`;
        expect({ where, ...got, memory: 0, words: 0, steps: 0 }).toEqual({
          where,
          ...expected,
          memory: 0,
          depth: details.depth,
          words: 0,
          steps: 0,
        });
        expect(Buffer.compare(got.memory, expected.memory), `memory: ${where}`).toBe(0);
        expect(got.steps, where).toBeGreaterThanOrEqual(BigInt(details.steps));
        steps ??= got.steps;
        expect(got.steps, `steps: ${where}`).toBe(steps);
      }
      tally.add(expected.outcome, expected.trap, details.steps);
    }
  }
}

describe(`random modules from seed ${SEED}`, () => {
  const tally = new Tally();

  for (let chunk = 0; chunk < CHUNKS; chunk += 1) {
    const from = SEED + Math.floor((chunk * MODULES) / CHUNKS);
    const to = SEED + Math.floor(((chunk + 1) * MODULES) / CHUNKS);
    test(`end alike in the oracle and on the machine, seeds ${from} to ${to - 1}`, () => {
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
