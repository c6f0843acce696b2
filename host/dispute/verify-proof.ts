// Judges a proof file by itself: a step proof by two judges that share no code, a state proof by its path. It
// says what the file shows and never more: which checks stand behind each field is in the result's types.
// Pure, and total on any bytes; two judges that differ are our bug and never a verdict.
import { blockHash } from "../chain/block-hash.ts";
import { type Finding, findingOf } from "../chain/finding.ts";
import { type BlockOrder, orderHash } from "../chain/order.ts";
import { type BlockResult, resultHash } from "../chain/result.ts";
import { FileKind, fileKindOf, openFile } from "../codec/file-header.ts";
import { equalBytes, type Hex, toHex } from "../codec/hex.ts";
import { EngineError } from "../errors.ts";
import type { StepVerdict } from "../machine/verify-step.ts";
import { RejectionCode } from "../outcome.ts";
import { StateClass } from "../state/state-key.ts";
import { judgeStep } from "./judge.ts";
import { rootOfPath, statePath, valueCommitment } from "./judge-paths.ts";
import { decodeStateProof, type StateProofFile } from "./state-proof-file.ts";
import { decodeStepProof, type StepProofFile } from "./step-proof-file.ts";

/** Who judges a step: both judges, which must agree, or one of them. */
export const judgeNames = ["both", "typescript", "assemblyscript"] as const;
export type JudgeName = (typeof judgeNames)[number];

/** A judge of steps: state hash [32] and proof in, state hash or rejection out. */
export type StepJudge = (pre: Uint8Array, proof: Uint8Array) => StepVerdict;

export type StepJudges = Readonly<Record<Exclude<JudgeName, "both">, StepJudge>>;

/** The judge in TypeScript in the form of the other one. */
export const typescriptJudge: StepJudge = (pre, proof) => {
  const judged = judgeStep(pre, proof);
  return "post" in judged
    ? { valid: true, post: judged.post }
    : { valid: false, rejection: judged.rejected };
};

/** What a step proof is about. */
export interface ShownStep {
  /** Follow from the order that the file carries: nobody can change one without the others. */
  readonly height: bigint;
  readonly environmentId: Hex;
  readonly order: Hex;
  readonly parentResult: Hex;
  /** Which step of that order's run it is: said by the maker, not shown by the proof. */
  readonly step: bigint;
  /** The state before: said to be of that run. */
  readonly pre: Hex;
  readonly claimedPost: Hex;
  /** The state that the judges come to; null where they refuse the proof. */
  readonly post: Hex | null;
  readonly proofBytes: number;
}

/** What a state proof shows; every field is bound to the block. */
export interface ShownState {
  readonly height: bigint;
  /** Null at genesis. */
  readonly environmentId: Hex | null;
  /** Block hash; null at genesis. Compare it with one that you have from elsewhere. */
  readonly block: Hex | null;
  readonly result: Hex;
  readonly stateRoot: Hex;
  readonly kind: "account" | "storage" | "system";
  readonly address: Hex;
  readonly key: Hex;
  /** Null where the state has nothing under the key. */
  readonly value: Uint8Array | null;
  readonly proofBytes: number;
}

/**
 * The verdict on a proof file. `stands`: it shows what it claims. `refuted`: it shows that its own claim is
 * wrong. `unusable`: it shows nothing, and says nothing about the claim.
 */
export type VerifiedProof =
  | {
      readonly kind: "step proof";
      readonly judge: JudgeName;
      readonly verdict: "stands";
      readonly shown: ShownStep;
    }
  | {
      readonly kind: "step proof";
      readonly judge: JudgeName;
      readonly verdict: "refuted";
      readonly shown: ShownStep;
      readonly finding: Finding;
    }
  | {
      readonly kind: "state proof";
      readonly judge: "typescript";
      readonly verdict: "stands";
      readonly shown: ShownState;
    }
  | {
      /** Null where the bytes are no proof file at all. */
      readonly kind: "step proof" | "state proof" | null;
      readonly judge: JudgeName;
      readonly verdict: "unusable";
      readonly finding: Finding;
    };

/**
 * Judges the proof file in `bytes`.
 * @throws JUDGES_DIFFER when the two judges of steps do not agree
 */
export function verifyProof(
  bytes: Uint8Array,
  judges: StepJudges,
  judge: JudgeName = "both",
): VerifiedProof {
  const kind = fileKindOf(bytes);
  if (kind === FileKind.stateProof) {
    return usable("state proof", "typescript", () => verifyState(decodeStateProof(bytes), bytes));
  }
  // What is neither kind fails where it is opened as a step proof.
  const named = kind === FileKind.stepProof ? "step proof" : null;
  return usable(named, judge, () => {
    openFile(bytes, FileKind.stepProof);
    return verifyStepFile(decodeStepProof(bytes), judges, judge);
  });
}

