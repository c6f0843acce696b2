// Phases 4 to 16 (docs/machine.md section 5): rules of prepare, value, target, lock and code before a frame; how a frame is left;
// record, refund, fee and receipt at the end of an entry. Each has at most one state path.
import { keccak128, keccak256 } from "../crypto/keccak";
import { ACCOUNT, openAccount, writeAccount } from "./account";
import { addAmount, isLess, multiplyPrice, subtractAmount } from "./amounts";
import { next, sender, setStageInput, signature, startPrepare } from "./entry";
import { BODY_DEPTH, listPathRoot, readListPath } from "./list-path";
import {
  ask,
  DATA_ROOT,
  NEED_OUTPUT,
  NEED_RECEIPTS,
  RECEIPTS,
  refuse,
  refused,
  stuck,
  take,
} from "./proof-reader";
import {
  BLOCK,
  clearData,
  DATA,
  EMPTY_ROOT,
  ENTERED,
  ENTRY_LEAF,
  FLAG_DEPLOYMENT,
  FRAME,
  getU32,
  getU64,
  isZero,
  KIND_DEPLOY,
  KIND_MESSAGE,
  leaf,
  MESSAGE,
  putU32,
  putU64,
  RULES,
  TERMS,
  TRANSACTION,
  WORLD,
} from "./record";
import {
  DEPTH,
  FP,
  GAS,
  LEAST_DEPTH,
  PAGES,
  PC,
  PHASE,
  RESUME,
  SP,
  STATUS,
  STATUS_RUN,
} from "./registers";
import { sha256Pair } from "./sha256";
import { codePath, lockPath, PATH, prepareRulesPath, valueCommitment } from "./state-keys";
import {
  deleteState,
  held,
  openState,
  READS_CODE,
  READS_COMMITMENT,
  setState,
  terminal,
} from "./state-path";
import {
  ACTION_CLEAR,
  ACTION_START,
  goTo,
  isTop,
  leave,
  LEFT_REFUSED,
  LEFT_REVERT,
  LEFT_SUCCESS,
  LEFT_TRAP,
  PHASE_CODE,
  PHASE_DEBIT,
  PHASE_ENTERED,
  PHASE_LEAVE,
  PHASE_LOCK,
  PHASE_NEXT,
  PHASE_PRODUCER,
  PHASE_RECEIPT,
  PHASE_RECORD,
  PHASE_RECORD_ACCOUNT,
  PHASE_REFUND,
  PHASE_RULES,
  PHASE_SENDER,
  PHASE_SIGNATURE,
  PHASE_SUCCESS,
  PHASE_TARGET,
  ROOTS,
  setAction,
  TRAP_CODE_FULL,
} from "./step";
import { clearFrameRegisters, isKnownEnd, returnToCaller } from "./sub-call";

const RECORD_BYTES: u32 = 235;
const LIVE_PAGES_MAX: u32 = 1024;
const DEPTH_BUDGET: u32 = 65536;
/** KiB that code counts beside its Wasm. */
const CODE_KIB_BASE: u64 = 5;
const STAGE_PREPARE: u8 = 1;
const STAGE_FIRST_CALL: u8 = 2;
const OUTCOME_SUCCESS: u8 = 0;
const OUTCOME_REVERT: u8 = 1;
const OUTCOME_TRAP: u8 = 2;
const OUTCOME_SKIPPED: u8 = 3;

const COMMITMENT: usize = memory.data(32, 8);
const AMOUNT: usize = memory.data(16, 8);
const HASH: usize = memory.data(32, 8);
/** A code record padded to two leaves, or a receipt. */
const BYTES: usize = memory.data(256, 8);
const NODES: usize = memory.data(64, 8);
/** Commitment of the byte 0x01: of a lock, and of code that was entered. */
const LOCKED: usize = memory.data(32, 8);

/** Computes the commitment of a lock; once, before anything else of this file. */
export function preparePhases(): void {
  store<u8>(LOCKED, 1);
  valueCommitment(LOCKED, 1, LOCKED);
}

/** Gives prepare the rules of the order, whatever those of the last deployment were. */
function rules(): void {
  const world = leaf(WORLD);
  const commitment = leaf(RULES);
  prepareRulesPath();
  openState(PATH, world, READS_COMMITMENT);
  if (refused != 0) return;
  setState(commitment, world);
  goTo(PHASE_CODE);
}

