// One call of a contract from outside or from another contract, after value has moved: lock, code, program,
// frame, unlock; on revert and trap the state and the events go back. docs/host-calls.md "Sub-calls" is
// the specification and the order of the touches; the machine does the same steps.

import { CALL_DEPTH_MAX, LIVE_PAGES_MAX } from "../limits.ts";
import { CallStatus, TrapCode } from "../outcome.ts";
import { CODE_RECORD_BYTES, sizesOfRecord } from "../program/code-record.ts";
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
function runContract(input: FrameInput, program: Program): FrameEnd {
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

/** The code record of an account with code. It is read whole each time: replay needs it too. */
export function codeRecordOf({ state }: TransactionContext, address: Uint8Array): Uint8Array {
  const record = readCodeRecord(state, address);
  if (record?.length === CODE_RECORD_BYTES) return record;
  throw impossibleState("got an account with code and no code record");
}

/**
 * The call of a transaction to `input.self`, which has this code. A lock cannot be held and the depth is 1, so
 * nothing is refused but code for which the block has no room: a trap that keeps the gas.
 */
export function enterContract(
  input: FrameInput,
  record: Uint8Array,
  codeHash: Uint8Array,
): FrameEnd {
  const { enteredCode, programs, state } = input.transaction;
  if (enteredCode.enter(codeHash, sizesOfRecord(record).wasmLength)) {
    return runContract(input, programs.get(record, codeHash));
  }
  // The machine has taken the lock by then: its path is part of the witness.
  isLocked(state, input.self);
  const { gas } = input;
  return { status: CallStatus.trap, trap: TrapCode.code_full, gasLeft: gas, output: NO_BYTES };
}

/** The call of a transaction. */
export function callTopLevel(input: FrameInput): FrameEnd {
  const { codeHash } = readAccount(input.transaction.state, input.self);
  if (codeHash === undefined) return nothingRan(input.gas);
  return enterContract(input, codeRecordOf(input.transaction, input.self), codeHash);
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
  const { enteredCode, programs, state } = caller.transaction;
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
    const record = codeRecordOf(caller.transaction, call.target);
    const { pagesInitial, wasmLength } = sizesOfRecord(record);
    if (call.livePages + pagesInitial > LIVE_PAGES_MAX) return refused;
    // Before the program is asked for: making it is what the limit is about.
    if (!enteredCode.enter(codeHash, wasmLength)) return refused;
    program = programs.get(record, codeHash);
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
