// The judge's words against the oracle on random modules: same ends, gas, results, globals and memory; and
// every step that is proven is accepted with the state that the reference machine has next.
import { describe, expect, it } from "vitest";
import { TrapCode } from "../../../host/outcome.ts";
import { prepareModule } from "../../../host/program/prepare.ts";
import { type Entry, OracleExecutor } from "../../support/both-executors.ts";
import { EndingCounts } from "../../support/ending-counts.ts";
import { frameTrees } from "../../support/judge-machine.ts";
import { entriesOf, lawRules } from "../../support/laws-of-metering.ts";
import { Random } from "../../support/random.ts";
import { randomModule } from "../../support/random-module.ts";
import { runOnMachine } from "../../support/word-machine.ts";

const SEED = 7_400;
const MODULES = Number(process.env.PLASMA_MODULES ?? 40);
const GAS_LIMITS = [400, 4_000];

describe(`the judge's words on random modules from seed ${SEED}`, () => {
  it("end as in the oracle, and every step that is proven is accepted", () => {
    const counts = new EndingCounts();
    let proven = 0;
    for (let seed = SEED; seed < SEED + MODULES; seed++) {
      const prepared = prepareModule(randomModule(seed).wasm, lawRules, { entryRequired: false });
      const oracle = new OracleExecutor(prepared, lawRules);
      const trees = frameTrees(prepared);
      const random = new Random(seed ^ 0x5eed);
      for (const entry of entriesOf(prepared, random).slice(-3) as Entry[]) {
        for (const limit of GAS_LIMITS) {
          const gas = BigInt(limit + random.below(limit));
          const depth = random.oneIn(3) ? 20 + random.below(500) : 65_536;
          const run = runOnMachine({
            ...{ prepared, trees, entry, gas, depth },
            ...{ stride: 31, stepsMax: 20_000 },
          });
          proven += run.proven;
          if (run.ended === undefined) continue;
          const { details: _, hostGas, ...expected } = oracle.run(entry, gas, depth);
          const where = `seed ${seed}, ${entry.name}, gas ${gas}, depth ${depth}`;
          const { memory, ...ended } = run.ended;
          const { memory: expectedMemory, ...expectedEnd } = expected;
          expect({ where, hostGas: 0n, ...ended }).toEqual({ where, hostGas, ...expectedEnd });
          expect(Buffer.compare(memory, expectedMemory), `memory: ${where}`).toBe(0);
          counts.add(expected.trap === TrapCode.out_of_gas ? "out_of_gas" : expected.outcome);
        }
      }
    }
    console.log(`${JSON.stringify(counts)}, ${proven} steps proven`);
    expect(counts.missing(["success", "out_of_gas", "trap"])).toEqual([]);
  });
});
