// A body whose signatures two threads check together: one block of shared memory with the heads, one
// verdict byte for each, and a counter from which both take the next unchecked entry. Neither thread
// ever waits for the other: who finds an entry undecided checks another one or, in the end, this one.
//
//   0 u32 next entry | 4 u32 count | 8 heads, 256 bytes each | verdicts, one byte each

import { readSigned, type SignedParts, type Transaction } from "../chain/transaction.ts";
import type { SignatureChecker } from "../codec/signature.ts";
import { HEAD_BYTES } from "../limits.ts";

const HEADER_BYTES = 8;
const UNDECIDED = 0;
const HOLDS = 1;
const FAILS = 2;

/** One thread's view of the shared body. */
export class SignatureJob {
  readonly buffer: SharedArrayBuffer;
  readonly #counter: Int32Array;
  readonly #verdicts: Uint8Array;
  readonly #heads: Uint8Array;
  readonly #checker: SignatureChecker;
  /** A head of one's own: native code does not take shared memory. */
  readonly #head = new Uint8Array(HEAD_BYTES);

  constructor(buffer: SharedArrayBuffer, checker: SignatureChecker) {
    this.buffer = buffer;
    this.#checker = checker;
    this.#counter = new Int32Array(buffer, 0, 1);
    const count = new Uint32Array(buffer, 4, 1)[0]!;
    this.#heads = new Uint8Array(buffer, HEADER_BYTES, HEAD_BYTES * count);
    this.#verdicts = new Uint8Array(buffer, HEADER_BYTES + HEAD_BYTES * count, count);
  }

  /** A job over a copy of the heads of `body`. What is shorter than a head has no signature that holds. */
  static over(body: readonly Uint8Array[], checker: SignatureChecker): SignatureJob {
    const count = body.length;
    const buffer = new SharedArrayBuffer(HEADER_BYTES + (HEAD_BYTES + 1) * count);
    new Uint32Array(buffer, 4, 1)[0] = count;
    const job = new SignatureJob(buffer, checker);
    for (let i = 0; i < count; i++) {
      const bytes = body[i]!;
      if (bytes.length < HEAD_BYTES) job.#verdicts[i] = FAILS;
      else job.#heads.set(bytes.subarray(0, HEAD_BYTES), HEAD_BYTES * i);
    }
    return job;
  }

  /** Checks the next entry that nobody has taken; false when there is none. */
  checkNext(): boolean {
    const index = Atomics.add(this.#counter, 0, 1);
    if (index >= this.#verdicts.length) return false;
    if (this.#verdicts[index] !== UNDECIDED) return true;
    const at = HEAD_BYTES * index;
    this.#head.set(this.#heads.subarray(at, at + HEAD_BYTES));
    this.#decide(index, this.#check(readSigned(this.#head)));
    return true;
  }

  /** The verdict on entry `index`, checked here if nobody has decided it when nothing else is left. */
  holds(transaction: Transaction, index: number): boolean {
    for (;;) {
      const verdict = Atomics.load(this.#verdicts, index);
      if (verdict !== UNDECIDED) return verdict === HOLDS;
      if (!this.checkNext()) this.#decide(index, this.#check(transaction));
    }
  }

  #check({ digest, signature, publicKey }: SignedParts): boolean {
    return this.#checker.verify(digest, signature, publicKey);
  }

  #decide(index: number, holds: boolean): void {
    Atomics.store(this.#verdicts, index, holds ? HOLDS : FAILS);
  }
}
