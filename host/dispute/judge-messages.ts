// Host call `send_message` (docs/machine.md section 4): the input is gathered, then in a second stage, one path a
// step, the value leaves the contract and the message becomes the next leaf of the block's outbox tree.
import { RejectionCode, TrapCode } from "../outcome.ts";
import { FrameEnd, readMemory } from "./judge-access.ts";
import { openAccount, writeAccount } from "./judge-accounts.ts";
import { equal } from "./judge-bytes.ts";
import { bytesGather, gatherUnit } from "./judge-gather.ts";
import { keccak256 } from "./judge-hash.ts";
import {
  goToSecondStage,
  type HostCall,
  isFirst,
  isReadOnly,
  rangesHold,
  refuse,
} from "./judge-host-call.ts";
import { listRootOf, OUTBOX_DEPTH, readListPath } from "./judge-openings.ts";
import {
  Block,
  bigOf,
  bytesOf,
  Frame,
  numberOf,
  setBytes,
  setNumber,
  touchRecord,
  Work,
  World,
} from "./judge-record.ts";
import { demand, STUCK } from "./judge-rejection.ts";

const REQUEST_BYTES = 68;

/** The checks of the first step; the record is touched whichever of them fails. */
function maySend(call: HostCall): boolean {
  const { access } = call;
  const [requestPtr, ptr, length] = call.args as [number, number, number];
  touchRecord(access, 0, 1, 10);
  if (isReadOnly(access)) return refuse(access, TrapCode.read_only);
  if (length > numberOf(access, Block.messageBytesMax))
    return refuse(access, TrapCode.data_too_long);
  if (!rangesHold(call, [requestPtr, REQUEST_BYTES], [ptr, length])) return false;
  const hasRoom = numberOf(access, World.outboxCount) < numberOf(access, Block.outboxMax);
  return hasRoom || refuse(access, TrapCode.outbox_full);
}

/** Stage A: gathers the input and notes the request. */
export function sendMessage(call: HostCall) {
  const { access } = call;
  if (isFirst(call) && !maySend(call)) return;
  const [requestPtr, ptr, length] = call.args as [number, number, number];
  const root = gatherUnit(access, bytesGather, ptr, length);
  if (root === undefined) return;
  touchRecord(access, 3);
  setBytes(access, Work.messageRequest, readMemory(access, requestPtr, REQUEST_BYTES));
  setNumber(access, Work.messageLength, length);
  setBytes(access, Work.messageRoot, root);
  goToSecondStage(call);
}

/** Stage B: the value, then the outbox. */
export function sendMessagePath(call: HostCall) {
  const { header } = call.access;
  if (header.resume === 0) debitSender(call);
  else if (header.resume === 1) append(call);
  else throw STUCK;
}

function debitSender(call: HostCall) {
  const { access } = call;
  touchRecord(access, 0, 1, 3);
  const account = openAccount(access, bytesOf(access, Frame.self));
  const value = bigOf(access, Work.messageValue);
  if (account.balance < value) return call.finish(FrameEnd.refused);
  writeAccount(access, account, { balance: account.balance - value });
  access.header.resume = 1;
}

function append(call: HostCall) {
  const { access } = call;
  touchRecord(access, 0, 1, 3, 9);
  const index = numberOf(access, World.outboxCount);
  if (index >= 2 ** OUTBOX_DEPTH) throw STUCK;
  const leaf = keccak256(
    Uint8Array.of(1),
    bytesOf(access, Block.environment),
    bytesOf(access, Work.messageTarget),
    bytesOf(access, Frame.self),
    bytesOf(access, Work.messageTo),
    bytesOf(access, Work.messageValue),
    bytesOf(access, Work.messageLength),
    bytesOf(access, Work.messageRoot),
  );
  const siblings = readListPath(access.pieces({ kind: "outbox path" }), OUTBOX_DEPTH);
  const before = listRootOf(index, new Uint8Array(32), siblings);
  demand(equal(before, bytesOf(access, World.outboxRoot)), RejectionCode.OUTBOX);
  setBytes(access, World.outboxRoot, listRootOf(index, leaf, siblings));
  setNumber(access, World.outboxCount, index + 1);
  call.finish(0);
}
