// Phases 4 to 16 (docs/machine.md section 5): rules of prepare, value, target, lock and code before a frame; how a frame is left;
// record, refund, fee and receipt at the end of an entry. Each has at most one state path, opened against the
// root that the phase before left. Sub-calls take 6 to 11 like a transaction's own call.
import { Outcome, RejectionCode, TrapCode } from "../outcome.ts";
import { FrameEnd, goTo, leave, Phase, type StepAccess } from "./judge-access.ts";
import { hasCode, openAccount, writeAccount } from "./judge-accounts.ts";
import { equal, numberBytes, readNumber } from "./judge-bytes.ts";
import { Kind } from "./judge-entry.ts";
import {
  clearEvents,
  next,
  prepareFrame,
  sender,
  setStageInput,
  signature,
} from "./judge-entry-phases.ts";
import { keccak256 } from "./judge-hash.ts";
import { Region, Status } from "./judge-header.ts";
import { foldTree, keccakTree, listRootOf, readListPath } from "./judge-openings.ts";
import { codePath, lockPath, prepareRulesPath, StatePath } from "./judge-paths.ts";
import {
  Block,
  bigOf,
  bytesOf,
  clearData,
  Data,
  EMPTY_ROOT,
  Entered,
  Entry,
  Frame,
  FrameFlag,
  isTop,
  numberOf,
  Stage,
  setBytes,
  setNumber,
  touchRecord,
  World,
} from "./judge-record.ts";
import { demand, STUCK } from "./judge-rejection.ts";
import { clearFrame, returnToCaller } from "./judge-sub-calls.ts";

const RECORD_BYTES = 235;
/** Where a code record has the length of the Wasm, the roots of code, memory, globals and table, initial pages and entry pc. */
const RECORD_WASM = 3;
const RECORD_ROOTS = 43;
const RECORD_PAGES = 171;
const RECORD_ENTRY = 187;
const LIVE_PAGES_MAX = 1_024;
const DEPTH_BUDGET = 65_536;
/** KiB that code counts beside its Wasm. */
const CODE_KIB_BASE = 5;
const STACK_DEPTH = 12;
/** What stands for a lock, and for code that was entered. */
const PRESENT = Uint8Array.of(1);

/** 4: gives prepare the rules of the order, whatever those of the last deployment were. */
function rules(access: StepAccess) {
  touchRecord(access, 0, 12);
  const path = StatePath.open(access, prepareRulesPath(), "commitment");
  path.setCommitment(access, bytesOf(access, Block.prepareRules));
  goTo(access, Phase.code);
}

/** 6: takes the value from the caller of the frame. */
function debit(access: StepAccess) {
  touchRecord(access, 0, 1);
  const value = bigOf(access, Frame.value);
  if (value === 0n) return goTo(access, Phase.target);
  const account = openAccount(access, bytesOf(access, Frame.caller));
  if (account.balance < value) return leave(access, FrameEnd.refused);
  writeAccount(access, account, { balance: account.balance - value });
  goTo(access, Phase.target);
}

/** 7: gives the value to the frame's own account and sees whether that has code. */
function target(access: StepAccess) {
  const atTop = isTop(access.header);
  const isPrepare = atTop && numberOf(access, Entry.stage) === Stage.prepare;
  const isMessage = atTop && numberOf(access, Entry.kind) === Kind.message;
  touchRecord(access, 13);
  if (isPrepare || isMessage) touchRecord(access, 8);
  const account = openAccount(access, bytesOf(access, Frame.self));
  const value = bigOf(access, Frame.value);
  if (value > 0n) writeAccount(access, account, { balance: account.balance + value });
  // What a message brings stays, whatever becomes of the call.
  if (isMessage) setBytes(access, Entry.checkpoint, bytesOf(access, World.stateRoot));
  if (isPrepare) {
    prepareFrame(access);
    return goTo(access, Phase.rules);
  }
  if (hasCode(account)) {
    setBytes(access, Entered.codeHash, account.codeHash);
    return goTo(access, Phase.lock);
  }
  if (atTop) endEntry(access);
  else leave(access, FrameEnd.success);
}

/** 8: takes the lock of the frame's contract. */
function lock(access: StepAccess) {
  const path = StatePath.open(access, lockPath(bytesOf(access, Frame.self)), "commitment");
  if (path.value !== undefined && !isTop(access.header)) return leave(access, FrameEnd.refused);
  path.setValue(access, PRESENT);
  goTo(access, Phase.entered);
}

/** 5: what the trie of the code that the block has entered becomes, if the frame starts. */
function entered(access: StepAccess) {
  StatePath.openEntered(access).setValue(access, PRESENT);
  goTo(access, Phase.code);
}

