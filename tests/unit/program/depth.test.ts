// Which functions pay for stack depth, and how much (docs/program.md section 4): exports, the entry stub
// and cycles pay; everyone else is paid for by the payers above.
import binaryen from "binaryen";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { prepareModule } from "../../../host/program/prepare.ts";
import { testPrepareRules } from "../../support/prepare-rules.ts";
import { body, functionType, MAIN, moduleWith } from "../../support/wasm-bytes.ts";

const rules = testPrepareRules();

function weightsOf(wat: string): number[] {
  const module = binaryen.parseText(wat);
  const wasm = module.emitBinary();
  module.dispose();
  const { layout } = prepareModule(wasm, rules, { entryRequired: false });
  return layout.functions.map(({ depthWeight }) => depthWeight);
}

describe("a payer of depth", () => {
  it("is an export, and pays 16 for its frame and one per param, local and operand", () => {
    const wat = `(module (func (export "f") (param i32 i64) (local i32)
      (drop (i32.add (i32.const 1) (i32.add (i32.const 2) (i32.const 3))))))`;
    expect(weightsOf(wat)).toEqual([16 + 2 + 1 + 3]);
  });

  it("pays for the heaviest chain below it, and those below pay nothing", () => {
    const wat = `(module
      (func (export "f") (call $a) (call $b))
      (func $a (local i64 i64 i64))
      (func $b (local i64) (call $c))
      (func $c (local i64)))`;
    expect(weightsOf(wat)).toEqual([16 + 17 + 17, 0, 0, 0]);
  });

  it("is a function that calls itself", () => {
    expect(weightsOf(`(module (func $f (call $f)))`)).toEqual([16]);
  });

  it("is every function of a cycle, and the chain above ends there", () => {
    const wat = `(module
      (func (export "f") (local i64) (call $a))
      (func $a (call $b))
      (func $b (call $a) (call $c))
      (func $c (local i64 i64)))`;
    expect(weightsOf(wat)).toEqual([17, 16, 16 + 18, 0]);
  });

  it("is a function that reaches itself through the table", () => {
    const wat = `(module (type $t (func)) (type $u (func (param i32)))
      (table 3 funcref) (elem (i32.const 0) $a $b $c)
      (func $a (type $t) (call_indirect (type $t) (i32.const 0)))
      (func $b (type $t) (local i64 i64))
      (func $c (type $u) (local i64 i64 i64 i64)))`;
    // $a pays for itself, the index on its stack, and $b; $c has another type.
    expect(weightsOf(wat)).toEqual([16 + 1 + 18, 0, 0]);
  });

  it("does not pay for calls that cannot be reached", () => {
    const wat = `(module
      (func (export "f") (return) (call $a))
      (func $a (local i64 i64 i64)))`;
    const module = binaryen.parseText(wat);
    module.dispose();
    const bytes = moduleWith({
      types: [functionType([], [])],
      functions: [0, 0],
      exports: [[...MAIN, 0]],
      bodies: [body([0x0f, 0x10, 0x01]), body([], [[3, 0x7e]])],
    });
    const { layout } = prepareModule(bytes, rules);
    expect(layout.functions.map(({ depthWeight }) => depthWeight)).toEqual([16, 0]);
  });

  it("pays for an import's stub as 16 and its parameters", () => {
    const wat = `(module (import "env" "storage_delete" (func $d (param i32)))
      (func (export "f") (call $d (i32.const 0))))`;
    expect(weightsOf(wat)).toEqual([16 + 1 + 17]);
  });
});

/** Weights by the definition: walk every chain. */
function slowWeights(
  calls: readonly (readonly number[])[],
  exported: readonly boolean[],
): number[] {
  const reaches = (from: number, to: number): boolean => {
    const seen = new Set<number>();
    const stack = [...(calls[from] ?? [])];
    for (let next = stack.pop(); next !== undefined; next = stack.pop()) {
      if (next === to) return true;
      if (!seen.has(next)) stack.push(...(calls[next] ?? []));
      seen.add(next);
    }
    return false;
  };
  const pays = calls.map((_, f) => exported[f] === true || reaches(f, f));
  const own = (f: number) => 16 + f;
  const chain = (f: number): number =>
    own(f) + Math.max(0, ...(calls[f] ?? []).map((g) => (pays[g] ? 0 : chain(g))));
  return calls.map((_, f) => (pays[f] ? chain(f) : 0));
}

describe("depth weights of random call graphs", () => {
  it("are those of walking every chain", () => {
    const graph = fc.integer({ min: 1, max: 9 }).chain((n) =>
      fc.record({
        calls: fc.array(fc.array(fc.nat(n - 1), { maxLength: 3 }), { minLength: n, maxLength: n }),
        exported: fc.array(fc.boolean(), { minLength: n, maxLength: n }),
      }),
    );
    fc.assert(
      fc.property(graph, ({ calls, exported }) => {
        const wasm = moduleWith({
          types: [functionType([], [])],
          functions: calls.map(() => 0),
          exports: exported.flatMap((is, f) => (is ? [[1, 0x61 + f, 0, f]] : [])),
          bodies: calls.map((targets, f) =>
            body(
              targets.flatMap((g) => [0x10, g]),
              [[f, 0x7f]],
            ),
          ),
        });
        const { layout } = prepareModule(wasm, rules, { entryRequired: false });
        expect(layout.functions.map(({ depthWeight }) => depthWeight)).toEqual(
          slowWeights(calls, exported),
        );
      }),
      { numRuns: 300, seed: 20_261_121 },
    );
  });
});
