// Blocks with parameters or several results, which the profile refuses, rewritten into blocks that it has:
// parameters and results wait in locals of their own while control passes a block's edge. What runs, in which
// order, stays as it was, so that the suite's tests of branches keep their meaning. Functions with several
// results are not lowered: they are cut.
import { WasmReader } from "../../host/program/wasm-reader.ts";
import { WasmWriter } from "../../host/program/wasm-writer.ts";
import { skipInstruction } from "./body-scan.ts";
import type { SuiteType } from "./read-module.ts";

const EMPTY = 0x40;
const I32 = 0x7f;
const I64 = 0x7e;

const Op = {
  block: 0x02,
  loop: 0x03,
  if: 0x04,
  else: 0x05,
  end: 0x0b,
  br: 0x0c,
  br_if: 0x0d,
  br_table: 0x0e,
  get: 0x20,
  set: 0x21,
} as const;

interface Label {
  readonly params: readonly number[];
  /** Locals of the results where there are several. */
  readonly results: readonly number[];
  /** Locals in which a branch to this label leaves its values; none where they stay on the stack. */
  readonly carried: readonly number[];
  /** An `if` with parameters needs an else that hands them on. */
  needsElse: boolean;
}

const noLabel = (): Label => ({ params: [], results: [], carried: [], needsElse: false });

/** The body without such blocks; the same bytes where it has none. `params` counts the function's. */
export function lowerBlocks(
  body: Uint8Array,
  params: number,
  types: readonly SuiteType[],
): Uint8Array {
  return new BlockLowering(body, params, types).run();
}

class BlockLowering {
  readonly #body: Uint8Array;
  readonly #reader: WasmReader;
  readonly #types: readonly SuiteType[];
  readonly #code = new WasmWriter();
  readonly #labels: Label[] = [noLabel()];
  readonly #locals: number[] = [];
  #firstLocal: number;

  constructor(body: Uint8Array, params: number, types: readonly SuiteType[]) {
    this.#body = body;
    this.#reader = new WasmReader(body);
    this.#types = types;
    this.#firstLocal = params;
  }

  run(): Uint8Array {
    const reader = this.#reader;
    const groups = reader.u32();
    const start = reader.offset;
    for (let i = 0; i < groups; i++) {
      this.#firstLocal += reader.u32();
      reader.byte();
    }
    const end = reader.offset;
    while (reader.offset < this.#body.length) this.#instruction();
    if (this.#locals.length === 0 && this.#code.length === this.#body.length - end) {
      return this.#body;
    }
    const out = new WasmWriter().u32(groups + this.#locals.length);
    out.raw(this.#body.subarray(start, end));
    for (const type of this.#locals) out.u32(1).byte(type);
    return out.raw(this.#code.view()).finish();
  }

  #local(type: number): number {
    this.#locals.push(type);
    return this.#firstLocal + this.#locals.length - 1;
  }

  #get(locals: readonly number[]): void {
    for (const local of locals) this.#code.byte(Op.get).u32(local);
  }

  /** The last local takes the top of the stack. */
  #set(locals: readonly number[]): void {
    for (const local of [...locals].reverse()) this.#code.byte(Op.set).u32(local);
  }

  #instruction(): void {
    const reader = this.#reader;
    const at = reader.offset;
    const op = reader.byte();
    switch (op) {
      case Op.block:
      case Op.loop:
      case Op.if:
        this.#open(op);
        return;
      case Op.else: {
        const label = this.#labels.at(-1)!;
        label.needsElse = false;
        this.#set(label.results);
        this.#code.byte(op);
        this.#get(label.params);
        return;
      }
      case Op.end:
        this.#close();
        return;
      case Op.br:
        this.#branch(reader.u32());
        return;
      case Op.br_if:
        this.#branchIf(reader.u32());
        return;
      case Op.br_table:
        this.#branchTable(at);
        return;
      default:
        reader.offset = at;
        skipInstruction(reader);
        this.#code.raw(this.#body.subarray(at, reader.offset));
    }
  }

  #open(op: number): void {
    const reader = this.#reader;
    const at = reader.offset;
    const byte = reader.byte();
    if (byte === EMPTY || byte === I32 || byte === I64) {
      this.#code.bytes(op, byte);
      this.#labels.push(noLabel());
      return;
    }
    reader.offset = at;
    const type = this.#types[reader.u32()]!;
    const params = [...type.params].map((param) => this.#local(param));
    const several = type.results.length > 1;
    const results = several ? [...type.results].map((result) => this.#local(result)) : [];
    if (params.length > 0) {
      const condition = op === Op.if ? [this.#local(I32)] : [];
      this.#set([...params, ...condition]);
      this.#get(condition);
    }
    this.#code.bytes(op, several ? EMPTY : (type.results[0] ?? EMPTY));
    this.#get(params);
    const needsElse = op === Op.if && params.length > 0;
    this.#labels.push({ params, results, carried: op === Op.loop ? params : results, needsElse });
  }

  #close(): void {
    const { params, results, needsElse } = this.#labels.pop()!;
    this.#set(results);
    if (needsElse) {
      this.#code.byte(Op.else);
      this.#get(params);
      this.#set(results);
    }
    this.#code.byte(Op.end);
    this.#get(results);
  }

  #carriedBy(depth: number): readonly number[] {
    return this.#labels.at(-1 - depth)!.carried;
  }

  #branch(depth: number): void {
    this.#set(this.#carriedBy(depth));
    this.#code.byte(Op.br).u32(depth);
  }

  /** Where the branch is not taken, its values are still on the stack. */
  #branchIf(depth: number): void {
    const carried = this.#carriedBy(depth);
    if (carried.length > 0) {
      const condition = [this.#local(I32)];
      this.#set([...carried, ...condition]);
      this.#get(condition);
    }
    this.#code.byte(Op.br_if).u32(depth);
    this.#get(carried);
  }

  #branchTable(at: number): void {
    const reader = this.#reader;
    const depths = Array.from({ length: reader.u32() + 1 }, () => reader.u32());
    const carried = depths.map((depth) => this.#carriedBy(depth));
    const first = carried.find((locals) => locals.length > 0);
    if (first !== undefined) {
      const index = [this.#local(I32)];
      this.#set([...first, ...index]);
      for (const locals of new Set(carried)) {
        if (locals === first || locals.length === 0) continue;
        this.#get(first);
        this.#set(locals);
      }
      // Labels that take their values from the stack find them there; others leave them behind.
      this.#get([...first, ...index]);
    }
    this.#code.raw(this.#body.subarray(at, reader.offset));
  }
}
