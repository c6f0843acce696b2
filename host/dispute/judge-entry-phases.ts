// Phases 1 to 3 of an entry (docs/machine.md section 5): opening it, its signature, its sender's account. Each
// may skip the entry with a code; the order of the checks is docs/formats.md section 5. The phases after these
// are in judge-phases.ts.
import { RejectionCode, SkipCode } from "../outcome.ts";
import { goTo, Phase, type StepAccess } from "./judge-access.ts";
import { openAccount, writeAccount } from "./judge-accounts.ts";
import { concat, equal, isZero, readNumber } from "./judge-bytes.ts";
import {
  decodeHead,
  deployedAddress,
  digestOf,
  HEAD_BYTES,
  type Head,
  Kind,
  readHead,
  senderOf,
  sourceOf,
  transactionHash,
} from "./judge-entry.ts";
import { keccak256 } from "./judge-hash.ts";
import { Status } from "./judge-header.ts";
import {
  keccakTree,
  leastDepth,
  listRootOf,
  readKnownLeaves,
  readListPath,
} from "./judge-openings.ts";
import type { ProofReader } from "./judge-reader.ts";
import {
  Block,
  bigOf,
  bytesOf,
  clearData,
  Entry,
  Frame,
  numberOf,
  recordLeaf,
  Stage,
  setBytes,
  setNumber,
  touchRecord,
  World,
} from "./judge-record.ts";
import { signatureHolds } from "./judge-recover.ts";
import { demand } from "./judge-rejection.ts";

const OUTCOME_SKIPPED = 3;
const SYSTEM_ADDRESS = Uint8Array.of(...new Uint8Array(19), 1);

/** Leaves nothing of the entry but its hash and why it is skipped. */
function skip(access: StepAccess, hash: Uint8Array, code: SkipCode) {
  recordLeaf(access, 7).fill(0);
  recordLeaf(access, 8).fill(0);
  setBytes(access, Entry.hash, hash);
  setNumber(access, Entry.outcome, OUTCOME_SKIPPED);
  setNumber(access, Entry.code, code);
  goTo(access, Phase.receipt);
}

/** u32 wasmLength of a deploy's input, or undefined where the input is too short for it. */
function readWasmLength(reader: ProofReader, { inputLength, inputRoot }: Head): number | undefined {
  if (inputLength < 4) return undefined;
  const depth = leastDepth(Math.ceil(inputLength / 128));
  const { leaves, root } = readKnownLeaves(reader, keccakTree, {
    depth,
    indices: [0],
    leafBytes: 128,
  });
  demand(equal(root, inputRoot), RejectionCode.DATA_ROOT);
  const wasmLength = readNumber(leaves[0]!, 0, 4);
  return wasmLength > inputLength - 4 ? undefined : wasmLength;
}

/** 1: opens the next entry, or halts behind the last. */
export function next(access: StepAccess) {
  touchRecord(access, 7, 8, 9);
  const index = numberOf(access, Block.index);
  if (index === numberOf(access, Block.count)) {
    access.header.status = Status.halted;
    access.header.phase = 0;
    access.header.resume = 0;
    return;
  }
  const reader = access.pieces({ kind: "entry", index });
  const length = reader.u32();
  const bytes = reader.take(Math.min(HEAD_BYTES, length));
  const rest = reader.take(32);
  const path = readListPath(reader);
  const hash = transactionHash(length, bytes, rest);
  const root = listRootOf(index, hash, path);
  demand(equal(root, bytesOf(access, Block.transactionsRoot)), RejectionCode.ENTRY);

  const head = decodeHead(length, bytes, rest);
  if (head === undefined) return skip(access, hash, SkipCode.decode);
  const wasmLength = head.kind === Kind.deploy ? readWasmLength(reader, head) : 0;
  if (wasmLength === undefined) return skip(access, hash, SkipCode.decode);
  if (!equal(head.environment, bytesOf(access, Block.environment))) {
    return skip(access, hash, SkipCode.environment);
  }
  noteEntry(access, hash, head, wasmLength);
  goTo(access, Phase.signature);
}

