// A body that two threads read together: one block of shared memory with the beginnings of its entries, the hashes of
// the short ones, a verdict on each signature, and two counters from which both threads take the
// next pair and the next signature. Neither thread ever waits for the other: who finds something undecided does
// something else or, in the end, this.
//
//   0 u32 next pair | 4 u32 next signature | 8 u32 whether the root is made | 12 u32 count | lengths, u32 each, 0 where
//   an entry is not hashed here | beginnings, 384 bytes each | hashes, 96 bytes each | one byte each: hashed |
//   verdicts, one byte each | root of the transactions 32

import { type ReadBody, transactionsRootOf } from "../chain/read-body.ts";
import { canPair, hashPair, PAIR_ENTRY_MAX } from "../chain/read-entries.ts";
import {
  ENTRY_HASHES_BYTES,
  type Entry,
  entryAt,
  hashesToOut,
  readEntry,
  readSigned,
  type SignedParts,
  type Transaction,
} from "../chain/transaction.ts";
import { memory, outAt } from "../codec/crypto.ts";
import type { SignatureChecker } from "../codec/signature.ts";
import { listRoot } from "../codec/trees.ts";
import { HEAD_BYTES, TRANSACTIONS_DEPTH } from "../limits.ts";

const HEADER_BYTES = 16;
const NEXT_PAIR = 0;
const NEXT_SIGNATURE = 1;
const HAS_ROOT = 2;
const UNDECIDED = 0;
const HOLDS = 1;
const FAILS = 2;

/** Bytes of a job over so many entries. */
function jobBytes(count: number): number {
  return HEADER_BYTES + count * (4 + PAIR_ENTRY_MAX + ENTRY_HASHES_BYTES + 2) + 32;
}

/** One thread's view of the shared body. */
export class BodyJob implements ReadBody {
  readonly buffer: SharedArrayBuffer;
  readonly #counters: Int32Array;
  readonly #lengths: Uint32Array;
  readonly #beginnings: Uint8Array;
  readonly #hashes: Uint8Array;
  readonly #hashed: Uint8Array;
  readonly #verdicts: Uint8Array;
  readonly #root: Uint8Array;
  readonly #checker: SignatureChecker;
  /** The entries themselves, where the job was made. */
  #body: readonly Uint8Array[] = [];
  #entries: readonly Entry[] | undefined;
  /** Heads of one's own: native code does not take shared memory. */
  readonly #head = new Uint8Array(HEAD_BYTES);

  constructor(buffer: SharedArrayBuffer, checker: SignatureChecker) {
    this.buffer = buffer;
    this.#checker = checker;
    this.#counters = new Int32Array(buffer, 0, 3);
    const count = new Uint32Array(buffer, 12, 1)[0]!;
    this.#lengths = new Uint32Array(buffer, HEADER_BYTES, count);
    let at = HEADER_BYTES + 4 * count;
    const bytes = (each: number): Uint8Array => {
      const column = new Uint8Array(buffer, at, each * count);
      at += column.length;
      return column;
    };
    this.#beginnings = bytes(PAIR_ENTRY_MAX);
    this.#hashes = bytes(ENTRY_HASHES_BYTES);
    this.#hashed = bytes(1);
    this.#verdicts = bytes(1);
    this.#root = new Uint8Array(buffer, at, 32);
  }

  /**
   * A job over a copy of the beginnings of `body`; with `isSigned` false nobody will ask for signatures. What is
   * shorter than a head has no signature that holds.
   */
  static over(body: readonly Uint8Array[], checker: SignatureChecker, isSigned = true): BodyJob {
    const count = body.length;
    const buffer = new SharedArrayBuffer(jobBytes(count));
    new Uint32Array(buffer, 12, 1)[0] = count;
    const job = new BodyJob(buffer, checker);
    job.#body = body;
    if (!isSigned) job.#counters[NEXT_SIGNATURE] = count;
    for (let i = 0; i < count; i++) {
      const bytes = body[i]!;
      if (bytes.length < HEAD_BYTES) job.#verdicts[i] = FAILS;
      else if (canPair(bytes)) {
        job.#lengths[i] = bytes.length;
        job.#beginnings.set(bytes, PAIR_ENTRY_MAX * i);
      } else job.#beginnings.set(bytes.subarray(0, HEAD_BYTES), PAIR_ENTRY_MAX * i);
    }
    return job;
  }

