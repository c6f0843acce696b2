// Random modules and contracts under many gas limits, in V8, in the oracle and in the machine, with proofs of
// their steps in both judges. PLASMA_SEED is another seed, PLASMA_CASES more cases; `npm run differential`
// is the long form of the same run.
import { describe, expect, it } from "vitest";
import { DifferentialRun, missingEndings } from "../support/differential-run.ts";

const SEED = Number(process.env.PLASMA_SEED ?? 20_251);
const CASES = Number(process.env.PLASMA_CASES ?? 57);
const PARTS = 12;
const PAIRS_MIN = 2_000;

/** The first world's blocks are proven in full where they are short; of the others a few steps each. */
const budget = { proofsOf: (world: number) => (world === 0 ? 200 : 6) };

describe(`random modules and contracts from seed ${SEED}`, () => {
  const run = new DifferentialRun(SEED, budget, ".plasma/differential");

  for (let part = 0; part < PARTS; part++) {
    const from = Math.floor((part * CASES) / PARTS);
    const to = Math.floor(((part + 1) * CASES) / PARTS);
    it(`leave the same in every executor, cases ${from} to ${to - 1}`, async () => {
      for (let index = from; index < to; index++) await run.run(index);
      expect(run.report.findings).toEqual([]);
    });
  }

  it("make enough pairs of module and gas limit, and meet every kind of ending", () => {
    const { seed, pairs, steps, proven, endings } = run.report;
    console.log(JSON.stringify({ seed, pairs, steps, proven, endings }));
    expect(pairs).toBeGreaterThanOrEqual(PAIRS_MIN);
    expect(missingEndings(run.report)).toEqual([]);
    expect(endings.of("blocks proven in full")).toBeGreaterThan(0);
  });
});
