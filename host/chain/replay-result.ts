// What a replay expects and shows with hex in place of bytes: the one form in which the library, the
// one-file verifier and the command line speak about a replayed block. Decides nothing.

import { fromHex, type Hex, toHex } from "../codec/hex.ts";
import type { Finding } from "./finding.ts";
import type { HostFaultNote } from "./repeat-in-machine.ts";
import type { ReplayedBlock, ReplayOptions, ReplayReport } from "./replay-bundle.ts";

/** Hashes that anchor a replay to what the caller knows from elsewhere. */
export interface Expectations {
  /** Block hash that the bundle must show. */
  readonly expect?: Hex;
  /** Result hash of the parent that it must build on. */
  readonly expectParent?: Hex;
  /** Order hash of the parent, where the previous bundle is at hand. */
  readonly expectParentOrder?: Hex;
}

export interface ReplayBundleOptions extends Expectations {
  /** Called with the number of entries done, at most once per entry. */
  readonly onProgress?: (done: number) => void;
}

/** What a replay showed, in hex. */
export interface ShownBlock {
  readonly height: bigint;
  readonly block: Hex;
  readonly order: Hex;
  readonly result: Hex;
  readonly environmentId: Hex;
  readonly rulesHash: Hex;
  readonly stateRootBefore: Hex;
  readonly stateRoot: Hex;
  readonly transactions: number;
  readonly gasUsed: bigint;
}

interface ReplayCommon {
  readonly anchored: boolean;
  readonly signaturesChecked: number;
  /** Transactions on which the engine failed and that the machine executed. */
  readonly hostFaults: readonly HostFaultNote[];
  /** Absent where the file does not even decode. */
  readonly shown?: ShownBlock;
}

export type ReplayResult =
  | (ReplayCommon & { readonly verdict: "valid" })
  | (ReplayCommon & { readonly verdict: "fraud" | "unusable"; readonly finding: Finding });

/** @throws HEX_INVALID for what is no hash */
export function expectationBytes(expectations: Expectations): ReplayOptions {
  const { expect, expectParent, expectParentOrder } = expectations;
  return {
    ...(expect === undefined ? {} : { expect: fromHex(expect, 32) }),
    ...(expectParent === undefined ? {} : { expectParent: fromHex(expectParent, 32) }),
    ...(expectParentOrder === undefined
      ? {}
      : { expectParentOrder: fromHex(expectParentOrder, 32) }),
  };
}

export function replayResult(report: ReplayReport): ReplayResult {
  const { shown, ...rest } = report;
  return { ...rest, ...(shown === undefined ? {} : { shown: inHex(shown) }) } as ReplayResult;
}

function inHex(shown: ReplayedBlock): ShownBlock {
  return {
    ...shown,
    block: toHex(shown.block),
    order: toHex(shown.order),
    result: toHex(shown.result),
    environmentId: toHex(shown.environmentId),
    rulesHash: toHex(shown.rulesHash),
    stateRootBefore: toHex(shown.stateRootBefore),
    stateRoot: toHex(shown.stateRoot),
  };
}
