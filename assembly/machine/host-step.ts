// One step of the host word at pc (docs/machine.md section 4): which call, which stage, its checks in the order
// of docs/host-calls.md, and what it does. Checks are made in the first step and before anything is written.
import { keccak256 } from "../crypto/keccak";
import { input, outputRead, valueRead } from "./copy";
import { GATHERED, gatherUnit } from "./gather";
import { sendMessage } from "./send-message";
import { markGuest } from "./guest-marks";
import { refused } from "./proof-reader";
import {
  BLOCK,
  DATA,
  FLAG_READ_ONLY,
  FRAME,
  getU32,
  KIND_MESSAGE,
  leaf,
  MESSAGE,
  putU32,
  TERMS,
  TRANSACTION,
  WORK,
  WORLD,
} from "./record";
import { PHASE, RESUME } from "./registers";
import { recoverSignature } from "./secp256k1";
import { sha256 } from "./sha256";
import { ACCOUNT, openAccount, writeAccount } from "./account";
import {
  CODE_BYTES,
  codeCommitment,
  deleteState,
  held,
  openState,
  READS_ACCOUNT,
  READS_CODE,
  READS_COMMITMENT,
  READS_STORAGE,
  setState,
  terminal,
} from "./state-path";
import {
  accountPath,
  CLASS_STORAGE,
  codePath,
  lockPath,
  makePath,
  PATH,
  valueCommitment,
} from "./state-keys";
import {
  ACTION_STUCK,
  argument,
  finish,
  finishWith,
  guest,
  holds,
  leave,
  LEFT_REVERT,
  resultAt,
  secondStage,
  setAction,
  TRAP_BAD_ARGUMENT,
  TRAP_DATA_TOO_LONG,
  TRAP_EVENTS_FULL,
  TRAP_READ_ONLY,
  TRAP_TOO_MANY_TOPICS,
  trapHost,
} from "./step";
import { callInput, callRequest } from "./sub-call";

const DATA_MAX: u32 = 65536;
const HASH_MAX: u32 = 1024;
const EVENTS_MAX: u32 = 65536;
const CONTEXT_BYTES: u32 = 208;
/** Messages and structs that are put together here. */
const SCRATCH: usize = memory.data(1024, 8);
const HASH: usize = memory.data(64, 8);

/** `output` and `revert`: true when the output is set. */
function gatherOutput(): bool {
  const ptr = argument(0);
  const length = argument(1);
  if (load<u32>(RESUME) == 0) {
    if (length > DATA_MAX) {
      trapHost(TRAP_DATA_TOO_LONG);
      return false;
    }
    if (!holds(ptr, length)) return false;
  }
  if (!gatherUnit(false, ptr, length)) return false;
  const data = leaf(DATA);
  memory.copy(data, GATHERED, 32);
  putU32(data + 32, length);
  return true;
}

function context(): void {
  const ptr = argument(0);
  if (!holds(ptr, CONTEXT_BYTES)) return;
  const frame = leaf(FRAME);
  const transaction = leaf(TRANSACTION);
  const block = leaf(BLOCK);
  const terms = leaf(TERMS);
  const message = leaf(MESSAGE);
  memory.copy(SCRATCH, frame, 40); // self, caller
  memory.copy(SCRATCH + 40, transaction + 32, 20); // origin
  memory.copy(SCRATCH + 60, terms, 20); // producer
  memory.copy(SCRATCH + 80, block, 32); // environment
  memory.copy(SCRATCH + 112, frame + 40, 16); // value
  memory.copy(SCRATCH + 128, block + 104, 16); // height, time
  memory.copy(SCRATCH + 144, transaction + 104, 8); // price
  memory.copy(SCRATCH + 152, transaction + 88, 16); // nonce, gas limit
  memory.copy(SCRATCH + 168, frame + 92, 4); // input length
  const isMessage = load<u8>(transaction, 112) == KIND_MESSAGE;
  const top: u32 = getU32(frame + 100) == 1 ? 4 : 0;
  putU32(SCRATCH + 172, getU32(frame + 108) | top | (isMessage ? 8 : 0));
  memory.copy(SCRATCH + 176, message, 32); // source environment
  memory.copy(guest(ptr, CONTEXT_BYTES), SCRATCH, CONTEXT_BYTES);
  markGuest(ptr, CONTEXT_BYTES);
  finish();
}

// Stage A of the storage calls: the path of the key at `keyPtr` goes to the work leaf.
function noteStoragePath(keyPtr: u32): void {
  makePath(CLASS_STORAGE, leaf(FRAME), guest(keyPtr, 32));
  memory.copy(leaf(WORK), PATH, 32);
  secondStage();
}

