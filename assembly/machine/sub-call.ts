// Into a sub-call and out of it (docs/machine.md sections 4 and 5). Suspending writes the caller's header to
// CALLER: its hash becomes the parent hash. Returning reads that header and the leaves of the caller that
// change from the proof, so state, events and the caller's data go back by taking its leaves as they were.
import { keccak256 } from "../crypto/keccak";
import { GATHERED, gatherUnit } from "./gather";
import { foldKnown, KNOWN, readKnown, setKnownIndex } from "./known-leaves";
import { isWellFormed } from "./header";
import { refuse, refused, stuck, SUSPENDED, take } from "./proof-reader";
import {
  clearData,
  DATA,
  EMPTY_ROOT,
  ENTERED,
  FLAG_READ_ONLY,
  FRAME,
  getU32,
  getU64,
  isZero,
  leaf,
  putU32,
  putU64,
  WORK,
  WORLD,
} from "./record";
import { FP, GAS, PAGES, PC, RESUME, SP, STATUS_RUN } from "./registers";
import {
  ACTION_RETURN,
  ACTION_SUSPEND,
  argument,
  CALLER,
  finishWith,
  goTo,
  guest,
  HEADER_BEFORE,
  holds,
  LEFT_REFUSED,
  LEFT_REVERT,
  LEFT_SUCCESS,
  LEFT_TRAP,
  PHASE_DEBIT,
  secondStage,
  setAction,
  TRAP_DATA_TOO_LONG,
  trapHost,
} from "./step";

const INPUT_MAX: u32 = 65536;
const CALL_DEPTH_MAX: u32 = 32;
const REQUEST_BYTES: u32 = 44;
const STACK_DEPTH: u32 = 12;
const RECORD_DEPTH: u32 = 4;
const STATUS_TRAP: u32 = 2;
const PHASE_SUSPENDED: u8 = 2;
const HASH: usize = memory.data(32, 8);
const RETURNED: usize = memory.data(36, 8);

/** Stage A of `call`: checks, refusals, and the request into the work leaf. */
export function callRequest(): void {
  const requestPtr = argument(0);
  const inputPtr = argument(1);
  const inputLength = argument(2);
  if (inputLength > INPUT_MAX) return trapHost(TRAP_DATA_TOO_LONG);
  if (!holds(requestPtr, REQUEST_BYTES) || !holds(inputPtr, inputLength)) return;
  const work = leaf(WORK);
  const frame = leaf(FRAME);
  memory.copy(work, guest(requestPtr, REQUEST_BYTES), REQUEST_BYTES);
  const readOnly = (getU32(frame + 108) & FLAG_READ_ONLY) != 0;
  if (getU32(frame + 100) >= CALL_DEPTH_MAX || (readOnly && !isZero(work + 20, 16))) {
    const data = leaf(DATA);
    memory.copy(data + 36, EMPTY_ROOT, 32);
    putU32(data + 68, 0);
    return finishWith(LEFT_REFUSED);
  }
  secondStage();
}

/** Stage B: the input's units, then the caller is suspended. */
export function callInput(): void {
  const length = argument(2);
  if (gatherUnit(false, argument(1), length)) suspend(length);
}

function suspend(inputLength: u32): void {
  const frame = leaf(FRAME);
  const work = leaf(WORK);
  const gas = load<i64>(GAS);
  // Rounded down; gas below zero is less than any cap.
  const available = gas - (gas >> 6);
  const cap = getU64(work + 36);
  const forwarded = available < 0 || <u64>available < cap ? <u64>available : cap;
  memory.copy(CALLER, HEADER_BEFORE, 256);
  putU64(CALLER + 244, <u64>gas - forwarded);
  store<u8>(CALLER, PHASE_SUSPENDED, 253);
  store<u16>(CALLER, 0, 254);

  memory.copy(frame + 20, frame, 20);
  memory.copy(frame, work, 20);
  memory.copy(frame + 40, work + 20, 16);
  memory.copy(frame + 56, GATHERED, 32);
  putU32(frame + 88, 0);
  putU32(frame + 92, inputLength);
  putU32(frame + 96, inputLength);
  putU32(frame + 100, getU32(frame + 100) + 1);
  putU32(frame + 104, getU32(frame + 104) + load<u32>(PAGES));
  putU32(frame + 108, getU32(frame + 108) & FLAG_READ_ONLY);
  clearData();
  store<u64>(GAS, forwarded);
  clearFrameRegisters();
  goTo(PHASE_DEBIT);
  setAction(ACTION_SUSPEND);
}

