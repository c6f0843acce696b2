// The machine words of small functions, as listings that a person has checked against docs/program.md.
import binaryen from "binaryen";
import { describe, expect, it } from "vitest";
import { opcodes } from "../../../host/program/opcodes.ts";
import { prepareModule } from "../../../host/program/prepare.ts";
import { listWords } from "../../../host/program/word-listing.ts";
import { expectGolden } from "../../support/golden.ts";
import { testPrepareRules } from "../../support/prepare-rules.ts";

const rules = testPrepareRules();

function wasmOf(wat: string): Uint8Array {
  const module = binaryen.parseText(wat);
  const wasm = module.emitBinary();
  module.dispose();
  return wasm;
}

const listings: Readonly<Record<string, string>> = {
  "if-else": `(module (func (export "main")
    (drop (if (result i32) (i32.const 1) (then (i32.const 2)) (else (i32.const 3))))))`,
  "loop-sum": `(module
    (func $sum (param $n i32) (result i64) (local $total i64)
      (block $done
        (loop $next
          (br_if $done (i32.eqz (local.get $n)))
          (local.set $total (i64.add (local.get $total) (i64.extend_i32_u (local.get $n))))
          (local.set $n (i32.sub (local.get $n) (i32.const 1)))
          (br $next)))
      (local.get $total))
    (func (export "main") (drop (call $sum (i32.const 9)))))`,
  "br-table": `(module (func (export "main") (local $x i32)
    (block $b (block $a
      (br_table $a $b $a (local.get $x)))
      (local.set $x (i32.const 1)))))`,
  "unreachable-code": `(module (memory 1)
    (func $f (param i32) (result i32)
      (if (local.get 0) (then (return (i32.const 1))) (else (unreachable)))
      (i32.load (i32.const 4)))
    (func (export "main") (drop (call $f (i32.const 0)))))`,
  recursion: `(module (func $f (param i64) (result i64)
      (if (result i64) (i64.eqz (local.get 0))
        (then (i64.const 1))
        (else (i64.mul (local.get 0) (call $f (i64.sub (local.get 0) (i64.const 1)))))))
    (func (export "_start"))
    (func (export "main") (drop (call $f (i64.const 5)))))`,
  "host-and-memory": `(module
    (import "env" "storage_set" (func $set (param i32 i32 i32)))
    (import "env" "storage_open" (func $open (param i32) (result i32)))
    (memory 1 2)
    (func (export "main")
      (drop (memory.grow (i32.const 1)))
      (memory.copy (i32.const 0) (i32.const 8) (i32.const 64))
      (memory.fill (i32.const 0) (i32.const 255) (memory.size))
      (call $set (i32.const 0) (i32.const 32) (call $open (i32.const 0)))))`,
  "call-indirect": `(module (type $t (func (param i32) (result i32)))
    (type $same (func (param i32) (result i32)))
    (table 4 funcref) (elem (i32.const 1) $a $b)
    (func $a (type $t) (local.get 0))
    (func $b (type $same) (local i64 i32) (i32.add (local.get 0) (i32.const 1)))
    (func (export "main")
      (drop (call_indirect (type $t) (i32.const 7) (i32.const 1)))))`,
};

describe("the words of", () => {
  for (const [name, wat] of Object.entries(listings)) {
    it(`${name} are as listed`, () => {
      const { words } = prepareModule(wasmOf(wat), rules);
      expectGolden(`words/${name}.txt`, listWords(words));
    });
  }
});

describe("the opcode table", () => {
  it("names exactly the words that a program may hold", () => {
    const numeric = [...opcodes.keys()].filter((op) => op >= 0x45 && op <= 0xc4);
    expect(numeric.length).toBe(11 + 11 + 18 + 18 + 1 + 2 + 5);
    expect(opcodes.size).toBe(new Set([...opcodes.values()].map(({ name }) => name)).size);
    for (const op of [0x01, 0x02, 0x03, 0x2a, 0x43, 0x5b, 0x8b, 0xb2]) {
      expect(opcodes.has(op)).toBe(false);
    }
  });

  it("agrees with the opcode byte that each name assembles to", () => {
    for (const { opcode, name } of opcodes.values()) {
      const [type, operation] = name.split(".");
      if (opcode < 0x45 || opcode > 0xc4 || operation === undefined) continue;
      const operand = operation.includes("_i")
        ? operation
            .slice(-5)
            .replace(/_[su]$/, "")
            .slice(-3)
        : type;
      const unary = /^(eqz|clz|ctz|popcnt|wrap|extend)/.test(operation);
      const get = (i: number) => `(local.get ${i})`;
      const wat = `(module (func (export "f") (param ${operand} ${operand})
        (drop (${name} ${unary ? get(0) : get(0) + get(1)}))))`;
      const module = binaryen.parseText(wat);
      module.setFeatures(binaryen.Features.All);
      const { words } = prepareModule(module.emitBinary(), rules, { entryRequired: false });
      module.dispose();
      expect(listWords(words)).toContain(`  ${name}\n`);
    }
  });
});