function storageOpen(): void {
  resultAt();
  const keyPtr = argument(0);
  if (load<u32>(PHASE) == 0) {
    if (holds(keyPtr, 32)) noteStoragePath(keyPtr);
    return;
  }
  const data = leaf(DATA);
  openState(leaf(WORK), leaf(WORLD), READS_STORAGE);
  if (refused != 0) return;
  if (terminal != 1) {
    memory.fill(data + 72, 0, 40);
    return finishWith(0xffffffff);
  }
  memory.copy(data + 72, held, 36);
  putU32(data + 108, 1);
  finishWith(getU32(held + 32));
}

function storageSet(): void {
  const keyPtr = argument(0);
  const ptr = argument(1);
  const length = argument(2);
  if (load<u32>(PHASE) != 0) {
    const work = leaf(WORK);
    const world = leaf(WORLD);
    openState(work, world, READS_COMMITMENT);
    if (refused != 0) return;
    setState(work + 32, world);
    return finish();
  }
  if (load<u32>(RESUME) == 0) {
    if ((getU32(leaf(FRAME) + 108) & FLAG_READ_ONLY) != 0) return trapHost(TRAP_READ_ONLY);
    if (length > DATA_MAX) return trapHost(TRAP_DATA_TOO_LONG);
    if (!holds(keyPtr, 32) || !holds(ptr, length)) return;
  }
  if (!gatherUnit(true, ptr, length)) return;
  noteStoragePath(keyPtr);
  valueCommitment(GATHERED, length, leaf(WORK) + 32);
}

function storageDelete(): void {
  const keyPtr = argument(0);
  if (load<u32>(PHASE) != 0) {
    const world = leaf(WORLD);
    openState(leaf(WORK), world, READS_COMMITMENT);
    if (refused != 0) return;
    deleteState(world);
    return finish();
  }
  if ((getU32(leaf(FRAME) + 108) & FLAG_READ_ONLY) != 0) return trapHost(TRAP_READ_ONLY);
  if (holds(keyPtr, 32)) noteStoragePath(keyPtr);
}

function account(): void {
  const addressPtr = argument(0);
  const ptr = argument(1);
  if (load<u32>(PHASE) == 0) {
    if (!holds(addressPtr, 20) || !holds(ptr, 32)) return;
    accountPath(guest(addressPtr, 20));
    memory.copy(leaf(WORK), PATH, 32);
    return secondStage();
  }
  openState(leaf(WORK), leaf(WORLD), READS_ACCOUNT);
  if (refused != 0) return;
  memory.fill(SCRATCH, 0, 32);
  if (terminal == 1) {
    memory.copy(SCRATCH, held + 8, 16);
    for (let i: usize = 32; i < 64; i += 8) if (load<u64>(held + i) != 0) store<u8>(SCRATCH, 1, 16);
  }
  memory.copy(guest(ptr, 32), SCRATCH, 32);
  markGuest(ptr, 32);
  finish();
}

/** The checks of `emit`; the record is touched whichever of them fails. */
function mayEmit(topicsPtr: u32, topicCount: u32, ptr: u32, length: u32): bool {
  const world = leaf(WORLD);
  const frame = leaf(FRAME);
  let code: u32 = 0;
  if ((getU32(frame + 108) & FLAG_READ_ONLY) != 0) code = TRAP_READ_ONLY;
  else if (topicCount > 4) code = TRAP_TOO_MANY_TOPICS;
  else if (length > DATA_MAX) code = TRAP_DATA_TOO_LONG;
  if (code == 0) {
    if (!holds(topicsPtr, topicCount << 5) || !holds(ptr, length)) return false;
    if (getU32(world + 96) >= EVENTS_MAX) code = TRAP_EVENTS_FULL;
  }
  if (code != 0) trapHost(code);
  return code == 0;
}

function emit(): void {
  const topicsPtr = argument(0);
  const topicCount = argument(1);
  const ptr = argument(2);
  const length = argument(3);
  if (load<u32>(RESUME) == 0 && !mayEmit(topicsPtr, topicCount, ptr, length)) return;
  if (!gatherUnit(false, ptr, length)) return;
  const world = leaf(WORLD);
  memory.fill(SCRATCH, 0, 217);
  memory.copy(SCRATCH, world + 32, 32);
  memory.copy(SCRATCH + 32, leaf(FRAME), 20);
  store<u8>(SCRATCH, topicCount, 52);
  memory.copy(SCRATCH + 53, guest(topicsPtr, topicCount << 5), topicCount << 5);
  putU32(SCRATCH + 181, length);
  memory.copy(SCRATCH + 185, GATHERED, 32);
  keccak256(SCRATCH, 217, world + 32);
  putU32(world + 96, getU32(world + 96) + 1);
  finish();
}