function noteEntry(access: StepAccess, hash: Uint8Array, head: Head, wasmLength: number) {
  recordLeaf(access, 7).fill(0);
  recordLeaf(access, 8).fill(0);
  setBytes(access, Entry.hash, hash);
  setBytes(access, Entry.sender, senderOf(head));
  setBytes(access, Entry.recipient, head.kind === Kind.deploy ? deployedAddress(head) : head.to);
  setNumber(access, Entry.value, head.value);
  setNumber(access, Entry.nonce, head.nonce);
  setNumber(access, Entry.gasLimit, head.gasLimit);
  setNumber(access, Entry.price, head.price);
  setNumber(access, Entry.kind, head.kind);
  setBytes(access, Entry.inputRoot, head.inputRoot);
  setNumber(access, Entry.inputLength, head.inputLength);
  setNumber(access, Entry.wasmLength, wasmLength);
}

/** 2: the signature, with the head once more. */
export function signature(access: StepAccess) {
  const hash = bytesOf(access, Entry.hash);
  const length = HEAD_BYTES + numberOf(access, Entry.inputLength);
  const bytes = access.pieces({ kind: "head" }).take(HEAD_BYTES);
  const rest = bytesOf(access, Entry.inputRoot);
  demand(equal(transactionHash(length, bytes, rest), hash), RejectionCode.ENTRY);
  const head = readHead(bytes);
  if (head.kind === Kind.message) return fromInbox(access, head);
  const holds = signatureHolds(digestOf(head), head.signature, bytesOf(access, Entry.sender));
  if (holds) goTo(access, Phase.sender);
  else skip(access, hash, SkipCode.signature);
}

/** A message has no signature: it holds where settlement put it, among the first entries. */
function fromInbox(access: StepAccess, head: Head) {
  touchRecord(access, 9, 10, 11);
  if (numberOf(access, Block.index) >= numberOf(access, Block.inboxCount)) {
    return skip(access, bytesOf(access, Entry.hash), SkipCode.signature);
  }
  recordLeaf(access, 11).fill(0);
  setBytes(access, Entry.sourceEnvironment, sourceOf(head));
  goTo(access, Phase.sender);
}

/** Whether the rules let the sender deploy; reads the list only where it is asked for. */
function mayDeploy(access: StepAccess): boolean {
  const deployersHash = bytesOf(access, Block.deployersHash);
  if (numberOf(access, Entry.kind) !== Kind.deploy || isZero(deployersHash)) return true;
  const reader = access.pieces({ kind: "deployers" });
  const addresses = Array.from({ length: reader.u8() }, () => reader.take(20));
  demand(equal(keccak256(concat(...addresses)), deployersHash), RejectionCode.DEPLOYERS);
  const sender = bytesOf(access, Entry.sender);
  return addresses.some((address) => equal(address, sender));
}

function intrinsicGas(access: StepAccess): bigint {
  const leaves = Math.ceil(numberOf(access, Entry.inputLength) / 128);
  const isDeploy = numberOf(access, Entry.kind) === Kind.deploy;
  return (
    bigOf(access, Block.intrinsicTransaction) +
    bigOf(access, Block.intrinsicLeaf) * BigInt(leaves) +
    (isDeploy ? bigOf(access, Block.intrinsicDeploy) : 0n)
  );
}

/** The first failing check of a gas limit, or 0. */
function checkGas(access: StepAccess, intrinsic: bigint): SkipCode | 0 {
  const gasLimit = bigOf(access, Entry.gasLimit);
  const gasLeft = bigOf(access, Block.gasPerBlock) - bigOf(access, Block.gasUsed);
  if (gasLimit > bigOf(access, Block.gasPerTransaction)) return SkipCode.gas_limit;
  if (gasLimit > gasLeft) return SkipCode.block_gas;
  return intrinsic > gasLimit ? SkipCode.intrinsic_gas : 0;
}

