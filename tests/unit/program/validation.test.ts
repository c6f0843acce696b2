// Random modules, judged by V8's validator as a second opinion (in tests only: the engine never asks
// an engine). What prepare accepts, V8 accepts; what V8 accepts, prepare refuses only as outside the
// profile. Modules are grown instruction by instruction, mostly well-typed, then damaged.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ModuleRefusal, prepareModule } from "../../../host/program/prepare.ts";
import { prepareModule as prepareWasm } from "../../../host/program/prepare-module.ts";
import { refusalKinds } from "../../../host/program/refusals.ts";
import { testPrepareRules } from "../../support/prepare-rules.ts";
import { body, functionType, I32, I64, leb, MAIN, moduleWith } from "../../support/wasm-bytes.ts";

const rules = testPrepareRules();
const SEED = 20_261_121;

// The compile-time interface has no `validate`: the engine may not use it.
const v8 = WebAssembly as unknown as { validate(bytes: Uint8Array): boolean };

function verdict(wasm: Uint8Array): "accepted" | "profile" | "invalid" {
  try {
    prepareModule(wasm, rules, { entryRequired: false });
    return "accepted";
  } catch (error) {
    if (!(error instanceof ModuleRefusal)) throw error;
    return refusalKinds.get(error.refusal)?.profile === true ? "profile" : "invalid";
  }
}

function agrees(wasm: Uint8Array): boolean {
  const ours = verdict(wasm);
  // V8 knows proposals that we call invalid or malformed, so "invalid" is judged by opcode tests only.
  return v8.validate(wasm) ? ours !== "invalid" : ours !== "accepted";
}

const valueType = fc.constantFrom(0x40, I32, I64);
const small = fc.nat(3).map((n) => leb(n));

/** One instruction with plausible immediates. */
const instruction: fc.Arbitrary<readonly number[]> = fc.oneof(
  { weight: 6, arbitrary: fc.tuple(fc.constantFrom(0x20, 0x21, 0x22), fc.nat(4)) },
  { weight: 6, arbitrary: fc.tuple(fc.constantFrom(0x41, 0x42), fc.nat(63)) },
  { weight: 3, arbitrary: fc.tuple(fc.constantFrom(0x23, 0x24), fc.nat(2)) },
  {
    weight: 5,
    arbitrary: fc.tuple(
      fc.constantFrom(0x45, 0x46, 0x50, 0x51, 0x67, 0x6a, 0x6d, 0x7c, 0xa7, 0xac, 0xc0, 0xc3),
    ),
  },
  { weight: 4, arbitrary: fc.tuple(fc.constantFrom(0x02, 0x03, 0x04), valueType) },
  { weight: 6, arbitrary: fc.constantFrom([0x0b], [0x05], [0x1a], [0x1b], [0x00], [0x01], [0x0f]) },
  { weight: 4, arbitrary: fc.tuple(fc.constantFrom(0x0c, 0x0d), fc.nat(3)) },
  {
    weight: 2,
    arbitrary: fc
      .array(fc.nat(3), { minLength: 1, maxLength: 4 })
      .map((labels) => [0x0e, labels.length - 1, ...labels]),
  },
  { weight: 2, arbitrary: fc.tuple(fc.constant(0x10), fc.nat(3)) },
  { weight: 1, arbitrary: fc.nat(3).map((type) => [0x11, type, 0]) },
  {
    weight: 2,
    arbitrary: fc
      .tuple(fc.constantFrom(0x28, 0x29, 0x2d, 0x36, 0x37, 0x3b), fc.nat(3), small)
      .map(([op, align, offset]) => [op, align, ...offset]),
  },
  {
    weight: 1,
    arbitrary: fc.constantFrom([0x3f, 0], [0x40, 0], [0xfc, 0x0a, 0, 0], [0xfc, 0x0b, 0]),
  },
);

const types = [
  functionType([], []),
  functionType([I32], [I64]),
  functionType([I64, I32], []),
  functionType([], [I32]),
];

