// A read-only call of a contract on a state that is thrown away: what `view` and the test kit ask. Same
// frames, same gas, same refusals as a transaction's call; only the result is not kept.

import { EngineError } from "../errors.ts";
import { GAS_LIMIT_BOUND } from "../limits.ts";
import { type Outcome, outcomeOf, type TrapCode } from "../outcome.ts";
import { callTopLevel } from "../sandbox/call-contract.ts";
import { type BlockContextInput, blockContext, transactionContext } from "./block-context.ts";
import { repeatInMachine } from "./repeat-in-machine.ts";

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

/**
 * Calls `to` with the read-only flag on `block.state`, which should be a scratch overlay.
 * @throws BYTES_OUT_OF_RANGE for a gas limit that no transaction could have
 */
export function viewContract(block: BlockContextInput, call: ViewCall): ViewEnd {
  const { gasLimit } = call;
  if (!Number.isInteger(gasLimit) || gasLimit < 0 || BigInt(gasLimit) >= GAS_LIMIT_BOUND) {
    throw new EngineError({
      code: "BYTES_OUT_OF_RANGE",
      message: `got gas limit ${gasLimit} for a view, expected 0 to ${GAS_LIMIT_BOUND - 1n}`,
      where: { field: "gasLimit" },
    });
  }
  const { caller: sender } = call;
  const context = transactionContext(blockContext(block), {
    sender,
    price: 0n,
    nonce: 0n,
    gasLimit,
    sourceEnvironment: undefined,
  });
  const end = repeatInMachine({
    context,
    machineRunner: block.machineRunner,
    onHostFault: () => {},
    run: (transaction) =>
      callTopLevel({
        transaction,
        self: call.to,
        caller: call.caller,
        value: 0n,
        input: call.input,
        gas: call.gasLimit,
        callDepth: 1,
        livePages: 0,
        readOnly: true,
        deployment: false,
      }),
  });
  return {
    outcome: outcomeOf(end.status),
    code: end.trap,
    gasUsed: call.gasLimit - end.gasLeft,
    output: end.output,
  };
}
