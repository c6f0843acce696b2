// How environments begin: rules and balances are given in full, the genesis state and its root are made here, so
// nobody can place code in it or balances that nobody paid for. The balances come out of the registrant's account.
import { environmentIdOf, genesisResult, writeGenesis } from "../chain/genesis.ts";
import { type Hex, toHex } from "../codec/hex.ts";
import { memoryStore } from "../state/memory-store.ts";
import { Overlay } from "../state/overlay.ts";
import type { StateHasher } from "../state/state-hasher.ts";
import { readRules } from "./environment-rules.ts";
import type { RegisterCommand } from "./ledger-command.ts";
import type { LedgerDraft } from "./ledger-draft.ts";

/** @throws SETTLEMENT_RULES, SETTLEMENT_BALANCE, GENESIS_BALANCES · BYTES_…, RULES_… for other rules */
export function register(
  draft: LedgerDraft,
  { rules: bytes, sequencer, accounts }: RegisterCommand,
  operator: Hex,
  hasher: StateHasher,
): void {
  const version = readRules(bytes, 0n);
  const locked = accounts.reduce((sum, { balance }) => sum + balance, 0n);
  // Before the root is computed, which is the dear part.
  draft.debit(operator, locked);
  const store = memoryStore({ hasher });
  const overlay = new Overlay(store.source());
  writeGenesis(overlay, version.rules, accounts);
  const root = store.apply(overlay.changes());
  const number = BigInt(draft.environments.size);
  const id = toHex(environmentIdOf(draft.before.id, number, version.hash, root));
  const head = { height: 0n, orderHash: new Uint8Array(32), time: 0n, inboxNext: 0n };
  draft.setEnvironment({
    id,
    number,
    operator,
    sequencer,
    rules: [version],
    locked,
    final: { ...head, result: genesisResult(root), since: draft.time },
    head,
    orders: [],
    inbox: [],
    outboxes: [],
    withheld: 0n,
    sequencerSeen: draft.time,
    pausedUntil: 0n,
    pausedSeconds: 0n,
    isClosed: false,
    escaped: new Set(),
    reclaimed: new Set(),
  });
}
