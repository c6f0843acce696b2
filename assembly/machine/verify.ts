// The judge of one word (docs/machine.md sections 3 and 7): reads a proof, puts its leaves where the
// interpreter looks for them, takes the step in proof mode, and folds the same openings again. It knows
// nothing but the proof and the pre-state hash. Steps of host calls and phases are not words.
import { keccak256 } from "../crypto/keccak";
import { clearTouched, outside, Proof, TOUCHED, touchedCount } from "./access";
import { writeRegisters } from "./commit";
import { decodeWord } from "./decode";
import { interpret } from "./interpret";
import {
  clearOpenings,
  foldOpening,
  openedCount,
  openedIndex,
  openedLeaf,
  readOpening,
} from "./multiproof";
import {
  bytesLeft,
  HEADER_INVALID,
  LEAF_MISSING,
  LEAF_UNUSED,
  PRE_STATE,
  refuse,
  refused,
  REGION_ROOT,
  REGIONS,
  startProof,
  take,
  TRAILING,
} from "./proof-reader";
import {
  codeBase,
  DEPTH,
  DETAIL,
  END_HOST,
  END_KIND,
  END_LIMIT,
  END_STUCK,
  END_SUCCESS,
  END_TRAP,
  FP,
  GAS,
  globalsBase,
  memoryBase,
  PAGES,
  PC,
  RESUME,
  SP,
  stackBase,
  tableBase,
} from "./registers";

const STATUS_PHASE: u8 = 0;
const STATUS_RUN: u8 = 1;
const STATUS_HALTED: u8 = 2;
const STATUS_STUCK: u8 = 3;
const PHASE_SUCCESS: u8 = 10;
const PHASE_LEAVE: u8 = 11;
/** Added to a trap code in the resume register of a frame that is left. */
const TRAPPED: u32 = 0x100;

const ROOT: usize = memory.data(32, 8);
const POST: usize = memory.data(256, 8);
const HASH: usize = memory.data(32, 8);

function depthOf(region: u32): u32 {
  if (region == 0) return 16;
  if (region == 1) return 19;
  if (region == 2) return 12;
  return region == 4 ? 7 : 4;
}

function baseOf(region: u32): usize {
  if (region == 1) return memoryBase;
  if (region == 2) return stackBase;
  return region == 3 ? globalsBase : tableBase;
}

/** The place of a region's root in the header. */
function rootOf(header: usize, region: u32): usize {
  return header + (region << 5);
}

function field(header: usize, offset: usize): u32 {
  return bswap<u32>(load<u32>(header + offset));
}

function isWellFormed(header: usize): bool {
  const status = load<u8>(header, 252);
  const phase = load<u8>(header, 253);
  if (status == STATUS_PHASE ? phase == 0 || phase > 16 : phase > (status == STATUS_RUN ? 2 : 0)) {
    return false;
  }
  return status <= STATUS_STUCK && boundsHold(header);
}

function boundsHold(header: usize): bool {
  return (
    field(header, 224) < 1 << 19 &&
    field(header, 228) <= 65536 &&
    field(header, 232) <= 65536 &&
    field(header, 236) <= 1024 &&
    field(header, 240) <= 65536
  );
}

function readRegisters(header: usize): void {
  store<u32>(PC, field(header, 224));
  store<u32>(SP, field(header, 228));
  store<u32>(FP, field(header, 232));
  store<u32>(PAGES, field(header, 236));
  store<u32>(DEPTH, field(header, 240));
  store<u64>(GAS, bswap<u64>(load<u64>(header, 244)));
  store<u32>(RESUME, <u32>bswap<u16>(load<u16>(header, 254)));
}

function readOpenings(header: usize): void {
  clearOpenings();
  const mask = <u32>load<u8>(take(1));
  if (refused != 0) return;
  if (mask >> 6 != 0) return refuse(REGIONS);
  for (let region: u32 = 0; region < 6; region++) {
    if (((mask >> region) & 1) == 0) continue;
    const depth = depthOf(region);
    readOpening(region, depth);
    if (refused != 0) return;
    foldOpening(region, depth, 0, ROOT);
    if (memory.compare(ROOT, rootOf(header, region), 32) != 0) refuse(REGION_ROOT);
    if (refused != 0) return;
    placeLeaves(region);
  }
}