/** Whether the code was entered before, or the block has room for it; then it counts. */
function takesRoom(access: StepAccess, wasmBytes: number): boolean {
  const next = bytesOf(access, Entered.nextRoot);
  if (equal(next, bytesOf(access, Entered.root))) return true;
  const left = numberOf(access, Entered.left) - CODE_KIB_BASE - Math.ceil(wasmBytes / 1_024);
  if (left < 0) return false;
  setNumber(access, Entered.left, left);
  setBytes(access, Entered.root, next);
  return true;
}

/** 9: starts the frame that the code record describes. */
function code(access: StepAccess) {
  const { header } = access;
  const atTop = isTop(header);
  const pagesBelow = numberOf(access, Frame.pagesBelow);
  touchRecord(access, 13);
  const path = StatePath.open(access, codePath(bytesOf(access, Frame.self)), "code");
  const record = path.value;
  if (record === undefined) throw STUCK;
  const pages = readNumber(record, RECORD_PAGES, 4);
  const hasPages = atTop || pagesBelow + pages <= LIVE_PAGES_MAX;
  if (!hasPages || !takesRoom(access, readNumber(record, RECORD_WASM, 4))) {
    setBytes(access, Entered.nextRoot, bytesOf(access, Entered.root));
    return leave(access, atTop ? FrameEnd.TRAP + TrapCode.code_full : FrameEnd.refused);
  }
  const rootAt = (at: number): Uint8Array => record.slice(at, at + 32);
  header.roots[Region.code] = rootAt(RECORD_ROOTS);
  header.roots[Region.memory] = rootAt(RECORD_ROOTS + 32);
  header.roots[Region.stack] = keccakTree.zero(STACK_DEPTH);
  header.roots[Region.globals] = rootAt(RECORD_ROOTS + 64);
  header.roots[Region.table] = rootAt(RECORD_ROOTS + 96);
  header.pc = readNumber(record, RECORD_ENTRY, 4);
  header.sp = 1;
  header.fp = 0;
  header.pages = pages;
  if (atTop) header.depth = DEPTH_BUDGET;
  header.status = Status.run;
  header.phase = 0;
  header.resume = 0;
}

/** 10: a frame ended well: its lock is given back. */
function success(access: StepAccess) {
  if (isTop(access.header) && numberOf(access, Entry.stage) === Stage.prepare) {
    clearFrame(access);
    return goTo(access, Phase.recordAccount);
  }
  StatePath.open(access, lockPath(bytesOf(access, Frame.self)), "commitment").delete(access);
  if (!isTop(access.header)) return leave(access, FrameEnd.success);
  clearFrame(access);
  endEntry(access);
}

/** Goes on behind the call of a transaction; a message has no fee to settle. */
function endEntry(access: StepAccess) {
  const isMessage = numberOf(access, Entry.kind) === Kind.message;
  goTo(access, isMessage ? Phase.receipt : Phase.refund);
}

/** 11: a frame was left: back to its caller, or to the checkpoint of the transaction. */
function left(access: StepAccess) {
  const end = access.header.resume;
  const isKnown =
    end === FrameEnd.success ||
    end === FrameEnd.revert ||
    end === FrameEnd.refused ||
    end >= FrameEnd.TRAP;
  if (!isKnown) throw STUCK;
  if (!isTop(access.header)) return returnToCaller(access, end);
  const isTrap = end >= FrameEnd.TRAP;
  if (!isTrap && end !== FrameEnd.revert) throw STUCK;
  setNumber(access, Entry.outcome, isTrap ? Outcome.trap : Outcome.revert);
  setNumber(access, Entry.code, isTrap ? end - FrameEnd.TRAP : 0);
  setBytes(access, World.stateRoot, bytesOf(access, Entry.checkpoint));
  setBytes(access, World.outboxRoot, bytesOf(access, Entry.outboxCheckpoint));
  setBytes(access, World.outboxCount, bytesOf(access, Entry.outboxCountCheckpoint));
  clearEvents(access);
  if (isTrap) {
    setBytes(access, Data.outputRoot, EMPTY_ROOT);
    setNumber(access, Data.outputLength, 0);
  }
  clearFrame(access);
  endEntry(access);
}

/** The code record that prepare gave as its output. */
function readRecord(access: StepAccess): Uint8Array {
  if (numberOf(access, Data.outputLength) !== RECORD_BYTES) throw STUCK;
  const record = access.pieces({ kind: "output" }).take(RECORD_BYTES);
  const padded = new Uint8Array(256);
  padded.set(record);
  const leaves = [padded.slice(0, 128), padded.slice(128)];
  const root = foldTree(keccakTree, 1, [0, 1], leaves.map(keccakTree.leaf), []);
  demand(equal(root, bytesOf(access, Data.outputRoot)), RejectionCode.DATA_ROOT);
  return record;
}

