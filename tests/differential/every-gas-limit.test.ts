// Small modules under every gas limit from nothing to more than enough: the place where gas runs out
// moves through every charge, so a check that stands a little too early or too late changes which trap
// comes first, or whether one comes at all. Random limits hardly ever hit such places.
import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { prepareModule } from "../../host/program/prepare.ts";
import { type Entry, OracleExecutor } from "../support/both-executors.ts";
import { EndingCounts } from "../support/ending-counts.ts";
import { exportedFunction } from "../support/exported-function.ts";
import { LawsOfMetering, lawRules } from "../support/laws-of-metering.ts";
import { wasmWithGetters } from "../support/wat.ts";

const MORE_THAN_ENOUGH = 1n << 20n;

/** Where more gas than this is used, limits are this many steps apart instead of one. */
const LIMITS_MAX = 2_000n;

const entries: Readonly<Record<string, readonly (readonly [name: string, ...args: bigint[]])[]>> = {
  "inline.wat": [
    ["sum", 0n],
    ["sum", 3n],
    ["sum", 5n],
  ],
  "while.wat": [
    ["divide", 3n],
    ["divide", 0n],
    ["divide", 0xffff_fff0n],
    ["count", 0n],
    ["count", 4n],
    ["count", 5n],
  ],
  "recursion.wat": [["fib", 5n]],
  "small-recursion.wat": [
    ["one after another", 0n],
    ["one after another", 3n],
  ],
  "table.wat": [
    ["apply", 0n, 1n],
    ["apply", 1n, 21n],
    ["apply", 2n, 21n],
    ["apply", 9n, 21n],
  ],
  "host-and-memory.wat": [["the entry stub"]],
  "loop.wat": [["the entry stub"]],
  "branches.wat": [["the entry stub"]],
};

describe("under every gas limit", () => {
  for (const [file, calls] of Object.entries(entries)) {
    const wat = readFileSync(`fixtures/wat/${file}`, "utf8");
    const wasm = wasmWithGetters(wat);
    const prepared = prepareModule(wasm, lawRules, { entryRequired: false });
    const laws = new LawsOfMetering(file, prepared);

    for (const [name, ...args] of calls) {
      test(`${file} ${name}(${args.join(", ")}) ends alike in V8, the oracle and the machine`, () => {
        const entry: Entry = { name, funcidx: exportedFunction(wasm, name), args };
        const used =
          MORE_THAN_ENOUGH -
          new OracleExecutor(prepared, lawRules).run(entry, MORE_THAN_ENOUGH, 65_536).details.gas;
        const counts = new EndingCounts();
        const stride = used > LIMITS_MAX ? used / LIMITS_MAX : 1n;
        for (let gas = 0n; gas < used; gas += stride) laws.check(entry, gas, 65_536, counts);
        for (let more = 0n; more < 3n; more += 1n) laws.check(entry, used + more, 65_536, counts);
        const outOfGas = counts.of("module out_of_gas");
        expect(outOfGas).toBeGreaterThan(0);
        expect(counts.of("module runs") - outOfGas).toBeGreaterThanOrEqual(3);
      });
    }
  }
});