/** Marks what a failing transaction goes back to, and gives it its gas and a frame. */
function begin(access: StepAccess, intrinsic: bigint, stage: number) {
  setBytes(access, Entry.checkpoint, bytesOf(access, World.stateRoot));
  setBytes(access, Entry.outboxCheckpoint, bytesOf(access, World.outboxRoot));
  setBytes(access, Entry.outboxCountCheckpoint, bytesOf(access, World.outboxCount));
  clearEvents(access);
  access.header.gas = bigOf(access, Entry.gasLimit) - intrinsic;
  clearData(access);
  startFrame(access, stage, bigOf(access, Entry.value));
}

/** A message has neither nonce nor fee; its value comes with it. */
function beginMessage(access: StepAccess) {
  const intrinsic = intrinsicGas(access);
  const code = checkGas(access, intrinsic);
  if (code !== 0) return skip(access, bytesOf(access, Entry.hash), code);
  begin(access, intrinsic, Stage.call);
  goTo(access, Phase.target);
}

/** 3: the checks that look at the sender's account and the rules, then the fee. */
export function sender(access: StepAccess) {
  touchRecord(access, 0, 1, 2, 7, 8, 9, 10, 11);
  if (numberOf(access, Entry.kind) === Kind.message) return beginMessage(access);
  const account = openAccount(access, bytesOf(access, Entry.sender));
  const fee = bigOf(access, Entry.gasLimit) * bigOf(access, Entry.price);
  const value = bigOf(access, Entry.value);
  const intrinsic = intrinsicGas(access);
  const code = ((): SkipCode | 0 => {
    if (account.nonce !== bigOf(access, Entry.nonce)) return SkipCode.nonce;
    const gas = checkGas(access, intrinsic);
    if (gas !== 0) return gas;
    if (account.balance < fee + value) return SkipCode.balance;
    if (!mayDeploy(access)) return SkipCode.deployer;
    return bigOf(access, Entry.price) < bigOf(access, Block.priceMin) ? SkipCode.price : 0;
  })();
  if (code !== 0) return skip(access, bytesOf(access, Entry.hash), code);

  writeAccount(access, account, { nonce: account.nonce + 1n, balance: account.balance - fee });
  recordLeaf(access, 11).fill(0);
  const isDeploy = numberOf(access, Entry.kind) === Kind.deploy;
  begin(access, intrinsic, isDeploy ? Stage.prepare : Stage.call);
  if (value > 0n) return goTo(access, Phase.debit);
  if (!isDeploy) return goTo(access, Phase.target);
  prepareFrame(access);
  goTo(access, Phase.rules);
}

export function clearEvents(access: StepAccess) {
  setBytes(access, World.eventsHash, new Uint8Array(32));
  setNumber(access, World.eventCount, 0);
}

/** The part of the transaction's input that a frame of the stage has as its own. */
export function setStageInput(access: StepAccess, stage: number) {
  const whole = numberOf(access, Entry.inputLength);
  const wasmLength = numberOf(access, Entry.wasmLength);
  const [start, length] =
    stage === Stage.call
      ? [0, whole]
      : stage === Stage.prepare
        ? [4, wasmLength]
        : [4 + wasmLength, whole - 4 - wasmLength];
  setNumber(access, Entry.stage, stage);
  setBytes(access, Frame.inputRoot, bytesOf(access, Entry.inputRoot));
  setNumber(access, Frame.inputStart, start);
  setNumber(access, Frame.inputLength, length);
  setNumber(access, Frame.inputTreeLength, whole);
}

function startFrame(access: StepAccess, stage: number, value: bigint) {
  recordLeaf(access, 1).fill(0);
  setBytes(access, Frame.self, bytesOf(access, Entry.recipient));
  setBytes(access, Frame.caller, bytesOf(access, Entry.sender));
  setNumber(access, Frame.value, value);
  setStageInput(access, stage);
  setNumber(access, Frame.callDepth, 1);
}

/** The frame of prepare, which a deployment runs first. */
export function prepareFrame(access: StepAccess) {
  startFrame(access, Stage.prepare, 0n);
  setBytes(access, Frame.self, SYSTEM_ADDRESS);
}
