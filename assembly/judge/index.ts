// The judge of step proofs as a WASI command (docs/verify.md): a stranger's runtime reads a proof from stdin,
// judges it and writes one line: the hash of the state after the step, or why the proof is refused. It is
// the judge of assembly/machine with nothing around it but three system calls.
import { selectRegions, verifyStep } from "../machine/index";
import { answer, readAll, REFUSED, USAGE } from "./streams";

const HASH_BYTES: u32 = 32;
/** No step needs a longer proof (docs/machine.md section 7). */
const PROOF_BYTES_MAX: u32 = 9216;
/** Around the regions: what a stuck step may touch beside them. */
const MARGIN: usize = 65536;
/** Code, memory, stack, globals, table, marks of memory, marks of globals. */
const SIZES: StaticArray<usize> = [1 << 23, 1 << 26, 1 << 19, 1 << 11, 1 << 14, 1 << 19, 65536];
const TRAILING: u32 = 2;
/** Rejections by number, from 1 (RejectionCode in host/outcome.ts). */
const NAMES =
  "TRUNCATED TRAILING HEADER PRE_STATE REGIONS LEAF_INDEX SIBLING REGION_ROOT LEAF_MISSING " +
  "LEAF_UNUSED STATE_PATH DATA_ROOT ENTRY RECEIPTS SUSPENDED DEPLOYERS";
const SPACE = 0x20;

/** Puts `length` characters of an ASCII string at `out`. */
function ascii(text: string, from: i32, length: i32, out: usize): void {
  for (let i = 0; i < length; i++) store<u8>(out + i, <u8>text.charCodeAt(from + i));
}

function answerRejection(code: u32): void {
  let start = 0;
  for (let number: u32 = 1; number < code; number++) start = NAMES.indexOf(" ", start) + 1;
  let end = start;
  while (end < NAMES.length && NAMES.charCodeAt(end) != SPACE) end++;
  const line = heap.alloc(64);
  ascii(NAMES, start, end - start, line);
  answer(line, end - start, REFUSED);
}

function answerHash(hash: usize): void {
  const digits = "0123456789abcdef";
  const line = heap.alloc(128);
  ascii("0x", 0, 2, line);
  for (let i: usize = 0; i < 32; i++) {
    const byte = <i32>load<u8>(hash + i);
    store<u8>(line + 2 + 2 * i, <u8>digits.charCodeAt(byte >> 4));
    store<u8>(line + 3 + 2 * i, <u8>digits.charCodeAt(byte & 15));
  }
  answer(line, 66, 0);
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

function main(): void {
  const most = HASH_BYTES + PROOF_BYTES_MAX + 1;
  const input = heap.alloc(most);
  const length = readAll(input, most);
  if (length < HASH_BYTES) {
    const line = heap.alloc(64);
    ascii("USAGE", 0, 5, line);
    return answer(line, 5, USAGE);
  }
  if (length == most) return answerRejection(TRAILING);
  placeRegions();
  const out = heap.alloc(HASH_BYTES);
  const code = verifyStep(input + HASH_BYTES, length - HASH_BYTES, input, out);
  if (code != 0) answerRejection(code);
  else answerHash(out);
}

main();
