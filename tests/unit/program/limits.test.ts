// The size limits of the prepare rules: at each limit a module is accepted, one beyond it is refused
// with that limit's code, number and byte.
import { describe, expect, it } from "vitest";
import type { ErrorCode } from "../../../host/errors.ts";
import { ModuleRefusal, prepareModule } from "../../../host/program/prepare.ts";
import { limitNames, refusalKinds } from "../../../host/program/refusals.ts";
import { limitsWith, testLimit, testPrepareRules } from "../../support/prepare-rules.ts";
import {
  body,
  contentAt,
  functionType,
  I32,
  I64,
  instructionsAt,
  leb,
  MAIN,
  mainModule,
  name,
} from "../../support/wasm-bytes.ts";

const repeat = (count: number, ...bytes: number[]): number[] =>
  Array.from({ length: count }, () => bytes).flat();

interface LimitCase {
  readonly limit: keyof typeof testLimit;
  readonly code: ErrorCode;
  /** The value of the limit in this test. */
  readonly max: number;
  /** A module that uses `used` of what is limited. */
  readonly using: (used: number) => Uint8Array;
  /** The byte that the refusal names. */
  readonly at: (wasm: Uint8Array, used: number) => number;
}

const countOf = (id: number) => (wasm: Uint8Array) => contentAt(wasm, id);
const inputType = functionType([I32, I32, I32], [I32]);
const importInput = [...name("env"), ...name("input"), 0x00, 0x01];
const typesFor = [functionType([], []), inputType];

