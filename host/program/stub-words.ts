// Reads the charges of import stubs and of the entry stub out of the machine words, so that the V8
// module pays exactly what the machine pays there. Stands under emit-wasm.ts. Stubs are written by
// prepare in the fixed shapes of docs/program.md section 2; anything else is an assertion.
import { assert } from "../errors.ts";
import type { ProgramLayout } from "./layout.ts";

/** Bytes of one machine word. */
export const WORD_BYTES = 16;

/** Words that have no Wasm opcode (docs/program.md section 1). */
export const WordOp = {
  charge: 0x200,
  chargeCheck: 0x201,
  chargeUnits: 0x202,
  depth: 0x203,
  locals: 0x204,
  function: 0x210,
  host: 0x211,
  call: 0x10,
  end: 0x0b,
} as const;

/** A charge per unit of the i32 parameter `slot`: ceil(n / 2^shift) × unit. */
export interface UnitCharge {
  readonly slot: number;
  readonly unit: number;
  readonly shift: number;
}

export interface ImportStub {
  /** Checked before the host is called. */
  readonly base: number;
  readonly units: readonly UnitCharge[];
}

export interface EntryStub {
  readonly gas: number;
  /** Slots of the stub's own frame; 0 when it charges none. */
  readonly depth: number;
  /** Function indices in the source, in call order: `_start` if there is one, `main`. */
  readonly calls: readonly number[];
  /** Checked after the last call. */
  readonly endGas: number;
}

interface Word {
  readonly op: number;
  readonly a: number;
  readonly b: number;
  /** Low 48 bits at least: costs and shifts are far below 2^53. */
  readonly imm: number;
}

function wordAt(words: Uint8Array, pc: number): Word {
  const view = new DataView(words.buffer, words.byteOffset + pc * WORD_BYTES, WORD_BYTES);
  return {
    op: view.getUint16(0, true),
    a: view.getUint16(2, true),
    b: view.getUint32(4, true),
    imm: view.getUint32(8, true) + view.getUint32(12, true) * 2 ** 32,
  };
}

/** The charges of the stub that stands for imported function `funcidx`. */
export function readImportStub(words: Uint8Array, funcidx: number): ImportStub {
  const directory = wordAt(words, funcidx);
  assert(directory.op === WordOp.function, "word of a funcidx is not a directory word");
  let pc = directory.b;
  const base = wordAt(words, pc);
  assert(base.op === WordOp.chargeCheck, "an import stub does not start with its charge");
  const units: UnitCharge[] = [];
  for (pc += 1; ; pc += 1) {
    const word = wordAt(words, pc);
    if (word.op === WordOp.host) return { base: base.imm, units };
    assert(word.op === WordOp.chargeUnits, "an import stub has a word that does not belong there");
    units.push({ slot: word.a, unit: word.b, shift: word.imm });
  }
}

/** The entry stub of a module with a `main`. */
export function readEntryStub(words: Uint8Array, layout: ProgramLayout): EntryStub {
  let pc = layout.entryPc;
  const first = wordAt(words, pc);
  assert(first.op === WordOp.chargeCheck, "the entry stub does not start with its charge");
  let depth = 0;
  let endGas = 0;
  const targets: number[] = [];
  for (pc += 1; ; pc += 1) {
    const word = wordAt(words, pc);
    if (word.op === WordOp.end) break;
    if (word.op === WordOp.depth) depth = word.b;
    else if (word.op === WordOp.call) targets.push(word.b);
    else if (word.op === WordOp.chargeCheck) endGas = word.imm;
    else assert(false, "the entry stub has a word that does not belong there");
  }
  const calls = [layout.startFunction, layout.mainFunction].filter((f) => f !== undefined);
  assert(targets.length === calls.length, "the entry stub and the layout disagree");
  calls.forEach((funcidx, i) => {
    assert(wordAt(words, funcidx).b === targets[i], "the entry stub calls another function");
  });
  return { gas: first.imm, depth, calls, endGas };
}