/** 12: the new contract's account gets its code hash. */
function recordAccount(access: StepAccess) {
  touchRecord(access, 0, 2, 7);
  const recipient = bytesOf(access, Entry.recipient);
  const record = readRecord(access);
  const account = openAccount(access, recipient);
  writeAccount(access, account, { codeHash: keccak256(record) });
  goTo(access, Phase.record);
}

/** 13: stores the code record and makes the frame of the contract's first call. */
function record(access: StepAccess) {
  touchRecord(access, 0, 1, 2, 7, 8, 13);
  const recipient = bytesOf(access, Entry.recipient);
  const value = readRecord(access);
  StatePath.open(access, codePath(recipient), "commitment").setValue(access, value);
  setBytes(access, Entered.codeHash, keccak256(value));
  setBytes(access, Frame.self, recipient);
  setBytes(access, Frame.value, bytesOf(access, Entry.value));
  setStageInput(access, Stage.firstCall);
  setNumber(access, Frame.flags, FrameFlag.deployment);
  clearData(access);
  goTo(access, Phase.lock);
}

function credit(access: StepAccess, address: Uint8Array, gas: bigint) {
  touchRecord(access, 0, 7);
  if (gas < 0n || gas >= 2n ** 64n) throw STUCK;
  const amount = gas * bigOf(access, Entry.price);
  const account = openAccount(access, address);
  writeAccount(access, account, { balance: account.balance + amount });
}

/** 14: the sender gets back what gas is left. */
function refund(access: StepAccess) {
  credit(access, bytesOf(access, Entry.sender), access.header.gas);
  goTo(access, Phase.producer);
}

const gasUsed = (access: StepAccess): bigint => bigOf(access, Entry.gasLimit) - access.header.gas;

/** 15: the producer gets the fee. */
function producer(access: StepAccess) {
  credit(access, bytesOf(access, Block.producer), gasUsed(access));
  goTo(access, Phase.receipt);
}

function outputHash(access: StepAccess, outcome: number): Uint8Array {
  const isDeploy = numberOf(access, Entry.kind) === Kind.deploy;
  if (outcome === Outcome.success && isDeploy) {
    const leaf = new Uint8Array(128);
    leaf.set(bytesOf(access, Entry.recipient));
    return keccak256(numberBytes(4, 20), keccakTree.leaf(leaf));
  }
  if (outcome === Outcome.success || outcome === Outcome.revert) {
    return keccak256(bytesOf(access, Data.outputLength), bytesOf(access, Data.outputRoot));
  }
  return keccak256(numberBytes(4, 0), EMPTY_ROOT);
}

/** 16: the receipt, at the entry's place in the list. */
function receipt(access: StepAccess) {
  touchRecord(access, 0, 2, 7, 9);
  const index = numberOf(access, Block.index);
  const outcome = numberOf(access, Entry.outcome);
  const used = gasUsed(access);
  const isSkipped = outcome === Outcome.skipped;
  const leaf = keccak256(
    Uint8Array.of(1),
    bytesOf(access, Entry.hash),
    bytesOf(access, Entry.outcome),
    bytesOf(access, Entry.code),
    numberBytes(8, used),
    outputHash(access, outcome),
    isSkipped ? new Uint8Array(32) : bytesOf(access, World.eventsHash),
  );
  const siblings = readListPath(access.pieces({ kind: "receipt path", index }));
  const before = listRootOf(index, new Uint8Array(32), siblings);
  demand(equal(before, bytesOf(access, Block.receiptsRoot)), RejectionCode.RECEIPTS);
  setBytes(access, Block.receiptsRoot, listRootOf(index, leaf, siblings));
  setNumber(access, Block.gasUsed, bigOf(access, Block.gasUsed) + used);
  setNumber(access, Block.index, index + 1);
  access.header.gas = 0n;
  goTo(access, Phase.next);
}

const phases: Readonly<Record<number, (access: StepAccess) => void>> = {
  [Phase.next]: next,
  [Phase.signature]: signature,
  [Phase.sender]: sender,
  [Phase.rules]: rules,
  [Phase.entered]: entered,
  [Phase.debit]: debit,
  [Phase.target]: target,
  [Phase.lock]: lock,
  [Phase.code]: code,
  [Phase.success]: success,
  [Phase.leave]: left,
  [Phase.recordAccount]: recordAccount,
  [Phase.record]: record,
  [Phase.refund]: refund,
  [Phase.producer]: producer,
  [Phase.receipt]: receipt,
};

/** Executes one phase. @throws STUCK where there is no such phase */
export function executePhase(access: StepAccess) {
  const execute = phases[access.header.phase];
  if (execute === undefined) throw STUCK;
  execute(access);
}
