// Height 0 of an environment: the balances, and the system account 0x…01 that holds prepare with the
// record prepare makes of its own Wasm and the prepare rules in force. Genesis is a result without order.

import { toHex } from "../codec/hex.ts";
import { keccak256 } from "../codec/keccak.ts";
import { listRoot } from "../codec/trees.ts";
import { ByteWriter } from "../codec/writer.ts";
import { EngineError } from "../errors.ts";
import { OUTBOX_DEPTH, TRANSACTIONS_DEPTH } from "../limits.ts";
import { prepareModule } from "../program/prepare.ts";
import { prepareModule as prepareWasm } from "../program/prepare-module.ts";
import { prepareRulesBlob } from "../rules/prepare-rules.ts";
import type { Rules } from "../rules/rules.ts";
import { CODE_KEY, writeAccount } from "../sandbox/account.ts";
import type { Overlay } from "../state/overlay.ts";
import { StateClass } from "../state/state-key.ts";
import type { BlockResult } from "./result.ts";

/** The account of prepare: 0x0000000000000000000000000000000000000001. */
export const SYSTEM_ADDRESS = Uint8Array.of(...new Uint8Array(19), 1);

/** Storage key of the prepare rules: ASCII `prepare.rules`, zero-padded. */
export const PREPARE_RULES_KEY = new Uint8Array(32);
PREPARE_RULES_KEY.set(new TextEncoder().encode("prepare.rules"));

const BALANCE_BOUND = 2n ** 128n;

export interface GenesisAccount {
  readonly address: Uint8Array;
  readonly balance: bigint;
}

/**
 * Writes the genesis state into an overlay of the empty state.
 * @throws GENESIS_BALANCES when the balances sum to 2^128 or more, one is negative, an address repeats or
 *   is that of prepare
 */
export function writeGenesis(
  state: Overlay,
  rules: Rules,
  accounts: readonly GenesisAccount[],
): void {
  const blob = prepareRulesBlob(rules);
  const { record } = prepareModule(prepareWasm, blob);
  const seen = new Set([toHex(SYSTEM_ADDRESS)]);
  let sum = 0n;
  for (const { address, balance } of accounts) {
    sum += balance;
    if (balance < 0n || sum >= BALANCE_BOUND) {
      throw refused(`got balance ${balance}, expected balances from 0 that sum to below 2^128`);
    }
    const name = toHex(address);
    if (seen.has(name)) {
      throw refused(`got ${name} twice or as the account of prepare, expected each person once`);
    }
    seen.add(name);
    writeAccount(state, address, { nonce: 0n, balance, codeHash: undefined });
  }
  writeAccount(state, SYSTEM_ADDRESS, { nonce: 0n, balance: 0n, codeHash: keccak256(record) });
  state.set(StateClass.system, SYSTEM_ADDRESS, CODE_KEY, record);
  state.set(StateClass.storage, SYSTEM_ADDRESS, PREPARE_RULES_KEY, blob);
}

function refused(message: string): EngineError {
  return new EngineError({ code: "GENESIS_BALANCES", message });
}

/** Environment id: keccak256(settlement id ‖ u64 number ‖ genesis rules hash ‖ genesis state root). */
export function environmentIdOf(
  settlementId: Uint8Array,
  registration: bigint,
  rulesHash: Uint8Array,
  stateRoot: Uint8Array,
): Uint8Array {
  const writer = new ByteWriter();
  writer.fixed(settlementId, 32);
  writer.u64(registration);
  writer.fixed(rulesHash, 32);
  writer.fixed(stateRoot, 32);
  return keccak256(writer.finish());
}

/** The result of height 0 over a genesis state root. */
export function genesisResult(stateRoot: Uint8Array): BlockResult {
  return {
    stateRoot,
    receiptsRoot: listRoot(TRANSACTIONS_DEPTH, []),
    outboxRoot: listRoot(OUTBOX_DEPTH, []),
    gasUsed: 0n,
  };
}
