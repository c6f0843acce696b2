// The judge of step proofs as a WASI command (docs/verify.md): a stranger's runtime reads a step proof file from
// stdin, judges the step and writes one line: the hash of the state after it, or why nothing was shown. It is
// the judge of assembly/machine with nothing around it but three system calls.
import { selectRegions, verifyStep } from "../machine/index";
import { answer, readAll, REFUTED, STANDS, UNUSABLE } from "./streams";

/**
 * Layout of a step proof file (docs/formats.md section 14): magic 8, kind 1, format 2, order 181, result 105,
 * step 8, then pre 32, proof behind its u32 length, post 32. What stands before pre is not this judge's.
 */
const PRE_AT: u32 = 305;
const PROOF_AT: u32 = PRE_AT + 36;
const HASH_BYTES: u32 = 32;
/** No step needs a longer proof (docs/machine.md section 7). */
const PROOF_BYTES_MAX: u32 = 9216;
const FILE_BYTES_MAX: u32 = PROOF_AT + PROOF_BYTES_MAX + HASH_BYTES;
/** "PLASMAVM", as a little-endian u64. */
const MAGIC: u64 = 0x4d56414d53414c50;
const STEP_PROOF: u32 = 2;
const FORMAT: u32 = 1;
/** Around the regions: what a stuck step may touch beside them. */
const MARGIN: usize = 65536;
/** Code, memory, stack, globals, table, marks of memory, marks of globals. */
const SIZES: StaticArray<usize> = [1 << 23, 1 << 26, 1 << 19, 1 << 11, 1 << 14, 1 << 19, 65536];
/** Rejections by number, from 1 (RejectionCode in host/outcome.ts). */
const NAMES =
  "TRUNCATED TRAILING HEADER PRE_STATE REGIONS LEAF_INDEX SIBLING REGION_ROOT LEAF_MISSING " +
  "LEAF_UNUSED STATE_PATH DATA_ROOT ENTRY RECEIPTS SUSPENDED DEPLOYERS OUTBOX";
const SPACE = 0x20;

/** Puts `length` characters of an ASCII string at `out`. */
function ascii(text: string, from: i32, length: i32, out: usize): void {
  for (let i = 0; i < length; i++) store<u8>(out + i, <u8>text.charCodeAt(from + i));
}

/** The bytes are no step proof file. */
function answerNoFile(): void {
  const line = heap.alloc(64);
  ascii("NO_STEP_PROOF", 0, 13, line);
  answer(line, 13, UNUSABLE);
}

function answerRejection(code: u32): void {
  let start = 0;
  for (let number: u32 = 1; number < code; number++) start = NAMES.indexOf(" ", start) + 1;
  let end = start;
  while (end < NAMES.length && NAMES.charCodeAt(end) != SPACE) end++;
  const line = heap.alloc(64);
  ascii(NAMES, start, end - start, line);
  answer(line, end - start, UNUSABLE);
}

function answerHash(hash: usize, code: u32): void {
  const digits = "0123456789abcdef";
  const line = heap.alloc(128);
  ascii("0x", 0, 2, line);
  for (let i: usize = 0; i < 32; i++) {
    const byte = <i32>load<u8>(hash + i);
    store<u8>(line + 2 + 2 * i, <u8>digits.charCodeAt(byte >> 4));
    store<u8>(line + 3 + 2 * i, <u8>digits.charCodeAt(byte & 15));
  }
  answer(line, 66, code);
}

/** Gives every region its place in memory behind the module's own. */
function placeRegions(): void {
  let total: usize = MARGIN;
  for (let i = 0; i < SIZES.length; i++) total += unchecked(SIZES[i]) + MARGIN;
  let at = (heap.alloc(total) + MARGIN) & ~(MARGIN - 1);
  const places = new StaticArray<usize>(SIZES.length);
  for (let i = 0; i < SIZES.length; i++) {
    unchecked((places[i] = at));
    at += unchecked(SIZES[i]) + MARGIN;
  }
  selectRegions(places[0], places[1], places[2], places[3], places[4], places[5], places[6]);
}

function isStepProof(file: usize, length: u32): bool {
  return (
    length >= PROOF_AT + HASH_BYTES &&
    length <= FILE_BYTES_MAX &&
    load<u64>(file) == MAGIC &&
    <u32>load<u8>(file, 8) == STEP_PROOF &&
    <u32>bswap<u16>(load<u16>(file, 9)) == FORMAT &&
    bswap<u32>(load<u32>(file + PROOF_AT - 4)) == length - PROOF_AT - HASH_BYTES
  );
}

function main(): void {
  const file = heap.alloc(FILE_BYTES_MAX + 1);
  const length = readAll(file, FILE_BYTES_MAX + 1);
  if (!isStepProof(file, length)) return answerNoFile();
  placeRegions();
  const out = heap.alloc(HASH_BYTES);
  const proofLength = length - PROOF_AT - HASH_BYTES;
  const code = verifyStep(file + PROOF_AT, proofLength, file + PRE_AT, out);
  if (code != 0) return answerRejection(code);
  const isClaimed = memory.compare(out, file + PROOF_AT + proofLength, HASH_BYTES) == 0;
  answerHash(out, isClaimed ? STANDS : REFUTED);
}

main();
