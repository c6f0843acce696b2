// From a machine word back to the byte of the original module that it stands for: what turns a pc into a
// line of source. prepare keeps no such table, so the bodies are walked once more beside the words: every
// instruction that can execute has its words in the order of the source (docs/program.md sections 1 and 5).
// Made for traces, when they are asked for; nothing that is hashed depends on it.
import { assert } from "../errors.ts";
import { type FunctionLayout, PointKind } from "./layout.ts";
import type { Prepared } from "./prepare.ts";
import { WORD_BYTES, WordOp } from "./stub-words.ts";
import { Opcode, WasmReader } from "./wasm-reader.ts";

/** What the word at a pc belongs to, with the parameters that stand below its frame's link. */
export type WordOwner =
  | { readonly kind: "directory"; readonly funcidx: number; readonly params: number }
  | { readonly kind: "import"; readonly funcidx: number; readonly params: number }
  | { readonly kind: "function"; readonly funcidx: number; readonly params: number }
  | { readonly kind: "entry"; readonly params: 0 };

const NOWHERE = 0xffff_ffff;
const PREFIXED_WORD = 0x100;
const LAST_CHARGE = WordOp.chargeUnits;

/** The places of one program's words. */
export class WordPlaces {
  readonly #prepared: Prepared;
  readonly #view: DataView;
  readonly #offsets: Uint32Array;

