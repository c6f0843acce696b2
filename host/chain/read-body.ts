// Reads a body before its block is executed: what each entry is, and whether its signature holds. The plain way
// hashes at once and checks a signature when execution asks; a node may have another thread do both ahead
// (environment/shared-bodies.ts). Both answer by the one rule of docs/formats.md section 3, so which of them a
// block was executed with cannot be seen.

import type { SignatureChecker } from "../codec/signature.ts";
import { listRoot } from "../codec/trees.ts";
import { TRANSACTIONS_DEPTH } from "../limits.ts";
import { readEntries } from "./read-entries.ts";
import type { Entry, Transaction } from "./transaction.ts";

/** A body of which somebody knows every entry. */
export interface HashedBody {
  /** Every entry; the same array each time. */
  entries(): readonly Entry[];
  /** Root [32] of the tree over the hashes of the entries. */
  transactionsRoot(): Uint8Array;
}

/** A body that is to be executed. */
export interface ReadBody extends HashedBody {
  /** Whether the signature of `transaction`, entry `index`, holds. */
  signatureHolds(transaction: Transaction, index: number): boolean;
  /** Nobody is going to ask any more: a thread that reads ahead may stop. */
  giveUp?(): void;
}

/** Begins to read a body. */
export type BodyReader = (body: readonly Uint8Array[]) => ReadBody;

/** Root [32] of the tree over the hashes of entries. */
export function transactionsRootOf(entries: readonly Entry[]): Uint8Array {
  return listRoot(
    TRANSACTIONS_DEPTH,
    entries.map(({ hash }) => hash),
  );
}

/** A body whose entries are hashed here when they are asked for. */
export function hashedBody(body: readonly Uint8Array[]): HashedBody {
  let read: readonly Entry[] | undefined;
  const entries = () => {
    read ??= readEntries(body);
    return read;
  };
  return { entries, transactionsRoot: () => transactionsRootOf(entries()) };
}

/** Reads in the caller's thread. */
export function bodyReader(checker: SignatureChecker): BodyReader {
  return (body) => ({
    ...hashedBody(body),
    signatureHolds: ({ digest, signature, publicKey }) =>
      checker.verify(digest, signature, publicKey),
  });
}
