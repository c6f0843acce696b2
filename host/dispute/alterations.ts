// How a liar that has a machine of its own changes a state of the run, and then runs on honestly from there: such a
// lie is as consistent as a lie can be, since every step but one is right. Each function walks to the first
// place at or after a step where its lie can be told, and tells it there.
import type { Bundle } from "../chain/bundle.ts";
import { ByteReader } from "../codec/reader.ts";
import { bytesRoot } from "../codec/trees.ts";
import { EngineError } from "../errors.ts";
import { PAGE_BYTES } from "../limits.ts";
import type { RunParts } from "../machine/block-run.ts";
import { RunStatus } from "../machine/run-registers.ts";
import { valueRoot } from "../machine/value-openings.ts";
import { type HostCallName, hostCallNames } from "../rules/host-call-names.ts";
import { executeSkipped, type LiableSkip } from "./follow-claim.ts";
import { Register, type RunWalk, setRegister } from "./run-walk.ts";

const LEAF_BYTES = 128;
const STATE_ROOT_BYTES = 32;
const DATA_AT = 2 * LEAF_BYTES;
const OPENED_AT = DATA_AT + 72;
const PHASE_NEXT = 1;
const PHASE_LEAVE = 11;
const PHASE_RECORD_ACCOUNT = 12;
/** Steps that a liar adds after the halt. */
const EXTRA_STEPS = 3n;

const numberOf = (name: HostCallName): number => hostCallNames.indexOf(name) + 1;

/** A place where a lie can be told, and how. */
export type Falsify = (walk: RunWalk, step: bigint, bundle: Bundle) => void;

function cannot(what: string): EngineError {
  return new EngineError({
    code: "LIE_NOT_POSSIBLE",
    message: `the run has no ${what} from there on`,
  });
}

/** A byte of the memory of a running contract is another from `step` on. */
export const flipMemory: Falsify = (walk, step) => {
  walk.goTo(step);
  while ((walk.parts().frame?.pages ?? 0) === 0) {
    if (walk.isHalted) throw cannot("contract with memory");
    walk.goTo(walk.steps + 1n);
  }
  walk.alter(({ frame }) => {
    const at = (frame!.pages * PAGE_BYTES) >> 1;
    frame!.memory()[at]! ^= 1;
    frame!.markWritten(at, 1);
  });
};

/** The state root after a storage write is the one before. */
export const skipWrite: Falsify = (walk, step) => {
  walk.goTo(step);
  for (;;) {
    const special = walk.takeSpecial();
    if (special === undefined) throw cannot("storage write");
    if (special.hostCall !== numberOf("storage_set")) continue;
    const before = special.record.slice(0, STATE_ROOT_BYTES);
    if (
      walk
        .parts()
        .record.subarray(0, STATE_ROOT_BYTES)
        .every((byte, i) => byte === before[i])
    ) {
      continue;
    }
    walk.alter(({ record }) => record.set(before));
    return;
  }
};

/** A stored value is read as another one of the same length. */
export const forgeRead: Falsify = (walk, step) => {
  walk.goTo(step);
  for (;;) {
    const special = walk.takeSpecial();
    if (special === undefined) throw cannot("read of a stored value");
    if (special.hostCall !== numberOf("storage_open")) continue;
    const opened = new ByteReader(walk.parts().record.slice(OPENED_AT), { field: "opened" });
    const before = opened.fixed(32);
    const length = opened.u32();
    const isSame = before.every((byte, i) => byte === special.record[OPENED_AT + i]);
    if (length === 0 || opened.u32() === 0 || isSame) continue;
    const forged = new Uint8Array(length).fill(0x5a);
    const root = valueRoot(walk.hasher, forged);
    walk.alter(({ record, pieces }) => {
      record.set(root, OPENED_AT);
      pieces.noteValue(forged);
    });
    return;
  }
};

/** A sub-call comes back with another status. */
export const turnSubCall: Falsify = (walk, step) => {
  walk.goTo(step);
  for (;;) {
    const special = walk.takeSpecial();
    if (special === undefined) throw cannot("call of another contract");
    const isReturn = special.hostCall === 0 && special.phase === PHASE_LEAVE;
    if (!isReturn || walk.parts().frame === undefined) continue;
    walk.alter(({ frame }) => frame!.setSlot(frame!.sp - 1, frame!.slot(frame!.sp - 1) ^ 1n));
    return;
  }
};

/** Prepare is said to have made another code record of a deployed module. */
export const turnPrepare: Falsify = (walk, step) => {
  walk.goTo(step);
  for (;;) {
    if (walk.takeSpecial() === undefined) throw cannot("deployment");
    const parts = walk.parts();
    if (parts.frame !== undefined || phaseOf(parts) !== PHASE_RECORD_ACCOUNT) continue;
    const data = new ByteReader(parts.record.slice(DATA_AT), { field: "data" });
    const [root, length] = [data.fixed(32), data.u32()];
    const forged = parts.pieces.serve({ kind: "output", root, length }).slice();
    forged[forged.length - 1]! ^= 1;
    walk.alter(({ record, pieces }) => {
      pieces.noteBytes(forged);
      record.set(bytesRoot(forged), DATA_AT);
    });
    return;
  }
};

/** An entry that is skipped for its signature or nonce is executed. */
export function acceptSkipped(code: LiableSkip): Falsify {
  return (walk, step) => {
    while (walk.steps < step && !walk.isHalted) walk.goToEntry();
    while (walk.isAtEntry) {
      executeSkipped(walk, [code]);
      if (walk.alterations.length > 0) return;
      walk.goToEntry();
    }
    throw cannot(`transaction that is skipped with code ${code}`);
  };
}

/** The machine goes on after its halt, for a few steps. */
export const goOnAfterHalt: Falsify = (walk) => {
  walk.goToHalt();
  const end = walk.steps;
  while (walk.steps < end + EXTRA_STEPS) {
    walk.alter((parts) => {
      setRegister(parts, Register.status, RunStatus.phase);
      setRegister(parts, Register.phase, PHASE_NEXT);
    });
    walk.goTo(walk.steps + 1n);
  }
};

/** The halted machine has a register that no run leaves behind. */
export const litterHalt: Falsify = (walk) => {
  walk.goToHalt();
  walk.alter((parts) => setRegister(parts, Register.pc, 1));
};

/** The state root of the halted machine is another: what a lie comes to that would come to nothing. */
export function flipStateRoot(walk: RunWalk): void {
  walk.goToHalt();
  walk.alter(({ record }) => {
    record[STATE_ROOT_BYTES - 1]! ^= 1;
  });
}

function phaseOf({ registers }: RunParts): number {
  return new DataView(registers.buffer, registers.byteOffset).getUint32(Register.phase, true);
}
