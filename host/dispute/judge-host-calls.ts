// One step of the `host` word (docs/machine.md section 4, docs/host-calls.md). A call's checks are made in its
// first step, in the order of the table, before anything is written. Calls that touch a state path do it in a
// second stage, phase 1 at the same pc. Sub-calls end in judge-sub-calls.ts, copies in judge-copies.ts.
import { TrapCode } from "../outcome.ts";
import {
  FrameEnd,
  leave,
  readI32,
  readMemory,
  type StepAccess,
  trap,
  type Word,
  writeMemory,
  writeSlot,
} from "./judge-access.ts";
import { accountOf, hasCode, openAccount, writeAccount } from "./judge-accounts.ts";
import { concat, numberBytes, readNumber } from "./judge-bytes.ts";
import { copyInput, copyReturned, copyValue } from "./judge-copies.ts";
import { Kind } from "./judge-entry.ts";
import { bytesGather, gatherUnit, valueGather } from "./judge-gather.ts";
import { keccak256, sha256 } from "./judge-hash.ts";
import { Status } from "./judge-header.ts";
import {
  goToSecondStage,
  type HostCall,
  isFirst,
  isReadOnly,
  rangesHold,
  refuse,
} from "./judge-host-call.ts";
import { sendMessage, sendMessagePath } from "./judge-messages.ts";
import {
  accountPath,
  codePath,
  commitmentOf,
  lockPath,
  StateClass,
  StatePath,
  statePath,
  valueCommitment,
} from "./judge-paths.ts";
import {
  Block,
  bigOf,
  bytesOf,
  Data,
  EMPTY_ROOT,
  Entry,
  Frame,
  FrameFlag,
  numberOf,
  setBytes,
  setNumber,
  touchRecord,
  Work,
  World,
} from "./judge-record.ts";
import { recover } from "./judge-recover.ts";
import { STUCK } from "./judge-rejection.ts";
import { suspend } from "./judge-sub-calls.ts";

type Stage = (call: HostCall) => void;

const LIMITS = { data: 65_536, hash: 1_024, topics: 4, events: 65_536, callDepth: 32 } as const;

/** `output` and `revert`: true when the output is set. */
function gatherOutput(call: HostCall): boolean {
  const { access, args } = call;
  const [ptr, length] = args as [number, number];
  if (isFirst(call)) {
    if (length > LIMITS.data) return refuse(access, TrapCode.data_too_long);
    if (!rangesHold(call, [ptr, length])) return false;
  }
  const root = gatherUnit(access, bytesGather, ptr, length);
  if (root === undefined) return false;
  setBytes(access, Data.outputRoot, root);
  setNumber(access, Data.outputLength, length);
  return true;
}

function output(call: HostCall) {
  if (gatherOutput(call)) call.finish();
}

function revert(call: HostCall) {
  if (gatherOutput(call)) leave(call.access, FrameEnd.revert);
}

function context(call: HostCall) {
  const { access } = call;
  const [ptr] = call.args as [number];
  if (!rangesHold(call, [ptr, 208])) return;
  const top = numberOf(access, Frame.callDepth) === 1 ? 4 : 0;
  const message = numberOf(access, Entry.kind) === Kind.message ? 8 : 0;
  const flags = numberOf(access, Frame.flags) | top | message;
  const fields = [
    Frame.self,
    Frame.caller,
    Entry.sender,
    Block.producer,
    Block.environment,
    Frame.value,
    Block.height,
    Block.time,
    Entry.price,
    Entry.nonce,
    Entry.gasLimit,
    Frame.inputLength,
  ].map((field) => bytesOf(access, field));
  const source = bytesOf(access, Entry.sourceEnvironment);
  writeMemory(access, ptr, concat(...fields, numberBytes(4, flags), source));
  call.finish();
}

/** Writes the path of the running contract's key at `keyPtr` into the work leaf. */
function noteStoragePath(access: StepAccess, keyPtr: number) {
  const self = bytesOf(access, Frame.self);
  touchRecord(access, 3);
  const key = readMemory(access, keyPtr, 32);
  setBytes(access, Work.path, statePath(StateClass.storage, self, key));
}

function storageOpen(call: HostCall) {
  const [keyPtr] = call.args as [number];
  if (!rangesHold(call, [keyPtr, 32])) return;
  noteStoragePath(call.access, keyPtr);
  goToSecondStage(call);
}

function storageOpenPath(call: HostCall) {
  const { access } = call;
  touchRecord(access, 2, 3);
  const held = StatePath.open(access, bytesOf(access, Work.path), "storage").value;
  setBytes(access, Data.openedRoot, held?.subarray(0, 32) ?? new Uint8Array(32));
  const length = held === undefined ? 0 : readNumber(held, 32, 4);
  setNumber(access, Data.openedLength, length);
  setNumber(access, Data.opened, held === undefined ? 0 : 1);
  call.finish(held === undefined ? 0xffff_ffff : length);
}

