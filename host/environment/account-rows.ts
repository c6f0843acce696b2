// Nonces and balances of many accounts as one byte string, on the way from the thread that holds the state to the
// mempool beside it. Between threads of one process only; never stored, never hashed.
//
//   per account: nonce 8 | balance 16
import { readU64, readU128 } from "../codec/reader.ts";
import { ByteWriter } from "../codec/writer.ts";
import { readAccount } from "../sandbox/account.ts";
import type { Overlay } from "../state/overlay.ts";
import type { SenderAccount } from "./mempool-chain.ts";

const ADDRESS_BYTES = 20;
const ROW_BYTES = 24;

/** Rows of the accounts at `addresses`, 20 bytes each. */
export function packAccounts(state: Overlay, addresses: Uint8Array): Uint8Array {
  const writer = new ByteWriter((addresses.length / ADDRESS_BYTES) * ROW_BYTES);
  for (let at = 0; at < addresses.length; at += ADDRESS_BYTES) {
    const { nonce, balance } = readAccount(state, addresses.slice(at, at + ADDRESS_BYTES));
    writer.u64(nonce).u128(balance);
  }
  return writer.finish();
}

/** What `packAccounts` wrote, in its order. */
export function unpackAccounts(rows: Uint8Array): SenderAccount[] {
  return Array.from({ length: rows.length / ROW_BYTES }, (_, i) => ({
    nonce: readU64(rows, i * ROW_BYTES),
    balance: readU128(rows, i * ROW_BYTES + 8),
  }));
}
