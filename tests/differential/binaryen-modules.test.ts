// The laws of metering on modules that binaryen's fuzzer made from random bytes, lowered to integers.
// Making one takes seconds, so they are kept under fixtures/fuzz; UPDATE_FUZZ=1 makes them again, and
// one is made anew in every run to show that the files are what the seeds give.
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { prepareModule } from "../../host/program/prepare.ts";
import { EndingCounts } from "../support/ending-counts.ts";
import { fuzzModule } from "../support/fuzz-module.ts";
import { entriesOf, LawsOfMetering, lawRules } from "../support/laws-of-metering.ts";
import { Random } from "../support/random.ts";

const FOLDER = "fixtures/fuzz";
/** Twelve seeds whose modules prepare accepts (12 has too many exports). */
const SEEDS = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 13];
const REMADE = 6;
const RANDOM_BYTES = 20_000;
const GAS_LIMITS = [600, 20_000];
const ENTRIES_MAX = 24;

const fileOf = (seed: number) => `${FOLDER}/binaryen-${seed}.wasm`;

if (process.env.UPDATE_FUZZ === "1") {
  mkdirSync(FOLDER, { recursive: true });
  for (const seed of SEEDS) writeFileSync(fileOf(seed), fuzzModule(seed, RANDOM_BYTES));
}

describe("modules from binaryen's fuzzer", () => {
  const counts = new EndingCounts();

  for (const seed of SEEDS) {
    test(`number ${seed} ends alike in V8, the oracle and the machine, and pays what it executes`, () => {
      const wasm = new Uint8Array(readFileSync(fileOf(seed)));
      const prepared = prepareModule(wasm, lawRules, { entryRequired: false });
      const laws = new LawsOfMetering(`binaryen ${seed}`, prepared);
      const random = new Random(seed);
      for (const entry of entriesOf(prepared, random).slice(0, ENTRIES_MAX)) {
        for (const limit of GAS_LIMITS) {
          const depth = random.oneIn(3) ? 20 + random.below(500) : 65_536;
          laws.check(entry, BigInt(limit + random.below(limit)), depth, counts);
        }
      }
    });
  }

  test("reach success and traps", () => {
    console.log(JSON.stringify(counts));
    expect(counts.missing(["module success", "module out_of_gas", "module depth"])).toEqual([]);
    expect(counts.of("module success")).toBeGreaterThan(counts.of("module runs") / 10);
  });

  test("are what their seeds give", () => {
    expect(readdirSync(FOLDER).filter((file) => file.startsWith("binaryen-"))).toHaveLength(
      SEEDS.length,
    );
    const made = fuzzModule(REMADE, RANDOM_BYTES);
    expect(Buffer.compare(made, readFileSync(fileOf(REMADE)))).toBe(0);
  });
});
