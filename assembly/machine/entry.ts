// Phases 1 to 3 (docs/machine.md section 5): the next entry of the body is opened and decoded, its signature is
// recovered, its sender's account checked and charged. Any byte string is a legal entry: what does not decode,
// or fails a check, is skipped with a code; only a proof can be refused.
import { keccak256 } from "../crypto/keccak";
import { isLess, multiplyPrice, subtractAmount } from "./amounts";
import { leastDepth } from "./gather";
import { foldKnown, KNOWN, readKnown, setKnownIndex } from "./known-leaves";
import { BODY_DEPTH, listPathRoot, readListPath } from "./list-path";
import { ACCOUNT, openAccount, writeAccount } from "./account";
import { clearEvents } from "./phases";
import {
  ask,
  DATA_ROOT,
  DEPLOYERS,
  ENTRY,
  NEED_DEPLOYERS,
  NEED_ENTRY,
  NEED_HEAD,
  refuse,
  refused,
  take,
} from "./proof-reader";
import {
  BLOCK,
  clearData,
  DATA,
  ENTRY_LEAF,
  FRAME,
  getU32,
  getU64,
  isZero,
  KIND_DEPLOY,
  KIND_CALL,
  KIND_MESSAGE,
  leaf,
  MESSAGE,
  putU32,
  putU64,
  TERMS,
  TRANSACTION,
  WORLD,
} from "./record";
import { GAS, PHASE, RESUME, STATUS, STATUS_HALTED } from "./registers";
import { recoverSignature } from "./secp256k1";
import {
  goTo,
  PHASE_DEBIT,
  PHASE_RECEIPT,
  PHASE_RULES,
  PHASE_SENDER,
  PHASE_SIGNATURE,
  PHASE_TARGET,
} from "./step";

const HEAD_BYTES: u32 = 256;
const STAGE_CALL: u8 = 0;
const STAGE_PREPARE: u8 = 1;
const OUTCOME_SKIPPED: u8 = 3;
const SKIP_DECODE: u32 = 1;
const SKIP_ENVIRONMENT: u32 = 2;
const SKIP_SIGNATURE: u32 = 3;
const SKIP_NONCE: u32 = 4;
const SKIP_GAS_LIMIT: u32 = 5;
const SKIP_BLOCK_GAS: u32 = 6;
const SKIP_INTRINSIC_GAS: u32 = 7;
const SKIP_BALANCE: u32 = 8;
const SKIP_DEPLOYER: u32 = 9;
const SKIP_PRICE: u32 = 10;

/** u32 length ‖ keccak(head) ‖ root of the rest. */
const OUTER: usize = memory.data(72, 8);
const HASH: usize = memory.data(32, 8);
const ROOT: usize = memory.data(32, 8);
const STRUCT: usize = memory.data(320, 8);
const SIGNED: usize = memory.data(72, 8);
const SIGNATURE: usize = memory.data(72, 8);
const KEY: usize = memory.data(64, 8);
const COST: usize = memory.data(16, 8);
/** p − n, big-endian. */
const P_MINUS_N: usize = memory.data(32, 8);
/** Domain separator and type hash of docs/formats.md section 3. */
const DOMAIN: usize = memory.data<u8>([
  0x98, 0x21, 0xaa, 0x61, 0x78, 0x96, 0x08, 0xe7, 0x16, 0xb5, 0x23, 0xfb, 0xba, 0xd5, 0x1d, 0x3c,
  0xbf, 0xcd, 0xde, 0x21, 0xe5, 0x75, 0x98, 0xf0, 0x3a, 0x97, 0x26, 0xa7, 0x4d, 0xfc, 0x5f, 0xa4,
]);
const TYPE_HASH: usize = memory.data<u8>([
  0x16, 0x11, 0xac, 0x38, 0x64, 0xb5, 0x69, 0xd8, 0x23, 0xc9, 0x55, 0x17, 0xc8, 0x5a, 0x5e, 0x3c,
  0x1a, 0x64, 0xd0, 0x50, 0x84, 0xf2, 0xde, 0x13, 0xfe, 0x97, 0xaf, 0xa8, 0x83, 0xf2, 0xb9, 0x27,
]);