  constructor(prepared: Prepared) {
    const { words, layout } = prepared;
    this.#prepared = prepared;
    this.#view = new DataView(words.buffer, words.byteOffset, words.byteLength);
    this.#offsets = new Uint32Array(layout.wordCount).fill(NOWHERE);
    const dead = deadRanges(layout.points);
    layout.functions.forEach((fn, i) => {
      const entryPc = this.#entryPc(layout.imports.length + i);
      new BodyWalk(prepared.wasm, fn, this.#view, this.#offsets, dead).walk(entryPc);
    });
  }

  /** Byte offset in the original module; undefined for words of stubs and of the directory. */
  byteOffset(pc: number): number | undefined {
    const offset = this.#offsets[pc];
    return offset === NOWHERE ? undefined : offset;
  }

  owner(pc: number): WordOwner {
    const { imports, functions, entryPc } = this.#prepared.layout;
    const count = imports.length + functions.length;
    // A word of the directory runs in the frame of the function that it leads to.
    if (pc < count) return { kind: "directory", funcidx: pc, params: this.#params(pc) };
    if (pc >= entryPc) return { kind: "entry", params: 0 };
    let funcidx = 0;
    let last = count - 1;
    while (funcidx < last) {
      const middle = (funcidx + last + 1) >> 1;
      if (this.#entryPc(middle) <= pc) funcidx = middle;
      else last = middle - 1;
    }
    const kind = funcidx < imports.length ? "import" : "function";
    return { kind, funcidx, params: this.#params(funcidx) };
  }

  #params(funcidx: number): number {
    const { imports, functions } = this.#prepared.layout;
    const { params } = (imports[funcidx] ?? functions[funcidx - imports.length]) as FunctionLayout;
    return params;
  }

  #entryPc(funcidx: number): number {
    return this.#view.getUint32(funcidx * WORD_BYTES + 4, true);
  }
}

/** First byte of unreachable code -> the `else` or `end` behind it. */
function deadRanges(points: Uint32Array): ReadonlyMap<number, number> {
  const ranges = new Map<number, number>();
  for (let i = 0; i < points.length; i += 3) {
    if (points[i + 1] === PointKind.dead) ranges.set(points[i]!, points[i + 2]!);
  }
  return ranges;
}

interface Block {
  opcode: number;
  /** A branch that can execute, or the end of a then-branch, leaves to its end. */
  reached: boolean;
}

/** One body beside its words. Liveness is prepare's: after what never goes on, nothing has words. */
class BodyWalk {
  readonly #fn: FunctionLayout;
  readonly #reader: WasmReader;
  readonly #words: DataView;
  readonly #offsets: Uint32Array;
  readonly #dead: ReadonlyMap<number, number>;
  readonly #blocks: Block[] = [{ opcode: Opcode.block, reached: false }];
  #live = true;
  #pc = 0;
  /** The instruction at hand. */
  #at = 0;

  constructor(
    wasm: Uint8Array,
    fn: FunctionLayout,
    words: DataView,
    offsets: Uint32Array,
    dead: ReadonlyMap<number, number>,
  ) {
    this.#fn = fn;
    this.#reader = new WasmReader(wasm, fn.firstInstruction);
    this.#words = words;
    this.#offsets = offsets;
    this.#dead = dead;
  }

  walk(entryPc: number): void {
    this.#pc = entryPc;
    this.#at = this.#fn.firstInstruction;
    this.#put(WordOp.chargeCheck);
    if (this.#fn.depthWeight > 0) this.#put(WordOp.depth);
    if (this.#fn.locals > 0) this.#put(WordOp.locals);
    const reader = this.#reader;
    while (this.#blocks.length > 0) {
      this.#at = this.#dead.get(reader.offset) ?? reader.offset;
      reader.offset = this.#at;
      this.#instruction(reader.byte());
    }
  }

  #instruction(opcode: number): void {
    const reader = this.#reader;
    switch (opcode) {
      case Opcode.nop:
        return;
      case Opcode.if:
        this.#putBehindCharges(opcode);
        this.#blocks.push({ opcode, reached: false });
        reader.skipInteger();
        return;
      case Opcode.block:
      case Opcode.loop:
        this.#blocks.push({ opcode, reached: false });
        reader.skipInteger();
        return;
      case Opcode.else:
        this.#else();
        return;
      case Opcode.end:
        this.#end();
        return;
      case Opcode.br:
      case Opcode.br_if:
        this.#putBehindCharges(opcode);
        this.#reach(reader.u32());
        if (opcode === Opcode.br) this.#live = false;
        return;
      case Opcode.br_table:
        this.#branchTable();
        return;
      case Opcode.return:
      case Opcode.unreachable:
        this.#putBehindCharges(opcode);
        if (opcode === Opcode.return) this.#reach(this.#blocks.length - 1);
        this.#live = false;
        return;
      case Opcode.prefixed: {
        const start = reader.offset;
        this.#putBehindCharges(PREFIXED_WORD | reader.u32());
        reader.offset = start;
      }
    }
    if (opcode !== Opcode.prefixed) this.#putBehindCharges(opcode);
    reader.skipImmediates(opcode);
  }

  #else(): void {
    const block = this.#blocks.at(-1) as Block;
    block.opcode = Opcode.else;
    if (this.#live) {
      this.#putBehindCharges(Opcode.else);
      block.reached = true;
    }
    this.#live = true;
  }

  #end(): void {
    const block = this.#blocks.pop() as Block;
    // A condition without `else` goes on here where it does not hold.
    this.#live ||= block.reached || block.opcode === Opcode.if;
    if (this.#blocks.length === 0 && this.#live) this.#putBehindCharges(Opcode.end);
  }

  #branchTable(): void {
    this.#putBehindCharges(Opcode.br_table);
    for (let labels = this.#reader.u32() + 1; labels > 0; labels -= 1) {
      this.#put(Opcode.br);
      this.#reach(this.#reader.u32());
    }
    this.#live = false;
  }

  #reach(depth: number): void {
    const block = this.#blocks[this.#blocks.length - 1 - depth] as Block;
    if (block.opcode !== Opcode.loop) block.reached = true;
  }

  #putBehindCharges(op: number): void {
    while (this.#op() >= WordOp.charge && this.#op() <= LAST_CHARGE) this.#put(this.#op());
    this.#put(op);
  }

  /** The next word, which is `op`, stands for the instruction at hand. */
  #put(op: number): void {
    assert(this.#op() === op, "words stand in the order of the source");
    this.#offsets[this.#pc] = this.#at;
    this.#pc += 1;
  }

  #op(): number {
    return this.#words.getUint16(this.#pc * WORD_BYTES, true);
  }
}