function debit(): void {
  leaf(WORLD);
  const frame = leaf(FRAME);
  if (isZero(frame + 40, 16)) return goTo(PHASE_TARGET);
  if (!openAccount(frame + 20)) return;
  if (isLess(ACCOUNT + 8, frame + 40)) return leave(LEFT_REFUSED);
  subtractAmount(ACCOUNT + 8, frame + 40, ACCOUNT + 8);
  writeAccount();
  goTo(PHASE_TARGET);
}

function target(): void {
  const frame = leaf(FRAME);
  const world = leaf(WORLD);
  const entered = leaf(ENTERED);
  const atTop = isTop();
  const isPrepare = atTop && load<u8>(leaf(TRANSACTION), 113) == STAGE_PREPARE;
  const isMessage = atTop && load<u8>(leaf(TRANSACTION), 112) == KIND_MESSAGE;
  const entry = isPrepare || isMessage ? leaf(ENTRY_LEAF) : 0;
  if (!openAccount(frame)) return;
  const hasCode = !isZero(ACCOUNT + 32, 32);
  if (!isZero(frame + 40, 16)) {
    if (!addAmount(ACCOUNT + 8, frame + 40, ACCOUNT + 8)) return stuck();
    writeAccount();
  }
  // What a message brings stays, whatever becomes of the call.
  if (isMessage) memory.copy(entry + 40, world, 32);
  if (isPrepare) {
    startPrepare();
    return goTo(PHASE_RULES);
  }
  if (hasCode) {
    memory.copy(entered + 64, ACCOUNT + 32, 32);
    return goTo(PHASE_LOCK);
  }
  if (atTop) endEntry();
  else leave(LEFT_SUCCESS);
}

function lock(): void {
  const world = leaf(WORLD);
  lockPath(leaf(FRAME));
  openState(PATH, world, READS_COMMITMENT);
  if (refused != 0) return;
  if (terminal == 1 && !isTop()) return leave(LEFT_REFUSED);
  setState(LOCKED, world);
  goTo(PHASE_ENTERED);
}

/** What the trie of the code that the block has entered becomes if the frame starts. */
function enteredCode(): void {
  const entered = leaf(ENTERED);
  openState(entered + 64, entered, READS_COMMITMENT);
  if (refused != 0) return;
  setState(LOCKED, entered + 32);
  goTo(PHASE_CODE);
}

/** Counts code that is entered first, of `wasmBytes`; false where the block has no room for it. */
function takeRoom(entered: usize, wasmBytes: u32): bool {
  if (memory.compare(entered, entered + 32, 32) == 0) return true;
  const left = getU32(entered + 96);
  const size = CODE_KIB_BASE + ((<u64>wasmBytes + 1023) >> 10);
  if (size > <u64>left) return false;
  putU32(entered + 96, left - <u32>size);
  memory.copy(entered, entered + 32, 32);
  return true;
}

/** Starts the frame that the code record describes. */
function code(): void {
  const frame = leaf(FRAME);
  const entered = leaf(ENTERED);
  codePath(frame);
  openState(PATH, leaf(WORLD), READS_CODE);
  if (refused != 0) return;
  if (terminal != 1) return stuck();
  const pages = getU32(held + 171);
  const atTop = isTop();
  const hasPages = atTop || <u64>getU32(frame + 104) + pages <= LIVE_PAGES_MAX;
  if (!hasPages || !takeRoom(entered, getU32(held + 3))) {
    memory.copy(entered + 32, entered, 32);
    return leave(atTop ? LEFT_TRAP + TRAP_CODE_FULL : LEFT_REFUSED);
  }
  memory.copy(ROOTS, held + 43, 64);
  memory.copy(ROOTS + 64, held + 107, 64);
  store<u32>(PC, getU32(held + 187));
  store<u32>(SP, 1);
  store<u32>(FP, 0);
  store<u32>(PAGES, pages);
  if (atTop) store<u32>(DEPTH, DEPTH_BUDGET);
  store<u32>(LEAST_DEPTH, load<u32>(DEPTH));
  store<u32>(STATUS, STATUS_RUN);
  store<u32>(PHASE, 0);
  store<u32>(RESUME, 0);
  setAction(ACTION_START);
}

/** Goes on behind the call of a transaction; a message has no fee to settle. */
function endEntry(): void {
  const isMessage = load<u8>(leaf(TRANSACTION), 112) == KIND_MESSAGE;
  goTo(isMessage ? PHASE_RECEIPT : PHASE_REFUND);
}