const cases: readonly LimitCase[] = [
  {
    limit: "wasmBytes",
    code: "WASM_LIMIT_BYTES",
    max: 40,
    using: (used) => mainModule(repeat(used - 34, 0x01)),
    at: () => 0,
  },
  {
    limit: "functions",
    code: "WASM_LIMIT_FUNCTIONS",
    max: 5,
    using: (used) =>
      mainModule([], {
        types: typesFor,
        imports: [importInput, importInput],
        functions: Array.from({ length: used - 2 }, () => 0),
        bodies: Array.from({ length: used - 2 }, () => body([])),
        exports: [[...MAIN, 2]],
      }),
    at: countOf(3),
  },
  {
    limit: "bodyBytes",
    code: "WASM_LIMIT_BODY_BYTES",
    max: 10,
    using: (used) => mainModule(repeat(used - 2, 0x01)),
    at: (wasm) => contentAt(wasm, 10) + 1,
  },
  {
    limit: "bodyInstructions",
    code: "WASM_LIMIT_BODY_INSTRUCTIONS",
    max: 10,
    using: (used) => mainModule(repeat(used - 1, 0x01)),
    at: (wasm, used) => instructionsAt(wasm) + used - 1,
  },
  {
    limit: "nesting",
    code: "WASM_LIMIT_NESTING",
    max: 6,
    using: (used) => mainModule([...repeat(used, 0x02, 0x40), ...repeat(used, 0x0b)]),
    at: (wasm, used) => instructionsAt(wasm) + 2 * (used - 1),
  },
  {
    limit: "brTableEntries",
    code: "WASM_LIMIT_BR_TABLE",
    max: 5,
    using: (used) => mainModule([0x41, 0x00, 0x0e, used, ...repeat(used + 1, 0x00)]),
    at: (wasm) => instructionsAt(wasm) + 2,
  },
  {
    limit: "brTableEntriesTotal",
    code: "WASM_LIMIT_BR_TABLE_TOTAL",
    max: 7,
    using: (used) =>
      mainModule([
        ...[0x02, 0x40, 0x41, 0x00, 0x0e, 0x03, 0x00, 0x00, 0x00, 0x00, 0x0b],
        ...[0x41, 0x00, 0x0e, used - 3, ...repeat(used - 2, 0x00)],
      ]),
    at: (wasm) => instructionsAt(wasm) + 13,
  },
  {
    limit: "locals",
    code: "WASM_LIMIT_LOCALS",
    max: 6,
    using: (used) =>
      mainModule(
        [],
        {
          types: [functionType([], []), functionType([I32, I64], [])],
          functions: [0, 1],
          bodies: [
            body([]),
            body(
              [],
              [
                [0x01, I32],
                [used - 3, I64],
              ],
            ),
          ],
        },
        [],
      ),
    at: (wasm) => contentAt(wasm, 10) + 8,
  },
  {
    limit: "localsTotal",
    code: "WASM_LIMIT_LOCALS_TOTAL",
    max: 6,
    using: (used) =>
      mainModule([], {
        functions: [0, 0],
        bodies: [body([], [[0x04, I32]]), body([], [[used - 4, I32]])],
      }),
    at: (wasm) => contentAt(wasm, 10) + 7,
  },
  {
    limit: "params",
    code: "WASM_LIMIT_PARAMS",
    max: 7,
    using: (used) =>
      mainModule([], { types: [functionType([], []), functionType(repeat(used, I32), [])] }),
    at: (wasm) => contentAt(wasm, 1) + 5,
  },
  {
    limit: "types",
    code: "WASM_LIMIT_TYPES",
    max: 7,
    using: (used) =>
      mainModule([], { types: Array.from({ length: used }, () => functionType([], [])) }),
    at: countOf(1),
  },
  {
    limit: "globals",
    code: "WASM_LIMIT_GLOBALS",
    max: 7,
    using: (used) =>
      mainModule([], { globals: Array.from({ length: used }, () => [I32, 0, 0x41, 0, 0x0b]) }),
    at: countOf(6),
  },
  {
    limit: "table",
    code: "WASM_LIMIT_TABLE",
    max: 20,
    using: (used) => mainModule([], { tables: [[0x70, 0x00, ...leb(used)]] }),
    at: (wasm) => contentAt(wasm, 4) + 3,
  },
  {
    limit: "dataSegments",
    code: "WASM_LIMIT_DATA_SEGMENTS",
    max: 7,
    using: (used) =>
      mainModule([], {
        memories: [[0x00, 0x01]],
        data: Array.from({ length: used }, () => [0, 0x41, 0, 0x0b, 0]),
      }),
    at: countOf(11),
  },
  {
    limit: "imports",
    code: "WASM_LIMIT_IMPORTS",
    max: 5,
    using: (used) =>
      mainModule([], {
        types: typesFor,
        imports: Array.from({ length: used }, () => importInput),
        exports: [[...MAIN, used]],
      }),
    at: countOf(2),
  },
  {
    limit: "exports",
    code: "WASM_LIMIT_EXPORTS",
    max: 5,
    using: (used) =>
      mainModule([], {
        exports: Array.from({ length: used }, (_, i) =>
          i === 0 ? [...MAIN, 0] : [...name(`x${i}`), 0, 0],
        ),
      }),
    at: countOf(7),
  },
  {
    limit: "pages",
    code: "WASM_LIMIT_PAGES",
    max: 9,
    using: (used) => mainModule([], { memories: [[0x01, 0x01, used]] }),
    at: (wasm) => contentAt(wasm, 5) + 3,
  },
  {
    limit: "pages",
    code: "WASM_LIMIT_PAGES",
    max: 9,
    using: (used) => mainModule([], { memories: [[0x00, used]] }),
    at: (wasm) => contentAt(wasm, 5) + 2,
  },
  {
    limit: "merges",
    code: "WASM_LIMIT_MERGES",
    max: 9,
    // Without locals an if merges the gas alone.
    using: (used) => mainModule(repeat(used, 0x41, 0x00, 0x04, 0x40, 0x0b)),
    at: (wasm, used) => instructionsAt(wasm) + 5 * (used - 1) + 2,
  },
];

describe("a size limit", () => {
  for (const { limit, code, max, using, at } of cases) {
    const rules = testPrepareRules({ limits: limitsWith(testLimit[limit], max) });

    it(`of ${max} ${limitNames[testLimit[limit]]} accepts ${max}`, () => {
      expect(() => prepareModule(using(max), rules)).not.toThrow();
    });

    it(`of ${max} ${limitNames[testLimit[limit]]} refuses ${max + 1} with ${code}`, () => {
      const wasm = using(max + 1);
      let found: unknown;
      try {
        prepareModule(wasm, rules);
      } catch (error) {
        found = error;
      }
      expect(found).toBeInstanceOf(ModuleRefusal);
      expect(found).toMatchObject({ code, detail: max, where: { byteOffset: at(wasm, max + 1) } });
    });
  }

  it("of each kind is tested in this file", () => {
    const tested = new Set(cases.map(({ code }) => code));
    const codes = [...refusalKinds].filter(([number]) => number >= 130 && number < 148);
    expect(codes.map(([, { code }]) => code).filter((code) => !tested.has(code))).toEqual([]);
  });

  it("counts hostile vectors before it makes room for them", () => {
    const hostile = [1, 2, 3, 6, 7].map((id) =>
      Uint8Array.from([0, 0x61, 0x73, 0x6d, 1, 0, 0, 0, id, 5, 0xff, 0xff, 0xff, 0xff, 0x0f]),
    );
    for (const wasm of hostile) {
      expect(() => prepareModule(wasm, testPrepareRules())).toThrow(ModuleRefusal);
    }
  });

  it("takes a missing maximum of memory as the limit", () => {
    const rules = testPrepareRules({ limits: limitsWith(testLimit.pages, 17) });
    const { codeRecord } = prepareModule(mainModule([], { memories: [[0x00, 0x02]] }), rules);
    expect(codeRecord).toMatchObject({ pagesInitial: 2, pagesMax: 17 });
  });
});