function moduleFrom(bodies: readonly (readonly number[])[]): Uint8Array {
  return moduleWith({
    types,
    functions: bodies.map((_, i) => i % 4),
    tables: [[0x70, 0, 4]],
    memories: [[1, 1, 2]],
    globals: [
      [I32, 1, 0x41, 0, 0x0b],
      [I64, 0, 0x42, 0, 0x0b],
    ],
    exports: [[...MAIN, 0]],
    elements: [[0, 0x41, 0, 0x0b, 1, 0]],
    bodies: bodies.map((instructions) =>
      body(instructions, [
        [1, I32],
        [1, I64],
      ]),
    ),
  });
}

const bodies = fc.array(
  fc.array(instruction, { maxLength: 25 }).map((list) => list.flat()),
  { minLength: 1, maxLength: 3 },
);

/** Instructions that the validator accepts after `given`, tried in turn: most bodies become valid. */
function grow(choices: readonly (readonly number[])[]): number[] {
  let grown: number[] = [];
  for (const choice of choices) {
    const longer = [...grown, ...choice];
    // A prefix is viable when `unreachable` and enough ends make it valid.
    const depth = openBlocks(longer);
    if (depth < 0) continue;
    const ends = Array.from({ length: depth }, () => [0x00, 0x0b]).flat();
    if (v8.validate(moduleFrom([[...longer, ...ends, 0x00]]))) grown = longer;
  }
  const ends = Array.from({ length: openBlocks(grown) }, () => [0x00, 0x0b]).flat();
  return [...grown, ...ends, 0x00];
}

/** Blocks open after these instructions, each kept as one array entry by `grow`'s caller. */
function openBlocks(instructions: readonly number[]): number {
  return instructions.length === 0 ? 0 : countBlocks(instructions);
}

const immediates: Readonly<Record<number, number>> = {
  32: 1,
  33: 1,
  34: 1,
  35: 1,
  36: 1,
  65: 1,
  66: 1,
  12: 1,
  13: 1,
  16: 1,
  17: 2,
  40: 2,
  41: 2,
  45: 2,
  54: 2,
  55: 2,
  59: 2,
  63: 1,
  64: 1,
};

function countBlocks(code: readonly number[]): number {
  let depth = 0;
  for (let at = 0; at < code.length; ) {
    const op = code[at] ?? 0;
    at++;
    if (op >= 0x02 && op <= 0x04) {
      depth++;
      at++;
    } else if (op === 0x0b) depth--;
    else if (op === 0x0e) at += 2 + (code[at] ?? 0);
    else if (op === 0xfc) at += code[at] === 0x0a ? 3 : 2;
    else at += immediates[op] ?? 0;
  }
  return depth;
}

describe("prepare and V8 agree about", () => {
  it("random bodies, almost all invalid", () => {
    fc.assert(
      fc.property(bodies, (list) => agrees(moduleFrom(list))),
      { numRuns: 1_500, seed: SEED },
    );
  });

  it("random bodies grown to be valid", () => {
    let accepted = 0;
    fc.assert(
      fc.property(fc.array(instruction, { maxLength: 40 }), (choices) => {
        const wasm = moduleFrom([grow(choices)]);
        if (verdict(wasm) === "accepted") accepted++;
        return agrees(wasm);
      }),
      { numRuns: 200, seed: SEED },
    );
    expect(accepted).toBe(200);
  });

  it("modules with a damaged byte", () => {
    const damage = fc.record({ at: fc.nat(prepareWasm.length - 1), byte: fc.nat(255) });
    const original = moduleFrom([
      grow([[0x41, 1], [0x04, I32], [0x41, 2], [0x05], [0x20, 0], [0x0b], [0x1a]]),
    ]);
    fc.assert(
      fc.property(fc.array(damage, { minLength: 1, maxLength: 3 }), (changes) => {
        const wasm = original.slice();
        for (const { at, byte } of changes) wasm[8 + (at % (wasm.length - 8))] = byte;
        return agrees(wasm);
      }),
      { numRuns: 3_000, seed: SEED },
    );
  });

  it("a large module with a damaged byte", () => {
    const damage = fc.record({
      at: fc.integer({ min: 8, max: prepareWasm.length - 1 }),
      byte: fc.nat(255),
    });
    fc.assert(
      fc.property(damage, ({ at, byte }) => {
        const wasm = prepareWasm.slice();
        wasm[at] = byte;
        return agrees(wasm);
      }),
      { numRuns: 150, seed: SEED },
    );
  });
});
