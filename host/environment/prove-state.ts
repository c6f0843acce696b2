// The state proof of one key at an environment's head, from its store: the witness of that one path, turned
// into the file of docs/formats.md section 15. Reads the store and changes nothing.

import { genesisResult } from "../chain/genesis.ts";
import { fromHex, type Hex } from "../codec/hex.ts";
import { encodeStateProof, type PathEnd } from "../dispute/state-proof-file.ts";
import { StateVersions } from "../machine/state-versions.ts";
import { CODE_KEY } from "../sandbox/account.ts";
import { Overlay } from "../state/overlay.ts";
import { pureStateHasher } from "../state/state-hasher.ts";
import { ACCOUNT_KEY, StateClass, statePath } from "../state/state-key.ts";
import type { StateStore } from "../state/state-store.ts";
import { decodeStoredBlock } from "./stored-block.ts";

/** What to prove: an account's value, a contract's storage under a 32-byte key, a contract's code record. */
export type StateQuery =
  | { readonly kind: "account"; readonly address: Hex }
  | { readonly kind: "storage"; readonly address: Hex; readonly key: Hex }
  | { readonly kind: "code"; readonly address: Hex };

interface StateName {
  readonly cls: StateClass;
  readonly address: Uint8Array;
  readonly key: Uint8Array;
}

/** @throws HEX_INVALID */
function nameOf(query: StateQuery): StateName {
  const address = fromHex(query.address, 20);
  switch (query.kind) {
    case "account":
      return { cls: StateClass.account, address, key: ACCOUNT_KEY };
    case "storage":
      return { cls: StateClass.storage, address, key: fromHex(query.key, 32) };
    case "code":
      return { cls: StateClass.system, address, key: CODE_KEY };
  }
}

/** The file of the proof at the store's head. @throws HEX_INVALID */
export function proveState(store: StateStore, query: StateQuery): Uint8Array {
  const { cls, address, key } = nameOf(query);
  const { height, root } = store.head();
  const overlay = new Overlay(store.source());
  const found = overlay.get(cls, address, key)?.slice();
  const witness = store.witness(overlay.touches());
  const path = statePath(pureStateHasher, cls, address, key);
  const { leaf, siblings } = new StateVersions(witness, root, pureStateHasher).wayTo(root, path);
  const end: PathEnd =
    found !== undefined
      ? { terminal: "value", value: found }
      : leaf === undefined
        ? { terminal: "empty" }
        : { terminal: "other", path: leaf.path, commitment: leaf.commitment };
  const name = { cls, address, key, end, siblings };
  if (height === 0n)
    return encodeStateProof({ made: undefined, result: genesisResult(root), ...name });
  const { order, parentResult, result } = decodeStoredBlock(store.block(height) as Uint8Array);
  return encodeStateProof({ made: { order, parentResult }, result, ...name });
}
