// The ledger's next state while a command makes it. Maps are copied when first written to and entries are replaced,
// so that a command that is refused half-way leaves the state before it as it was. Money moves only through here.
import type { Hex } from "../codec/hex.ts";
import { assert, EngineError, type ErrorCode } from "../errors.ts";
import type {
  InboxMessage,
  LedgerAccount,
  LedgerEnvironment,
  LedgerState,
} from "./ledger-state.ts";

const NO_ACCOUNT: LedgerAccount = { balance: 0n, nonce: 0n };

/** An error about a field of a command. */
export function refusal(code: ErrorCode, field: string, message: string): EngineError {
  return new EngineError({ code, message: `${field}: ${message}`, where: { field } });
}

/** What can be taken out of a locked total when so much is asked for. */
export function mostOf(locked: bigint, asked: bigint): bigint {
  return [locked, asked].reduce((least, amount) => (amount < least ? amount : least));
}

export class LedgerDraft {
  readonly before: LedgerState;
  /** When the command came. */
  readonly time: bigint;
  #accounts: Map<Hex, LedgerAccount> | undefined;
  #environments: Map<Hex, LedgerEnvironment> | undefined;
  #kept: bigint;
  /** Those that this draft made and may write to. */
  readonly #inboxes = new Map<readonly InboxMessage[], InboxMessage[]>();

  constructor(before: LedgerState, time: bigint) {
    this.before = before;
    this.time = time;
    this.#kept = before.kept;
  }

  get environments(): ReadonlyMap<Hex, LedgerEnvironment> {
    return this.#environments ?? this.before.environments;
  }

  account(address: Hex): LedgerAccount {
    return (this.#accounts ?? this.before.accounts).get(address) ?? NO_ACCOUNT;
  }

  #setAccount(address: Hex, account: LedgerAccount): void {
    this.#accounts ??= new Map(this.before.accounts);
    this.#accounts.set(address, account);
  }

  /** Counts an accepted command of an account. */
  countCommand(address: Hex): void {
    const { balance, nonce } = this.account(address);
    this.#setAccount(address, { balance, nonce: nonce + 1n });
  }

  credit(address: Hex, amount: bigint): void {
    if (amount === 0n) return;
    const { balance, nonce } = this.account(address);
    this.#setAccount(address, { balance: balance + amount, nonce });
  }

  /** @throws SETTLEMENT_BALANCE */
  debit(address: Hex, amount: bigint): void {
    const { balance, nonce } = this.account(address);
    if (balance < amount) {
      const message = `got ${balance} in account ${address}, expected at least ${amount}`;
      throw refusal("SETTLEMENT_BALANCE", "value", message);
    }
    this.#setAccount(address, { balance: balance - amount, nonce });
  }

  keep(amount: bigint): void {
    this.#kept += amount;
  }

  /** @throws SETTLEMENT_ENVIRONMENT_UNKNOWN */
  environment(id: Hex): LedgerEnvironment {
    const environment = this.environments.get(id);
    if (environment !== undefined) return environment;
    throw refusal("SETTLEMENT_ENVIRONMENT_UNKNOWN", "environment", `${id} is not registered`);
  }

  /** An environment that still takes orders. @throws SETTLEMENT_ENVIRONMENT_UNKNOWN, SETTLEMENT_CLOSED */
  openEnvironment(id: Hex): LedgerEnvironment {
    const environment = this.environment(id);
    if (!environment.isClosed) return environment;
    throw refusal("SETTLEMENT_CLOSED", "environment", `${id} was closed by an escape`);
  }

  setEnvironment(environment: LedgerEnvironment): void {
    assert(environment.locked >= 0n, "a locked total is never below zero");
    this.#environments ??= new Map(this.before.environments);
    this.#environments.set(environment.id, environment);
  }

  /** An inbox with one more message. Copied once in a command: a delivery may bring 65,536. */
  withMessage(inbox: readonly InboxMessage[], message: InboxMessage): readonly InboxMessage[] {
    const own = this.#inboxes.get(inbox) ?? [...inbox];
    this.#inboxes.set(own, own);
    own.push(message);
    return own;
  }

  /** The next state. The draft is not used after this. */
  finish(logHash: Uint8Array): LedgerState {
    return {
      id: this.before.id,
      time: this.time,
      commands: this.before.commands + 1n,
      logHash,
      accounts: this.#accounts ?? this.before.accounts,
      environments: this.environments,
      kept: this.#kept,
    };
  }
}