function topEnd(): void {
  clearFrameRegisters();
  store<u32>(DEPTH, 0);
  setAction(ACTION_CLEAR);
}

function success(): void {
  const atTop = isTop();
  if (atTop && load<u8>(leaf(TRANSACTION), 113) == STAGE_PREPARE) {
    topEnd();
    return goTo(PHASE_RECORD_ACCOUNT);
  }
  const world = leaf(WORLD);
  lockPath(leaf(FRAME));
  openState(PATH, world, READS_COMMITMENT);
  if (refused != 0) return;
  deleteState(world);
  if (!atTop) return leave(LEFT_SUCCESS);
  topEnd();
  endEntry();
}

export function clearEvents(): void {
  const world = leaf(WORLD);
  memory.fill(world + 32, 0, 32);
  putU32(world + 96, 0);
}

function left(): void {
  if (!isKnownEnd()) return stuck();
  const how = load<u32>(RESUME);
  if (!isTop()) return returnToCaller(how);
  const isTrap = how >= LEFT_TRAP;
  if (!isTrap && how != LEFT_REVERT) return stuck();
  const transaction = leaf(TRANSACTION);
  store<u8>(transaction, isTrap ? OUTCOME_TRAP : OUTCOME_REVERT, 114);
  store<u16>(transaction, isTrap ? bswap<u16>(<u16>(how - LEFT_TRAP)) : 0, 116);
  const world = leaf(WORLD);
  const message = leaf(MESSAGE);
  memory.copy(world, leaf(ENTRY_LEAF) + 40, 32);
  memory.copy(world + 64, message + 32, 32);
  memory.copy(world + 100, message + 64, 4);
  clearEvents();
  if (isTrap) {
    const data = leaf(DATA);
    memory.copy(data, EMPTY_ROOT, 32);
    putU32(data + 32, 0);
  }
  topEnd();
  endEntry();
}

/** Reads the code record that prepare gave as its output to BYTES. */
function readRecord(): bool {
  const data = leaf(DATA);
  if (refused != 0) return false;
  if (getU32(data + 32) != RECORD_BYTES) {
    stuck();
    return false;
  }
  ask(NEED_OUTPUT, 0, 0, 0, 0);
  const record = take(RECORD_BYTES);
  if (refused != 0) return false;
  memory.fill(BYTES, 0, 256);
  memory.copy(BYTES, record, RECORD_BYTES);
  keccak128(BYTES, NODES);
  keccak128(BYTES + 128, NODES + 32);
  keccak256(NODES, 64, HASH);
  if (memory.compare(HASH, data, 32) != 0) refuse(DATA_ROOT);
  return refused == 0;
}

function recordAccount(): void {
  const transaction = leaf(TRANSACTION);
  leaf(WORLD);
  if (!readRecord() || !openAccount(transaction + 52)) return;
  keccak256(BYTES, RECORD_BYTES, ACCOUNT + 32);
  writeAccount();
  goTo(PHASE_RECORD);
}

/** Chunk root of the 256 bytes at BYTES, eight chunks, to COMMITMENT. */
function recordCommitment(): void {
  for (let i: usize = 0; i < 4; i++) sha256Pair(BYTES + 64 * i, BYTES + 32 * i);
  for (let i: usize = 0; i < 2; i++) sha256Pair(BYTES + 64 * i, BYTES + 32 * i);
  sha256Pair(BYTES, COMMITMENT);
  valueCommitment(COMMITMENT, RECORD_BYTES, COMMITMENT);
}

function record(): void {
  const world = leaf(WORLD);
  const frame = leaf(FRAME);
  leaf(DATA);
  const transaction = leaf(TRANSACTION);
  leaf(ENTRY_LEAF);
  const entered = leaf(ENTERED);
  if (!readRecord()) return;
  keccak256(BYTES, RECORD_BYTES, HASH);
  recordCommitment();
  codePath(transaction + 52);
  openState(PATH, world, READS_COMMITMENT);
  if (refused != 0) return;
  setState(COMMITMENT, world);
  memory.copy(entered + 64, HASH, 32);
  memory.copy(frame, transaction + 52, 20);
  memory.copy(frame + 40, transaction + 72, 16);
  setStageInput(STAGE_FIRST_CALL);
  putU32(frame + 108, FLAG_DEPLOYMENT);
  clearData();
  goTo(PHASE_LOCK);
}