function storageSet(call: HostCall) {
  const { access } = call;
  const [keyPtr, ptr, length] = call.args as [number, number, number];
  if (isFirst(call)) {
    if (isReadOnly(access)) return trap(access, TrapCode.read_only);
    if (length > LIMITS.data) return trap(access, TrapCode.data_too_long);
    if (!rangesHold(call, [keyPtr, 32], [ptr, length])) return;
  }
  const root = gatherUnit(access, valueGather, ptr, length);
  if (root === undefined) return;
  noteStoragePath(access, keyPtr);
  setBytes(access, Work.commitment, commitmentOf(root, length));
  goToSecondStage(call);
}

function storageSetPath(call: HostCall) {
  const { access } = call;
  const path = StatePath.open(access, bytesOf(access, Work.path), "commitment");
  path.setCommitment(access, bytesOf(access, Work.commitment));
  call.finish();
}

function storageDelete(call: HostCall) {
  const { access } = call;
  const [keyPtr] = call.args as [number];
  if (isReadOnly(access)) return trap(access, TrapCode.read_only);
  if (!rangesHold(call, [keyPtr, 32])) return;
  noteStoragePath(access, keyPtr);
  goToSecondStage(call);
}

function storageDeletePath(call: HostCall) {
  const { access } = call;
  touchRecord(access, 3);
  StatePath.open(access, bytesOf(access, Work.path), "commitment").delete(access);
  call.finish();
}

function account(call: HostCall) {
  const { access } = call;
  const [addressPtr, ptr] = call.args as [number, number];
  if (!rangesHold(call, [addressPtr, 20], [ptr, 32])) return;
  setBytes(access, Work.path, accountPath(readMemory(access, addressPtr, 20)));
  goToSecondStage(call);
}

function accountRead(call: HostCall) {
  const { access } = call;
  const [, ptr] = call.args as [number, number];
  const path = StatePath.open(access, bytesOf(access, Work.path), "account");
  const found = accountOf(path);
  const code = Uint8Array.of(hasCode(found) ? 1 : 0);
  writeMemory(access, ptr, concat(numberBytes(16, found.balance), code, new Uint8Array(15)));
  call.finish();
}

/** The checks of `emit`; the record is touched whichever of them fails. */
function mayEmit(call: HostCall): boolean {
  const { access } = call;
  const [topicsPtr, topicCount, ptr, length] = call.args as [number, number, number, number];
  touchRecord(access, 0, 1);
  if (isReadOnly(access)) return refuse(access, TrapCode.read_only);
  if (topicCount > LIMITS.topics) return refuse(access, TrapCode.too_many_topics);
  if (length > LIMITS.data) return refuse(access, TrapCode.data_too_long);
  if (!rangesHold(call, [topicsPtr, 32 * topicCount], [ptr, length])) return false;
  return numberOf(access, World.eventCount) < LIMITS.events || refuse(access, TrapCode.events_full);
}

function emit(call: HostCall) {
  const { access } = call;
  if (isFirst(call) && !mayEmit(call)) return;
  const [topicsPtr, topicCount, ptr, length] = call.args as [number, number, number, number];
  const root = gatherUnit(access, bytesGather, ptr, length);
  if (root === undefined) return;
  if (topicCount > LIMITS.topics) throw STUCK;
  const link = keccak256(
    bytesOf(access, World.eventsHash),
    bytesOf(access, Frame.self),
    numberBytes(1, topicCount),
    readMemory(access, topicsPtr, 32 * topicCount),
    new Uint8Array(32 * (LIMITS.topics - topicCount)),
    numberBytes(4, length),
    root,
  );
  setBytes(access, World.eventsHash, link);
  setNumber(access, World.eventCount, numberOf(access, World.eventCount) + 1);
  call.finish();
}

function enter(call: HostCall) {
  const { access } = call;
  const [flags] = call.args as [number];
  if (flags > 3) return trap(access, TrapCode.bad_argument);
  touchRecord(access, 1);
  if (flags !== 0) {
    StatePath.open(access, lockPath(bytesOf(access, Frame.self)), "commitment").delete(access);
  }
  if ((flags & 2) !== 0) {
    setNumber(access, Frame.flags, numberOf(access, Frame.flags) | FrameFlag.readOnly);
  }
  call.finish();
}

function hashWith(hash: (bytes: Uint8Array) => Uint8Array): Stage {
  return (call) => {
    const { access } = call;
    const [ptr, length, outPtr] = call.args as [number, number, number];
    if (length > LIMITS.hash) return trap(access, TrapCode.data_too_long);
    if (!rangesHold(call, [ptr, length], [outPtr, 32])) return;
    writeMemory(access, outPtr, hash(readMemory(access, ptr, length)));
    call.finish();
  };
}

function recoverKey(call: HostCall) {
  const { access } = call;
  const [digestPtr, signaturePtr, outPtr] = call.args as [number, number, number];
  if (!rangesHold(call, [digestPtr, 32], [signaturePtr, 65], [outPtr, 64])) return;
  const digest = readMemory(access, digestPtr, 32);
  const key = recover(digest, readMemory(access, signaturePtr, 65));
  if (key !== undefined) writeMemory(access, outPtr, key);
  call.finish(key === undefined ? 0 : 1);
}

