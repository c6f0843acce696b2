// Where the chain of an environment stands: at a block, or at its genesis, with the rules that apply there.

import { genesisResult } from "../chain/genesis.ts";
import { type ChainHead, headAfter } from "../chain/produce-block.ts";
import { resultHash } from "../chain/result.ts";
import { toHex } from "../codec/hex.ts";
import type { Rules } from "../rules/rules.ts";
import type { StateStore } from "../state/state-store.ts";
import type { Head } from "./executed-block.ts";
import { decodeStoredBlock } from "./stored-block.ts";
import { storedRules } from "./stored-rules.ts";

/** The end of a chain: its head, the hash [32] of the head's block, and the rules that apply there. */
export interface Standing {
  readonly head: ChainHead;
  readonly rules: Rules;
  readonly blockHash: Uint8Array;
}

/** As users see it. */
export function headOf({ head, blockHash }: Standing): Head {
  return {
    height: head.height,
    blockHash: toHex(blockHash),
    orderHash: toHex(head.orderHash),
    resultHash: toHex(resultHash(head.result)),
    stateRoot: toHex(head.result.stateRoot),
  };
}

/** Where the chain of a store stands whose environment began with these rules. */
export function storedStanding(store: StateStore, genesisRules: Rules): Standing {
  const { height } = store.head();
  if (height === 0n) return genesisStanding(store.root(), genesisRules);
  const { order, result, blockHash } = decodeStoredBlock(store.block(height) as Uint8Array);
  const rules = storedRules(store, order.rulesHash, genesisRules);
  return { head: headAfter(order, result), blockHash, rules };
}

/** At height 0, with this state root [32]. */
export function genesisStanding(root: Uint8Array, rules: Rules): Standing {
  const result = genesisResult(root);
  const head = { height: 0n, orderHash: new Uint8Array(32), result, time: 0n, inboxNext: 0n };
  return { head, blockHash: new Uint8Array(32), rules };
}