function credit(address: usize, gas: u64): bool {
  if (!openAccount(address)) return false;
  multiplyPrice(gas, getU64(leaf(TRANSACTION) + 104), AMOUNT);
  if (!addAmount(ACCOUNT + 8, AMOUNT, ACCOUNT + 8)) {
    stuck();
    return false;
  }
  writeAccount();
  return true;
}

function refund(): void {
  const transaction = leaf(TRANSACTION);
  leaf(WORLD);
  if (load<i64>(GAS) < 0) return stuck();
  if (credit(transaction + 32, load<u64>(GAS))) goTo(PHASE_PRODUCER);
}

/** Modulo 2^64. */
function gasUsed(): u64 {
  return getU64(leaf(TRANSACTION) + 96) - load<u64>(GAS);
}

function producer(): void {
  const terms = leaf(TERMS);
  const limit = getU64(leaf(TRANSACTION) + 96);
  leaf(WORLD);
  const used = gasUsed();
  const isWhole = load<i64>(GAS) < 0 ? used > limit : used <= limit;
  if (!isWhole) return stuck();
  if (credit(terms, used)) goTo(PHASE_RECEIPT);
}

// keccak(u32 length ‖ root) of what the entry gave out, to `out`.
function outputHash(outcome: u8, out: usize): void {
  const data = leaf(DATA);
  const transaction = leaf(TRANSACTION);
  memory.fill(NODES, 0, 64);
  memory.copy(NODES + 4, EMPTY_ROOT, 32);
  if (outcome == OUTCOME_SUCCESS && load<u8>(transaction, 112) == KIND_DEPLOY) {
    memory.fill(BYTES + 128, 0, 128);
    memory.copy(BYTES + 128, transaction + 52, 20);
    keccak128(BYTES + 128, NODES + 4);
    putU32(NODES, 20);
  } else if (outcome <= OUTCOME_REVERT) {
    memory.copy(NODES, data + 32, 4);
    memory.copy(NODES + 4, data, 32);
  }
  keccak256(NODES, 36, out);
}

function receipt(): void {
  const world = leaf(WORLD);
  const transaction = leaf(TRANSACTION);
  const block = leaf(BLOCK);
  const outcome = load<u8>(transaction, 114);
  const used = gasUsed();
  store<u8>(BYTES, 1);
  memory.copy(BYTES + 1, transaction, 32);
  store<u8>(BYTES, outcome, 33);
  memory.copy(BYTES + 34, transaction + 116, 2);
  putU64(BYTES + 36, used);
  outputHash(outcome, BYTES + 44);
  if (outcome == OUTCOME_SKIPPED) memory.fill(BYTES + 76, 0, 32);
  else memory.copy(BYTES + 76, world + 32, 32);
  keccak256(BYTES, 108, HASH);

  const index = getU32(block + 100);
  ask(NEED_RECEIPTS, index, 0, 0, 0);
  readListPath(BODY_DEPTH);
  if (refused != 0) return;
  memory.fill(COMMITMENT, 0, 32);
  listPathRoot(index, COMMITMENT, NODES);
  if (refused != 0) return;
  if (memory.compare(NODES, block + 64, 32) != 0) return refuse(RECEIPTS);
  listPathRoot(index, HASH, block + 64);
  putU64(block + 120, getU64(block + 120) + used);
  putU32(block + 100, index + 1);
  store<u64>(GAS, 0);
  goTo(PHASE_NEXT);
}

/** Executes one phase; stuck where there is no such phase. */
export function phaseStep(): void {
  switch (load<u32>(PHASE)) {
    case PHASE_NEXT:
      return next();
    case PHASE_SIGNATURE:
      return signature();
    case PHASE_SENDER:
      return sender();
    case PHASE_RULES:
      return rules();
    case PHASE_ENTERED:
      return enteredCode();
    case PHASE_DEBIT:
      return debit();
    case PHASE_TARGET:
      return target();
    case PHASE_LOCK:
      return lock();
    case PHASE_CODE:
      return code();
    case PHASE_SUCCESS:
      return success();
    case PHASE_LEAVE:
      return left();
    case PHASE_RECORD_ACCOUNT:
      return recordAccount();
    case PHASE_RECORD:
      return record();
    case PHASE_REFUND:
      return refund();
    case PHASE_PRODUCER:
      return producer();
    case PHASE_RECEIPT:
      return receipt();
    default:
      stuck();
  }
}