function log(call: HostCall) {
  const [ptr, length] = call.args as [number, number];
  if (rangesHold(call, [ptr, length])) call.finish();
}

/** Checks and refusals of `call`, and its request. */
function subCall(call: HostCall) {
  const { access } = call;
  const [requestPtr, inputPtr, inputLength] = call.args as [number, number, number];
  if (inputLength > LIMITS.data) return trap(access, TrapCode.data_too_long);
  if (!rangesHold(call, [requestPtr, 44], [inputPtr, inputLength])) return;
  setBytes(access, Work.request, readMemory(access, requestPtr, 44));
  const isTooDeep = numberOf(access, Frame.callDepth) >= LIMITS.callDepth;
  if (isTooDeep || (bigOf(access, Work.value) > 0n && isReadOnly(access))) {
    setBytes(access, Data.returnedRoot, EMPTY_ROOT);
    setNumber(access, Data.returnedLength, 0);
    return call.finish(FrameEnd.refused);
  }
  goToSecondStage(call);
}

function subCallInput({ access, args }: HostCall) {
  const [, inputPtr, inputLength] = args as [number, number, number];
  const root = gatherUnit(access, bytesGather, inputPtr, inputLength);
  if (root !== undefined) suspend(access, root, inputLength);
}

function upgrade(call: HostCall) {
  const { access } = call;
  const [addressPtr] = call.args as [number];
  if (isReadOnly(access)) return trap(access, TrapCode.read_only);
  if (!rangesHold(call, [addressPtr, 20])) return;
  setBytes(access, Work.path, codePath(readMemory(access, addressPtr, 20)));
  goToSecondStage(call);
}

/** Reads the code record, puts it at the running contract, and names it in its account: a path a step. */
function upgradePath(call: HostCall) {
  const { access } = call;
  const { header } = access;
  touchRecord(access, 0, 3);
  if (header.resume === 0) {
    const record = StatePath.open(access, bytesOf(access, Work.path), "code").value;
    if (record === undefined) return call.finish(0);
    setBytes(access, Work.commitment, valueCommitment(record));
    setBytes(access, Work.codeHash, keccak256(record));
    header.resume = 1;
  } else if (header.resume === 1) {
    const path = StatePath.open(access, codePath(bytesOf(access, Frame.self)), "commitment");
    path.setCommitment(access, bytesOf(access, Work.commitment));
    header.resume = 2;
  } else if (header.resume === 2) {
    const account = openAccount(access, bytesOf(access, Frame.self));
    writeAccount(access, account, { codeHash: bytesOf(access, Work.codeHash) });
    call.finish(1);
  } else {
    throw STUCK;
  }
}

interface HostRow {
  readonly params: number;
  readonly hasResult: boolean;
  /** By phase of the word. */
  readonly stages: readonly Stage[];
}

const row = (params: number, hasResult: boolean, ...stages: readonly Stage[]): HostRow => ({
  params,
  hasResult,
  stages,
});

const rows: Readonly<Record<number, HostRow>> = {
  1: row(3, true, copyInput),
  2: row(2, false, output),
  3: row(2, false, revert),
  4: row(1, false, context),
  5: row(1, true, storageOpen, storageOpenPath),
  6: row(3, false, copyValue),
  7: row(3, false, storageSet, storageSetPath),
  8: row(1, false, storageDelete, storageDeletePath),
  9: row(2, false, account, accountRead),
  10: row(4, false, emit),
  11: row(3, true, subCall, subCallInput),
  12: row(3, true, copyReturned),
  13: row(1, false, enter),
  14: row(3, false, hashWith(keccak256)),
  15: row(3, false, hashWith(sha256)),
  16: row(3, true, recoverKey),
  17: row(2, false, log),
  18: row(3, true, sendMessage, sendMessagePath),
  19: row(1, true, upgrade, upgradePath),
};

/** Goes on behind a host word with its result. */
export function finishHostWord(access: StepAccess, result: number | undefined) {
  const { header } = access;
  if (result !== undefined) {
    writeSlot(access, header.sp, BigInt(result));
    header.sp += 1;
  }
  header.status = Status.run;
  header.phase = 0;
  header.resume = 0;
  header.pc += 1;
}

/** Executes one step of the host word at pc. @throws STUCK where there is no such call or stage */
export function executeHost(access: StepAccess, { a }: Word) {
  const { header } = access;
  const found = rows[a];
  const stage = found?.stages[header.phase];
  if (found === undefined || stage === undefined) throw STUCK;
  const args = Array.from({ length: found.params }, (_, i) => readI32(access, header.fp + i));
  // The result's slot is touched by every step of the word, whatever comes of it.
  if (found.hasResult) readI32(access, header.sp);
  const finish = (result = 0): void => {
    finishHostWord(access, found.hasResult ? result : undefined);
  };
  stage({ access, args, finish });
}
