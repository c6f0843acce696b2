// A path in a list tree (docs/machine.md section 8): transactions and receipts have depth 20, the outbox 16.
// Missing leaves are 32 zero bytes, so the zero subtrees of a list are not those of a region.
import { keccak64 } from "../crypto/keccak";
import { refuse, refused, SIBLING, take } from "./proof-reader";

export const BODY_DEPTH: u32 = 20;
export const OUTBOX_DEPTH: u32 = 16;
/** Roots of 2^k zero leaves. */
const ZEROS: usize = memory.data(32 * 20, 8);
const PAIR: usize = memory.data(64, 8);
let bitmap: usize = 0;
let siblings: usize = 0;
let depth: u32 = 0;

/** Computes the zero subtrees; once, before anything else of this file. */
export function prepareLists(): void {
  for (let k: usize = 1; k < BODY_DEPTH; k++) {
    memory.copy(PAIR, ZEROS + 32 * (k - 1), 32);
    memory.copy(PAIR + 32, ZEROS + 32 * (k - 1), 32);
    keccak64(PAIR, ZEROS + 32 * k);
  }
}

function isGiven(level: u32): bool {
  return ((<u32>load<u8>(bitmap + (level >> 3)) >> (7 - (level & 7))) & 1) != 0;
}

/** Reads bitmap and siblings of a path in a list of `ofDepth`, deepest first. */
export function readListPath(ofDepth: u32): void {
  depth = ofDepth;
  const bytes = (depth + 7) >> 3;
  const spare = (bytes << 3) - depth;
  bitmap = take(bytes);
  if (refused != 0) return;
  if ((load<u8>(bitmap + bytes - 1) & ((1 << spare) - 1)) != 0) return refuse(SIBLING);
  siblings = 0;
  for (let level: u32 = 0; level < depth; level++) {
    if (!isGiven(level)) continue;
    const sibling = take(32);
    if (refused != 0) return;
    if (memory.compare(sibling, ZEROS + 32 * <usize>level, 32) == 0) return refuse(SIBLING);
    if (siblings == 0) siblings = sibling;
  }
}

/** Root of the list whose leaf `index` is `leaf`, by the siblings that were read. */
export function listPathRoot(index: u32, leaf: usize, out: usize): void {
  let next = siblings;
  memory.copy(out, leaf, 32);
  for (let level: u32 = 0; level < depth; level++) {
    const side = <usize>(index >> level) & 1;
    memory.copy(PAIR + (side << 5), out, 32);
    const other = PAIR + ((side ^ 1) << 5);
    if (isGiven(level)) {
      memory.copy(other, next, 32);
      next += 32;
    } else {
      memory.copy(other, ZEROS + 32 * <usize>level, 32);
    }
    keccak64(PAIR, out);
  }
}
