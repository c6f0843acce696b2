// Openings of trees that the state names by root and length (docs/machine.md section 7): neighbouring leaves of
// a `bytesRoot` tree, chunks of a state value, leaves of a suspended caller. The step knows which leaves it
// needs, so the proof has neither count nor indices: leaves ‖ bitmap ‖ siblings. Folded twice where a step
// changes leaves.
import { keccak128, keccak64 } from "../crypto/keccak";
import { ZERO_CHUNKS } from "./gather";
import { refuse, refused, SIBLING, stuck, take } from "./proof-reader";
import { ZEROS } from "./regions";
import { sha256Pair } from "./sha256";

/** Copies of the leaves, to be read and changed. */
export const KNOWN: usize = memory.data(128 * 8, 8);
const KNOWN_MAX: u32 = 8;
const NODES: usize = memory.data(32 * 8, 8);
const INDICES: usize = memory.data(4 * 8, 8);
const PAIR: usize = memory.data(64, 8);

let chunks: bool = false;
let depth: u32 = 0;
let leafCount: u32 = 0;
let bitmap: usize = 0;
let siblings: usize = 0;
let bit: u32 = 0;
/** Ascending indices of the leaves. */
const OWN: usize = memory.data(4 * 8, 8);

export function setKnownIndex(i: u32, index: u32): void {
  store<u32>(OWN + (i << 2), index);
}

function zeroAt(level: u32): usize {
  return (chunks ? ZERO_CHUNKS : ZEROS) + 32 * <usize>level;
}

function startWalk(): u32 {
  memory.copy(INDICES, OWN, leafCount << 2);
  bit = 0;
  return leafCount;
}

function isGiven(): bool {
  const given = (<u32>load<u8>(bitmap + (bit >> 3)) >> (7 - (bit & 7))) & 1;
  bit++;
  return given != 0;
}

// One level of a walk; `pass` 0 counts siblings, 1 reads them, 2 hashes.
function walkLevel(count: u32, level: u32, pass: u32): u32 {
  let kept: u32 = 0;
  for (let i: u32 = 0; i < count; i++) {
    const index = load<u32>(INDICES + (i << 2));
    const own = NODES + ((<usize>i) << 5);
    const paired = i + 1 < count && load<u32>(INDICES + (i << 2), 4) == (index ^ 1);
    if (pass == 2) {
      memory.copy(PAIR + ((<usize>index & 1) << 5), own, 32);
      const other = PAIR + ((<usize>(index & 1) ^ 1) << 5);
      if (paired) {
        memory.copy(other, own + 32, 32);
      } else if (isGiven()) {
        memory.copy(other, siblings, 32);
        siblings += 32;
      } else {
        memory.copy(other, zeroAt(level), 32);
      }
      if (chunks) sha256Pair(PAIR, NODES + ((<usize>kept) << 5));
      else keccak64(PAIR, NODES + ((<usize>kept) << 5));
    } else if (!paired) {
      if (pass == 0) {
        bit++;
      } else if (isGiven()) {
        const sibling = take(32);
        if (refused != 0) return 0;
        if (memory.compare(sibling, zeroAt(level), 32) == 0) refuse(SIBLING);
        if (refused != 0) return 0;
      }
    }
    if (paired) i++;
    store<u32>(INDICES + ((<usize>kept) << 2), index >> 1);
    kept++;
  }
  return kept;
}

/**
 * Reads `count` <= 8 leaves, whose indices are set, of a tree of `ofDepth` <= 27: bytes of 128, or chunks of 32.
 * Stuck where the tree has no such leaf.
 */
export function readKnown(ofChunks: bool, ofDepth: u32, count: u32): void {
  assert(count <= KNOWN_MAX);
  chunks = ofChunks;
  depth = ofDepth;
  leafCount = count;
  for (let i: u32 = 0; i < count; i++) {
    if (load<u32>(OWN + (i << 2)) >> depth != 0) return stuck();
  }
  const bytes = count << (chunks ? 5 : 7);
  const leaves = take(bytes);
  if (refused != 0) return;
  memory.copy(KNOWN, leaves, bytes);
  let left = startWalk();
  for (let level: u32 = 0; level < depth; level++) left = walkLevel(left, level, 0);
  const bitmapBytes = (bit + 7) >> 3;
  const spare = (bitmapBytes << 3) - bit;
  bitmap = take(bitmapBytes);
  if (refused != 0) return;
  if (bitmapBytes != 0 && (load<u8>(bitmap + bitmapBytes - 1) & ((1 << spare) - 1)) != 0) {
    return refuse(SIBLING);
  }
  left = startWalk();
  for (let level: u32 = 0; level < depth && refused == 0; level++) left = walkLevel(left, level, 1);
}

/** Writes the root over the leaves as they stand at KNOWN now. */
export function foldKnown(out: usize): void {
  let left = startWalk();
  for (let i: u32 = 0; i < leafCount; i++) {
    if (chunks) memory.copy(NODES + ((<usize>i) << 5), KNOWN + ((<usize>i) << 5), 32);
    else keccak128(KNOWN + ((<usize>i) << 7), NODES + ((<usize>i) << 5));
  }
  siblings = bitmap + ((bitCount() + 7) >> 3);
  left = startWalk();
  for (let level: u32 = 0; level < depth; level++) left = walkLevel(left, level, 2);
  memory.copy(out, NODES, 32);
}

function bitCount(): u32 {
  let left = startWalk();
  for (let level: u32 = 0; level < depth; level++) left = walkLevel(left, level, 0);
  return bit;
}