/** Computes the constants; once, before anything else of this file. */
export function prepareEntry(): void {
  putU64(P_MINUS_N + 8, 1);
  putU64(P_MINUS_N + 16, 0x4551231950b75fc4);
  putU64(P_MINUS_N + 24, 0x402da1722fc9baee);
}

function skip(hash: usize, code: u32): void {
  memory.copy(ROOT, hash, 32);
  const transaction = leaf(TRANSACTION);
  memory.fill(transaction, 0, 128);
  memory.fill(leaf(ENTRY_LEAF), 0, 128);
  memory.copy(transaction, ROOT, 32);
  store<u8>(transaction, OUTCOME_SKIPPED, 114);
  store<u16>(transaction, bswap<u16>(<u16>code), 116);
  goTo(PHASE_RECEIPT);
}

// Hash of an entry of `length` bytes with the first `headBytes` of it at `head` and the root of the rest, to HASH.
function hashEntry(length: u32, head: usize, headBytes: u32, rest: usize): void {
  putU32(OUTER, length);
  keccak256(head, headBytes, OUTER + 4);
  memory.copy(OUTER + 36, rest, 32);
  keccak256(OUTER, 68, HASH);
}

/** Whether what a message does not have is zero: the rest of the key's place, price, signature. */
function isMessageHead(head: usize): bool {
  return isZero(head + 66, 12) && isZero(head + 148, 8) && isZero(head + 192, 64);
}

/** Whether a head decodes but for the input of a deploy. */
function decodes(length: u32, head: usize, rest: usize): bool {
  if (length < HEAD_BYTES || load<u8>(head) != 1) return false;
  const kind = load<u8>(head, 1);
  if (kind < KIND_CALL || kind > KIND_MESSAGE) return false;
  if (kind == KIND_DEPLOY && !isZero(head + 98, 20)) return false;
  if (kind == KIND_MESSAGE && !isMessageHead(head)) return false;
  return getU32(head + 156) == length - HEAD_BYTES && memory.compare(head + 160, rest, 32) == 0;
}

let wasmLength: u32 = 0;

/** The first leaf of a deploy's input gives the length of its Wasm; false where the input is too short. */
function readWasmLength(inputLength: u32, inputRoot: usize): bool {
  wasmLength = 0;
  if (inputLength < 4) return false;
  setKnownIndex(0, 0);
  readKnown(false, leastDepth((inputLength + 127) >> 7), 1);
  if (refused != 0) return false;
  foldKnown(ROOT);
  if (memory.compare(ROOT, inputRoot, 32) != 0) refuse(DATA_ROOT);
  wasmLength = getU32(KNOWN);
  return wasmLength <= inputLength - 4;
}

export function next(): void {
  leaf(TRANSACTION);
  leaf(ENTRY_LEAF);
  const block = leaf(BLOCK);
  const index = getU32(block + 100);
  if (index == getU32(block + 96)) {
    store<u32>(STATUS, STATUS_HALTED);
    store<u32>(PHASE, 0);
    store<u32>(RESUME, 0);
    return;
  }
  ask(NEED_ENTRY, index, 0, 0, 0);
  const lengthAt = take(4);
  if (refused != 0) return;
  const length = getU32(lengthAt);
  const headBytes = min<u32>(length, HEAD_BYTES);
  const head = take(headBytes);
  const rest = take(32);
  if (refused != 0) return;
  readListPath(BODY_DEPTH);
  if (refused != 0) return;
  hashEntry(length, head, headBytes, rest);
  listPathRoot(index, HASH, ROOT);
  if (refused != 0) return;
  if (memory.compare(ROOT, block + 32, 32) != 0) return refuse(ENTRY);
  if (!decodes(length, head, rest)) return skip(HASH, SKIP_DECODE);
  wasmLength = 0;
  if (load<u8>(head, 1) == KIND_DEPLOY) {
    const fits = readWasmLength(length - HEAD_BYTES, rest);
    if (refused != 0) return;
    if (!fits) return skip(HASH, SKIP_DECODE);
  }
  if (memory.compare(head + 2, block, 32) != 0) return skip(HASH, SKIP_ENVIRONMENT);
  noteEntry(head, length - HEAD_BYTES);
  goTo(PHASE_SIGNATURE);
}

