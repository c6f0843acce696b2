// The judge in AssemblyScript as the host uses it: a module of its own, in whose memory a proof's
// leaves are put. Nothing of a run is in it, so it decides on the proof and the pre-state hash alone.
import { EngineError } from "../errors.ts";
import { STEP_PROOF_BYTES_MAX } from "../limits.ts";
import { RejectionCode } from "../outcome.ts";
import { Machine } from "./machine.ts";

/** A verdict about a step proof. */
export type StepVerdict =
  | { readonly valid: true; readonly post: Uint8Array }
  | { readonly valid: false; readonly rejection: RejectionCode };

const HASH_BYTES = 32;
/** Before and behind the regions: what a stuck step may write beside them. */
const MARGIN = 65_536;
const CODE_BYTES = 2 ** 23;
const MEMORY_BYTES = 2 ** 26;
const STACK_BYTES = 2 ** 19;
const GLOBALS_BYTES = 2 ** 11;
const TABLE_BYTES = 2 ** 14;

export class StepVerifier {
  readonly #machine = new Machine();
  readonly #places: readonly number[];
  readonly #proofAt: number;

  /** @throws HOST_FAULT when the host has not the memory of a judge (about 75 MiB of address space) */
  constructor() {
    const sizes = [
      CODE_BYTES,
      MEMORY_BYTES,
      STACK_BYTES,
      GLOBALS_BYTES,
      TABLE_BYTES,
      MEMORY_BYTES / 128,
      MARGIN,
    ];
    const total = sizes.reduce((sum, size) => sum + size + MARGIN, 0);
    let at = this.#machine.arena.take(total);
    this.#places = sizes.map((size) => {
      const place = at + MARGIN;
      at = place + size;
      return place;
    });
    this.#proofAt = this.#machine.arena.take(STEP_PROOF_BYTES_MAX + 2 * HASH_BYTES);
  }

  /** Judges the proof of a step from the state with hash `pre` [32]. */
  verify(pre: Uint8Array, proof: Uint8Array): StepVerdict {
    if (proof.length > STEP_PROOF_BYTES_MAX)
      return { valid: false, rejection: RejectionCode.TRAILING };
    if (pre.length !== HASH_BYTES) {
      throw new EngineError({
        code: "BYTES_OUT_OF_RANGE",
        message: `got a state hash of ${pre.length} bytes, expected ${HASH_BYTES}`,
        where: { field: "pre" },
      });
    }
    const { module } = this.#machine;
    const at = this.#proofAt;
    const preAt = at + STEP_PROOF_BYTES_MAX;
    const outAt = preAt + HASH_BYTES;
    this.#machine.bytes(at, proof.length).set(proof);
    this.#machine.bytes(preAt, HASH_BYTES).set(pre);
    module.selectRegions(...this.#places);
    const rejection = module.verifyStep(at, proof.length, preAt, outAt);
    if (rejection !== 0) return { valid: false, rejection: rejection as RejectionCode };
    return { valid: true, post: this.#machine.bytes(outAt, HASH_BYTES).slice() };
  }
}
