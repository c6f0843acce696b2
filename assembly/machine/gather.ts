// Gathers (docs/machine.md section 4): one unit of 128 bytes a step becomes a node of a keccak tree, or of the
// sha256 chunk tree of a value; nodes of finished subtrees wait in the frontier. The last unit makes the root.
import { keccak128, keccak64 } from "../crypto/keccak";
import { stuck } from "./proof-reader";
import { FRONTIER, leaf } from "./record";
import { RESUME } from "./registers";
import { ZEROS } from "./regions";
import { sha256Pair } from "./sha256";
import { guest } from "./step";

/** Where the root of a finished gather stands. */
export const GATHERED: usize = memory.data(32, 8);
const UNIT: usize = memory.data(128, 8);
const NODE: usize = memory.data(32, 8);
const PAIR: usize = memory.data(64, 8);
/** Roots of 2^k zero chunks, k = 0 … 27: a value's length is a u32. */
export const ZERO_CHUNKS: usize = memory.data(32 * 28, 8);
const FRONTIER_NODES: u32 = 9;

/** Computes the zero chunk subtrees; once, before anything else of this file. */
export function prepareGather(): void {
  for (let k: usize = 1; k < 28; k++) {
    memory.copy(PAIR, ZERO_CHUNKS + 32 * (k - 1), 32);
    memory.copy(PAIR + 32, ZERO_CHUNKS + 32 * (k - 1), 32);
    sha256Pair(PAIR, ZERO_CHUNKS + 32 * k);
  }
}

/** Least depth of a binary tree over `count` leaves. */
export function leastDepth(count: u32): u32 {
  return count <= 1 ? 0 : 32 - clz<u32>(count - 1);
}

function join(isValue: bool, left: usize, right: usize): void {
  memory.copy(UNIT, left, 32);
  memory.copy(UNIT + 32, right, 32);
  memory.copy(PAIR, UNIT, 64);
  if (isValue) sha256Pair(PAIR, NODE);
  else keccak64(PAIR, NODE);
}

// The node of a unit's bytes, zero-padded at UNIT.
function hashUnit(isValue: bool, length: u32, isOnly: bool): void {
  if (!isValue) {
    keccak128(UNIT, NODE);
    return;
  }
  const depth = isOnly ? leastDepth((length + 31) >> 5) : 2;
  if (depth == 0) {
    memory.copy(NODE, UNIT, 32);
  } else if (depth == 1) {
    sha256Pair(UNIT, NODE);
  } else {
    sha256Pair(UNIT, PAIR);
    sha256Pair(UNIT + 64, PAIR + 32);
    sha256Pair(PAIR, NODE);
  }
}

function frontierAt(level: u32): usize {
  if (level >= FRONTIER_NODES) {
    stuck();
    return PAIR;
  }
  return leaf(FRONTIER + (level >> 2)) + ((<usize>level & 3) << 5);
}

/**
 * Takes the next unit of guest memory [at, at + length); true where it was the last and GATHERED is set. Only the
 * first step has checked the range.
 */
export function gatherUnit(isValue: bool, at: u32, length: u32): bool {
  const count = max<u32>(1, <u32>((<u64>length + 127) >> 7));
  const unit = load<u32>(RESUME);
  if (unit >= count) {
    stuck();
    return false;
  }
  const start = unit << 7;
  const bytes = min<u32>(128, length - start);
  memory.fill(UNIT, 0, 128);
  memory.copy(UNIT, guest(<u64>at + start, bytes), bytes);
  hashUnit(isValue, bytes, count == 1);
  let level: u32 = 0;
  if (unit + 1 < count) {
    for (; ((unit >> level) & 1) != 0; level++) join(isValue, frontierAt(level), NODE);
    memory.copy(frontierAt(level), NODE, 32);
    store<u32>(RESUME, unit + 1);
    return false;
  }
  const zeros = isValue ? ZERO_CHUNKS + 64 : ZEROS;
  for (const depth = leastDepth(count); level < depth; level++) {
    if (((unit >> level) & 1) != 0) join(isValue, frontierAt(level), NODE);
    else join(isValue, NODE, zeros + 32 * <usize>level);
  }
  memory.copy(GATHERED, NODE, 32);
  store<u32>(RESUME, 0);
  return true;
}
