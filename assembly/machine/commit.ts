// State hashes of the running frame. HEADER holds the 256 bytes of docs/machine.md section 1: the host
// writes the roots that words never change (code, table, host record, parent), this file the others and the
// registers. Either everything that was written since is brought up to date at once, or, for one state
// after each step, only what the step touched.
import { keccak256 } from "../crypto/keccak";
import {
  clearTouched,
  Proof,
  REGION_GLOBALS,
  REGION_MEMORY,
  REGION_STACK,
  TOUCHED,
  touchedCount,
} from "./access";
import { interpret } from "./interpret";
import { refused, STUCK } from "./proof-reader";
import { hashChanged, markDifferent, refreshTree, regionRoot } from "./regions";
import {
  DEPTH,
  dirtyGlobals,
  dirtyMemory,
  END_KIND,
  END_LIMIT,
  END_STUCK,
  FOR_TREE,
  FP,
  GAS,
  globalsBase,
  LEAST_DEPTH,
  memoryBase,
  PAGES,
  PC,
  PHASE,
  RESUME,
  SP,
  stackBase,
  STATUS,
} from "./registers";

export const HEADER: usize = memory.data(256, 8);
const MEMORY_DEPTH: u32 = 19;
const STACK_LEVELS: u32 = 12;
const GLOBALS_LEVELS: u32 = 4;
/** Slots that a frame may use beside those that its depth charges tell of: link and arguments. */
const SPARE_SLOTS: u32 = 64;
/** Changed leaves of one region in one step. */
const CHANGED: usize = memory.data(4 * 64, 8);

let memoryNodes: usize = 0;
let memoryLevels: u32 = 0;
let stackNodes: usize = 0;
let stackCopy: usize = 0;
let stackDirt: usize = 0;
let globalsNodes: usize = 0;
let list: usize = 0;
let startDepth: u32 = 0;

/** Names the trees of the selected frame. `scratch` has 4 bytes for each leaf of the largest. */
export function selectTrees(
  ofMemory: usize,
  levelsOfMemory: u32,
  ofStack: usize,
  copyOfStack: usize,
  dirtOfStack: usize,
  ofGlobals: usize,
  scratch: usize,
  depthAtStart: u32,
): void {
  memoryNodes = ofMemory;
  memoryLevels = levelsOfMemory;
  stackNodes = ofStack;
  stackCopy = copyOfStack;
  stackDirt = dirtOfStack;
  globalsNodes = ofGlobals;
  list = scratch;
  startDepth = depthAtStart;
}

function writeRoots(): void {
  regionRoot(memoryNodes, memoryLevels, MEMORY_DEPTH, HEADER + 32);
  memory.copy(HEADER + 64, stackNodes + 32, 32);
  memory.copy(HEADER + 96, globalsNodes + 32, 32);
}

/** Brings the three trees and their roots in HEADER up to date with all that was written. */
export function refreshRoots(): void {
  const pages = load<u32>(PAGES);
  refreshTree(memoryNodes, memoryLevels, memoryBase, dirtyMemory, pages << 9, list);
  const used = min<u32>(65536, startDepth - load<u32>(LEAST_DEPTH) + SPARE_SLOTS);
  const usedLeaves = (used + 15) >> 4;
  markDifferent(stackBase, stackCopy, stackDirt, usedLeaves);
  refreshTree(stackNodes, STACK_LEVELS, stackBase, stackDirt, usedLeaves, list);
  refreshTree(globalsNodes, GLOBALS_LEVELS, globalsBase, dirtyGlobals, 16, list);
  writeRoots();
}

/** Writes the registers into `header`. */
export function writeRegisters(header: usize): void {
  store<u32>(header, bswap<u32>(load<u32>(PC)), 224);
  store<u32>(header, bswap<u32>(load<u32>(SP)), 228);
  store<u32>(header, bswap<u32>(load<u32>(FP)), 232);
  store<u32>(header, bswap<u32>(load<u32>(PAGES)), 236);
  store<u32>(header, bswap<u32>(load<u32>(DEPTH)), 240);
  store<u64>(header, bswap<u64>(load<u64>(GAS)), 244);
  store<u8>(header, <u8>load<u32>(STATUS), 252);
  store<u8>(header, <u8>load<u32>(PHASE), 253);
  store<u16>(header, bswap<u16>(<u16>load<u32>(RESUME)), 254);
}

/** State hash of the frame; the roots are up to date. */
export function stateHash(out: usize): void {
  writeRegisters(HEADER);
  keccak256(HEADER, 256, out);
}

// Leaves of a region that the last step touched and changed, ascending at CHANGED; how many.
function changedLeaves(region: u32): u32 {
  let count: u32 = 0;
  for (let i: u32 = 0; i < touchedCount; i++) {
    const item = load<u32>(TOUCHED + (i << 2));
    const leaf = item & 0x0fffffff;
    if (item >> 28 != region || !takeChange(region, leaf)) continue;
    let place = count++;
    for (; place > 0 && load<u32>(CHANGED + ((place - 1) << 2)) > leaf; place--) {
      store<u32>(CHANGED + (place << 2), load<u32>(CHANGED + ((place - 1) << 2)));
    }
    store<u32>(CHANGED + (place << 2), leaf);
  }
  return count;
}

function takeChange(region: u32, leaf: u32): bool {
  if (region == REGION_STACK) {
    const at = (<usize>leaf) << 7;
    if (memory.compare(stackBase + at, stackCopy + at, 128) == 0) return false;
    memory.copy(stackCopy + at, stackBase + at, 128);
    return true;
  }
  const dirt = (region == REGION_MEMORY ? dirtyMemory : dirtyGlobals) + leaf;
  const mark = load<u8>(dirt);
  store<u8>(dirt, mark & ~FOR_TREE);
  return (mark & FOR_TREE) != 0;
}

/** One step that leaves the roots up to date. */
function committedStep(): void {
  clearTouched();
  interpret<Proof>(1);
  if (refused == STUCK) store<u32>(END_KIND, END_STUCK);
  let count = changedLeaves(REGION_STACK);
  if (count != 0) {
    hashChanged(stackNodes, STACK_LEVELS, stackBase, CHANGED, count);
    memory.copy(HEADER + 64, stackNodes + 32, 32);
  }
  count = changedLeaves(REGION_MEMORY);
  if (count != 0) {
    hashChanged(memoryNodes, memoryLevels, memoryBase, CHANGED, count);
    regionRoot(memoryNodes, memoryLevels, MEMORY_DEPTH, HEADER + 32);
  }
  count = changedLeaves(REGION_GLOBALS);
  if (count != 0) {
    hashChanged(globalsNodes, GLOBALS_LEVELS, globalsBase, CHANGED, count);
    memory.copy(HEADER + 96, globalsNodes + 32, 32);
  }
}

/** Takes up to `count` steps and writes the state hash after each to `out`; how many were taken. */
export function commitSteps(count: u32, out: usize): u32 {
  for (let i: u32 = 0; i < count; i++) {
    committedStep();
    if (load<u32>(END_KIND) != END_LIMIT) return i;
    stateHash(out + 32 * <usize>i);
  }
  return count;
}
