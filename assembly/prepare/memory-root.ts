// Root of the initial memory: only leaves that a data segment touches are built. Segments are swept in
// order of their offsets; where two overlap, the one later in the module wins, as at instantiation.
import { dataCount, dataTable } from "./segments";
import { allocate } from "./heap";
import { addLeaf, startTree, treeRoot } from "./trees";

const MEMORY_DEPTH: u32 = 19;
const LEAF: u32 = 128;

// u32 segment numbers by ascending offset; stable insertion, since compilers emit them sorted.
let sorted: usize = 0;

function offsetOf(segment: u32): u32 {
  return load<u32>(dataTable + (segment << 4));
}

function lengthOf(segment: u32): u32 {
  return load<u32>(dataTable + (segment << 4), 4);
}

function sortedAt(index: u32): u32 {
  return load<u32>(sorted + (index << 2));
}

function sortSegments(): void {
  sorted = allocate(dataCount << 2);
  for (let i: u32 = 0; i < dataCount; i++) {
    const offset = offsetOf(i);
    let j = i;
    while (j > 0 && offsetOf(sortedAt(j - 1)) > offset) {
      store<u32>(sorted + (j << 2), sortedAt(j - 1));
      j--;
    }
    store<u32>(sorted + (j << 2), i);
  }
}

// Copies what the segment has in the leaf that starts at memory offset `start`.
function copyInto(leaf: usize, start: u32, segment: u32): void {
  const from = max(offsetOf(segment), start);
  const to = min(offsetOf(segment) + lengthOf(segment), start + LEAF);
  if (from >= to) return;
  const bytes = load<u32>(dataTable + (segment << 4), 8);
  memory.copy(leaf + (from - start), bytes + (from - offsetOf(segment)), to - from);
}

export function initialMemoryRoot(): usize {
  sortSegments();
  const leaf = allocate(LEAF);
  startTree();
  let nextLeaf: u32 = 0;
  for (let i: u32 = 0; i < dataCount; i++) {
    const segment = sortedAt(i);
    if (lengthOf(segment) == 0) continue;
    const last = (offsetOf(segment) + lengthOf(segment) - 1) >> 7;
    for (let l = max(nextLeaf, offsetOf(segment) >> 7); l <= last; l++) {
      fillLeaf(leaf, l << 7, i);
      addLeaf(l, leaf);
      nextLeaf = l + 1;
    }
  }
  return treeRoot(MEMORY_DEPTH);
}

// Segments before `index` in offset order may reach into the leaf as well as those after it, so all are
// asked, in module order: at most 256 for each leaf.
function fillLeaf(leaf: usize, start: u32, index: u32): void {
  memory.fill(leaf, 0, LEAF);
  const alone = index + 1 == dataCount || offsetOf(sortedAt(index + 1)) >= start + LEAF;
  if (alone && !reached(index, start)) {
    copyInto(leaf, start, sortedAt(index));
    return;
  }
  for (let s: u32 = 0; s < dataCount; s++) copyInto(leaf, start, s);
}

// Whether an earlier segment in offset order ends beyond `start`.
function reached(index: u32, start: u32): bool {
  for (let i: u32 = 0; i < index; i++) {
    const segment = sortedAt(i);
    if (offsetOf(segment) + lengthOf(segment) > start) return true;
  }
  return false;
}
