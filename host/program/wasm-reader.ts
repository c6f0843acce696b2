// Reads a Wasm binary that prepare has accepted: LEB128 integers, section ranges, and where one
// instruction ends. Stands under emit-wasm.ts and body-rewriter.ts. It never validates: every
// length was checked by prepare, and a byte that prepare does not accept is an assertion here.
import { assert } from "../errors.ts";

/** A cursor over validated bytes; `offset` counts from the start of the module. */
export class WasmReader {
  readonly bytes: Uint8Array;
  offset: number;

  constructor(bytes: Uint8Array, offset = 0) {
    this.bytes = bytes;
    this.offset = offset;
  }

  byte(): number {
    const value = this.bytes[this.offset];
    assert(value !== undefined, "read past the end of a validated module");
    this.offset += 1;
    return value;
  }

  /** Unsigned 32-bit LEB128. */
  u32(): number {
    let value = 0;
    for (let shift = 0; ; shift += 7) {
      const byte = this.byte();
      value |= (byte & 0x7f) << shift;
      if (byte < 0x80) return value >>> 0;
    }
  }

  /** Steps over one LEB128 integer of any width and sign. */
  skipInteger(): void {
    while (this.byte() >= 0x80) {}
  }

  /** u32 length, then that many bytes, as a view. */
  sized(): Uint8Array {
    const length = this.u32();
    const start = this.offset;
    this.offset += length;
    return this.bytes.subarray(start, this.offset);
  }

  name(): string {
    return new TextDecoder().decode(this.sized());
  }

  /** A constant expression with its `end`, as a view. */
  constantExpression(): Uint8Array {
    const start = this.offset;
    while (true) {
      const opcode = this.byte();
      if (opcode === Opcode.end) return this.bytes.subarray(start, this.offset);
      this.skipImmediates(opcode);
    }
  }

  /** Steps over the immediates of `opcode`, whose byte was just read. */
  skipImmediates(opcode: number): void {
    if (opcode >= Opcode.i32_load && opcode <= Opcode.i64_store32) {
      this.skipInteger();
      this.skipInteger();
      return;
    }
    switch (opcode) {
      case Opcode.block:
      case Opcode.loop:
      case Opcode.if:
      case Opcode.br:
      case Opcode.br_if:
      case Opcode.call:
      case Opcode.local_get:
      case Opcode.local_set:
      case Opcode.local_tee:
      case Opcode.global_get:
      case Opcode.global_set:
      case Opcode.memory_size:
      case Opcode.memory_grow:
      case Opcode.i32_const:
      case Opcode.i64_const:
        this.skipInteger();
        return;
      case Opcode.call_indirect:
        this.skipInteger();
        this.skipInteger();
        return;
      case Opcode.br_table:
        for (let labels = this.u32() + 1; labels > 0; labels -= 1) this.skipInteger();
        return;
      case Opcode.prefixed: {
        const second = this.u32();
        this.skipInteger();
        if (second === MEMORY_COPY) this.skipInteger();
        else
          assert(second === MEMORY_FILL, "an instruction that prepare refuses reached emit-wasm");
        return;
      }
    }
  }
}

/** Second opcodes of the 0xFC prefix: ours alone, then the two that prepare accepts. */
export const MEMORY_INIT = 8;
export const MEMORY_COPY = 10;
export const MEMORY_FILL = 11;

/** Opcode bytes that the rewriter reads or writes by name. */
export const Opcode = {
  unreachable: 0x00,
  nop: 0x01,
  block: 0x02,
  loop: 0x03,
  if: 0x04,
  else: 0x05,
  end: 0x0b,
  br: 0x0c,
  br_if: 0x0d,
  br_table: 0x0e,
  return: 0x0f,
  call: 0x10,
  call_indirect: 0x11,
  drop: 0x1a,
  select: 0x1b,
  local_get: 0x20,
  local_set: 0x21,
  local_tee: 0x22,
  global_get: 0x23,
  global_set: 0x24,
  i32_load: 0x28,
  i64_load: 0x29,
  i64_store32: 0x3e,
  memory_size: 0x3f,
  memory_grow: 0x40,
  i32_const: 0x41,
  i64_const: 0x42,
  i32_eq: 0x46,
  i32_lt_s: 0x48,
  i32_lt_u: 0x49,
  i64_lt_s: 0x53,
  i32_gt_u: 0x4b,
  i32_add: 0x6a,
  i32_sub: 0x6b,
  i32_shl: 0x74,
  i64_add: 0x7c,
  i64_sub: 0x7d,
  i64_mul: 0x7e,
  i64_shr_u: 0x88,
  i64_extend_i32_u: 0xad,
  prefixed: 0xfc,
} as const;

/** Section ids of the binary format. */
export const Section = {
  type: 1,
  import: 2,
  function: 3,
  table: 4,
  memory: 5,
  global: 6,
  export: 7,
  element: 9,
  code: 10,
  data: 11,
  dataCount: 12,
} as const;

/** First content byte of each non-custom section by id. */
export function sectionOffsets(wasm: Uint8Array): ReadonlyMap<number, number> {
  const reader = new WasmReader(wasm, 8);
  const offsets = new Map<number, number>();
  while (reader.offset < wasm.length) {
    const id = reader.byte();
    const size = reader.u32();
    if (id !== 0) offsets.set(id, reader.offset);
    reader.offset += size;
  }
  return offsets;
}
