// Host calls that copy into guest memory (docs/machine.md section 4): input, output_read, value_read. One leaf
// of the destination a step; what is left stands in the argument slots, so each step checks anew.
import { leastDepth } from "./gather";
import { foldKnown, KNOWN, readKnown, setKnownIndex } from "./known-leaves";
import { ask, DATA_ROOT, NEED_CHUNKS, NEED_LEAVES, refuse, refused } from "./proof-reader";
import { DATA, FRAME, getU32, leaf } from "./record";
import {
  argument,
  argumentAt,
  finish,
  finishWith,
  guest,
  holds,
  TRAP_DATA_BOUNDS,
  trapHost,
} from "./step";
import { markGuest } from "./guest-marks";

const ROOT: usize = memory.data(32, 8);

/** One step that copies from bytes [start, start + length) of the tree with `root` over `treeLength` bytes. */
function copyFrom(ofChunks: bool, root: usize, start: u32, length: u32, treeLength: u32): bool {
  const ptr = argument(0);
  const offset = argument(1);
  const wanted = argument(2);
  if (!holds(ptr, wanted)) return false;
  if (<u64>offset + <u64>wanted > <u64>length) {
    trapHost(TRAP_DATA_BOUNDS);
    return false;
  }
  const now = min<u32>(wanted, 128 - (ptr & 127));
  if (now != 0) {
    const shift: u32 = ofChunks ? 5 : 7;
    const at = <u64>start + <u64>offset;
    const first = <u32>(at >> shift);
    const count = <u32>((at + now - 1) >> shift) - first + 1;
    for (let i: u32 = 0; i < count; i++) setKnownIndex(i, first + i);
    ask(ofChunks ? NEED_CHUNKS : NEED_LEAVES, <u32>root, treeLength, first, count);
    const leaves = <u32>((<u64>treeLength + (1 << shift) - 1) >> shift);
    readKnown(ofChunks, leastDepth(leaves), count);
    if (refused != 0) return false;
    foldKnown(ROOT);
    if (memory.compare(ROOT, root, 32) != 0) refuse(DATA_ROOT);
    if (refused != 0) return false;
    memory.copy(guest(ptr, now), KNOWN + <usize>(at - ((<u64>first) << shift)), now);
    markGuest(ptr, now);
  }
  if (now == wanted) return true;
  store<u64>(argumentAt(0), <u64>(ptr + now));
  store<u64>(argumentAt(1), <u64>(offset + now));
  store<u64>(argumentAt(2), <u64>(wanted - now));
  return false;
}

export function input(): void {
  const frame = leaf(FRAME);
  const length = getU32(frame + 92);
  if (copyFrom(false, frame + 56, getU32(frame + 88), length, getU32(frame + 96))) {
    finishWith(length);
  }
}

export function outputRead(): void {
  const data = leaf(DATA);
  const length = getU32(data + 68);
  if (copyFrom(false, data + 36, 0, length, length)) finishWith(length);
}

export function valueRead(): void {
  const data = leaf(DATA);
  // A value that is not open has no bytes, not even none.
  if (getU32(data + 108) == 0) {
    if (holds(argument(0), argument(2))) trapHost(TRAP_DATA_BOUNDS);
    return;
  }
  const length = getU32(data + 104);
  if (copyFrom(true, data + 72, 0, length, length)) finish();
}
