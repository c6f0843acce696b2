// The run that a liar shows instead of the order's: the honest one up to a lie, then one that goes on from the lie
// as an honest machine would, and where no machine can go on, hashes of nothing and a halted state that somebody
// made up. To an honest player it looks like any other commitment until the two come down to one step.
import type { Bundle } from "../chain/bundle.ts";
import { equalBytes } from "../codec/hex.ts";
import { keccak256 } from "../codec/keccak.ts";
import { ByteWriter } from "../codec/writer.ts";
import { EngineError } from "../errors.ts";
import { BundleRun, type RunEnd } from "../machine/bundle-run.ts";
import { resultOfRecord, withResult } from "../machine/initial-record.ts";
import { Machine } from "../machine/machine.ts";
import { join } from "../machine/prove-word.ts";
import { RunStatus } from "../machine/run-registers.ts";
import type { RunStates } from "../machine/run-states.ts";
import { recordRoot } from "../machine/step-proof.ts";
import { SkipCode } from "../outcome.ts";
import type { StateHasher } from "../state/state-hasher.ts";
import {
  acceptSkipped,
  type Falsify,
  flipMemory,
  flipStateRoot,
  forgeRead,
  goOnAfterHalt,
  litterHalt,
  skipWrite,
  turnPrepare,
  turnSubCall,
} from "./alterations.ts";
import { followClaim } from "./follow-claim.ts";
import { MadeUpTail } from "./made-up-tail.ts";
import { RunWalk } from "./run-walk.ts";

const HEADER_BYTES = 256;
const RECORD_ROOT_AT = 160;
const STATUS_AT = 252;
/** Steps that a made-up tail pretends to take before it halts. */
const TAIL_STEPS = 12n;

const falsifications = {
  "flipped-memory": flipMemory,
  "skipped-storage-write": skipWrite,
  "forged-storage-read": forgeRead,
  "wrong-sub-call": turnSubCall,
  "wrong-prepare": turnPrepare,
  "extra-steps": goOnAfterHalt,
  "non-canonical-state": litterHalt,
  "wrong-state-root": flipStateRoot,
  "accepted-bad-signature": acceptSkipped(SkipCode.signature),
  "accepted-wrong-nonce": acceptSkipped(SkipCode.nonce),
  claimed: (walk, _step, bundle) => followClaim(walk, bundle),
} as const satisfies Record<string, Falsify>;

/** How a run lies. claimed: it comes to what the bundle claims, whatever that is. */
export type FalseRunKind = keyof typeof falsifications | "premature-halt" | "random-tail";

/** A lie about the run of a bundle. */
export interface Falsehood {
  readonly kind: FalseRunKind;
  /** Where to look for a place to lie: at the first that fits from there on. The middle where absent. */
  readonly step?: bigint | undefined;
  /** Tells made-up runs of one block apart; 0 where absent. */
  readonly seed?: number | undefined;
}

/** What a liar works with. */
interface Ground {
  readonly bundle: Bundle;
  readonly hasher: StateHasher;
  /** The end of the order's run. */
  readonly end: RunEnd;
  readonly seed: number;
}

/**
 * The run that tells this lie.
 * @throws LIE_NOT_POSSIBLE where the block has no place for it · as BundleRun
 */
export function falseRun(
  bundle: Bundle,
  { kind, step, seed = 0 }: Falsehood,
  hasher: StateHasher,
): RunStates {
  const honest = new BundleRun(bundle, hasher);
  const end = honest.end();
  honest.close();
  const ground = { bundle, hasher, end, seed };
  if (step !== undefined && (step < 1n || step > end.steps)) throw outside(step, end.steps);
  if (step !== undefined) return tellAt(ground, kind, step);
  try {
    return tellAt(ground, kind, (end.steps + 1n) / 2n);
  } catch (error) {
    if (!isNotPossible(error)) throw error;
    return tellAt(ground, kind, 1n);
  }
}

function tellAt(ground: Ground, kind: FalseRunKind, step: bigint): RunStates {
  const { bundle, hasher, end, seed } = ground;
  if (kind === "random-tail") {
    const made = halted(otherResult(end.record, seed), end.steps + TAIL_STEPS);
    return new MadeUpTail(new BundleRun(bundle, hasher), step - 1n, made, seed);
  }
  if (kind === "premature-halt") return haltAt(ground, step);
  return alteredRun(ground, kind, step);
}

function haltAt({ bundle, hasher, end, seed }: Ground, step: bigint): RunStates {
  const walk = new RunWalk(bundle, hasher, new Machine());
  walk.goTo(step);
  const record = walk.parts().record.slice();
  walk.close();
  const made = halted(record, step);
  const isHonest = equalBytes(made.header, end.header);
  const told = isHonest ? halted(otherResult(record, seed), step) : made;
  return new MadeUpTail(new BundleRun(bundle, hasher), step - 1n, told);
}

/** Lies at one place and goes on with a real machine, for as long as it runs. */
function alteredRun(
  { bundle, hasher, end, seed }: Ground,
  kind: keyof typeof falsifications,
  step: bigint,
): RunStates {
  const walk = new RunWalk(bundle, hasher, new Machine());
  let hasHalted = false;
  try {
    falsifications[kind](walk, step, bundle);
    walk.goToHalt();
    // A lie that comes to nothing would be the honest claim.
    if (equalBytes(walk.header(), end.header)) flipStateRoot(walk);
    hasHalted = true;
  } catch (error) {
    if (isNotPossible(error) || walk.alterations.length === 0) throw error;
  }
  const { alterations, steps } = walk;
  walk.close();
  const run = new BundleRun(bundle, hasher, new Machine(), alterations);
  if (hasHalted) return run;
  // The altered machine asks for what nobody has, at the latest in the step that it counted last: from there on
  // its liar makes up the rest.
  const record =
    kind === "claimed" ? withResult(end.record, bundle.result) : otherResult(end.record, seed);
  return new MadeUpTail(run, steps - 1n, halted(record, steps + TAIL_STEPS));
}

/** A halted machine over this host record. */
function halted(record: Uint8Array, steps: bigint): RunEnd {
  const header = new Uint8Array(HEADER_BYTES);
  header.set(recordRoot(record), RECORD_ROOT_AT);
  header[STATUS_AT] = RunStatus.halted;
  return { steps, result: resultOfRecord(record), header, record };
}

function otherResult(record: Uint8Array, seed: number): Uint8Array {
  const result = resultOfRecord(record);
  const stateRoot = keccak256(join([result.stateRoot, new ByteWriter(4).u32(seed).finish()]));
  return withResult(record, { ...result, stateRoot });
}

function isNotPossible(error: unknown): boolean {
  return error instanceof EngineError && error.code === "LIE_NOT_POSSIBLE";
}

function outside(step: bigint, steps: bigint): EngineError {
  return new EngineError({
    code: "LIE_NOT_POSSIBLE",
    message: `got step ${step}, expected 1 to ${steps}: the run of this block ends there`,
    hint: `choose a step from 1 to ${steps}`,
  });
}
