// The settlement ledger (docs/settlement.md): a pure function from a state, a time and the bytes of a command to the
// next state or a refusal. It reads no clock and keeps no files; what it trusts is in its ground. Whoever runs it
// orders the commands and says when each came, and may leave some out; what they do is not his to choose.
import type { GenesisAccount } from "../chain/genesis.ts";
import { addressOf } from "../chain/key.ts";
import { equalBytes, type Hex, toHex } from "../codec/hex.ts";
import { keccak256 } from "../codec/keccak.ts";
import { ByteReader } from "../codec/reader.ts";
import type { SignatureChecker } from "../codec/signature.ts";
import { ByteWriter } from "../codec/writer.ts";
import { EngineError } from "../errors.ts";
import type { StateHasher } from "../state/state-hasher.ts";
import { type ClaimGround, dispute, finalise } from "./claims.ts";
import { deliver } from "./delivery.ts";
import { announceRules } from "./environment-rules.ts";
import { escapeFrom } from "./escape.ts";
import { pause, unpause } from "./guardian.ts";
import { deposit, reclaim } from "./inbox.ts";
import {
  decodeLedgerCommand,
  type Envelope,
  GENESIS_ACCOUNTS_MAX,
  type LedgerCommand,
} from "./ledger-command.ts";
import { LedgerDraft, refusal } from "./ledger-draft.ts";
import type { LedgerAccount, LedgerState } from "./ledger-state.ts";
import { postOrder } from "./order-posting.ts";
import { register } from "./registration.ts";

/** What the ledger receives from its platform; all of it gives the same everywhere. */
export interface LedgerGround extends ClaimGround {
  readonly signatures: SignatureChecker;
  readonly hasher: StateHasher;
}

/** How a ledger begins: all the money there will be. */
export interface LedgerGenesis {
  /** [32] Tells ledgers with the same accounts apart. */
  readonly salt: Uint8Array;
  readonly accounts: readonly GenesisAccount[];
}

/** The next state and what was done, or why there is none. The body of an order is a view of the command's bytes. */
export type LedgerApplied =
  | { readonly state: LedgerState; readonly command: LedgerCommand }
  | { readonly refused: EngineError };

const VERSION = 1;
/** Half of what u64 holds, so that ends of pauses and windows fit as well. */
const TIME_END = 2n ** 63n;
const MONEY_END = 2n ** 128n;

/** @throws BYTES_OUT_OF_RANGE */
export function encodeLedgerGenesis({ salt, accounts }: LedgerGenesis): Uint8Array {
  const out = new ByteWriter(64 + 36 * accounts.length);
  out.u8(VERSION).fixed(salt, 32).u32(accounts.length);
  for (const { address, balance } of accounts) out.fixed(address, 20).u128(balance);
  return out.finish();
}

/** @throws SETTLEMENT_GENESIS for another version · BYTES_… */
export function decodeLedgerGenesis(bytes: Uint8Array): LedgerGenesis {
  const input = new ByteReader(bytes, { field: "genesis" });
  const version = input.u8();
  if (version !== VERSION) {
    throw input.error("SETTLEMENT_GENESIS", "genesis version", version, VERSION, 0);
  }
  const salt = input.fixed(32).slice();
  const accounts = Array.from({ length: input.count(GENESIS_ACCOUNTS_MAX, 36) }, () => {
    const address = input.fixed(20).slice();
    return { address, balance: input.u128() };
  });
  input.end();
  return { salt, accounts };
}

/**
 * A ledger without environments. Its id is the hash of its genesis.
 * @throws SETTLEMENT_GENESIS when the balances sum to 2^128 or more, or an address repeats
 */