function usable(
  kind: "step proof" | "state proof" | null,
  judge: JudgeName,
  verify: () => VerifiedProof,
): VerifiedProof {
  try {
    return verify();
  } catch (error) {
    if (!(error instanceof EngineError) || error.code === "JUDGES_DIFFER") throw error;
    return { kind, judge, verdict: "unusable", finding: findingOf(error) };
  }
}

function verifyStepFile(file: StepProofFile, judges: StepJudges, judge: JudgeName): VerifiedProof {
  const { order, parentResult, step, pre, proof } = file;
  const kind = "step proof";
  const verdict = judgeWith(judges, judge, pre, proof);
  if (!verdict.valid) {
    const name = nameOf(verdict.rejection);
    const finding: Finding = {
      code: "PROOF_REFUSED",
      message: `the proof is refused with ${name}, so it shows no step from the state that it names`,
      field: "proof",
      got: name,
    };
    return { kind, judge, verdict: "unusable", finding };
  }
  const shown: ShownStep = {
    ...shownRun(order, parentResult),
    step,
    pre: toHex(pre),
    claimedPost: toHex(file.post),
    post: toHex(verdict.post),
    proofBytes: proof.length,
  };
  if (equalBytes(verdict.post, file.post)) return { kind, judge, verdict: "stands", shown };
  const finding: Finding = {
    code: "STEP_MISMATCH",
    message: "the step leads to another state than the file claims",
    field: "post",
    got: shown.claimedPost,
    expected: toHex(verdict.post),
  };
  return { kind, judge, verdict: "refuted", shown, finding };
}

function shownRun(order: BlockOrder, parentResult: BlockResult) {
  return {
    height: order.height,
    environmentId: toHex(order.environmentId),
    order: toHex(orderHash(order)),
    parentResult: toHex(resultHash(parentResult)),
  };
}

/** @throws JUDGES_DIFFER */
function judgeWith(
  judges: StepJudges,
  judge: JudgeName,
  pre: Uint8Array,
  proof: Uint8Array,
): StepVerdict {
  if (judge !== "both") return judges[judge](pre, proof);
  const ours = judges.assemblyscript(pre, proof);
  const theirs = judges.typescript(pre, proof);
  if (verdictText(ours) === verdictText(theirs)) return ours;
  throw new EngineError({
    code: "JUDGES_DIFFER",
    message: `the AssemblyScript judge says ${verdictText(ours)}, the TypeScript judge ${verdictText(theirs)}`,
    details: { assemblyscript: verdictText(ours), typescript: verdictText(theirs) },
  });
}

const nameOf = (code: RejectionCode): string =>
  Object.entries(RejectionCode).find(([, value]) => value === code)?.[0] ?? String(code);

const verdictText = (verdict: StepVerdict): string =>
  verdict.valid ? toHex(verdict.post) : nameOf(verdict.rejection);

const CLASS_NAMES = { 0: "account", 1: "storage", 2: "system" } as const;

function verifyState(file: StateProofFile, { length }: Uint8Array): VerifiedProof {
  const { made, result, cls, address, key, end, siblings } = file;
  const path = statePath(cls, address, key);
  if (cls === StateClass.account && key.some((byte) => byte !== 0)) {
    throw new EngineError({
      code: "BYTES_NOT_CANONICAL",
      message: `key: got ${toHex(key)}, expected 32 zero bytes: an account has one value`,
      where: { field: "key" },
    });
  }
  const root = rootOfPath(path, leafOf(path, end), siblings);
  if (root === undefined || !equalBytes(root, result.stateRoot)) {
    throw new EngineError({
      code: "STATE_PROOF_ROOT",
      message: `the path does not lead to the state root ${toHex(result.stateRoot)}`,
      where: { field: "path" },
    });
  }
  const shown: ShownState = {
    height: made?.order.height ?? 0n,
    environmentId: made === undefined ? null : toHex(made.order.environmentId),
    block: made === undefined ? null : toHex(blockHash(made.order, made.parentResult, result)),
    result: toHex(resultHash(result)),
    stateRoot: toHex(result.stateRoot),
    kind: CLASS_NAMES[cls],
    address: toHex(address),
    key: toHex(key),
    value: end.terminal === "value" ? end.value.slice() : null,
    proofBytes: length,
  };
  return { kind: "state proof", judge: "typescript", verdict: "stands", shown };
}

/** @throws STATE_PROOF_ROOT where the other leaf is the key's own, which then would be there */
function leafOf(path: Uint8Array, end: StateProofFile["end"]) {
  if (end.terminal === "empty") return undefined;
  if (end.terminal === "value") return { path, commitment: valueCommitment(end.value) };
  if (!equalBytes(end.path, path)) return end;
  throw new EngineError({
    code: "STATE_PROOF_ROOT",
    message: "the leaf that is given as another key's is the key's own",
    where: { field: "path" },
  });
}