// Puts the sender of a head to ROOT + 12: the hash of its key; of a message that of source and sender there, but
// accounts of settlement are who they say.
function senderOf(head: usize): void {
  if (load<u8>(head, 1) != KIND_MESSAGE) return keccak256(head + 34, 64, ROOT);
  if (isZero(head + 34, 32)) {
    memory.copy(ROOT + 12, head + 78, 20);
    return;
  }
  store<u8>(STRUCT, 2);
  memory.copy(STRUCT + 1, head + 34, 32);
  memory.copy(STRUCT + 33, head + 78, 20);
  keccak256(STRUCT, 53, ROOT);
}

/** Fills leaves 7 and 8 from a head; its hash is at HASH. */
function noteEntry(head: usize, inputLength: u32): void {
  const transaction = leaf(TRANSACTION);
  const entry = leaf(ENTRY_LEAF);
  memory.fill(transaction, 0, 128);
  memory.fill(entry, 0, 128);
  memory.copy(transaction, HASH, 32);
  senderOf(head);
  memory.copy(transaction + 32, ROOT + 12, 20);
  if (load<u8>(head, 1) == KIND_DEPLOY) deployedAddress(head, transaction + 52);
  else memory.copy(transaction + 52, head + 98, 20);
  memory.copy(transaction + 72, head + 118, 24); // value, nonce
  memory.copy(transaction + 98, head + 142, 6); // gas limit
  memory.copy(transaction + 104, head + 148, 8); // price
  store<u8>(transaction, load<u8>(head, 1), 112);
  memory.copy(entry, head + 160, 32);
  putU32(entry + 32, inputLength);
  putU32(entry + 36, wasmLength);
}

/** keccak(0x01 ‖ environment ‖ sender ‖ nonce)[12..]; the keccak of the key is at ROOT. */
function deployedAddress(head: usize, out: usize): void {
  store<u8>(STRUCT, 1);
  memory.copy(STRUCT + 1, head + 2, 32);
  memory.copy(STRUCT + 33, ROOT + 12, 20);
  memory.copy(STRUCT + 53, head + 134, 8);
  keccak256(STRUCT, 61, ROOT);
  memory.copy(out, ROOT + 12, 20);
}

/** The EIP-712 digest of a head, to HASH. */
function digest(head: usize): void {
  memory.fill(STRUCT, 0, 320);
  memory.copy(STRUCT, TYPE_HASH, 32);
  memory.copy(STRUCT + 32, head + 2, 32); // environment
  store<u8>(STRUCT, load<u8>(head, 1), 95); // kind
  memory.copy(STRUCT + 108, head + 98, 20); // to
  memory.copy(STRUCT + 144, head + 118, 16); // value
  memory.copy(STRUCT + 184, head + 134, 8); // nonce
  memory.copy(STRUCT + 218, head + 142, 6); // gas limit
  memory.copy(STRUCT + 248, head + 148, 8); // price
  memory.copy(STRUCT + 284, head + 156, 4); // input length
  memory.copy(STRUCT + 288, head + 160, 32); // input root
  store<u16>(SIGNED, 0x0119);
  memory.copy(SIGNED + 2, DOMAIN, 32);
  keccak256(STRUCT, 320, SIGNED + 34);
  keccak256(SIGNED, 66, HASH);
}

/** Whether r >= p − n, and a key recovered with v 27 or 28 has the address `sender`. */
function signatureHolds(signature: usize, sender: usize): bool {
  if (memory.compare(signature, P_MINUS_N, 32) < 0) return false;
  memory.copy(SIGNATURE, signature, 64);
  for (let v: u8 = 27; v <= 28; v++) {
    store<u8>(SIGNATURE, v, 64);
    if (!recoverSignature(HASH, SIGNATURE, KEY)) continue;
    keccak256(KEY, 64, ROOT);
    if (memory.compare(ROOT + 12, sender, 20) == 0) return true;
  }
  return false;
}