export function openLedger(genesis: LedgerGenesis): LedgerState {
  const accounts = new Map<Hex, LedgerAccount>();
  let sum = 0n;
  for (const { address, balance } of genesis.accounts) {
    const name = toHex(address);
    sum += balance;
    if (accounts.has(name) || sum >= MONEY_END) {
      const message = `${name} repeats, or the balances do not sum to below 2^128`;
      throw refusal("SETTLEMENT_GENESIS", "accounts", message);
    }
    accounts.set(name, { balance, nonce: 0n });
  }
  const id = keccak256(encodeLedgerGenesis(genesis));
  const nothing = { time: 0n, commands: 0n, environments: new Map(), kept: 0n };
  return { id, logHash: id, accounts, ...nothing };
}

/** keccak(log hash ‖ u64 time ‖ keccak(command)). */
export function nextLogHash(logHash: Uint8Array, time: bigint, command: Uint8Array): Uint8Array {
  return keccak256(new ByteWriter(72).raw(logHash).u64(time).raw(keccak256(command)).finish());
}

/** @throws SETTLEMENT_TIME */
function checkTime(state: LedgerState, time: bigint): void {
  if (time >= state.time && time < TIME_END) return;
  const expected = `${state.time} to ${TIME_END - 1n}`;
  throw refusal("SETTLEMENT_TIME", "time", `got ${time}, expected ${expected}`);
}

/** The account that signed. @throws SETTLEMENT_OTHER, SETTLEMENT_NONCE, SETTLEMENT_SIGNATURE */
function authenticate(draft: LedgerDraft, envelope: Envelope, signatures: SignatureChecker): Hex {
  const { settlement, publicKey, nonce, signature, digest } = envelope;
  const { id } = draft.before;
  if (!equalBytes(settlement, id)) {
    const message = `got ${toHex(settlement)}, expected ${toHex(id)}`;
    throw refusal("SETTLEMENT_OTHER", "settlement", message);
  }
  const account = toHex(addressOf(publicKey));
  const expected = draft.account(account).nonce;
  if (nonce !== expected) {
    throw refusal("SETTLEMENT_NONCE", "nonce", `got ${nonce}, expected ${expected}`);
  }
  // Last, since it is dear.
  if (!signatures.verify(digest, signature, publicKey)) {
    throw refusal("SETTLEMENT_SIGNATURE", "signature", "it does not hold for this key and command");
  }
  return account;
}

function execute(
  draft: LedgerDraft,
  { command }: Envelope,
  account: Hex,
  ground: LedgerGround,
): void {
  switch (command.kind) {
    case "register":
      register(draft, command, account, ground.hasher);
      return;
    case "deposit":
      deposit(draft, command, account);
      return;
    case "order":
      postOrder(draft, command, account);
      return;
    case "dispute":
      dispute(draft, command, account, ground);
      return;
    case "finalise":
      finalise(draft, command);
      return;
    case "deliver":
      deliver(draft, command);
      return;
    case "transfer":
      draft.debit(account, command.value);
      draft.credit(command.to, command.value);
      return;
    case "pause":
      pause(draft, command, account);
      return;
    case "unpause":
      unpause(draft, command, account);
      return;
    case "rules":
      announceRules(draft, command, account);
      return;
    case "escape":
      escapeFrom(draft, command, account);
      return;
    case "reclaim":
      reclaim(draft, command);
  }
}

/**
 * Applies the canonical bytes of a command that came at `time`, in seconds. Any byte string gives a state or a
 * refusal with code and field; the state that was given stays as it is.
 */
export function applyToLedger(
  state: LedgerState,
  time: bigint,
  bytes: Uint8Array,
  ground: LedgerGround,
): LedgerApplied {
  try {
    checkTime(state, time);
    const envelope = decodeLedgerCommand(bytes);
    const draft = new LedgerDraft(state, time);
    const account = authenticate(draft, envelope, ground.signatures);
    draft.countCommand(account);
    execute(draft, envelope, account, ground);
    const next = draft.finish(nextLogHash(state.logHash, time, bytes));
    return { state: next, command: envelope.command };
  } catch (thrown) {
    // Assertions go through: they are bugs.
    if (thrown instanceof EngineError) return { refused: thrown };
    throw thrown;
  }
}
