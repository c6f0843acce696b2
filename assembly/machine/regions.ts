// The keccak trees of a frame's regions, kept up to date from what was written (docs/machine.md section 1).
// The nodes of a tree over 2^levels leaves stand as a heap: node 1 is the top, node i has children 2i and
// 2i + 1, so two children are one 64-byte preimage; leaf j is node 2^levels + j. What lies beyond, up to
// the region's depth, is zero and costs one hash per level. Only changed leaves are hashed, two at a time.
import { keccak128, keccak64 } from "../crypto/keccak";
import { keccak128Both, keccak64Both } from "../crypto/keccak-pair";
import { FOR_TREE } from "./registers";

/** Of a region 19; of a `bytesRoot` tree over as many bytes as a u32 says 25. */
const LEVELS_MAX: u32 = 25;
/** Z(k) for k = 0 … 25. */
export const ZEROS: usize = memory.data(32 * 26, 8);
const PAIR: usize = memory.data(128, 8);

/** Computes the zero subtrees; once, before anything else of this file. */
export function prepareZeros(): void {
  memory.fill(PAIR, 0, 128);
  keccak128(PAIR, ZEROS);
  for (let k: usize = 1; k <= LEVELS_MAX; k++) {
    memory.copy(PAIR, ZEROS + 32 * (k - 1), 32);
    memory.copy(PAIR + 32, ZEROS + 32 * (k - 1), 32);
    keccak64(PAIR, ZEROS + 32 * k);
  }
}

/** Makes the tree over 2^levels zero leaves at `nodes`, 64 << levels bytes. */
export function clearTree(nodes: usize, levels: u32): void {
  for (let level: u32 = 0; level <= levels; level++) {
    const zero = ZEROS + 32 * (levels - level);
    const end = nodes + ((<usize>64) << level);
    for (let node = nodes + ((<usize>32) << level); node < end; node += 32) {
      memory.copy(node, zero, 32);
    }
  }
}

/** Hashes the leaves of the list into their nodes. */
function hashLeaves(nodes: usize, levels: u32, leaves: usize, list: usize, count: u32): void {
  const first = nodes + ((<usize>32) << levels);
  let i: u32 = 0;
  for (; i + 1 < count; i += 2) {
    const a = <usize>load<u32>(list + (i << 2));
    const b = <usize>load<u32>(list + (i << 2), 4);
    keccak128Both(leaves + 128 * a, leaves + 128 * b, first + 32 * a, first + 32 * b);
  }
  if (i < count) {
    const a = <usize>load<u32>(list + (i << 2));
    keccak128(leaves + 128 * a, first + 32 * a);
  }
}

/** Brings a tree up to date for `count` >= 1 changed leaves, ascending at `list`, which is overwritten. */
export function hashChanged(
  nodes: usize,
  levels: u32,
  leaves: usize,
  list: usize,
  count: u32,
): void {
  hashLeaves(nodes, levels, leaves, list, count);
  const first = (<u32>1) << levels;
  for (let i: u32 = 0; i < count; i++) {
    store<u32>(list + (i << 2), first + load<u32>(list + (i << 2)));
  }
  for (let level = levels; level > 0; level--) {
    count = parents(list, count);
    let i: u32 = 0;
    for (; i + 1 < count; i += 2) {
      const a = nodes + 32 * <usize>load<u32>(list + (i << 2));
      const b = nodes + 32 * <usize>load<u32>(list + (i << 2), 4);
      keccak64Both(2 * a - nodes, 2 * b - nodes, a, b);
    }
    if (i < count) {
      const a = nodes + 32 * <usize>load<u32>(list + (i << 2));
      keccak64(2 * a - nodes, a);
    }
  }
}

// Replaces ascending nodes by their parents, each once; how many.
function parents(list: usize, count: u32): u32 {
  let kept: u32 = 0;
  let last: u32 = 0;
  for (let i: u32 = 0; i < count; i++) {
    const parent = load<u32>(list + (i << 2)) >> 1;
    if (parent == last) continue;
    store<u32>(list + (kept << 2), parent);
    kept++;
    last = parent;
  }
  return kept;
}

/** Takes the leaves marked for the trees from `leafCount` dirt bytes: ascending to `list`; how many. */
function takeDirty(dirt: usize, leafCount: u32, list: usize): u32 {
  let count: u32 = 0;
  // Dirt bytes are placed with seven spare zero bytes behind them.
  for (let at: u32 = 0; at < leafCount; at += 8) {
    const eight = load<u64>(dirt + at);
    if ((eight & 0x0101010101010101) == 0) continue;
    store<u64>(dirt + at, eight & ~(0x0101010101010101 * <u64>FOR_TREE));
    for (let i: u32 = 0; i < 8; i++) {
      if (((eight >> (i << 3)) & 1) == 0) continue;
      store<u32>(list + (count << 2), at + i);
      count++;
    }
  }
  return count;
}

/** Brings a tree up to date with every leaf that is marked for it. `list` has 4 bytes for each leaf. */
export function refreshTree(
  nodes: usize,
  levels: u32,
  leaves: usize,
  dirt: usize,
  leafCount: u32,
  list: usize,
): void {
  const count = takeDirty(dirt, leafCount, list);
  if (count != 0) hashChanged(nodes, levels, leaves, list, count);
}

/** Marks for the tree what differs from a copy, leaf by leaf, and makes the copy equal. */
export function markDifferent(leaves: usize, copy: usize, dirt: usize, leafCount: u32): void {
  for (let i: u32 = 0; i < leafCount; i++) {
    const at = (<usize>i) << 7;
    if (memory.compare(leaves + at, copy + at, 128) == 0) continue;
    memory.copy(copy + at, leaves + at, 128);
    store<u8>(dirt + i, FOR_TREE);
  }
}

/** The region's root: the tree of `levels` with zeros to its right up to `depth`. */
export function regionRoot(nodes: usize, levels: u32, depth: u32, out: usize): void {
  memory.copy(PAIR, nodes + 32, 32);
  for (let level = levels; level < depth; level++) {
    memory.copy(PAIR + 32, ZEROS + 32 * <usize>level, 32);
    keccak64(PAIR, PAIR);
  }
  memory.copy(out, PAIR, 32);
}
