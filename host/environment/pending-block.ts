// A block between two ends (docs/decisions/0037): staged, so that the next one can be executed on what it left, and
// not yet sealed, which takes its roots.

import type { ProducedBlock } from "../chain/produce-block.ts";
import type { ProgramUse } from "../chain/program-use.ts";
import type { HostFaultNote } from "../chain/repeat-in-machine.ts";
import type { Rules } from "../rules/rules.ts";
import type { BlockInput } from "./environment-questions.ts";
import type { CommittedBlock } from "./executed-block.ts";
import type { MadeReceipts } from "./made-receipts.ts";

/** A block that is executed and whose changes are staged; its root is made beside what comes next. */
export interface PendingBlock {
  readonly block: Omit<ProducedBlock, "executions">;
  readonly made: MadeReceipts;
  readonly input: BlockInput;
  readonly rules: Rules;
  readonly use: ProgramUse;
  readonly hostFaults: readonly HostFaultNote[];
  /** Of the state before it, where a bundle is asked for. */
  readonly witness: Uint8Array | undefined;
  readonly committed: Promise<CommittedBlock>;
  /** Tells `committed` what to wait for. */
  readonly settle: (committed: Promise<CommittedBlock>) => void;
}

/** Of which nobody knows yet when it is committed. */
export function pendingBlock(parts: Omit<PendingBlock, "committed" | "settle">): PendingBlock {
  let settle: PendingBlock["settle"] = () => {};
  const committed = new Promise<CommittedBlock>((resolve) => {
    settle = resolve;
  });
  return { ...parts, committed, settle };
}
