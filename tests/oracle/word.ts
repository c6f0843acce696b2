// Machine words as records (docs/program.md section 1): what the oracle interprets. Reading only;
// the word's meaning is in run-words.ts and its price in word-costs.ts.
import { assert } from "../../host/errors.ts";

/** One word; `imm` is unsigned. */
export interface Word {
  readonly op: number;
  readonly a: number;
  readonly b: number;
  readonly imm: bigint;
}

const WORD_BYTES = 16;

/** Words that have no Wasm opcode. */
export const Op = {
  charge: 0x200,
  chargeCheck: 0x201,
  chargeUnits: 0x202,
  depth: 0x203,
  locals: 0x204,
  function: 0x210,
  host: 0x211,
  memoryCopy: 0x10a,
  memoryFill: 0x10b,
} as const;

/** Reads 16-byte little-endian words; word i has pc i. */
export function readWords(bytes: Uint8Array): readonly Word[] {
  assert(bytes.length % WORD_BYTES === 0, "code is a whole number of words");
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return Array.from({ length: bytes.length / WORD_BYTES }, (_, pc) => ({
    op: view.getUint16(pc * WORD_BYTES, true),
    a: view.getUint16(pc * WORD_BYTES + 2, true),
    b: view.getUint32(pc * WORD_BYTES + 4, true),
    imm: view.getBigUint64(pc * WORD_BYTES + 8, true),
  }));
}
