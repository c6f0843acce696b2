// Executes one body entry: the checks, then the fixed phases of docs/formats.md section 5 (fee, value,
// call or deployment, refund, producer, receipt; a message has no fee). Total: every byte string has exactly one outcome. What
// it throws is never about the entry but about the ground it runs on (HOST_FAULT, WITNESS_…, CODE_…).

import { CallStatus, Outcome, outcomeOf, SkipCode, type TrapCode } from "../outcome.ts";
import { prepareRulesBlob } from "../rules/prepare-rules.ts";
import { addBalance, moveValue, readAccount, writeAccount } from "../sandbox/account.ts";
import { callTopLevel } from "../sandbox/call-contract.ts";
import type { ContractEvent } from "../sandbox/event-list.ts";
import type { FrameEnd, TransactionContext } from "../sandbox/frame.ts";
import { markWorld, rollbackWorld } from "../sandbox/world.ts";
import { type BlockContext, transactionContext } from "./block-context.ts";
import { intrinsicGas } from "./check-entry.ts";
import { deployContract } from "./deploy-contract.ts";
import { repeatInMachine } from "./repeat-in-machine.ts";
import type { Entry, Transaction } from "./transaction.ts";

/** What executing an entry came to. Receipts are made from this and the entry's hash. */
export interface Execution {
  readonly transactionHash: Uint8Array;
  /** Absent where the entry does not decode. */
  readonly transaction: Transaction | undefined;
  readonly outcome: Outcome;
  /** Trap or skip code, else 0. */
  readonly code: number;
  readonly gasUsed: number;
  readonly output: Uint8Array;
  readonly events: readonly ContractEvent[];
}

const NO_OUTPUT = new Uint8Array(0);

/** Executes entry `index` of the block; `blockGasUsed` is what the entries before it used. */
export function executeTransaction(
  block: BlockContext,
  entry: Entry,
  index: number,
  blockGasUsed: number,
): Execution {
  const { hash, transaction } = entry;
  if (transaction === undefined) return skipped(hash, undefined, SkipCode.decode);
  const code = block.checkEntry(block, transaction, index, blockGasUsed);
  if (code !== 0) return skipped(hash, transaction, code);
  return execute(block, hash, transaction, index);
}

function skipped(
  transactionHash: Uint8Array,
  transaction: Transaction | undefined,
  code: SkipCode,
): Execution {
  return {
    transactionHash,
    transaction,
    outcome: Outcome.skipped,
    code,
    gasUsed: 0,
    output: NO_OUTPUT,
    events: [],
  };
}

function execute(
  block: BlockContext,
  transactionHash: Uint8Array,
  transaction: Transaction,
  index: number,
): Execution {
  const isMessage = transaction.kind === "message";
  block.state.forgetCheckpoints();
  if (!isMessage) takeFee(block, transaction);
  else if (transaction.value > 0n) addBalance(block.state, transaction.to, transaction.value);

  const context = transactionContext(block, transaction);
  const mark = markWorld(context);
  const end = run(block, context, transaction, index);
  if (end.status !== CallStatus.success) rollbackWorld(context, mark);

  const gasUsed = transaction.gasLimit - end.gasLeft;
  if (!isMessage) settleFee(block, transaction, end.gasLeft);
  return {
    transactionHash,
    transaction,
    outcome: outcomeOf(end.status),
    code: end.trap as TrapCode | 0,
    gasUsed,
    output: end.output,
    events: context.events.all(),
  };
}

function run(
  block: BlockContext,
  context: TransactionContext,
  transaction: Transaction,
  index: number,
): FrameEnd {
  const gas = transaction.gasLimit - intrinsicGas(block.rules, transaction);
  let deployed = false;
  // A second run deploys again, and those who keep the Wasm have it already.
  const onDeploy = (wasm: Uint8Array, wasmHash: Uint8Array): void => {
    if (!deployed) block.onDeploy(wasm, wasmHash);
    deployed = true;
  };
  return repeatInMachine({
    context,
    machineRunner: block.machineRunner,
    onHostFault: (fault) => block.onHostFault?.({ transaction: index, ...fault }),
    run: (again) =>
      transaction.kind === "deploy"
        ? deployContract(again, transaction, {
            gas,
            prepareRules: prepareRulesBlob(block.rules),
            onDeploy,
          })
        : call(again, transaction, gas),
  });
}

/** Phase (a): the nonce counts, and the whole gas limit is paid for. */
function takeFee({ state }: BlockContext, { sender, gasLimit, price }: Transaction): void {
  const before = readAccount(state, sender);
  writeAccount(state, sender, {
    nonce: before.nonce + 1n,
    balance: before.balance - BigInt(gasLimit) * price,
    codeHash: before.codeHash,
  });
}

/** Phases (d) and (e): what was not used goes back, the producer gets the rest. */
function settleFee(block: BlockContext, transaction: Transaction, gasLeft: number): void {
  const { state } = block;
  const { sender, gasLimit, price } = transaction;
  addBalance(state, sender, BigInt(gasLeft) * price);
  addBalance(state, block.producer, BigInt(gasLimit - gasLeft) * price);
}

function call(context: TransactionContext, transaction: Transaction, gas: number): FrameEnd {
  const { kind, sender, to, value, input } = transaction;
  if (value > 0n && kind !== "message") moveValue(context.state, sender, to, value);
  return callTopLevel({
    transaction: context,
    self: to,
    caller: sender,
    value,
    input,
    gas,
    callDepth: 1,
    livePages: 0,
    readOnly: false,
    deployment: false,
  });
}
