// Entry of the crypto module: Keccak, trees and transaction hashes for host/codec. The host copies
// bytes to BUFFER, calls, and copies results from OUT; longer inputs go through in pieces, so the
// memory never grows and views of it stay valid.
import { prepareTrees } from "./trees";

export {
  keccak256,
  keccak64,
  keccakStart,
  keccakAbsorb,
  keccakFinish,
} from "./keccak";
export { hashEvents, hashRecords } from "./receipts";
export { addBytes, addList, bytesRoot, closeBytes, closeList, hashPairs, listRoot } from "./trees";
export {
  prepareTransactions,
  transactionDigest,
  transactionHash,
  transactionHashes,
  transactionHashesBoth,
} from "./transaction";

/** A multiple of both 128 (leaves) and 136 (Keccak blocks). */
const SIZE: u32 = 2176 * 48;
const START: usize = (__heap_base + 15) & ~15;

/** Address of the 192 bytes of results. */
export function outAddress(): usize {
  return START;
}

/** Address of the input buffer. */
export function bufferAddress(): usize {
  return START + 192;
}

export function bufferSize(): u32 {
  return SIZE;
}

prepareTrees();
