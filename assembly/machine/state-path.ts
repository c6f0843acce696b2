// One path of the state trie, opened from a proof (docs/machine.md section 6): what stands at its end, whether
// the siblings lead to the state root, and the root after a value was set or taken out. A sibling's hash tells
// whether it is a leaf, so a deletion needs nothing that a read does not show.
import { ask, NEED_STATE, refuse, refused, SIBLING, STATE_PATH, take } from "./proof-reader";
import { sha256Pair } from "./sha256";
import { valueCommitment } from "./state-keys";

export const READS_COMMITMENT: u32 = 0;
export const READS_STORAGE: u32 = 1;
export const READS_ACCOUNT: u32 = 2;
export const READS_CODE: u32 = 3;
export const CODE_BYTES: u32 = 235;
const LEAF_TAG: u8 = 0x80;

/** 0 empty, 1 the path's own leaf, 2 another leaf. */
export let terminal: u32 = 0;
/** What terminal 1 shows. */
export let held: usize = 0;

/** What the step did to the opened path, for a host that holds the state: nothing, set or deleted. */
export let written: u32 = 0;
export const WRITTEN_SET: u32 = 1;
export const WRITTEN_DELETED: u32 = 2;

export function clearWritten(): void {
  written = 0;
}

/** The path opened last. */
export const PATH: usize = memory.data(32, 8);
const COMMITMENT: usize = memory.data(32, 8);
/** Another leaf: path ‖ commitment. */
const OTHER: usize = memory.data(64, 8);
const NODE: usize = memory.data(32, 8);
const PAIR: usize = memory.data(64, 8);
const CHUNKS: usize = memory.data(256, 8);
let depth: u32 = 0;
let bitmap: usize = 0;
let siblings: usize = 0;

function bitOf(path: usize, index: u32): u32 {
  return (<u32>load<u8>(path + (index >> 3)) >> (7 - (index & 7))) & 1;
}

function leafHash(path: usize, commitment: usize, out: usize): void {
  memory.copy(PAIR, path, 32);
  memory.copy(PAIR + 32, commitment, 32);
  sha256Pair(PAIR, out);
  store<u8>(out, load<u8>(out) | LEAF_TAG);
}

// NODE becomes the branch over it and `other`, NODE on side `bit`.
function branch(bit: u32, other: usize): void {
  memory.copy(PAIR + ((<usize>bit) << 5), NODE, 32);
  memory.copy(PAIR + ((<usize>(bit ^ 1)) << 5), other, 32);
  sha256Pair(PAIR, NODE);
  store<u8>(NODE, load<u8>(NODE) & ~LEAF_TAG);
}

const EMPTY: usize = memory.data(32, 8);

function isEmpty(node: usize): bool {
  return memory.compare(node, EMPTY, 32) == 0;
}

let nextSibling: usize = 0;

// The i-th sibling, deepest first; siblings are asked for in order.
function siblingAt(i: u32): usize {
  if (bitOf(bitmap, i) == 0) return EMPTY;
  nextSibling += 32;
  return nextSibling - 32;
}

function heldBytes(reads: u32): u32 {
  if (reads == READS_ACCOUNT) return 64;
  if (reads == READS_CODE) return CODE_BYTES;
  return reads == READS_STORAGE ? 36 : 32;
}

function commitHeld(reads: u32): void {
  if (reads == READS_COMMITMENT) {
    memory.copy(COMMITMENT, held, 32);
  } else if (reads == READS_STORAGE) {
    valueCommitment(held, bswap<u32>(load<u32>(held, 32)), COMMITMENT);
  } else if (reads == READS_ACCOUNT) {
    sha256Pair(held, COMMITMENT);
    valueCommitment(COMMITMENT, 64, COMMITMENT);
  } else {
    memory.fill(CHUNKS, 0, 256);
    memory.copy(CHUNKS, held, CODE_BYTES);
    for (let width: usize = 4; width != 0; width >>= 1) {
      for (let i: usize = 0; i < width; i++) sha256Pair(CHUNKS + 64 * i, CHUNKS + 32 * i);
    }
    valueCommitment(CHUNKS, CODE_BYTES, COMMITMENT);
  }
}

