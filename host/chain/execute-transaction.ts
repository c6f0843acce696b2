// Executes one body entry: the checks, then the fixed phases of docs/formats.md section 5 (fee, value,
// call or deployment, refund, producer, receipt). Total: every byte string has exactly one outcome. What
// it throws is never about the entry but about the ground it runs on (HOST_FAULT, WITNESS_…, CODE_…).

import { CallStatus, Outcome, outcomeOf, SkipCode, type TrapCode } from "../outcome.ts";
import { moveValue, readAccount, withBalance, writeAccount } from "../sandbox/account.ts";
import { callTopLevel } from "../sandbox/call-contract.ts";
import { type ContractEvent, EventList } from "../sandbox/event-list.ts";
import type { FrameEnd, TransactionContext } from "../sandbox/frame.ts";
import type { BlockContext } from "./block-context.ts";
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
  const { state } = block;
  const { sender, gasLimit, price } = transaction;
  const before = readAccount(state, sender);
  writeAccount(state, sender, {
    nonce: before.nonce + 1n,
    balance: before.balance - BigInt(gasLimit) * price,
    codeHash: before.codeHash,
  });

  const events = new EventList();
  const gas = gasLimit - intrinsicGas(block.rules, transaction);
  const checkpoint = state.checkpoint();
  let deployed = false;
  // A second run deploys again, and those who keep the Wasm have it already.
  const onDeploy = (wasm: Uint8Array): void => {
    if (!deployed) block.onDeploy(wasm);
    deployed = true;
  };
  const end = repeatInMachine({
    context: transactionContext(block, transaction, events),
    machineRunner: block.machineRunner,
    onHostFault: (fault) => block.onHostFault?.({ transaction: index, ...fault }),
    run: (context) =>
      transaction.kind === "deploy"
        ? deployContract(context, transaction, gas, onDeploy)
        : call(context, transaction, gas),
  });
  if (end.status !== CallStatus.success) {
    state.rollback(checkpoint);
    events.rollback(0);
  }

  const gasUsed = gasLimit - end.gasLeft;
  const after = readAccount(state, sender);
  const refund = BigInt(end.gasLeft) * price;
  writeAccount(state, sender, withBalance(after, after.balance + refund));
  const producer = readAccount(state, block.producer);
  const fee = BigInt(gasUsed) * price;
  writeAccount(state, block.producer, withBalance(producer, producer.balance + fee));
  return {
    transactionHash,
    transaction,
    outcome: outcomeOf(end.status),
    code: end.trap as TrapCode | 0,
    gasUsed,
    output: end.output,
    events: events.all(),
  };
}

function call(context: TransactionContext, transaction: Transaction, gas: number): FrameEnd {
  const { sender, to, value, input } = transaction;
  if (value > 0n) moveValue(context.state, sender, to, value);
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

function transactionContext(
  block: BlockContext,
  transaction: Transaction,
  events: EventList,
): TransactionContext {
  return {
    state: block.state,
    events,
    programs: block.programs,
    runner: block.runner,
    crypto: block.crypto,
    environmentId: block.environmentId,
    origin: transaction.sender,
    producer: block.producer,
    height: block.height,
    time: block.time,
    price: transaction.price,
    nonce: transaction.nonce,
    gasLimit: transaction.gasLimit,
    ...(block.log === undefined ? {} : { log: block.log }),
    ...(block.observer === undefined ? {} : { observer: block.observer }),
  };
}