/** No frame: its registers are zero. The depth budget stays for a callee. */
export function clearFrameRegisters(): void {
  store<u32>(PC, 0);
  store<u32>(SP, 0);
  store<u32>(FP, 0);
  store<u32>(PAGES, 0);
}

// Reads leaves of a suspended caller against a root of its header.
function readCaller(depth: u32, count: u32, root: usize): bool {
  readKnown(false, depth, count);
  if (refused != 0) return false;
  foldKnown(HASH);
  if (memory.compare(HASH, root, 32) != 0) refuse(SUSPENDED);
  return refused == 0;
}

/** Phase 11 of a sub-call: CALLER becomes the header with which the caller goes on. */
export function returnToCaller(how: u32): void {
  const isSuccess = how == LEFT_SUCCESS;
  const world = isSuccess ? leaf(WORLD) : 0;
  const entered = leaf(ENTERED);
  memory.copy(RETURNED, EMPTY_ROOT, 32);
  putU32(RETURNED + 32, 0);
  if (isSuccess || how == LEFT_REVERT) memory.copy(RETURNED, leaf(DATA), 36);

  const header = take(256);
  if (refused != 0) return;
  keccak256(header, 256, HASH);
  if (memory.compare(HASH, HEADER_BEFORE + 192, 32) != 0) return refuse(SUSPENDED);
  memory.copy(CALLER, header, 256);
  const sp = getU32(CALLER + 228);
  if (load<u8>(CALLER, 252) != STATUS_RUN || load<u8>(CALLER, 253) != PHASE_SUSPENDED) {
    return stuck();
  }
  if (!isWellFormed(CALLER)) return stuck();

  let known: u32 = 0;
  if (isSuccess) setKnownIndex(known++, WORLD);
  const data = known++;
  setKnownIndex(data, DATA);
  setKnownIndex(known++, ENTERED);
  if (!readCaller(RECORD_DEPTH, known, CALLER + 160)) return;
  if (isSuccess) memory.copy(KNOWN, world, 128);
  memory.copy(KNOWN + ((<usize>data) << 7) + 36, RETURNED, 36);
  memory.copy(KNOWN + ((<usize>data + 1) << 7), entered, 128);
  foldKnown(CALLER + 160);

  setKnownIndex(0, sp >> 4);
  if (!readCaller(STACK_DEPTH, 1, CALLER + 64)) return;
  const status = how >= LEFT_TRAP ? STATUS_TRAP : how;
  store<u64>(KNOWN + ((<usize>(sp & 15)) << 3), <u64>status);
  foldKnown(CALLER + 64);

  if (how < LEFT_TRAP) putU64(CALLER + 244, getU64(CALLER + 244) + load<u64>(GAS));
  putU32(CALLER + 228, sp + 1);
  putU32(CALLER + 224, getU32(CALLER + 224) + 1);
  store<u8>(CALLER, 0, 253);
  store<u16>(CALLER, 0, 254);
  setAction(ACTION_RETURN);
}

/** Whether resume of phase 11 says how a frame can be left. */
export function isKnownEnd(): bool {
  const how = load<u32>(RESUME);
  return how == LEFT_SUCCESS || how == LEFT_REVERT || how == LEFT_REFUSED || how >= LEFT_TRAP;
}
