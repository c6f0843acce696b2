// How judging a step ends when there is no ordinary next state: the proof is refused with a numbered code
// (docs/machine.md section 7), or the state is one that no run reaches and the machine is stuck. Both are
// thrown inside the judge and never leave it. A refused proof says nothing about the program.

/** Numbers are hashed into no state, but judges must agree on them: never renumbered. */
export const RejectionCode = {
  TRUNCATED: 1,
  TRAILING: 2,
  HEADER: 3,
  PRE_STATE: 4,
  REGIONS: 5,
  LEAF_INDEX: 6,
  SIBLING: 7,
  REGION_ROOT: 8,
  LEAF_MISSING: 9,
  LEAF_UNUSED: 10,
  STATE_PATH: 11,
  DATA_ROOT: 12,
  ENTRY: 13,
  RECEIPTS: 14,
  SUSPENDED: 15,
  DEPLOYERS: 16,
} as const;
export type RejectionCode = (typeof RejectionCode)[keyof typeof RejectionCode];

/** Thrown where a proof is refused. */
export class Rejection {
  readonly code: RejectionCode;

  constructor(code: RejectionCode) {
    this.code = code;
  }
}

/** @throws Rejection with `code` unless `holds` */
export function demand(holds: boolean, code: RejectionCode): void {
  if (!holds) throw new Rejection(code);
}

/** Thrown where a step meets what no run reaches (docs/machine.md section 1). */
export const STUCK = Symbol("stuck");
