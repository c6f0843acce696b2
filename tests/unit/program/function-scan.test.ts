// What decides which calls emit-wasm replaces and which functions carry the depth budget: both sides
// of each condition, on small modules.
import { describe, expect, test } from "vitest";
import { depthTakers, isInlined, scanFunction } from "../../../host/program/function-scan.ts";
import type { FunctionLayout } from "../../../host/program/layout.ts";
import { prepareModule } from "../../../host/program/prepare.ts";
import { readSourceModule } from "../../../host/program/source-module.ts";
import { testPrepareRules } from "../../support/prepare-rules.ts";
import { wasmOf } from "../../support/wat.ts";

function scan(wat: string) {
  const { wasm, layout } = prepareModule(wasmOf(wat), testPrepareRules(), {
    entryRequired: false,
  });
  const scans = layout.functions.map((fn) => scanFunction(wasm, fn));
  const { elements } = readSourceModule(wasm);
  const inTable = elements.flatMap(({ functions }) => functions);
  return {
    scans,
    inlined: layout.functions.map((fn, i) => isInlined(fn, scans[i]!)),
    takesDepth: [...depthTakers(layout, scans, inTable)],
    layout,
  };
}

describe("a function is written in place of its calls", () => {
  const bytes = (adds: number) =>
    `(module (func $f (param i32) (result i32) (local.get 0)
      ${"(i32.const 1) (i32.add)".repeat(adds)})
      (func (export "main") (drop (call $f (i32.const 1)))))`;

  test("up to 80 bytes", () => {
    // local.get 2, end 1, and 3 for each addition.
    const most = scan(bytes(25));
    expect(most.layout.functions[0]!.end - most.layout.functions[0]!.firstInstruction).toBe(78);
    expect(most.inlined[0]).toBe(true);
    expect(scan(bytes(26)).inlined[0]).toBe(false);
  });

  test("up to twelve locals, parameters included", () => {
    const locals = (count: number) =>
      `(module (func $f (param i32) (local ${"i64 ".repeat(count - 1)}))
        (func (export "main") (call $f (i32.const 1))))`;
    expect(scan(locals(12)).inlined[0]).toBe(true);
    expect(scan(locals(13)).inlined[0]).toBe(false);
  });

  test("unless it has a loop", () => {
    expect(scan("(module (func (loop)))").inlined).toEqual([false]);
    expect(scan("(module (func (block)))").inlined).toEqual([true]);
  });

  test("also where it pays for depth: when exported or recursive", () => {
    expect(scan('(module (func (export "f")))').inlined).toEqual([true]);
    expect(scan("(module (func $f (call $f)))").inlined).toEqual([true]);
  });
});

describe("the depth budget is carried", () => {
  test("by payers and their callers only", () => {
    const { takesDepth } = scan(`(module
      (func $leaf) (func $recursive (call $recursive)) (func $caller (call $recursive))
      (func $other (call $leaf)))`);
    expect(takesDepth).toEqual([0, 1, 1, 0]);
  });

  test("to the host call that starts another contract, and to no other", () => {
    const { takesDepth } = scan(`(module
      (import "env" "call" (func $call (param i32 i32 i32) (result i32)))
      (import "env" "context" (func $context (param i32)))
      (func $a (drop (call $call (i32.const 0) (i32.const 0) (i32.const 0))))
      (func $b (call $context (i32.const 0)))
      (func $c (call $a)))`);
    expect(takesDepth).toEqual([1, 0, 1, 0, 1]);
  });

  test("by what the table holds and by those who call through it", () => {
    const { takesDepth } = scan(`(module (type $t (func)) (table 2 funcref) (elem (i32.const 0) $in)
      (func $in) (func $out) (func $through (call_indirect (type $t) (i32.const 0))))`);
    expect(takesDepth).toEqual([1, 0, 1]);
  });
});

describe("a function's label", () => {
  /** Bytes, since binaryen makes a block of the label where a branch leads to it. */
  const leaves = (...code: number[]) => {
    const fn = { firstInstruction: 0, end: code.length } as FunctionLayout;
    return scanFunction(Uint8Array.from(code), fn).leavesByLabel;
  };

  test("is needed for return and for branches to it", () => {
    expect(leaves(0x20, 0, 0x04, 0x40, 0x0f, 0x0b, 0x0b)).toBe(true);
    expect(leaves(0x02, 0x40, 0x20, 0, 0x0d, 1, 0x0b, 0x0b)).toBe(true);
    expect(leaves(0x02, 0x40, 0x20, 0, 0x0e, 1, 0, 1, 0x0b, 0x0b)).toBe(true);
    expect(leaves(0x0c, 0, 0x0b)).toBe(true);
  });

  test("is not needed for branches inside", () => {
    expect(leaves(0x02, 0x40, 0x20, 0, 0x0d, 0, 0x0b, 0x0b)).toBe(false);
    expect(leaves(0x02, 0x40, 0x02, 0x40, 0x20, 0, 0x0e, 1, 0, 1, 0x0b, 0x0b, 0x0b)).toBe(false);
  });
});

describe("a loop's condition is found", () => {
  const found = (loop: string) =>
    scan(`(module (memory 1) (global $g (mut i32) (i32.const 0)) (func (param i32) ${loop}))`)
      .scans[0]!.loopConditions.size;

  test("where the loop starts with a pure condition without else", () => {
    expect(found("(loop (if (i32.lt_s (local.get 0) (global.get $g)) (then (br 1))))")).toBe(1);
  });

  test("not where what comes before can trap or outlives a trap", () => {
    expect(found("(loop (if (i32.load (local.get 0)) (then (br 1))))")).toBe(0);
    expect(found("(loop (if (i32.rem_u (local.get 0) (i32.const 3)) (then (br 1))))")).toBe(0);
    expect(found("(loop (global.set $g (i32.const 1)) (if (local.get 0) (then (br 1))))")).toBe(0);
  });

  test("not where the if has an else or a result, or does not come first", () => {
    expect(found("(loop (if (local.get 0) (then (br 1)) (else (nop))))")).toBe(0);
    expect(
      found("(loop (drop (if (result i32) (local.get 0) (then (i32.const 1)) (else (br 1)))))"),
    ).toBe(0);
    expect(found("(loop (block (br_if 0 (local.get 0))) (if (local.get 0) (then (br 1))))")).toBe(
      0,
    );
  });
});
