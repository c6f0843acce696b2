// Host call `send_message` (docs/machine.md section 4): the input is gathered, the value leaves the contract, and
// the message becomes the next leaf of the block's outbox tree. Each of the last two has its own path, so each is
// a step of the second stage.
import { keccak256 } from "../crypto/keccak";
import { ACCOUNT, openAccount, writeAccount } from "./account";
import { isLess, subtractAmount } from "./amounts";
import { GATHERED, gatherUnit } from "./gather";
import { listPathRoot, OUTBOX_DEPTH, readListPath } from "./list-path";
import { ask, NEED_OUTBOX, OUTBOX, refuse, refused } from "./proof-reader";
import { BLOCK, FLAG_READ_ONLY, FRAME, getU32, leaf, putU32, TERMS, WORK, WORLD } from "./record";
import { PHASE, RESUME } from "./registers";
import {
  ACTION_STUCK,
  argument,
  finishWith,
  guest,
  holds,
  LEFT_REFUSED,
  resultAt,
  secondStage,
  setAction,
  TRAP_DATA_TOO_LONG,
  TRAP_OUTBOX_FULL,
  TRAP_READ_ONLY,
  trapHost,
} from "./step";

/** Target environment 32 ‖ to 20 ‖ value u128. */
const REQUEST_BYTES: u32 = 68;
const MESSAGES_MAX: u32 = 65536;
/** A message as it is hashed. */
const MESSAGE_BYTES: u32 = 157;
const BYTES: usize = memory.data(160, 8);
const HASH: usize = memory.data(32, 8);
const ROOT: usize = memory.data(32, 8);
const NO_LEAF: usize = memory.data(32, 8);

/** The checks of the first step; the record is touched whichever of them fails. */
function maySend(requestPtr: u32, ptr: u32, length: u32): bool {
  const world = leaf(WORLD);
  const frame = leaf(FRAME);
  const terms = leaf(TERMS);
  let code: u32 = 0;
  if ((getU32(frame + 108) & FLAG_READ_ONLY) != 0) code = TRAP_READ_ONLY;
  else if (length > getU32(terms + 108)) code = TRAP_DATA_TOO_LONG;
  if (code == 0) {
    if (!holds(requestPtr, REQUEST_BYTES) || !holds(ptr, length)) return false;
    if (getU32(world + 100) >= getU32(terms + 112)) code = TRAP_OUTBOX_FULL;
  }
  if (code != 0) trapHost(code);
  return code == 0;
}

/** Takes the value from the contract; 3 where it has not so much. */
function debitSender(): void {
  const work = leaf(WORK);
  leaf(WORLD);
  if (!openAccount(leaf(FRAME))) return;
  if (isLess(ACCOUNT + 8, work + 52)) return finishWith(LEFT_REFUSED);
  subtractAmount(ACCOUNT + 8, work + 52, ACCOUNT + 8);
  writeAccount();
  store<u32>(RESUME, 1);
}

/** Appends the message to the outbox. */
function append(): void {
  const work = leaf(WORK);
  const world = leaf(WORLD);
  const frame = leaf(FRAME);
  const block = leaf(BLOCK);
  const index = getU32(world + 100);
  if (index >= MESSAGES_MAX) return setAction(ACTION_STUCK);
  store<u8>(BYTES, 1);
  memory.copy(BYTES + 1, block, 32);
  memory.copy(BYTES + 33, work, 32); // target
  memory.copy(BYTES + 65, frame, 20); // sender
  memory.copy(BYTES + 85, work + 32, 36); // to, value
  memory.copy(BYTES + 121, work + 68, 36); // input length, input root
  keccak256(BYTES, MESSAGE_BYTES, HASH);
  ask(NEED_OUTBOX, 0, 0, 0, 0);
  readListPath(OUTBOX_DEPTH);
  if (refused != 0) return;
  listPathRoot(index, NO_LEAF, ROOT);
  if (memory.compare(ROOT, world + 64, 32) != 0) return refuse(OUTBOX);
  listPathRoot(index, HASH, world + 64);
  putU32(world + 100, index + 1);
  finishWith(0);
}

export function sendMessage(): void {
  resultAt();
  const requestPtr = argument(0);
  const ptr = argument(1);
  const length = argument(2);
  if (load<u32>(PHASE) != 0) {
    const step = load<u32>(RESUME);
    if (step == 0) return debitSender();
    return step == 1 ? append() : setAction(ACTION_STUCK);
  }
  if (load<u32>(RESUME) == 0 && !maySend(requestPtr, ptr, length)) return;
  if (!gatherUnit(false, ptr, length)) return;
  const work = leaf(WORK);
  memory.copy(work, guest(requestPtr, REQUEST_BYTES), REQUEST_BYTES);
  putU32(work + 68, length);
  memory.copy(work + 72, GATHERED, 32);
  secondStage();
}
