// Keccak trees over 128-byte leaves (docs/formats.md sections 1 and 9), built by streaming leaves in
// ascending order. Missing leaves are zero; whole zero subtrees are constants and never hashed, so a
// 64 MiB memory with one data segment costs as many hashes as the segment has leaves.
import { keccak256 } from "../env";

const LEVELS: u32 = 24;
const LEAF: u32 = 128;

// Root of a zero subtree by level; by level the pair of children being built, and whether the left
// one is zero.
const ZEROS: usize = memory.data(32 * 24);
const PAIRS: usize = memory.data(64 * 25);
const LEFT_ZERO: usize = memory.data(25);
const ZERO_LEAF: usize = memory.data(128);

let zeroLevels: u32 = 0;
let next: u32 = 0;

function zeroRoot(level: u32): usize {
  while (zeroLevels <= level) {
    const root = ZEROS + (zeroLevels << 5);
    if (zeroLevels == 0) {
      keccak256(ZERO_LEAF, LEAF, root);
    } else {
      const pair = PAIRS + (LEVELS << 6);
      memory.copy(pair, root - 32, 32);
      memory.copy(pair + 32, root - 32, 32);
      keccak256(pair, 64, root);
    }
    zeroLevels++;
  }
  return ZEROS + (level << 5);
}

export function startTree(): void {
  next = 0;
}

// Where the node of this level at the current position goes: left or right half of its pair.
function place(level: u32): usize {
  return PAIRS + (level << 6) + (((next >> level) & 1) << 5);
}

// A node of `level` now stands at its place; hashes every pair that it completes.
function complete(level: u32, zero: bool): void {
  const step = (<u32>1) << level;
  while (((next >> level) & 1) != 0) {
    zero = zero && load<u8>(LEFT_ZERO + level) != 0;
    const target = place(level + 1);
    if (zero) memory.copy(target, zeroRoot(level + 1), 32);
    else keccak256(PAIRS + (level << 6), 64, target);
    level++;
  }
  store<u8>(LEFT_ZERO + level, zero ? 1 : 0);
  next += step;
}

// Fills with zero subtrees up to leaf `index`.
function skipTo(index: u32): void {
  while (next < index) {
    const level = min(ctz(next), 31 - clz(index - next));
    memory.copy(place(level), zeroRoot(level), 32);
    complete(level, true);
  }
}

/** Adds the 128 bytes at `address` as leaf `index`, which is beyond every earlier one. */
export function addLeaf(index: u32, address: usize): void {
  skipTo(index);
  keccak256(address, LEAF, place(0));
  complete(0, false);
}

/** Ends the tree at the given depth; the address of its root, valid until the next tree. */
export function treeRoot(depth: u32): usize {
  skipTo((<u32>1) << depth);
  return PAIRS + (depth << 6);
}

/** Root of `bytes` bytes in a tree of this depth. The bytes are zero up to a multiple of 128. */
export function regionRoot(address: usize, bytes: u32, depth: u32): usize {
  startTree();
  const leaves = (bytes + LEAF - 1) >> 7;
  for (let i: u32 = 0; i < leaves; i++) addLeaf(i, address + (i << 7));
  return treeRoot(depth);
}

/** Depth of the least tree that holds `bytes` bytes (`bytesRoot`). */
export function leastDepth(bytes: u32): u32 {
  const leaves = (bytes + LEAF - 1) >> 7;
  return leaves <= 1 ? 0 : 32 - clz(leaves - 1);
}
