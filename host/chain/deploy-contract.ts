// A deployment: prepare at 0x…01 is given the rules of the order and runs over the Wasm, the record it returns
// is stored at the new address, and the new contract is called once with the rest of the input (docs/formats.md
// section 9). Any failure undoes all of it; the caller of this file holds the checkpoint.

import { keccak256 } from "../codec/keccak.ts";
import { CallStatus } from "../outcome.ts";
import { decodeCodeRecord } from "../program/code-record.ts";
import { CODE_KEY, moveValue, readAccount, writeAccount } from "../sandbox/account.ts";
import { codeRecordOf, enterContract, runFrame } from "../sandbox/call-contract.ts";
import type { FrameEnd, TransactionContext } from "../sandbox/frame.ts";
import { StateClass } from "../state/state-key.ts";
import { PREPARE_RULES_KEY, SYSTEM_ADDRESS } from "./genesis.ts";
import { contractAddress, splitDeployInput, type Transaction } from "./transaction.ts";

/** What a deployment gets from its block. */
export interface DeployTerms {
  readonly gas: number;
  /** Of the order's rules, as prepare reads them. */
  readonly prepareRules: Uint8Array;
  /** Told the Wasm and its hash as soon as prepare has accepted it. */
  readonly onDeploy: (wasm: Uint8Array, wasmHash: Uint8Array) => void;
}

/** Runs phases (b) and (c) of a deployment. Success has the new address as output. */
export function deployContract(
  context: TransactionContext,
  transaction: Transaction,
  { gas, prepareRules, onDeploy }: DeployTerms,
): FrameEnd {
  const { state } = context;
  const { sender, nonce, value } = transaction;
  const address = contractAddress(context.environmentId, sender, nonce);
  const { wasm, initArguments } = splitDeployInput(transaction.input);
  if (value > 0n) moveValue(state, sender, address, value);

  // Written every time, so that the rules of every deployment are those of its order.
  state.set(StateClass.storage, SYSTEM_ADDRESS, PREPARE_RULES_KEY, prepareRules);
  const prepare = codeRecordOf(context, SYSTEM_ADDRESS);
  const frame = {
    transaction: context,
    caller: sender,
    callDepth: 1,
    livePages: 0,
    readOnly: false,
  };
  const prepared = runFrame(
    {
      ...frame,
      self: SYSTEM_ADDRESS,
      value: 0n,
      input: wasm,
      gas,
      deployment: false,
    },
    context.programs.get(prepare, keccak256(prepare)),
  );
  if (prepared.status !== CallStatus.success) return prepared;

  const record = prepared.output;
  // Prepare has hashed it already: milliseconds, for the largest modules.
  onDeploy(wasm, decodeCodeRecord(record).wasmHash);
  const account = readAccount(state, address);
  const recordHash = keccak256(record);
  writeAccount(state, address, { ...account, codeHash: recordHash });
  state.set(StateClass.system, address, CODE_KEY, record);
  const end = enterContract(
    {
      ...frame,
      self: address,
      value,
      input: initArguments,
      gas: prepared.gasLeft,
      deployment: true,
    },
    record,
    recordHash,
  );
  return end.status === CallStatus.success ? { ...end, output: address } : end;
}
