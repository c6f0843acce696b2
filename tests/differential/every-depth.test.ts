// Small recursions under every depth budget from nothing to more than enough, and under gas limits in between:
// V8 runs one turn of such a recursion in place of its own calls, where the budget before must come back.
import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { prepareModule } from "../../host/program/prepare.ts";
import { type Entry, OracleExecutor } from "../support/both-executors.ts";
import { EndingCounts } from "../support/ending-counts.ts";
import { exportedFunction } from "../support/exported-function.ts";
import { LawsOfMetering, lawRules } from "../support/laws-of-metering.ts";
import { wasmWithGetters } from "../support/wat.ts";

const MORE_THAN_ENOUGH = 1n << 20n;
const DEPTH_MAX = 400;
/** Gas limits are so many apart, and depth budgets beside them. */
const GAS_STRIDE = 13n;
const DEPTH_STRIDE = 17;

const entries = {
  "recursion.wat": ["fib", 5n],
  "small-recursion.wat": ["one after another", 3n],
} as const;

describe("under every depth budget", () => {
  for (const [file, [name, argument]] of Object.entries(entries)) {
    const wat = readFileSync(`fixtures/wat/${file}`, "utf8");
    const wasm = wasmWithGetters(wat);
    const prepared = prepareModule(wasm, lawRules, { entryRequired: false });
    const entry: Entry = { name, funcidx: exportedFunction(wasm, name), args: [argument] };

    test(`${file} ${name}(${argument}) ends alike in V8, the oracle and the machine`, () => {
      const laws = new LawsOfMetering(file, prepared);
      const counts = new EndingCounts();
      for (let depth = 0; depth <= DEPTH_MAX; depth += 1) {
        laws.check(entry, MORE_THAN_ENOUGH, depth, counts);
      }
      const tooDeep = counts.of("module depth");
      expect(tooDeep).toBeGreaterThan(50);
      expect(counts.of("module success")).toBe(DEPTH_MAX + 1 - tooDeep);
    });

    test(`${file} ${name}(${argument}) meets the first of both limits alike`, () => {
      const laws = new LawsOfMetering(file, prepared);
      const counts = new EndingCounts();
      const oracle = new OracleExecutor(prepared, lawRules);
      const used = MORE_THAN_ENOUGH - oracle.run(entry, MORE_THAN_ENOUGH, DEPTH_MAX).details.gas;
      for (let depth = 0; depth <= DEPTH_MAX; depth += DEPTH_STRIDE) {
        for (let gas = 0n; gas <= used; gas += GAS_STRIDE) laws.check(entry, gas, depth, counts);
      }
      expect(counts.of("module depth")).toBeGreaterThan(20);
      expect(counts.of("module out_of_gas")).toBeGreaterThan(20);
    });
  }
});