function placeLeaves(region: u32): void {
  if (region == 0 || region == 5) return;
  const base = baseOf(region);
  for (let i: u32 = 0; i < openedCount(region); i++) {
    memory.copy(base + ((<usize>openedIndex(region, i)) << 7), openedLeaf(region, i), 128);
  }
}

/** Decodes the word at pc; false where its leaf is not opened. */
function placeWord(): bool {
  const pc = load<u32>(PC);
  for (let i: u32 = 0; i < openedCount(0); i++) {
    if (openedIndex(0, i) != pc >> 3) continue;
    decodeWord(openedLeaf(0, i) + ((pc & 7) << 4), codeBase + ((<usize>pc) << 4));
    return true;
  }
  return false;
}

function isOpened(item: u32): bool {
  const region = item >> 28;
  for (let i: u32 = 0; i < openedCount(region); i++) {
    if (openedIndex(region, i) == (item & 0x0fffffff)) return true;
  }
  return false;
}

function isTouched(item: u32): bool {
  for (let i: u32 = 0; i < touchedCount; i++) {
    if (load<u32>(TOUCHED + (i << 2)) == item) return true;
  }
  return false;
}

/** What was touched is what was opened. */
function checkTouched(): void {
  for (let i: u32 = 0; i < touchedCount; i++) {
    if (!isOpened(load<u32>(TOUCHED + (i << 2)))) return refuse(LEAF_MISSING);
  }
  for (let region: u32 = 0; region < 6; region++) {
    for (let i: u32 = 0; i < openedCount(region); i++) {
      if (!isTouched((region << 28) | openedIndex(region, i))) return refuse(LEAF_UNUSED);
    }
  }
}

/** Turns how the interpreter stopped into status, phase and resume of the post header. */
function writeEnd(): void {
  const kind = load<u32>(END_KIND);
  if (kind == END_LIMIT) return;
  store<u8>(POST, STATUS_PHASE, 252);
  store<u8>(POST, kind == END_SUCCESS ? PHASE_SUCCESS : PHASE_LEAVE, 253);
  const resume = kind == END_TRAP ? TRAPPED + load<u32>(DETAIL) : 0;
  store<u16>(POST, bswap<u16>(<u16>resume), 254);
}

function writePost(header: usize): void {
  memory.copy(POST, header, 256);
  if (load<u32>(END_KIND) != END_STUCK) {
    for (let region: u32 = 1; region < 4; region++) {
      if (openedCount(region) == 0) continue;
      foldOpening(region, depthOf(region), baseOf(region), rootOf(POST, region));
    }
    writeRegisters(POST);
    writeEnd();
    if (boundsHold(POST)) return;
    memory.copy(POST, header, 256);
  }
  store<u8>(POST, STATUS_STUCK, 252);
  store<u8>(POST, 0, 253);
  store<u16>(POST, 0, 254);
}

/**
 * Judges the proof of a step from the state with hash `pre` [32]: 0 and the post hash at `out`, or why it is
 * refused.
 */
export function verifyWord(proof: usize, length: u32, pre: usize, out: usize): u32 {
  startProof(proof, length);
  const header = take(256);
  if (refused != 0) return refused;
  if (!isWellFormed(header)) return HEADER_INVALID;
  keccak256(header, 256, HASH);
  if (memory.compare(HASH, pre, 32) != 0) return PRE_STATE;
  readOpenings(header);
  if (refused != 0) return refused;
  const status = load<u8>(header, 252);
  clearTouched();
  if (status == STATUS_HALTED || status == STATUS_STUCK) {
    memory.copy(POST, header, 256);
  } else {
    if (status != STATUS_RUN || load<u8>(header, 253) != 0) return HEADER_INVALID;
    readRegisters(header);
    if (!placeWord()) return LEAF_MISSING;
    interpret<Proof>(1);
    if (load<u32>(END_KIND) == END_HOST) return HEADER_INVALID;
    if (outside) store<u32>(END_KIND, END_STUCK);
  }
  checkTouched();
  if (refused != 0) return refused;
  if (bytesLeft() != 0) return TRAILING;
  if (status == STATUS_RUN) writePost(header);
  keccak256(POST, 256, out);
  return 0;
}
