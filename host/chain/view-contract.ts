// A read-only call of a contract on a state that is thrown away: what `view` and the test kit ask. Same
// frames, same gas, same refusals as a transaction's call; only the result is not kept.

import { CallStatus, Outcome, type TrapCode } from "../outcome.ts";
import { callTopLevel } from "../sandbox/call-contract.ts";
import { EventList } from "../sandbox/event-list.ts";
import type { BlockContextInput } from "./block-context.ts";

export interface ViewCall {
  readonly to: Uint8Array;
  readonly caller: Uint8Array;
  readonly input: Uint8Array;
  readonly gasLimit: number;
}

export interface ViewEnd {
  readonly outcome: Outcome;
  readonly code: TrapCode | 0;
  readonly gasUsed: number;
  readonly output: Uint8Array;
}

/** Calls `to` with the read-only flag on `block.state`, which should be a scratch overlay. */
export function viewContract(block: BlockContextInput, call: ViewCall): ViewEnd {
  const end = callTopLevel({
    transaction: {
      state: block.state,
      events: new EventList(),
      programs: block.programs,
      runner: block.runner,
      crypto: block.crypto,
      environmentId: block.environmentId,
      origin: call.caller,
      producer: block.producer,
      height: block.height,
      time: block.time,
      price: 0n,
      nonce: 0n,
      gasLimit: call.gasLimit,
      ...(block.log === undefined ? {} : { log: block.log }),
      ...(block.observer === undefined ? {} : { observer: block.observer }),
    },
    self: call.to,
    caller: call.caller,
    value: 0n,
    input: call.input,
    gas: call.gasLimit,
    callDepth: 1,
    livePages: 0,
    readOnly: true,
    deployment: false,
  });
  return {
    outcome:
      end.status === CallStatus.success
        ? Outcome.success
        : end.status === CallStatus.revert
          ? Outcome.revert
          : Outcome.trap,
    code: end.trap,
    gasUsed: call.gasLimit - end.gasLeft,
    output: end.output,
  };
}
