// A deployment: the Wasm goes through prepare at 0x…01 like any call, the record it returns is stored at
// the new address, and the new contract is called once with the rest of the input (docs/formats.md
// section 9). Any failure undoes all of it; the caller of this file holds the checkpoint.

import { keccak256 } from "../codec/keccak.ts";
import { CallStatus } from "../outcome.ts";
import { CODE_KEY, moveValue, readAccount, writeAccount } from "../sandbox/account.ts";
import { callTopLevel, runContract } from "../sandbox/call-contract.ts";
import type { FrameEnd, TransactionContext } from "../sandbox/frame.ts";
import { StateClass } from "../state/state-key.ts";
import { SYSTEM_ADDRESS } from "./genesis.ts";
import { contractAddress, splitDeployInput, type Transaction } from "./transaction.ts";

/**
 * Runs phases (b) and (c) of a deployment with `gas`. Success has the new address as output. `onDeploy` is
 * told the Wasm as soon as prepare has accepted it.
 */
export function deployContract(
  context: TransactionContext,
  transaction: Transaction,
  gas: number,
  onDeploy: (wasm: Uint8Array) => void,
): FrameEnd {
  const { state } = context;
  const { sender, nonce, value } = transaction;
  const address = contractAddress(context.environmentId, sender, nonce);
  const { wasm, initArguments } = splitDeployInput(transaction.input);
  if (value > 0n) moveValue(state, sender, address, value);

  const frame = {
    transaction: context,
    caller: sender,
    callDepth: 1,
    livePages: 0,
    readOnly: false,
  };
  const prepared = callTopLevel({
    ...frame,
    self: SYSTEM_ADDRESS,
    value: 0n,
    input: wasm,
    gas,
    deployment: false,
  });
  if (prepared.status !== CallStatus.success) return prepared;

  const record = prepared.output;
  onDeploy(wasm);
  const account = readAccount(state, address);
  const recordHash = keccak256(record);
  writeAccount(state, address, { ...account, codeHash: recordHash });
  state.set(StateClass.system, address, CODE_KEY, record);
  const end = runContract(
    {
      ...frame,
      self: address,
      value,
      input: initArguments,
      gas: prepared.gasLeft,
      deployment: true,
    },
    context.programs.get(record, recordHash),
  );
  return end.status === CallStatus.success ? { ...end, output: address } : end;
}
