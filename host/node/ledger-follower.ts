// The ledger as a node sees it: its log, command by command, applied by the node itself, so that it believes nothing
// but what it computes. Keeps what the ledger's state does not: the bodies of orders that are not executed yet, how
// environments began, and which results became final.
import type { BlockResult } from "../chain/result.ts";
import { type Hex, toHex } from "../codec/hex.ts";
import type { GenesisInput } from "../environment/genesis-input.ts";
import { assert } from "../errors.ts";
import { rulesAt } from "../settlement/environment-rules.ts";
import {
  applyToLedger,
  type LedgerApplied,
  type LedgerGenesis,
  type LedgerGround,
  openLedger,
} from "../settlement/ledger.ts";
import type { LedgerCommand, OrderCommand, RegisterCommand } from "../settlement/ledger-command.ts";
import type { LedgerEnvironment, LedgerState } from "../settlement/ledger-state.ts";
import type { OrderToExecute } from "./execution.ts";

/** What the ledger says of one environment's blocks. */
interface Followed {
  readonly genesis: GenesisInput;
  /** By height. */
  readonly orders: Map<bigint, OrderToExecute>;
  readonly results: Map<bigint, BlockResult>;
}

export interface LedgerFollowerOptions {
  readonly genesis: LedgerGenesis;
  readonly ground: LedgerGround;
  /** Whether the body of an order is needed: not, where it was executed before a restart. */
  readonly keeps?: (environment: Hex, height: bigint) => boolean;
}

export class LedgerFollower {
  readonly ground: LedgerGround;
  readonly #keeps: (environment: Hex, height: bigint) => boolean;
  readonly #followed = new Map<Hex, Followed>();
  #state: LedgerState;

  constructor({ genesis, ground, keeps = () => true }: LedgerFollowerOptions) {
    this.ground = ground;
    this.#keeps = keeps;
    this.#state = openLedger(genesis);
  }

  get state(): LedgerState {
    return this.#state;
  }

  /** Applies a command that came at `time`; a refused one leaves no trace. */
  accept(time: bigint, bytes: Uint8Array): LedgerApplied {
    const before = this.#state;
    const applied = applyToLedger(before, time, bytes, this.ground);
    if ("refused" in applied) return applied;
    this.#state = applied.state;
    this.#note(before, applied.command);
    return applied;
  }

  /** @throws an assertion for one that is not registered */
  environment(id: Hex): LedgerEnvironment {
    const environment = this.#state.environments.get(id);
    assert(environment !== undefined, "a node follows registered environments");
    return environment;
  }

  /** How an environment begins: what an execution of it is opened with. */
  genesis(id: Hex): GenesisInput {
    return this.#of(id).genesis;
  }

  /** An order with its body; undefined where there is none, or it is forgotten. */
  order(id: Hex, height: bigint): OrderToExecute | undefined {
    return this.#of(id).orders.get(height);
  }

  /** What became final at a height, until it is forgotten. */
  finalResult(id: Hex, height: bigint): BlockResult | undefined {
    return this.#of(id).results.get(height);
  }

  /** Gives up the body of an order, once it is executed. */
  forgetOrder(id: Hex, height: bigint): void {
    this.#of(id).orders.delete(height);
  }

  forgetResult(id: Hex, height: bigint): void {
    this.#of(id).results.delete(height);
  }

  #of(id: Hex): Followed {
    const followed = this.#followed.get(id);
    assert(followed !== undefined, "a node follows registered environments");
    return followed;
  }

  #note(before: LedgerState, command: LedgerCommand): void {
    if (command.kind === "register") this.#noteRegistration(before, command);
    if (command.kind === "order") this.#noteOrder(command);
    if (command.kind !== "finalise") return;
    const { height, result } = this.environment(command.environment).final;
    this.#of(command.environment).results.set(height, result);
  }

  #noteRegistration({ environments }: LedgerState, { accounts }: RegisterCommand): void {
    const id = [...this.#state.environments.keys()].find((name) => !environments.has(name))!;
    const { number, rules } = this.environment(id);
    const genesis: GenesisInput = {
      rules: rules[0]!.rules,
      accounts: accounts.map(({ address, balance }) => ({ address: toHex(address), balance })),
      settlement: { id: this.#state.id, number },
    };
    this.#followed.set(id, { genesis, orders: new Map(), results: new Map() });
  }

  #noteOrder({ environment: id, height, time, producer, inboxCount, body }: OrderCommand): void {
    if (!this.#keeps(id, height)) return;
    const version = rulesAt(this.environment(id), height);
    const order = { height, time, producer: toHex(producer), inboxCount };
    this.#of(id).orders.set(height, {
      ...order,
      // Copies: the command's bytes belong to somebody else.
      body: body.map((entry) => entry.slice()),
      ...(version.height === 0n ? {} : { rules: version.rules }),
    });
  }
}