function enter(): void {
  const flags = argument(0);
  if (flags > 3) return trapHost(TRAP_BAD_ARGUMENT);
  const frame = leaf(FRAME);
  if (flags != 0) {
    const world = leaf(WORLD);
    lockPath(frame);
    openState(PATH, world, READS_COMMITMENT);
    if (refused != 0) return;
    deleteState(world);
  }
  if ((flags & 2) != 0) putU32(frame + 108, getU32(frame + 108) | FLAG_READ_ONLY);
  finish();
}

function hash(isKeccak: bool): void {
  const ptr = argument(0);
  const length = argument(1);
  const outPtr = argument(2);
  if (length > HASH_MAX) return trapHost(TRAP_DATA_TOO_LONG);
  if (!holds(ptr, length) || !holds(outPtr, 32)) return;
  const at = guest(ptr, length);
  if (isKeccak) keccak256(at, length, HASH);
  else sha256(at, length, HASH);
  memory.copy(guest(outPtr, 32), HASH, 32);
  markGuest(outPtr, 32);
  finish();
}

function recoverKey(): void {
  resultAt();
  const digestPtr = argument(0);
  const signaturePtr = argument(1);
  const outPtr = argument(2);
  if (!holds(digestPtr, 32) || !holds(signaturePtr, 65) || !holds(outPtr, 64)) return;
  if (!recoverSignature(guest(digestPtr, 32), guest(signaturePtr, 65), HASH)) return finishWith(0);
  memory.copy(guest(outPtr, 64), HASH, 64);
  markGuest(outPtr, 64);
  finishWith(1);
}

// Stage B of `upgrade`, a path a step: the record is read, put at the running contract, and named by its
// account.
function upgradePath(): void {
  resultAt();
  argument(0);
  const world = leaf(WORLD);
  const work = leaf(WORK);
  const step = load<u32>(RESUME);
  if (step == 0) {
    openState(work, world, READS_CODE);
    if (refused != 0) return;
    if (terminal != 1) return finishWith(0);
    codeCommitment(work + 32);
    keccak256(held, CODE_BYTES, work + 64);
    store<u32>(RESUME, 1);
  } else if (step == 1) {
    codePath(leaf(FRAME));
    openState(PATH, world, READS_COMMITMENT);
    if (refused != 0) return;
    setState(work + 32, world);
    store<u32>(RESUME, 2);
  } else if (step == 2) {
    if (!openAccount(leaf(FRAME))) return;
    memory.copy(ACCOUNT + 32, work + 64, 32);
    writeAccount();
    finishWith(1);
  } else {
    setAction(ACTION_STUCK);
  }
}

function upgrade(): void {
  if (load<u32>(PHASE) != 0) return upgradePath();
  resultAt();
  const addressPtr = argument(0);
  if ((getU32(leaf(FRAME) + 108) & FLAG_READ_ONLY) != 0) return trapHost(TRAP_READ_ONLY);
  if (!holds(addressPtr, 20)) return;
  codePath(guest(addressPtr, 20));
  memory.copy(leaf(WORK), PATH, 32);
  secondStage();
}

/** Executes one step of host call `number`; ACTION_STUCK where there is no such call or stage. */
export function hostStep(number: u32): void {
  const stage = load<u32>(PHASE);
  const isTwoStage =
    (number >= 5 && number <= 9 && number != 6) || number == 11 || number == 18 || number == 19;
  if (stage > 1 || (stage == 1 && !isTwoStage)) return setAction(ACTION_STUCK);
  switch (number) {
    case 1:
      return input();
    case 2:
      if (gatherOutput()) finish();
      return;
    case 3:
      if (gatherOutput()) leave(LEFT_REVERT);
      return;
    case 4:
      return context();
    case 5:
      return storageOpen();
    case 6:
      return valueRead();
    case 7:
      return storageSet();
    case 8:
      return storageDelete();
    case 9:
      return account();
    case 10:
      return emit();
    case 11:
      return stage == 0 ? callRequest() : callInput();
    case 12:
      return outputRead();
    case 13:
      return enter();
    case 14:
      return hash(true);
    case 15:
      return hash(false);
    case 16:
      return recoverKey();
    case 17:
      argument(1);
      if (holds(argument(0), argument(1))) finish();
      return;
    case 18:
      return sendMessage();
    case 19:
      return upgrade();
    default:
      setAction(ACTION_STUCK);
  }
}
