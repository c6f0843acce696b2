// How judging a step ends when there is no ordinary next state: the proof is refused with a numbered code
// (docs/machine.md section 7), or the state is one that no run reaches and the machine is stuck. Both are
// thrown inside the judge and never leave it. A refused proof says nothing about the program.
import type { RejectionCode } from "../outcome.ts";

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
