// The judge (docs/machine.md section 7): reads a proof, puts its leaves where the step function looks for them,
// takes the step in proof mode, and folds the same openings again. It knows nothing but the proof and the
// pre-state hash.
import { keccak256 } from "../crypto/keccak";
import {
  checkTouched,
  Proof,
  REGION_CODE,
  REGION_RECORD,
  TOUCHED,
  touchCode,
  touchedCount,
} from "./access";
import { writeRegisters } from "./commit";
import { decodeWord } from "./decode";
import { boundsHold, headerField, isWellFormed } from "./header";
import { hostStep } from "./host-step";
import { interpret } from "./interpret";
import {
  clearOpenings,
  foldOpening,
  openedCount,
  openedIndex,
  openedLeaf,
  readOpening,
} from "./multiproof";
import { HOST } from "./opcodes";
import { phaseStep } from "./phases";
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
  STUCK,
  stuck,
  take,
  TRAILING,
} from "./proof-reader";
import { RECORD } from "./record";
import { ZEROS } from "./regions";
import {
  codeBase,
  DEPTH,
  DETAIL,
  END_KIND,
  END_STUCK,
  END_SUCCESS,
  END_TRAP,
  FP,
  GAS,
  globalsBase,
  memoryBase,
  PAGES,
  PC,
  PHASE,
  RESUME,
  SP,
  stackBase,
  STATUS,
  STATUS_PHASE,
  STATUS_RUN,
  STATUS_STUCK,
  tableBase,
} from "./registers";
import {
  action,
  ACTION_CLEAR,
  ACTION_NONE,
  ACTION_RETURN,
  ACTION_START,
  ACTION_SUSPEND,
  CALLER,
  goTo,
  HEADER_BEFORE,
  leave,
  LEFT_TRAP,
  PHASE_SUCCESS,
  ROOTS,
  setAction,
} from "./step";

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
  if (region == 3) return globalsBase;
  return region == REGION_RECORD ? RECORD : tableBase;
}

/** The place of a region's root in the header. */
function rootOf(header: usize, region: u32): usize {
  return header + (region << 5);
}

function readRegisters(header: usize): void {
  store<u32>(PC, headerField(header, 224));
  store<u32>(SP, headerField(header, 228));
  store<u32>(FP, headerField(header, 232));
  store<u32>(PAGES, headerField(header, 236));
  store<u32>(DEPTH, headerField(header, 240));
  store<u64>(GAS, bswap<u64>(load<u64>(header, 244)));
  store<u32>(RESUME, <u32>bswap<u16>(load<u16>(header, 254)));
  store<u32>(STATUS, <u32>load<u8>(header, 252));
  store<u32>(PHASE, <u32>load<u8>(header, 253));
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
  if (region == REGION_CODE) return;
  const base = baseOf(region);
  for (let i: u32 = 0; i < openedCount(region); i++) {
    memory.copy(base + ((<usize>openedIndex(region, i)) << 7), openedLeaf(region, i), 128);
  }
}

/** Decodes the word at pc, if its leaf is opened. */
function placeWord(): void {
  const pc = load<u32>(PC);
  for (let i: u32 = 0; i < openedCount(REGION_CODE); i++) {
    if (openedIndex(REGION_CODE, i) != pc >> 3) continue;
    decodeWord(openedLeaf(REGION_CODE, i) + ((pc & 7) << 4), wordAt());
    return;
  }
  refuse(LEAF_MISSING);
}

function wordAt(): usize {
  return codeBase + ((<usize>load<u32>(PC)) << 4);
}

function isTouched(item: u32): bool {
  for (let i: u32 = 0; i < touchedCount; i++) {
    if (load<u32>(TOUCHED + (i << 2)) == item) return true;
  }
  return false;
}

/** Whether all that was opened was touched. */
function isAllTouched(): bool {
  for (let region: u32 = 0; region < 6; region++) {
    for (let i: u32 = 0; i < openedCount(region); i++) {
      if (!isTouched((region << 28) | openedIndex(region, i))) return false;
    }
  }
  return true;
}

/** Takes the word at pc, or a step of its host call. */
function runStep(): void {
  placeWord();
  if (refused != 0) return;
  const word = wordAt();
  if (<u32>load<u16>(word) == HOST) {
    touchCode(load<u32>(PC));
    return hostStep(load<u16>(word, 2));
  }
  if (load<u32>(PHASE) != 0) {
    touchCode(load<u32>(PC));
    return stuck();
  }
  interpret<Proof>(1);
  const kind = load<u32>(END_KIND);
  if (kind == END_SUCCESS) goTo(PHASE_SUCCESS);
  else if (kind == END_TRAP) leave(LEFT_TRAP + load<u32>(DETAIL));
  else if (kind == END_STUCK) stuck();
}

function clearRoots(): void {
  memory.fill(POST, 0, 160);
}

/** What the step did to the header beyond leaves and registers. */
function applyAction(): void {
  if (action == ACTION_SUSPEND) {
    clearRoots();
    keccak256(CALLER, 256, POST + 192);
  } else if (action == ACTION_CLEAR) {
    clearRoots();
  } else if (action == ACTION_START) {
    memory.copy(POST, ROOTS, 64);
    memory.copy(POST + 64, ZEROS + 32 * 12, 32);
    memory.copy(POST + 96, ROOTS + 64, 64);
  }
}

/** The header after the step: `refused` is 0 or STUCK. */
function writePost(header: usize): void {
  memory.copy(POST, header, 256);
  if (refused == 0 && action == ACTION_RETURN) {
    memory.copy(POST, CALLER, 256);
    if (boundsHold(POST)) return;
  } else if (refused == 0 && load<u32>(RESUME) <= 0xffff) {
    for (let region: u32 = 1; region < 6; region++) {
      if (region == 4 || openedCount(region) == 0) continue;
      foldOpening(region, depthOf(region), baseOf(region), rootOf(POST, region));
    }
    writeRegisters(POST);
    applyAction();
    if (boundsHold(POST)) return;
  }
  memory.copy(POST, header, 256);
  store<u8>(POST, STATUS_STUCK, 252);
  store<u8>(POST, 0, 253);
  store<u16>(POST, 0, 254);
}

/**
 * Judges the proof of a step from the state with hash `pre` [32]: 0 and the post hash at `out`, or why it is
 * refused.
 */
export function verifyStep(proof: usize, length: u32, pre: usize, out: usize): u32 {
  startProof(proof, length);
  const header = take(256);
  if (refused != 0) return refused;
  if (!isWellFormed(header)) return HEADER_INVALID;
  keccak256(header, 256, HASH);
  if (memory.compare(HASH, pre, 32) != 0) return PRE_STATE;
  readOpenings(header);
  if (refused != 0) return refused;
  memory.copy(HEADER_BEFORE, header, 256);
  readRegisters(header);
  checkTouched();
  setAction(ACTION_NONE);
  const status = load<u32>(STATUS);
  if (status == STATUS_RUN) runStep();
  else if (status == STATUS_PHASE) phaseStep();
  if (refused != 0 && refused != STUCK) return refused;
  if (!isAllTouched()) return LEAF_UNUSED;
  if (bytesLeft() != 0) return TRAILING;
  if (status <= STATUS_RUN) writePost(header);
  else memory.copy(POST, header, 256);
  keccak256(POST, 256, out);
  return 0;
}
