// State proofs from the directory of a store that no environment has open: what `plasma prove` does. Reads the store,
// executes nothing, and makes none where there is none.
import { openStore } from "../state/lmdb-store.ts";
import { checkStoreThere } from "../state/store-files.ts";
import { nativeStateHasher } from "./native.ts";
import { proveState, type StateQuery } from "./prove-state.ts";

/**
 * The state proof file of a key at the head of the store in a directory.
 * @throws STATE_NOT_A_STORE, STATE_EMPTY, STATE_LOCKED, STATE_DAMAGED, STATE_FORMAT_UNKNOWN · HEX_INVALID
 */
export async function proveStored(path: string, query: StateQuery): Promise<Uint8Array> {
  checkStoreThere(path, "give the directory of a store; `plasma run` leaves one in DIR/state");
  const store = await openStore(path, { hasher: nativeStateHasher() });
  try {
    return proveState(store, query);
  } finally {
    await store.close();
  }
}