/** A message has no signature: it holds where settlement put it, among the first entries. */
function fromInbox(head: usize): void {
  const message = leaf(MESSAGE);
  if (getU32(leaf(BLOCK) + 100) >= getU32(leaf(TERMS) + 104)) {
    return skip(leaf(TRANSACTION), SKIP_SIGNATURE);
  }
  memory.fill(message, 0, 128);
  memory.copy(message, head + 34, 32);
  goTo(PHASE_SENDER);
}

export function signature(): void {
  const transaction = leaf(TRANSACTION);
  const entry = leaf(ENTRY_LEAF);
  ask(NEED_HEAD, 0, 0, 0, 0);
  const head = take(HEAD_BYTES);
  if (refused != 0) return;
  hashEntry(HEAD_BYTES + getU32(entry + 32), head, HEAD_BYTES, entry);
  if (memory.compare(HASH, transaction, 32) != 0) return refuse(ENTRY);
  if (load<u8>(head, 1) == KIND_MESSAGE) return fromInbox(head);
  digest(head);
  if (signatureHolds(head + 192, transaction + 32)) goTo(PHASE_SENDER);
  else skip(transaction, SKIP_SIGNATURE);
}

/** Whether the rules let the sender deploy; the list is read only where it is asked for. */
function mayDeploy(): bool {
  const terms = leaf(TERMS);
  const transaction = leaf(TRANSACTION);
  if (load<u8>(transaction, 112) != KIND_DEPLOY || isZero(terms + 32, 32)) return true;
  ask(NEED_DEPLOYERS, 0, 0, 0, 0);
  const countAt = take(1);
  if (refused != 0) return false;
  const count = <u32>load<u8>(countAt);
  const addresses = take(20 * count);
  if (refused != 0) return false;
  keccak256(addresses, 20 * count, HASH);
  if (memory.compare(HASH, terms + 32, 32) != 0) refuse(DEPLOYERS);
  for (let i: usize = 0; i < count; i++) {
    if (memory.compare(addresses + 20 * i, transaction + 32, 20) == 0) return true;
  }
  return false;
}

function intrinsicGas(): u64 {
  const terms = leaf(TERMS);
  const leaves = (<u64>getU32(leaf(ENTRY_LEAF) + 32) + 127) >> 7;
  const isDeploy = load<u8>(leaf(TRANSACTION), 112) == KIND_DEPLOY;
  const gas = <u64>getU32(terms + 80) + <u64>getU32(terms + 84) * leaves;
  return isDeploy ? gas + <u64>getU32(terms + 88) : gas;
}

/** Whether the balance is less than COST + value, in more than 128 bits. */
function isPoor(value: usize): bool {
  if (isLess(ACCOUNT + 8, COST)) return true;
  subtractAmount(ACCOUNT + 8, COST, KEY);
  return isLess(KEY, value);
}

/** The first failing check of a gas limit, or 0. */
function failingGasCheck(intrinsic: u64): u32 {
  const gasLimit = getU64(leaf(TRANSACTION) + 96);
  const terms = leaf(TERMS);
  const used = getU64(leaf(BLOCK) + 120);
  const perBlock = getU64(terms + 72);
  if (gasLimit > getU64(terms + 64)) return SKIP_GAS_LIMIT;
  if (used > perBlock || gasLimit > perBlock - used) return SKIP_BLOCK_GAS;
  return intrinsic > gasLimit ? SKIP_INTRINSIC_GAS : 0;
}

/** The first failing check of those that look at the sender's account and the rules, or 0. */
function failingCheck(intrinsic: u64): u32 {
  const transaction = leaf(TRANSACTION);
  const terms = leaf(TERMS);
  if (getU64(ACCOUNT) != getU64(transaction + 88)) return SKIP_NONCE;
  const gas = failingGasCheck(intrinsic);
  if (gas != 0) return gas;
  if (isPoor(transaction + 72)) return SKIP_BALANCE;
  if (!mayDeploy()) return SKIP_DEPLOYER;
  return getU64(transaction + 104) < getU64(terms + 96) ? SKIP_PRICE : 0;
}

