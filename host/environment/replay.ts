// Replay and tampering on the execution thread, with hex at the border: the library's and the command
// line's way to chain/replay-bundle.ts and chain/tamper.ts.

import type { Finding } from "../chain/finding.ts";
import type { HostFaultNote } from "../chain/repeat-in-machine.ts";
import type { ReplayedBlock, ReplayReport } from "../chain/replay-bundle.ts";
import type { LieRequest } from "../chain/tamper.ts";
import { fromHex, type Hex, toHex } from "../codec/hex.ts";
import { sharedWorker } from "./execution-thread.ts";

export interface ReplayBundleOptions {
  /** Block hash that the bundle must show. */
  readonly expect?: Hex;
  /** Result hash of the parent that it must build on. */
  readonly expectParent?: Hex;
  /** Order hash of the parent, where the previous bundle is at hand. */
  readonly expectParentOrder?: Hex;
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
  /** Transactions on which V8 failed and that the machine executed. */
  readonly hostFaults: readonly HostFaultNote[];
  /** Absent where the file does not even decode. */
  readonly shown?: ShownBlock;
}

export type ReplayResult =
  | (ReplayCommon & { readonly verdict: "valid" })
  | (ReplayCommon & { readonly verdict: "fraud" | "unusable"; readonly finding: Finding });

/**
 * Replays one bundle: is the claimed result what its order comes to? Never throws for what the bytes hold.
 * @throws HOST_FAULT when the engine under us failed, HEX_INVALID for an option that is no hash
 */
export async function replayBundle(
  bytes: Uint8Array,
  options: ReplayBundleOptions = {},
): Promise<ReplayResult> {
  const { expect, expectParent, expectParentOrder, onProgress } = options;
  const report = await sharedWorker().call<ReplayReport>(
    "replay",
    {
      bytes,
      options: {
        ...(expect === undefined ? {} : { expect: fromHex(expect, 32) }),
        ...(expectParent === undefined ? {} : { expectParent: fromHex(expectParent, 32) }),
        ...(expectParentOrder === undefined
          ? {}
          : { expectParentOrder: fromHex(expectParentOrder, 32) }),
      },
    },
    onProgress,
  );
  const { shown, ...rest } = report;
  return { ...rest, ...(shown === undefined ? {} : { shown: inHex(shown) }) } as ReplayResult;
}

/**
 * A copy of a bundle that tells a lie (chain/lies.ts).
 * @throws LIE_NOT_POSSIBLE when the block has nothing to lie about in that way; BUNDLE_… for a bad file
 */
export function tamperBundle(bytes: Uint8Array, lie: LieRequest): Promise<Uint8Array> {
  return sharedWorker().call<Uint8Array>("tamper", { bytes, lie });
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