describe("the merges of a module", () => {
  const merges = (instructions: number[], locals: number[][] = [], more = {}) =>
    prepareModule(mainModule(instructions, more, locals), testPrepareRules()).merges;
  const fourLocals = [[0x04, I32]];
  const inLoops = (loops: number, ...inside: number[]) => [
    ...repeat(loops, 0x03, 0x40),
    ...inside,
    ...repeat(loops, 0x0b),
  ];
  /** Of `loops` nested loops and nothing else, with `v` values. */
  const ofLoops = (loops: number, v: number) =>
    Array.from({ length: loops }, (_, i) => 8 * (16 + v + i) + v * (i + 1)).reduce(
      (a, b) => a + b,
      0,
    );

  it("are none in straight code, whatever its locals", () => {
    expect(merges([0x20, 0x00, 0x21, 0x01, 0x02, 0x40, 0x0b], fourLocals)).toBe(0);
  });

  it("are a function's locals and the gas for a branch, an if and a return", () => {
    expect(merges([0x02, 0x40, 0x0c, 0x00, 0x0b], fourLocals)).toBe(5);
    expect(merges([0x02, 0x40, 0x41, 0x00, 0x0d, 0x00, 0x0b], fourLocals)).toBe(5);
    expect(merges([0x41, 0x00, 0x04, 0x40, 0x05, 0x0b], fourLocals)).toBe(5);
    expect(merges([0x0f], fourLocals)).toBe(5);
  });

  it("count each entry of a br_table", () => {
    expect(merges([0x02, 0x40, 0x41, 0, 0x0e, 2, 0, 0, 0, 0x0b], fourLocals)).toBe(15);
  });

  it("of a loop grow with locals, operands, loops before it and loops around it", () => {
    expect(merges(inLoops(1))).toBe(8 * 17 + 1);
    expect(merges(inLoops(1), fourLocals)).toBe(8 * 21 + 5);
    expect(merges([0x41, 0x00, 0x41, 0x00, ...inLoops(1), 0x1a, 0x1a])).toBe(8 * 19 + 1);
    expect(merges([...inLoops(1), ...inLoops(1)])).toBe(8 * 17 + 1 + 8 * 18 + 1);
    expect(merges(inLoops(3), fourLocals)).toBe(ofLoops(3, 5));
  });

  it("start again with the loops of the next function", () => {
    const one = body(inLoops(2));
    const more = { functions: [0, 0], bodies: [one, one] };
    expect(merges([], [], more)).toBe(2 * ofLoops(2, 1));
  });

  it("of a branch grow with the loops that it leaves, and a branch to a loop stays in it", () => {
    const branch = (label: number) =>
      merges(inLoops(3, 0x41, 0x00, 0x0d, label), fourLocals) - ofLoops(3, 5);
    expect([0, 1, 2, 3].map(branch)).toEqual([5, 10, 15, 20]);
  });

  it("of growth, copies and fills grow with the loops around them", () => {
    const memories = { memories: [[0x00, 0x01]] };
    const fill = [0x41, 0, 0x41, 0, 0x41, 0, 0xfc, 0x0b, 0];
    const copy = [0x41, 0, 0x41, 0, 0x41, 0, 0xfc, 0x0a, 0, 0];
    for (const check of [fill, copy, [0x41, 0, 0x40, 0, 0x1a]]) {
      expect(merges(inLoops(2, ...check), fourLocals, memories) - ofLoops(2, 5)).toBe(15);
    }
  });

  it("are none in code that nothing reaches", () => {
    expect(merges([0x00, ...inLoops(2, 0x41, 0x00, 0x0d, 0x01)], fourLocals)).toBe(0);
  });
});