/** Marks what a failing transaction goes back to, and gives it its gas and a frame. */
function begin(gas: u64, stage: u8): void {
  const world = leaf(WORLD);
  const message = leaf(MESSAGE);
  memory.copy(leaf(ENTRY_LEAF) + 40, world, 32);
  memory.copy(message + 32, world + 64, 32);
  memory.copy(message + 64, world + 100, 4);
  clearEvents();
  store<u64>(GAS, gas);
  clearData();
  startFrame(stage);
}

/** A message has neither nonce nor fee; its value comes with it. */
function beginMessage(): void {
  const intrinsic = intrinsicGas();
  const code = failingGasCheck(intrinsic);
  if (code != 0) return skip(leaf(TRANSACTION), code);
  begin(getU64(leaf(TRANSACTION) + 96) - intrinsic, STAGE_CALL);
  goTo(PHASE_TARGET);
}

export function sender(): void {
  leaf(WORLD);
  leaf(FRAME);
  leaf(DATA);
  const transaction = leaf(TRANSACTION);
  leaf(ENTRY_LEAF);
  leaf(BLOCK);
  leaf(TERMS);
  const message = leaf(MESSAGE);
  if (load<u8>(transaction, 112) == KIND_MESSAGE) return beginMessage();
  if (!openAccount(transaction + 32)) return;
  const gasLimit = getU64(transaction + 96);
  const intrinsic = intrinsicGas();
  multiplyPrice(gasLimit, getU64(transaction + 104), COST);
  const code = failingCheck(intrinsic);
  if (refused != 0) return;
  if (code != 0) return skip(transaction, code);
  putU64(ACCOUNT, getU64(ACCOUNT) + 1);
  subtractAmount(ACCOUNT + 8, COST, ACCOUNT + 8);
  writeAccount();
  memory.fill(message, 0, 128);
  const isDeploy = load<u8>(transaction, 112) == KIND_DEPLOY;
  begin(gasLimit - intrinsic, isDeploy ? STAGE_PREPARE : STAGE_CALL);
  if (!isZero(transaction + 72, 16)) return goTo(PHASE_DEBIT);
  if (!isDeploy) return goTo(PHASE_TARGET);
  startPrepare();
  goTo(PHASE_RULES);
}

/** Gives the frame the part of the transaction's input that the stage has as its own. */
export function setStageInput(stage: u8): void {
  const transaction = leaf(TRANSACTION);
  const entry = leaf(ENTRY_LEAF);
  const frame = leaf(FRAME);
  const whole = getU32(entry + 32);
  const wasm = getU32(entry + 36);
  store<u8>(transaction, stage, 113);
  memory.copy(frame + 56, entry, 32);
  putU32(frame + 88, stage == STAGE_CALL ? 0 : stage == STAGE_PREPARE ? 4 : 4 + wasm);
  putU32(
    frame + 92,
    stage == STAGE_CALL ? whole : stage == STAGE_PREPARE ? wasm : whole - 4 - wasm,
  );
  putU32(frame + 96, whole);
}

function startFrame(stage: u8): void {
  const frame = leaf(FRAME);
  const transaction = leaf(TRANSACTION);
  memory.fill(frame, 0, 128);
  memory.copy(frame, transaction + 52, 20);
  memory.copy(frame + 20, transaction + 32, 20);
  memory.copy(frame + 40, transaction + 72, 16);
  setStageInput(stage);
  putU32(frame + 100, 1);
}

/** The frame of prepare, which a deployment runs first: the system account, without value. */
export function startPrepare(): void {
  startFrame(STAGE_PREPARE);
  const frame = leaf(FRAME);
  memory.fill(frame, 0, 20);
  store<u8>(frame, 1, 19);
  memory.fill(frame + 40, 0, 16);
}
