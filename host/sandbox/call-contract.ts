// One call of a contract from outside or from another contract, after value has moved: lock, program,
// frame, unlock; on revert and trap the state and the events go back. docs/host-calls.md "Sub-calls" is
// the specification and the order of the touches; the machine does the same steps.

import { CALL_DEPTH_MAX, LIVE_PAGES_MAX } from "../limits.ts";
import { CallStatus } from "../outcome.ts";
import {
  deleteLock,
  impossibleState,
  isLocked,
  moveValue,
  readAccount,
  readCodeRecord,
  setLock,
} from "./account.ts";
import {
  Frame,
  type FrameEnd,
  type FrameInput,
  NO_BYTES,
  type TransactionContext,
} from "./frame.ts";
import type { Program } from "./program-source.ts";
import { markWorld, rollbackWorld } from "./world.ts";

/** A call without code at the target: value has moved, nothing ran. */
function nothingRan(gas: number): FrameEnd {
  return { status: CallStatus.success, trap: 0, gasLeft: gas, output: NO_BYTES };
}

/**
 * Runs the code at `input.self` and rolls back to before the run on revert and trap. The caller has moved
 * the value and, if that too must be undone, made its own checkpoint.
 */
export function runContract(input: FrameInput, program: Program): FrameEnd {
  const { state } = input.transaction;
  const mark = markWorld(input.transaction);
  setLock(state, input.self);
  const end = runFrame(input, program);
  if (end.status === CallStatus.success) {
    deleteLock(state, input.self);
  } else {
    rollbackWorld(input.transaction, mark);
  }
  return end;
}

/** Runs a frame and nothing around it: for prepare, which calls nobody and writes nothing. */
export function runFrame(input: FrameInput, program: Program): FrameEnd {
  const { runner, observer } = input.transaction;
  const frame = new Frame(input);
  observer?.enterFrame?.(frame);
  const end = runner.run(frame, program);
  observer?.leaveFrame?.(frame, end);
  return end;
}

/** The program of an account with code. The record is read whole each time: replay needs it too. */
function programOf(
  transaction: TransactionContext,
  address: Uint8Array,
  codeHash: Uint8Array,
): Program {
  const record = readCodeRecord(transaction.state, address);
  if (record === undefined) throw impossibleState("got an account with code and no code record");
  return transaction.programs.get(record, codeHash);
}

/** The call of a transaction: no refusals, since a lock cannot be held and the depth is 1. */
export function callTopLevel(input: FrameInput): FrameEnd {
  const { state } = input.transaction;
  const { codeHash } = readAccount(state, input.self);
  if (codeHash === undefined) return nothingRan(input.gas);
  return runContract(input, programOf(input.transaction, input.self, codeHash));
}

export interface SubCall {
  readonly target: Uint8Array;
  readonly value: bigint;
  readonly input: Uint8Array;
  /** Forwarded gas, already limited to 63/64 of what the caller has. */
  readonly gas: number;
  readonly depth: number;
  /** Pages of all frames on the stack, the caller's current ones included. */
  readonly livePages: number;
}

/** A call from a running frame. Status `refused` leaves state untouched and uses no gas. */
export function callFromContract(caller: Frame, call: SubCall): FrameEnd {
  const { state } = caller.transaction;
  const refused: FrameEnd = {
    status: CallStatus.refused,
    trap: 0,
    gasLeft: call.gas,
    output: NO_BYTES,
  };
  if (caller.callDepth >= CALL_DEPTH_MAX) return refused;
  if (call.value > 0n) {
    if (caller.readOnly) return refused;
    if (readAccount(state, caller.self).balance < call.value) return refused;
  }
  const { codeHash } = readAccount(state, call.target);
  let program: Program | undefined;
  if (codeHash !== undefined) {
    if (isLocked(state, call.target)) return refused;
    program = programOf(caller.transaction, call.target, codeHash);
    if (call.livePages + program.pagesInitial > LIVE_PAGES_MAX) return refused;
  }
  const mark = markWorld(caller.transaction);
  if (call.value > 0n) moveValue(state, caller.self, call.target, call.value);
  if (program === undefined) return nothingRan(call.gas);
  const end = runContract(
    {
      transaction: caller.transaction,
      self: call.target,
      caller: caller.self,
      value: call.value,
      input: call.input,
      gas: call.gas,
      depth: call.depth,
      callDepth: caller.callDepth + 1,
      livePages: call.livePages,
      readOnly: caller.readOnly,
      deployment: false,
    },
    program,
  );
  if (end.status !== CallStatus.success) rollbackWorld(caller.transaction, mark);
  return end;
}
