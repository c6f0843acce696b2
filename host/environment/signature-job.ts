// A body whose signatures two threads check together: one block of shared memory with the entries, one
// verdict byte for each, and a counter from which both take the next unchecked entry. Neither thread
// ever waits for the other: who finds an entry undecided checks another one or, in the end, this one.
//
//   0 u32 next entry | 4 u32 count | 8 verdicts, one byte each | offsets, count + 1 times u32 | entries

import { readEntry, type Transaction } from "../chain/transaction.ts";
import type { SignatureChecker } from "../codec/signature.ts";

const HEADER_BYTES = 8;
const UNDECIDED = 0;
const HOLDS = 1;
const FAILS = 2;

/** One thread's view of the shared body. */
export class SignatureJob {
  readonly buffer: SharedArrayBuffer;
  readonly #counter: Int32Array;
  readonly #verdicts: Uint8Array;
  readonly #offsets: Uint32Array;
  readonly #entries: Uint8Array;
  readonly #checker: SignatureChecker;

  constructor(buffer: SharedArrayBuffer, checker: SignatureChecker) {
    this.buffer = buffer;
    this.#checker = checker;
    this.#counter = new Int32Array(buffer, 0, 1);
    const count = new Uint32Array(buffer, 4, 1)[0]!;
    this.#verdicts = new Uint8Array(buffer, HEADER_BYTES, count);
    const offsetsAt = HEADER_BYTES + padded(count);
    this.#offsets = new Uint32Array(buffer, offsetsAt, count + 1);
    this.#entries = new Uint8Array(buffer, offsetsAt + 4 * (count + 1));
  }

  /** A job over a copy of `body`. */
  static over(body: readonly Uint8Array[], checker: SignatureChecker): SignatureJob {
    const count = body.length;
    const bytes = body.reduce((sum, entry) => sum + entry.length, 0);
    const buffer = new SharedArrayBuffer(HEADER_BYTES + padded(count) + 4 * (count + 1) + bytes);
    new Uint32Array(buffer, 4, 1)[0] = count;
    const job = new SignatureJob(buffer, checker);
    let at = 0;
    for (let i = 0; i < count; i++) {
      job.#entries.set(body[i]!, at);
      at += body[i]!.length;
      job.#offsets[i + 1] = at;
    }
    return job;
  }

  /** Checks the next entry that nobody has taken; false when there is none. */
  checkNext(): boolean {
    const index = Atomics.add(this.#counter, 0, 1);
    if (index >= this.#verdicts.length) return false;
    const bytes = this.#entries.slice(this.#offsets[index]!, this.#offsets[index + 1]!);
    const { transaction } = readEntry(bytes);
    // The verdict on an entry that does not decode is never asked for.
    this.#decide(index, transaction !== undefined && this.#check(transaction));
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

  #check({ digest, signature, publicKey }: Transaction): boolean {
    return this.#checker.verify(digest, signature, publicKey);
  }

  #decide(index: number, holds: boolean): void {
    Atomics.store(this.#verdicts, index, holds ? HOLDS : FAILS);
  }
}

/** Rounded up to whole words. */
function padded(count: number): number {
  return (count + 3) & ~3;
}