  /** Hashes what nobody has taken, and makes the root where every hash is there. */
  hash(): void {
    while (this.#hashNext()) {
      // One pair after another.
    }
    if (!this.#hashed.every((_, i) => Atomics.load(this.#hashed, i) === 1)) return;
    const hashes = Array.from(this.#hashed, (_, i) =>
      this.#hashes.subarray(ENTRY_HASHES_BYTES * i, ENTRY_HASHES_BYTES * i + 32),
    );
    this.#root.set(listRoot(TRANSACTIONS_DEPTH, hashes));
    Atomics.store(this.#counters, HAS_ROOT, 1);
  }

  /** Checks the next signature that nobody has taken; false when there is none. */
  checkNext(): boolean {
    const index = Atomics.add(this.#counters, NEXT_SIGNATURE, 1);
    if (index >= this.#verdicts.length) return false;
    if (this.#verdicts[index] !== UNDECIDED) return true;
    const at = PAIR_ENTRY_MAX * index;
    this.#head.set(this.#beginnings.subarray(at, at + HEAD_BYTES));
    this.#decide(index, this.#check(readSigned(this.#head)));
    return true;
  }

  /** Every entry, hashed here if nobody has when nothing else is left. */
  entries(): readonly Entry[] {
    if (this.#entries !== undefined) return this.#entries;
    while (this.#hashNext()) {
      // As long as the other thread has not taken all of them.
    }
    this.#entries = this.#body.map((bytes, i) =>
      Atomics.load(this.#hashed, i) === 1
        ? entryAt(bytes, this.#hashes, ENTRY_HASHES_BYTES * i)
        : readEntry(bytes),
    );
    return this.#entries;
  }

  transactionsRoot(): Uint8Array {
    const isMade = Atomics.load(this.#counters, HAS_ROOT) === 1;
    return isMade ? this.#root.slice() : transactionsRootOf(this.entries());
  }

  /** The verdict on entry `index`, checked here if nobody has decided it when nothing else is left. */
  signatureHolds(transaction: Transaction, index: number): boolean {
    for (;;) {
      const verdict = Atomics.load(this.#verdicts, index);
      if (verdict !== UNDECIDED) return verdict === HOLDS;
      if (!this.checkNext()) this.#decide(index, this.#check(transaction));
    }
  }

  giveUp(): void {
    Atomics.store(this.#counters, NEXT_PAIR, this.#lengths.length);
    Atomics.store(this.#counters, NEXT_SIGNATURE, this.#lengths.length);
  }

  /** Hashes the next two entries that nobody has taken; false when there are none. */
  #hashNext(): boolean {
    const first = 2 * Atomics.add(this.#counters, NEXT_PAIR, 1);
    if (first >= this.#lengths.length) return false;
    const [a, b] = [this.#hashable(first), this.#hashable(first + 1)];
    if (a !== undefined && b !== undefined && a.length === b.length) {
      hashPair(a, b);
      this.#keepHashes(first, 2);
      return true;
    }
    for (const [i, bytes] of [a, b].entries()) {
      if (bytes === undefined) continue;
      hashesToOut(bytes);
      this.#keepHashes(first + i, 1);
    }
    return true;
  }

  #hashable(index: number): Uint8Array | undefined {
    const length = this.#lengths[index] ?? 0;
    const at = PAIR_ENTRY_MAX * index;
    return length === 0 ? undefined : this.#beginnings.subarray(at, at + length);
  }

  #keepHashes(first: number, count: number): void {
    const hashes = this.#hashes;
    const at = ENTRY_HASHES_BYTES * first;
    for (let i = 0; i < count * ENTRY_HASHES_BYTES; i++) hashes[at + i] = memory[outAt + i]!;
    for (let i = 0; i < count; i++) Atomics.store(this.#hashed, first + i, 1);
  }

  #check({ digest, signature, publicKey }: SignedParts): boolean {
    return this.#checker.verify(digest, signature, publicKey);
  }

  #decide(index: number, holds: boolean): void {
    Atomics.store(this.#verdicts, index, holds ? HOLDS : FAILS);
  }
}
