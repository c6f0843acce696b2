// Openings of region trees (docs/machine.md section 7): leaves with the siblings that lead to the root. Read
// once, folded twice: with the leaves as they were, and, by the same siblings, as the step left them.
//   u8 count | count × u32 index | count × leaf 128 | bitmap | siblings × 32
import { keccak128, keccak64 } from "../crypto/keccak";
import { LEAF_INDEX, take, refuse, refused, SIBLING } from "./proof-reader";
import { ZEROS } from "./regions";

/** Most leaves of one opening. */
export const LEAVES_MAX: u32 = 16;
const PAIR: usize = memory.data(64, 8);
const NODES: usize = memory.data(32 * 16, 8);
const INDICES: usize = memory.data(4 * 16, 8);

/** By region, 16 bytes: count u32, address of the leaf indices, of the leaves, of the bitmap. */
const OPENINGS: usize = memory.data(16 * 6, 8);

export function clearOpenings(): void {
  memory.fill(OPENINGS, 0, 16 * 6);
}

export function openedCount(region: u32): u32 {
  return load<u32>(OPENINGS + (region << 4));
}

export function openedIndex(region: u32, i: u32): u32 {
  return bswap<u32>(load<u32>(<usize>load<u32>(OPENINGS + (region << 4), 4) + (i << 2)));
}

/** Whether the leaf region << 28 | index is opened. */
export function isOpened(item: u32): bool {
  const region = item >> 28;
  for (let i: u32 = 0; i < openedCount(region); i++) {
    if (openedIndex(region, i) == (item & 0x0fffffff)) return true;
  }
  return false;
}

/** Address of the i-th opened leaf in the proof. */
export function openedLeaf(region: u32, i: u32): usize {
  return <usize>load<u32>(OPENINGS + (region << 4), 8) + (i << 7);
}

function copyIndices(region: u32): u32 {
  const count = openedCount(region);
  for (let i: u32 = 0; i < count; i++) store<u32>(INDICES + (i << 2), openedIndex(region, i));
  return count;
}

// How many siblings the opening of these leaves has.
function siblingCount(region: u32, depth: u32): u32 {
  let count = copyIndices(region);
  let siblings: u32 = 0;
  for (let level: u32 = 0; level < depth; level++) {
    let kept: u32 = 0;
    for (let i: u32 = 0; i < count; i++) {
      const index = load<u32>(INDICES + (i << 2));
      if (i + 1 < count && load<u32>(INDICES + (i << 2), 4) == (index ^ 1)) i++;
      else siblings++;
      store<u32>(INDICES + (kept << 2), index >> 1);
      kept++;
    }
    count = kept;
  }
  return siblings;
}

/** Reads the opening of a region whose tree has `depth`. */
export function readOpening(region: u32, depth: u32): void {
  const opening = OPENINGS + (region << 4);
  const count = <u32>load<u8>(take(1));
  if (refused != 0) return;
  if (count == 0 || count > LEAVES_MAX) return refuse(LEAF_INDEX);
  const indices = take(count << 2);
  if (refused != 0) return;
  store<u32>(opening, count);
  store<u32>(opening, <u32>indices, 4);
  for (let i: u32 = 0; i < count; i++) {
    const index = openedIndex(region, i);
    if (index >> depth != 0) return refuse(LEAF_INDEX);
    if (i != 0 && index <= openedIndex(region, i - 1)) return refuse(LEAF_INDEX);
  }
  store<u32>(opening, <u32>take(count << 7), 8);
  const siblings = siblingCount(region, depth);
  const bitmapBytes = (siblings + 7) >> 3;
  const bitmap = take(bitmapBytes);
  if (refused != 0) return;
  store<u32>(opening, <u32>bitmap, 12);
  const spare = (bitmapBytes << 3) - siblings;
  if (bitmapBytes != 0 && (load<u8>(bitmap + bitmapBytes - 1) & ((1 << spare) - 1)) != 0) {
    return refuse(SIBLING);
  }
  readSiblings(region, depth, bitmap);
}

// Passes the given siblings one by one: the first that is missing, or that is a zero subtree, decides.
function readSiblings(region: u32, depth: u32, bitmap: usize): void {
  let count = copyIndices(region);
  let bit: u32 = 0;
  for (let level: u32 = 0; level < depth; level++) {
    let kept: u32 = 0;
    for (let i: u32 = 0; i < count; i++) {
      const index = load<u32>(INDICES + (i << 2));
      if (i + 1 < count && load<u32>(INDICES + (i << 2), 4) == (index ^ 1)) {
        i++;
      } else {
        if (((<u32>load<u8>(bitmap + (bit >> 3)) >> (7 - (bit & 7))) & 1) != 0) {
          const sibling = take(32);
          if (refused != 0) return;
          if (memory.compare(sibling, ZEROS + 32 * <usize>level, 32) == 0) return refuse(SIBLING);
        }
        bit++;
      }
      store<u32>(INDICES + (kept << 2), index >> 1);
      kept++;
    }
    count = kept;
  }
}

// Reading position within bitmap and siblings while folding.
let bitmapAt: usize = 0;
let bitAt: u32 = 0;
let siblingAt: usize = 0;

// Copies the next sibling, of `level`, to `out`.
function nextSibling(level: u32, out: usize): void {
  const given = (<u32>load<u8>(bitmapAt + (bitAt >> 3)) >> (7 - (bitAt & 7))) & 1;
  bitAt++;
  if (given == 0) {
    memory.copy(out, ZEROS + 32 * <usize>level, 32);
    return;
  }
  memory.copy(out, siblingAt, 32);
  siblingAt += 32;
}

/**
 * Writes the root of an opened region to `out`; the leaves are those of the proof if `base` is 0, else
 * those at their places from `base` on.
 */
export function foldOpening(region: u32, depth: u32, base: usize, out: usize): void {
  const opening = OPENINGS + (region << 4);
  let count = copyIndices(region);
  bitmapAt = load<u32>(opening, 12);
  bitAt = 0;
  siblingAt = bitmapAt + ((siblingCount(region, depth) + 7) >> 3);
  copyIndices(region);
  for (let i: u32 = 0; i < count; i++) {
    const leaf = base == 0 ? openedLeaf(region, i) : base + ((<usize>openedIndex(region, i)) << 7);
    keccak128(leaf, NODES + (i << 5));
  }
  for (let level: u32 = 0; level < depth; level++) {
    let kept: u32 = 0;
    for (let i: u32 = 0; i < count; i++) {
      const index = load<u32>(INDICES + (i << 2));
      const own = PAIR + ((<usize>index & 1) << 5);
      memory.copy(own, NODES + (i << 5), 32);
      if (i + 1 < count && load<u32>(INDICES + (i << 2), 4) == (index ^ 1)) {
        i++;
        memory.copy(PAIR + 32, NODES + (i << 5), 32);
      } else {
        nextSibling(level, PAIR + ((<usize>(index & 1) ^ 1) << 5));
      }
      keccak64(PAIR, NODES + (kept << 5));
      store<u32>(INDICES + (kept << 2), index >> 1);
      kept++;
    }
    count = kept;
  }
  memory.copy(out, NODES, 32);
}
