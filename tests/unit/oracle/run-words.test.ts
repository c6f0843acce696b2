// The oracle on hand-written words: each rule of docs/program.md section 1 that a random module would
// hide if it were wrong in both executors at once.
import { describe, expect, test } from "vitest";
import { TrapCode } from "../../../host/outcome.ts";
import { type RunInput, type RunResult, runWords } from "../../oracle/run-words.ts";
import { Op } from "../../oracle/word.ts";
import type { Schedule } from "../../oracle/word-costs.ts";

type WordFields = readonly [op: number, a?: number, b?: number, imm?: bigint];

const schedule: Schedule = { classes: Array<number>(20).fill(1), hostBase: () => 7 };

function run(words: readonly WordFields[], input: Partial<RunInput> = {}): RunResult {
  const bytes = new Uint8Array(words.length * 16);
  const view = new DataView(bytes.buffer);
  words.forEach(([op, a = 0, b = 0, imm = 0n], pc) => {
    view.setUint16(pc * 16, op, true);
    view.setUint16(pc * 16 + 2, a, true);
    view.setUint32(pc * 16 + 4, b, true);
    view.setBigUint64(pc * 16 + 8, imm, true);
  });
  return runWords({ words: bytes, schedule, entryPc: 0, gas: 100n, depth: 50, ...input });
}

const END: WordFields = [0x0b];
const constant = (value: bigint): WordFields => [0x41, 0, 0, value];

describe("charges", () => {
  test("go below zero unchecked and trap at the next checked one", () => {
    const words: WordFields[] = [[Op.charge, 0, 0, 101n], constant(1n), [0x1a], END];
    expect(run(words)).toMatchObject({ outcome: "success", gas: -1n });
    const checked: WordFields[] = [[Op.charge, 0, 0, 101n], [Op.chargeCheck, 0, 0, 0n], END];
    expect(run(checked)).toMatchObject({ outcome: "trap", trap: TrapCode.out_of_gas });
  });

  test("that leave exactly nothing do not trap", () => {
    expect(run([[Op.chargeCheck, 0, 0, 100n], END])).toMatchObject({ outcome: "success", gas: 0n });
    expect(run([[Op.chargeCheck, 0, 0, 101n], END]).trap).toBe(TrapCode.out_of_gas);
  });

  test("by units round up and read their slot as unsigned", () => {
    const words: WordFields[] = [
      [Op.chargeUnits, 0, 3, 7n],
      [0x0b, 0, 1],
    ];
    const charged = (value: bigint) => run(words, { args: [value] });
    expect(charged(0n).gas).toBe(100n);
    expect(charged(1n).gas).toBe(97n);
    expect(charged(128n).gas).toBe(97n);
    expect(charged(129n).gas).toBe(94n);
    expect(charged(0xffff_ffffn).trap).toBe(TrapCode.out_of_gas);
  });
});

describe("depth", () => {
  test("is taken whole or not at all, and given back by end", () => {
    const words: WordFields[] = [
      [Op.depth, 0, 50],
      [0x0b, 0, 0, 50n],
    ];
    expect(run(words)).toMatchObject({ outcome: "success", depth: 50 });
    expect(run([[Op.depth, 0, 51], END])).toMatchObject({ trap: TrapCode.depth, depth: 50 });
  });
});

describe("calls", () => {
  // 0: main calls 3 with one argument and drops the result; 3: adds 1 to its parameter.
  const words: WordFields[] = [
    constant(41n),
    [0x10, 1, 3],
    [0x0b, 1, 0],
    [0x20, 0],
    constant(1n),
    [0x6a],
    [0x0b, 1, 1],
  ];

  test("link, return their value and leave the caller's operands", () => {
    expect(run(words, { resultCount: 1 })).toMatchObject({ result: 42n, steps: 7 });
  });

  const indirect = (index: bigint): RunResult =>
    run([constant(index), [0x11, 0, 2, 3n], END, END], {
      table: [{ funcidx: 3, type: 2 }, undefined, { funcidx: 3, type: 1 }],
    });

  test("through the table find bounds, null and type", () => {
    expect(indirect(0n).outcome).toBe("success");
    for (const index of [1n, 2n, 3n, 0xffff_ffffn]) {
      expect(indirect(index).trap).toBe(TrapCode.wasm);
    }
  });
});

describe("branches", () => {
  test("carry their value down to the label's height", () => {
    const words: WordFields[] = [
      constant(7n),
      constant(8n),
      constant(9n),
      [0x0c, 1, 5, 1n],
      [0],
      [0x0b, 1],
    ];
    expect(run(words, { resultCount: 1 }).result).toBe(9n);
  });

  test("of br_table take the last entry beyond the table", () => {
    const words = (index: bigint): WordFields[] => [
      constant(index),
      [0x0e, 0, 2, 1n],
      [0x0c, 0, 4, 1n],
      [0x0c, 0, 6, 1n],
      constant(10n),
      [0x0b, 1],
      constant(20n),
      [0x0b, 1],
    ];
    const result = (index: bigint) => run(words(index), { resultCount: 1 }).result;
    expect([result(0n), result(1n), result(2n), result(0xffff_ffffn)]).toEqual([
      10n,
      20n,
      20n,
      20n,
    ]);
  });
});

describe("memory", () => {
  const memory = new Uint8Array(65_536).fill(0xff, 65_528);

  test("is reached by 33-bit addresses", () => {
    const load = (base: bigint, offset: bigint) =>
      run([constant(base), [0x29, 0, 0, offset], [0x0b, 1]], { memory, resultCount: 1 });
    expect(load(65_528n, 0n).result).toBe(0xffff_ffff_ffff_ffffn);
    expect(load(65_529n, 0n).trap).toBe(TrapCode.wasm);
    expect(load(0xffff_ffffn, 0xffff_ffffn).trap).toBe(TrapCode.wasm);
  });

  test("is not touched by a bulk operation that does not fit", () => {
    const fill = run([constant(65_530n), constant(1n), constant(7n), [Op.memoryFill], END], {
      memory,
    });
    expect(fill.trap).toBe(TrapCode.wasm);
    expect(Buffer.compare(fill.memory, memory)).toBe(0);
  });

  test("grows to the maximum and answers -1 beyond", () => {
    const grow = (delta: bigint) =>
      run([constant(delta), [0x40, 0, 2], [0x0b, 1]], { memory, resultCount: 1 });
    expect(grow(1n)).toMatchObject({ result: 1n });
    expect(grow(1n).memory.length).toBe(131_072);
    expect(grow(2n)).toMatchObject({ result: 0xffff_ffffn });
  });
});

describe("the sum of costs", () => {
  test("counts every executed word once, whatever was charged", () => {
    const result = run([[Op.charge, 0, 0, 9n], [Op.locals, 0, 17], constant(1n), [0x1a], END]);
    // charge 1, locals ceil(17 / 16) + 1 = 3, const 1, drop 1, end 1
    expect(result).toMatchObject({ cost: 7n, steps: 5, gas: 91n });
  });

  test("takes the base price of a host call from the rules", () => {
    const result = run([[Op.host, 4, 0, 0n], END], { host: () => 0n });
    expect(result.cost).toBe(9n);
  });
});
