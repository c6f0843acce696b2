// Words back to bytes of the original module: every word of every function of the fixtures and of random
// modules stands for the instruction whose opcode it has.
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { type Prepared, prepareModule } from "../../../host/program/prepare.ts";
import { WORD_BYTES, WordOp } from "../../../host/program/stub-words.ts";
import { Opcode } from "../../../host/program/wasm-reader.ts";
import { WordPlaces } from "../../../host/program/word-places.ts";
import { testPrepareRules } from "../../support/prepare-rules.ts";
import { randomModule } from "../../support/random-module.ts";
import { root } from "../../support/source-files.ts";
import { wasmOf } from "../../support/wat.ts";

const prepare = (wasm: Uint8Array) =>
  prepareModule(wasm, testPrepareRules(), { entryRequired: false });
const withoutOpcode: ReadonlySet<number> = new Set([
  WordOp.charge,
  WordOp.chargeCheck,
  WordOp.chargeUnits,
  WordOp.depth,
  WordOp.locals,
]);

/** Words whose place is wrong, as text. */
function misplaced({ wasm, words, layout }: Prepared, places: WordPlaces): string[] {
  const wrong: string[] = [];
  const view = new DataView(words.buffer, words.byteOffset, words.byteLength);
  let before = 0;
  for (let pc = 0; pc < layout.wordCount; pc++) {
    const owner = places.owner(pc);
    const at = places.byteOffset(pc);
    if (owner.kind !== "function") {
      if (at !== undefined) wrong.push(`word ${pc} of a stub has the place ${at}`);
      continue;
    }
    const fn = layout.functions[owner.funcidx - layout.imports.length]!;
    const op = view.getUint16(pc * WORD_BYTES, true);
    const inside = at !== undefined && at >= fn.firstInstruction && at < fn.end;
    if (!inside || at < before) {
      wrong.push(`word ${pc} of function ${owner.funcidx} has the place ${at}`);
      continue;
    }
    before = at;
    if (withoutOpcode.has(op)) continue;
    const byte = wasm[at]!;
    const shown = byte === Opcode.prefixed ? 0x100 | wasm[at + 1]! : byte;
    const isTarget = op === Opcode.br && shown === Opcode.br_table;
    if (shown !== op && !isTarget) wrong.push(`word ${pc} is ${op}, the byte ${at} ${shown}`);
  }
  return wrong;
}

describe("every word", () => {
  const folder = join(root, "fixtures/contracts/build");
  const fixtures = readdirSync(folder).filter((name) => name.endsWith(".wasm"));

  it.each(fixtures)("of the fixture %s has the place of its instruction", (name) => {
    const prepared = prepare(new Uint8Array(readFileSync(join(folder, name))));
    expect(misplaced(prepared, new WordPlaces(prepared))).toEqual([]);
  });

  it("of 400 random modules has the place of its instruction (seeds 70,000 on)", () => {
    const wrong: string[] = [];
    for (let seed = 70_000; seed < 70_400; seed++) {
      const prepared = prepare(randomModule(seed).wasm);
      const found = misplaced(prepared, new WordPlaces(prepared));
      wrong.push(...found.map((text) => `seed ${seed}: ${text}`));
    }
    expect(wrong.slice(0, 5)).toEqual([]);
  });

  it("behind code that nothing reaches has its own place, an else behind an else included", () => {
    const prepared = prepare(
      wasmOf(`(module (func (export "f") (param i32) (result i32)
        (if (local.get 0)
          (then (if (local.get 0) (then unreachable (drop (i32.const 1)) (nop)) (else)))
          (else (block (return (i32.const 7)) (drop (i32.const 2)) (nop))))
        (block (result i32) (br 0 (i32.const 3)) (drop) (i32.const 4))))`),
    );
    expect(misplaced(prepared, new WordPlaces(prepared))).toEqual([]);
  });
});

describe("the owner of a word", () => {
  it("is the directory, an import's stub, a function with its parameters, or the entry stub", () => {
    const prepared = prepare(
      wasmOf(`(module (import "env" "storage_open" (func (param i32) (result i32)))
        (func $f (param i64 i32)) (func (export "main") (call $f (i64.const 1) (i32.const 2))))`),
    );
    const places = new WordPlaces(prepared);
    const owners: string[] = [];
    for (let pc = 0; pc < prepared.layout.wordCount; pc++) {
      const owner = places.owner(pc);
      const index = "funcidx" in owner ? owner.funcidx : "";
      const text = `${owner.kind}${index}:${owner.params}`;
      if (owners.at(-1) !== text) owners.push(text);
    }
    expect(owners).toEqual([
      "directory0:1",
      "directory1:2",
      "directory2:0",
      "import0:1",
      "function1:2",
      "function2:0",
      "entry:0",
    ]);
  });
});