function readSiblings(): void {
  const depthAt = take(1);
  if (refused != 0) return;
  depth = load<u8>(depthAt);
  const bytes = (depth + 7) >> 3;
  bitmap = take(bytes);
  if (refused != 0) return;
  const spare = (bytes << 3) - depth;
  if (bytes != 0 && (load<u8>(bitmap + bytes - 1) & ((1 << spare) - 1)) != 0) {
    return refuse(SIBLING);
  }
  siblings = 0;
  for (let i: u32 = 0; i < depth; i++) {
    if (bitOf(bitmap, i) == 0) continue;
    const sibling = take(32);
    if (refused != 0) return;
    if (isEmpty(sibling)) return refuse(SIBLING);
    if (siblings == 0) siblings = sibling;
  }
}

function firstDifference(): u32 {
  let bit: u32 = 0;
  while (bit < 256 && bitOf(PATH, bit) == bitOf(OTHER, bit)) bit++;
  return bit;
}

function foldUp(out: usize): void {
  nextSibling = siblings;
  for (let i: u32 = 0; i < depth; i++) branch(bitOf(PATH, depth - 1 - i), siblingAt(i));
  memory.copy(out, NODE, 32);
}

/** Opens `path` of the trie with the root at `root`, the state's or that of entered code; refuses where the proof does not lead there. */
export function openState(path: usize, root: usize, reads: u32): void {
  memory.copy(PATH, path, 32);
  ask(NEED_STATE, <u32>PATH, reads, <u32>root, 0);
  const terminalAt = take(1);
  if (refused != 0) return;
  terminal = load<u8>(terminalAt);
  if (terminal > 2) return refuse(STATE_PATH);
  if (terminal == 1) held = take(heldBytes(reads));
  else if (terminal == 2) memory.copy(OTHER, take(64), 64);
  if (refused != 0) return;
  readSiblings();
  if (refused != 0) return;
  if (terminal == 0) {
    memory.copy(NODE, EMPTY, 32);
  } else if (terminal == 1) {
    commitHeld(reads);
    leafHash(PATH, COMMITMENT, NODE);
  } else {
    const differs = firstDifference();
    if (differs < depth || differs == 256) return refuse(STATE_PATH);
    leafHash(OTHER, OTHER + 32, NODE);
  }
  foldUp(COMMITMENT);
  if (memory.compare(COMMITMENT, root, 32) != 0) refuse(STATE_PATH);
}

/** Commitment of the code record that a path opened with READS_CODE holds. */
export function codeCommitment(out: usize): void {
  commitHeld(READS_CODE);
  memory.copy(out, COMMITMENT, 32);
}

/** Puts a value with this commitment at the opened path; the new root is written over `root`. */
export function setState(commitment: usize, root: usize): void {
  written = WRITTEN_SET;
  leafHash(PATH, commitment, NODE);
  if (terminal == 2) {
    leafHash(OTHER, OTHER + 32, COMMITMENT);
    let level = firstDifference();
    branch(bitOf(PATH, level), COMMITMENT);
    while (level > depth) {
      level--;
      branch(bitOf(PATH, level), EMPTY);
    }
  }
  foldUp(root);
}

/** Takes the value at the opened path out, if there is one; the new root is written over `root`. */
export function deleteState(root: usize): void {
  written = WRITTEN_DELETED;
  if (terminal != 1) return;
  memory.copy(NODE, EMPTY, 32);
  nextSibling = siblings;
  for (let i: u32 = 0; i < depth; i++) {
    const sibling = siblingAt(i);
    if (isEmpty(NODE)) {
      if (isEmpty(sibling)) continue;
      // A branch keeps its place; a leaf moves up.
      if ((load<u8>(sibling) & LEAF_TAG) != 0) memory.copy(NODE, sibling, 32);
      else branch(bitOf(PATH, depth - 1 - i), sibling);
    } else if (!isEmpty(sibling) || (load<u8>(NODE) & LEAF_TAG) == 0) {
      branch(bitOf(PATH, depth - 1 - i), sibling);
    }
  }
  memory.copy(root, NODE, 32);
}
